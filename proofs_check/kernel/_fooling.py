"""Certificates of the kind fooling-set: prefixes of which no two can share a state.

A machine reads the prefix once and keeps a state; then it reads the query and must answer (it may write
any chain of thought, which is a function of state and query). If a query has different answers after two
prefixes, the machine must be in different states after them; under the convention *promise* the query
must be legal after both. So S prefixes that pairwise have such a query need S states, and ceil(log2 S)
bits, whatever the machine is; where their lengths differ, whatever the machine is that does not see the position.

That each pair has such a query is established twice, from different functions and by different means;
if the two ever disagreed, nothing would be accepted.
"""

import itertools
from collections import defaultdict
from collections.abc import Iterable

from ._columns import Columns
from ._families import PREFIX_FAMILIES, prefixes
from ._reading import Fields, items
from ._reference import (
    FURTHER,
    Question,
    Word,
    prefix_of,
    queries,
    query_count,
    query_length,
    question_of,
    unit,
    unseen,
)
from ._rows import Rows
from ._verdict import Incomplete, Malformed, Rejected, counted, number_words, shown

MOST_PREFIXES = 100_000
MOST_COMPARED = 10_000
"""Where every pair of prefixes has to be compared: under *promise*, if some query can be undefined."""
MOST_QUERIES = 100_000
MOST_CELLS = 2_000_000
MOST_GRAPH_CELLS = 500_000
"""Pairs of a prefix and a query; for istree such a pair takes longer."""
MOST_CUTS = 2_000_000
"""Under *promise*: prefixes, times different sets of queries that are legal after them."""


def check(fields: Fields, sample: object) -> str:
    """A sentence if no two of the prefixes can share a state; there is nothing to sample."""
    question, convention = question_of(fields, FURTHER)
    states, bits = fields.integer("states", 1, 10**18), fields.integer("bits", 0, 100)
    value = fields["prefixes"]
    if isinstance(value, dict):
        family = Fields(value, fields.place("prefixes"), ("family",)).word("family", PREFIX_FAMILIES)
        count, listing = prefixes(question, family, convention)
        check_size(question, convention, count)
        chosen, described = list(listing()), f"the family {family}"
        if len(chosen) != count:
            raise Incomplete(f"{len(chosen)} prefixes where the formula says {count}: a fault of the kernel")
    else:
        listed = items(value, fields.place("prefixes"))
        check_size(question, convention, len(listed))
        chosen = [prefix_of(item, f"{fields.place('prefixes')}[{p}]", question) for p, item in enumerate(listed)]
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
    return (
        f"{question}, convention {convention}: any machine that reads the prefix once{unseen(chosen)} needs at least "
        f"{counted(states, 'state')}, {counted(bits, 'bit')}, with any chain of thought ({described}, every pair "
        "separated)"
    )


def compares_pairs(question: Question, convention: str) -> bool:
    """Whether some query is undefined after some prefix and must not be used; if not, rows are compared whole."""
    return convention == "promise" and question.task not in ("index", "counting")


def check_size(question: Question, convention: str, count: int) -> None:
    """Refuse what would take too long, before prefixes and queries are listed."""
    if count < 1:
        raise Malformed("there are no prefixes")
    most = MOST_COMPARED if compares_pairs(question, convention) else MOST_PREFIXES
    cells = MOST_GRAPH_CELLS if question.task == "istree" else MOST_CELLS
    if question.task in FURTHER:  # an answer takes a look at every number
        cells //= question.n * len(unit(question)) + query_length(question)
    asked = query_count(question)
    if count > most or asked > MOST_QUERIES or count * asked > cells:
        raise Incomplete(
            f"{number_words(count)} prefixes and {number_words(asked)} queries are more than this kernel checks "
            f"({most:,} prefixes, {MOST_QUERIES:,} queries, {cells:,} pairs of the two)"
        )


def unseparated_by_rows(question: Question, convention: str, chosen: list[Word]) -> tuple[int, int] | None:
    """The places of a pair that no query separates, None if there is none; from whole rows.

    A row is one number. Two prefixes after which the same queries are legal are separated exactly if their
    numbers differ. Under *promise* prefixes come in several kinds, by what is legal after them. For any two
    kinds the numbers are cut to the queries that are legal after both; none may then be in both kinds.
    """
    rows, promise = Rows(question), compares_pairs(question, convention)
    kinds: dict[int, dict[int, int]] = {}
    for place, prefix in enumerate(chosen):
        row = rows.row(prefix)
        legal = rows.legal(prefix, row) if promise else -1
        earlier = kinds.setdefault(legal, {}).setdefault(row & legal, place)
        if earlier != place:
            return earlier, place
    if len(chosen) * len(kinds) > MOST_CUTS:
        raise Incomplete(
            f"{len(chosen):,} prefixes, with {len(kinds):,} different sets of legal queries, are more than this kernel "
            f"compares (a product of {MOST_CUTS:,})"
        )
    for (one, first), (other, second) in itertools.combinations(kinds.items(), 2):
        both = one & other
        cut = {row & both: place for row, place in first.items()}
        for row, place in second.items():
            if (row & both) in cut:
                earlier = cut[row & both]
                return min(earlier, place), max(earlier, place)
    return None


def unseparated_by_columns(question: Question, convention: str, chosen: list[Word]) -> tuple[int, int] | None:
    """Two prefixes that no query separates, or None; found by partition refinement, one query at a time.

    Where every query is legal after all prefixes, the classes of those not yet separated are split until
    each has one member. Else ``apart[i]`` is the bit set of the prefixes that some query has separated
    from prefix i.
    """
    promise = compares_pairs(question, convention)
    columns = Columns(question, promise, chosen)
    if not promise:
        return _unsplit(question, columns, len(chosen))
    apart = [1 << place for place in range(len(chosen))]
    everything = (1 << len(chosen)) - 1
    for query in queries(question):
        groups = defaultdict[str | int | None, list[int]](list)
        for place, found in enumerate(columns.column(query)):
            groups[found].append(place)
        groups.pop(None, None)
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


def _unsplit(question: Question, columns: Columns, size: int) -> tuple[int, int] | None:
    first: dict[int, int] = {}
    for place, number in enumerate(classes(question, columns, size)):
        if first.setdefault(number, place) != place:
            return first[number], place
    return None


def classes(question: Question, columns: Columns, size: int) -> list[int]:
    """The numbers of the classes of prefixes, of which no query separates any two of one class."""
    found, count = [0] * size, 1
    for query in queries(question):
        if count == size:
            break
        numbers = defaultdict[tuple[int, str | int | None], int](itertools.count().__next__)
        found = list(map(numbers.__getitem__, zip(found, columns.column(query), strict=True)))
        count = len(numbers)
    return found


def _bits(places: Iterable[int]) -> int:
    marks = bytearray(b"0" * (1 + max(places, default=0)))
    for place in places:
        marks[-1 - place] = ord("1")
    return int(bytes(marks), 2)
