"""Certificates of the kind spot-check: pairs drawn from a described family of prefixes, each separated by a query.

The families are those of fooling sets, at sizes at which their members cannot be listed: a prefix is made from
its rank. That *no two* members can share a state is not established by looking at some pairs, and the sentence does
not say so.
"""

import functools
import hashlib
import itertools
import math

from ._inputs import PREFIX_FAMILIES
from ._reading import Fields
from ._reference import Question, Word, answer, edges_of, is_legal, query_length
from ._verdict import Incomplete, Malformed, Rejected, number_words, shown

MOST_PAIRS = 100_000
MOST_LETTERS = 20_000_000
"""Pairs, and pairs times n, that this kernel looks at."""
MOST_NODES = 64

KEYS = ("bits", "checked", "family", "seed")


def check(fields: Fields, question: Question, convention: str) -> str:
    """A sentence if each of the pairs is separated."""
    family = Family(question, fields.word("family", PREFIX_FAMILIES), convention)
    bits, checked = fields.integer("bits", 0), fields.integer("checked", 1)
    seed = fields.integer("seed", 0)
    if family.count < 2:
        raise Rejected("the family has a single prefix, hence no pair")
    if bits != (family.count - 1).bit_length():
        raise Rejected(f"bits is {shown(bits)}, but {(family.count - 1).bit_length()} are ceil(log2) of the prefixes")
    if checked > MOST_PAIRS or checked * question.n > MOST_LETTERS:
        raise Incomplete(f"{number_words(checked)} pairs at n = {question.n} are more than this kernel looks at")
    for draw in range(checked):
        one, other = (family.at(rank) for rank in pair(family.count, seed, draw))
        if not any(separates(question, convention, one, other, query) for query in candidates(question, one, other)):
            raise Rejected(
                f"no query was found that separates the prefixes {shown(list(one))} and {shown(list(other))}"
            )
    return (
        f"{question}, convention {convention}: {checked:,} pairs of prefixes of the family {family.name}, drawn from "
        f"seed {seed}, need two states each; the family has {number_words(family.count)} prefixes, ceil(log2) {bits}; "
        "whether all of its pairs do was not checked"
    )


def pair(count: int, seed: int, draw: int) -> tuple[int, int]:
    """Two different ranks: both drawn if ``draw`` is even, neighbours if it is odd.

    The rank on side 0 or 1 is the number whose bytes are the SHA-256 digests of the texts "retrieval-gap pair
    SEED DRAW SIDE b", b = 0, 1, ..., as many as make it more than 64 bits longer than the count, modulo the count.
    """
    blocks = (count.bit_length() + 64) // 256 + 1
    ranks = []
    for side in (0, 1):
        texts = (f"retrieval-gap pair {seed} {draw} {side} {block}".encode() for block in range(blocks))
        ranks.append(int.from_bytes(b"".join(hashlib.sha256(text).digest() for text in texts), "big") % count)
    if draw % 2 or ranks[0] == ranks[1]:
        ranks[1] = (ranks[0] + 1) % count
    return ranks[0], ranks[1]


def separates(question: Question, convention: str, one: Word, other: Word, query: Word) -> bool:
    """Whether a query has different answers after two prefixes, and is legal after both if it must be."""
    legal = convention == "total" or (is_legal(question, one, query) and is_legal(question, other, query))
    return legal and answer(question, one, query) != answer(question, other, query)


def candidates(question: Question, one: Word, other: Word) -> list[Word]:
    """Queries that may separate two prefixes: those at the places where they differ, or stars."""
    if question.task == "istree":
        return [*_stars(question.n, one, other), *_stars(question.n, other, one)]
    places = [place for place, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    if question.task == "index":
        return [(place + 1,) for place in places[:1]]
    if question.task == "counting":
        letters = sorted({word[place] for place in places for word in (one, other)})
        differing = [q for q in letters if one.count(q) != other.count(q)][:1]
        return [(q, min(one.count(q), other.count(q))) for q in differing]
    length = query_length(question)
    found: list[Word] = []
    for place in places:
        found += [word[place - length : place] for word in (one, other) if place >= length]
    # The first gram of one word may be none of the other, and the last one have a successor there.
    return list(dict.fromkeys([*found, one[:length], other[:length], one[-length:], other[-length:]]))


def _stars(nodes: int, prefix: Word, other: Word) -> list[Word]:
    """Stars that join the components of one prefix, through two nodes that the other one joins already if it can."""
    mine, theirs = _components(nodes, prefix), _components(nodes, other)
    home = {node: place for place, block in enumerate(mine) for node in block}
    joined = [(u, v) for block in theirs for u in block[:1] for v in block[1:] if home[u] != home[v]]
    centre = nodes if len(mine[home[nodes]]) == 1 else (joined[0][0] if joined else 1)
    ends = {home[node]: node for node in (joined[0] if joined else ())}
    rest = [ends.get(place, block[0]) for place, block in enumerate(mine) if place != home[centre]]
    return [tuple(node for end in rest for node in (centre, end))]


def _components(nodes: int, prefix: Word) -> list[list[int]]:
    label = list(range(nodes + 1))
    for u, v in edges_of(prefix):
        label = [label[u] if here == label[v] else here for here in label]
    return [[node for node in range(1, nodes + 1) if label[node] == name] for name in dict.fromkeys(label[1:])]


class Family:
    """A described family: how many prefixes it has, and the one with a given rank."""

    def __init__(self, question: Question, name: str, convention: str) -> None:
        n, k = question.n, question.alphabet
        if (name == "partitions") != (question.task == "istree"):
            raise Malformed(f"the family {name!r} does not fit the task {question.task}")
        if name in ("permutations", "rotations") and k != n:
            raise Malformed(f"{name} of n = {n} letters need the alphabet {n}, not {k}")
        if name == "partitions" and n > MOST_NODES:
            raise Incomplete(f"partitions are made from their ranks for at most {MOST_NODES} nodes")
        self.question, self.name, self.alone = question, name, convention == "total"
        if name == "partitions":
            self.count = _ways(n, 0, 0, True) if self.alone else _ways(n - 1, 0, 0, False)
        elif name == "words":
            self.count = int(k**n)
        elif name == "multisets":
            self.count = math.comb(n + k - 1, n)
        else:
            self.count = math.factorial(n if name == "permutations" else n - 1)

    def at(self, rank: int) -> Word:
        """The prefix of this rank, from 0."""
        n, k = self.question.n, self.question.alphabet
        if self.name == "words":
            return _letters(rank, [k] * n)
        if self.name in ("permutations", "rotations"):
            fixed = int(self.name == "rotations")
            left = list(range(1 + fixed, n + 1))
            digits = _letters(rank, list(range(n - fixed, 0, -1)))
            return (*range(1, fixed + 1), *(left.pop(digit - 1) for digit in digits))
        if self.name == "multisets":
            return self._multiset(rank)
        blocks = _partition(rank, n if self.alone else n - 1, self.alone)
        return tuple(node for block in blocks for u, v in itertools.pairwise(block) for node in (u, v))

    def _multiset(self, rank: int) -> Word:
        """By bisection: of the words whose first letter is at least a, C(left + k - a, left) remain."""
        n, k = self.question.n, self.question.alphabet
        word, letter = [], 1
        for left in range(n, 0, -1):
            # Words of so many letters from ``letter`` on; those that begin later than a come after these.
            total = math.comb(left + k - letter, left)
            low, high = letter, k
            while low < high:
                middle = (low + high) // 2
                if rank < total - math.comb(left + k - middle - 1, left):
                    high = middle
                else:
                    low = middle + 1
            rank -= total - math.comb(left + k - low, left)
            letter = low
            word.append(letter)
        return tuple(word)


def _letters(rank: int, radices: list[int]) -> Word:
    """The mixed radix digits of a rank, the first most significant, each plus 1."""
    digits = []
    for radix in reversed(radices):
        rank, digit = divmod(rank, radix)
        digits.append(digit + 1)
    return tuple(reversed(digits))


@functools.cache
def _ways(left: int, single: int, larger: int, alone: bool) -> int:
    """In how many ways so many nodes join blocks of which some have one node and some more; may some stay alone?"""
    if left == 0:
        return int(alone or single == 0)
    join = single * _ways(left - 1, single - 1, larger + 1, alone) if single else 0
    return join + larger * _ways(left - 1, single, larger, alone) + _ways(left - 1, single + 1, larger, alone)


def _partition(rank: int, nodes: int, alone: bool) -> list[list[int]]:
    """The partition of this rank: each node in turn joins a block, in their order, or a new one."""
    blocks: list[list[int]] = []
    for node in range(1, nodes + 1):
        single = sum(len(block) == 1 for block in blocks)
        larger = len(blocks) - single
        for block in [*blocks, []]:
            change = (single - 1, larger + 1) if len(block) == 1 else (single + (not block), larger)
            ways = _ways(nodes - node, *change, alone)
            if rank < ways:
                break
            rank -= ways
        if not block:
            blocks.append(block)
        block.append(node)
    return blocks
