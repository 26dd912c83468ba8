"""Certificates of the kind fooling-set: prefixes of which no two can share a state.

A machine reads the prefix once and keeps a state; then it reads the query and must answer (it may write
any chain of thought, which is a function of state and query). If a query has different answers after two
prefixes, the machine must be in different states after them; under the convention *promise* the query
must be legal after both. So S prefixes that pairwise have such a query need S states, and ceil(log2 S)
bits, whatever the machine is.

That each pair has such a query is established twice, from different functions and by different means;
if the two ever disagreed, nothing would be accepted.
"""

import itertools
from collections.abc import Iterable

from ._inputs import PREFIX_FAMILIES, prefixes
from ._reading import Fields, integer, items
from ._reference import Question, Word, answer, answer_row, is_legal, legal_row, queries, query_count
from ._verdict import Incomplete, Malformed, Rejected, shown

MOST_PREFIXES = 25_000
MOST_CELLS = 100_000_000

KEYS = ("bits", "prefixes", "states")


def check(fields: Fields, question: Question, convention: str) -> str:
    """A sentence if no two of the prefixes can share a state."""
    states, bits = fields.integer("states", 1), fields.integer("bits", 0)
    value = fields["prefixes"]
    if isinstance(value, dict):
        family = Fields(value, fields.place("prefixes"), ("family",)).word("family", PREFIX_FAMILIES)
        count, listing = prefixes(question, family, convention)
        _check_size(question, count)
        chosen, described = list(listing()), f"the family {family}"
        if len(chosen) != count:
            raise Incomplete(f"{len(chosen)} prefixes where the formula says {count}: a fault of the kernel")
    else:
        listed = items(value, fields.place("prefixes"))
        _check_size(question, len(listed))
        chosen = [_prefix(item, f"{fields.place('prefixes')}[{p}]", question) for p, item in enumerate(listed)]
        described = f"{len(chosen):,} listed prefixes"
    if states != len(chosen):
        raise Rejected(f"states is {shown(states)}, but there are {len(chosen)} prefixes")
    if bits != (states - 1).bit_length():
        raise Rejected(f"bits is {shown(bits)}, but ceil(log2 {states}) is {(states - 1).bit_length()}")
    by_rows = unseparated_by_rows(question, convention, chosen)
    by_columns = unseparated_by_columns(question, convention, chosen)
    if (by_rows is None) != (by_columns is None):
        raise Incomplete("the two ways to check the prefixes disagree: a fault of the kernel")
    for pair in (by_rows, by_columns):
        if pair is not None:
            first, second = (shown(list(chosen[place])) for place in pair)
            raise Rejected(f"no query was found that separates the prefixes {first} and {second}")
    noun = "state" if states == 1 else "states"
    return (
        f"{question}, convention {convention}: any machine that reads the prefix once needs at least {states:,} "
        f"{noun}, {bits} bit{'s' * (bits != 1)}, with any chain of thought ({described}, every pair separated)"
    )


def _check_size(question: Question, count: int) -> None:
    if count < 1:
        raise Malformed("there are no prefixes")
    if count > MOST_PREFIXES or count * query_count(question) > MOST_CELLS:
        raise Incomplete(
            f"{count:,} prefixes and {query_count(question):,} queries are more than this kernel checks "
            f"({MOST_PREFIXES:,} prefixes, {MOST_CELLS:,} pairs of a prefix and a query)"
        )


def _prefix(value: object, where: str, question: Question) -> Word:
    letters = question.n if question.task == "istree" else question.alphabet
    listed = items(value, where, 100_000)
    word = tuple(integer(letter, f"{where}[{place}]", 1, letters) for place, letter in enumerate(listed))
    if question.task != "istree":
        if len(word) != question.n:
            raise Malformed(f"{where} has {len(word)} letters, expected n = {question.n}")
    elif len(word) % 2 or any(u == v for u, v in zip(word[::2], word[1::2], strict=True)):
        raise Malformed(f"{where} is {shown(value)}, expected pairs of different nodes")
    return word


def unseparated_by_rows(question: Question, convention: str, chosen: list[Word]) -> tuple[int, int] | None:
    """The places of a pair that no query separates, None if there is none; from whole rows.

    A row maps each answer to the bit set of the queries with that answer. Under *total* two prefixes are
    separated exactly if their rows differ. Under *promise* the sets are laid side by side in one number;
    with a and b those of two prefixes, as many bits of a & b are set as legal queries have the same
    answer after both, to be compared with the number of queries that are legal after both.
    """
    asked = queries(question)
    rows = [answer_row(question, prefix, asked) for prefix in chosen]
    if convention == "total":
        first: dict[tuple[tuple[str, int], ...], int] = {}
        for place, row in enumerate(rows):
            earlier = first.setdefault(tuple(sorted(row.items())), place)
            if earlier != place:
                return earlier, place
        return None
    legal = [legal_row(question, prefix, row, asked) for prefix, row in zip(chosen, rows, strict=True)]
    offset = {token: place * len(asked) for place, token in enumerate(sorted({t for row in rows for t in row}))}
    wide = [
        sum((bits & allowed) << offset[token] for token, bits in row.items())
        for row, allowed in zip(rows, legal, strict=True)
    ]
    for i, j in itertools.combinations(range(len(chosen)), 2):
        if (wide[i] & wide[j]).bit_count() == (legal[i] & legal[j]).bit_count():
            return i, j
    return None


def unseparated_by_columns(question: Question, convention: str, chosen: list[Word]) -> tuple[int, int] | None:
    """The same, from one answer at a time: each query separates the prefixes that it answers differently.

    ``apart[i]`` is the bit set of the prefixes that some query has separated from prefix i.
    """
    apart = [1 << place for place in range(len(chosen))]
    everything = (1 << len(chosen)) - 1
    for query in queries(question):
        groups: dict[str, list[int]] = {}
        for place, prefix in enumerate(chosen):
            if convention == "total" or is_legal(question, prefix, query):
                groups.setdefault(answer(question, prefix, query), []).append(place)
        members = {token: _bits(places) for token, places in groups.items()}
        answered = sum(members.values())
        for token, places in groups.items():
            others = answered & ~members[token]
            if others:
                for place in places:
                    apart[place] |= others
    for place, bits in enumerate(apart):
        if bits != everything:
            other = (everything & ~bits).bit_length() - 1
            return min(place, other), max(place, other)
    return None


def _bits(places: Iterable[int]) -> int:
    marks = bytearray(b"0" * (1 + max(places, default=0)))
    for place in places:
        marks[-1 - place] = ord("1")
    return int(bytes(marks), 2)
