"""The lower half of theorem 4.6: how many states any machine needs for retrieval."""

from collections.abc import Iterator

from proofs_check.lower_bounds._bound import Bound
from proofs_check.lower_bounds._scope import scope_of


def bounds() -> Iterator[Bound]:
    """Each of the four tasks, and the vocabularies at which the linear bound is lost."""
    yield Bound(
        "index, total and promise",
        "Index over 2 letters needs 2^n states: n bits",
        tuple(scope_of("index", n, 2) for n in range(1, 11)),
        ("index, k fixed",),
        "two words differ at some place, and a query asks for it",
        ("LowerIndex.index_states", "LowerIndex.index_fails"),
    )
    yield Bound(
        "counting, total and promise",
        "Counting over n letters needs C(2n - 1, n) states: about 2n bits",
        tuple(scope_of("counting", n) for n in range(1, 7)),
        ("counting, k = n",),
        "two words with other counts of some letter differ on a threshold between them",
        ("LowerCounting.counting_own_states", "LowerCounting.counting_fails"),
    )
    yield Bound(
        "associative recall, total",
        "Associative recall on n different tokens needs n! states: about n log2 n bits",
        tuple(scope_of("associative-recall", n) for n in range(2, 7)),
        ("associative recall, k = n, total",),
        "the answers tell which token follows which, hence the whole word",
        ("LowerRecall.recall_states", "LowerRecall.recall_fails"),
    )
    yield Bound(
        "associative recall, promise",
        "Associative recall on n different tokens, where no undefined query occurs, needs (n - 1)! states",
        tuple(scope_of("associative-recall", n, None, "promise") for n in range(2, 7)),
        ("associative recall, k = n, promise",),
        "of the words that begin with 1, two differ first after a token that both have",
        ("Exact.recall_promise_states", "LowerRecall.recall_promise_fails"),
    )
    for convention, formula, growth in (
        ("total", "the sum over j >= 1 of C(K, j) k^j", "key-value, n >= K, k fixed, total"),
        ("promise", "k^K", "key-value, n >= K, k fixed, promise"),
    ):
        yield Bound(
            f"key-value pairs, {convention}",
            f"Recall of the latest value of K keys, n >= K pairs, k values, {convention}, needs {formula} states",
            tuple(scope_of("associative-recall", keys, 2, convention, keys=keys) for keys in (1, 2, 3)),
            (growth,),
            "different values of a key are told apart by asking for it",
        )
    for convention, constants in (("total", "7, 41"), ("promise", "3, 17")):
        yield Bound(
            f"associative recall, any word over 2 and 3 letters, {convention}",
            "The linear bound is lost where the vocabulary is constant: over k = 2, 3 letters, any word, "
            f"{convention}, {constants} states are enough, and needed, for every n >= 2k - 1",
            tuple(
                scope_of("associative-recall", n, k, convention, family="words")
                for k, n in ((2, 3), (2, 4), (2, 6), (3, 5), (3, 6))
            ),
            (),
            "what follows the letters is one of finitely many functions on them, each of which occurs",
        )
    yield Bound(
        "counting over 2 letters, total and promise",
        "Counting over 2 letters needs n + 1 states: about log2 n bits",
        tuple(scope_of("counting", n, 2) for n in range(1, 9)),
        ("counting, k = 2 fixed",),
        "the number of one letter is that of the other, too",
        ("LowerCounting.counting_states",),
    )
    read = {"total": "total", "promise": "promise (the paper's reading)"}
    for convention, formula, argument in (
        ("total", "(k!)^(k^(c-2))", "the answers tell which gram follows which, hence the whole word"),
        ("promise", "(k!)^(k^(c-2)) / k^(c-1)", "of the words that begin alike, two differ first after a common gram"),
    ):
        sizes = ((2, 1), (2, 2), (2, 3), (3, 1), (3, 2))
        yield Bound(
            f"c-gram, {convention}",
            f"c-gram retrieval on linear de Bruijn words over k letters, n = k^(c-1) + c - 2, {read[convention]}, "
            f"needs {formula} states: about n log2(n) / (c - 1) bits as k grows",
            tuple(scope_of("c-gram", k**m + m - 1, k, convention, c=m + 1, family="de-bruijn") for k, m in sizes),
            tuple(f"c-gram, linear de Bruijn words, c = {c}, k growing, {convention}" for c in (2, 3, 4, 5)),
            argument,
        )
