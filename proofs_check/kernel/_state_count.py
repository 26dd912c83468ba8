"""Certificates of the kind state-count: how many states are needed after all prefixes of a family, exactly.

Two prefixes after which some query has different answers need different states, see :mod:`_fooling`; and a machine
whose state after the prefix is the row of all answers is right. So the least number of states is the number of
different rows, where every query is legal after every prefix. The rows are counted twice, from different functions and
by different means.
"""

from ._columns import Columns
from ._families import prefixes
from ._fooling import check_size, classes, compares_pairs
from ._reading import Fields
from ._reference import FURTHER, query_count, question_of
from ._rows import Rows
from ._verdict import Incomplete, Malformed, Rejected, counted, shown

FAMILIES = ("words", "permutations", "assignments", "row")
"""Those that hold all that may be read; of the others a machine may have to read more."""


def check(fields: Fields, sample: object) -> str:
    """A sentence if the number of states is right; there is nothing to sample."""
    question, convention = question_of(fields, FURTHER)
    if compares_pairs(question, convention):
        raise Malformed(f"certificate.convention is {convention}, and queries of {question.task} can be undefined then")
    family = fields.word("family", FAMILIES)
    many, states, bits = (fields.integer(key, 0, 10**18) for key in ("prefixes", "states", "bits"))
    count, listing = prefixes(question, family, convention)
    check_size(question, convention, count)
    chosen, rows = list(listing()), Rows(question)
    found = len(set(map(rows.row, chosen)))
    if found != len(set(classes(question, Columns(question, False, chosen), count))) or len(chosen) != count:
        raise Incomplete("two ways to count disagree: a fault of the kernel")
    for key, claimed, right in (
        ("prefixes", many, count), ("states", states, found), ("bits", bits, (found - 1).bit_length())
    ):  # fmt: skip
        if claimed != right:
            raise Rejected(f"{key} is {shown(claimed)}, expected {right:,}")
    after, asked = counted(count, "prefix", "prefixes"), counted(query_count(question), "query", "queries")
    return (
        f"{question}, convention {convention}: the least number of states after the {after} of the family {family} is "
        f"exactly {states:,}, {counted(bits, 'bit')}, for any machine that reads the prefix once, with any chain of "
        f"thought (so many different rows of answers to {asked}; a machine that keeps the row needs no more)"
    )
