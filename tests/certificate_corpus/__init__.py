"""A corpus of certificates: true ones and false ones, mutants of them, and an examiner apart from the kernel."""

from tests.certificate_corpus.examiner import is_true
from tests.certificate_corpus.false import false
from tests.certificate_corpus.good import good, more
from tests.certificate_corpus.mutants import (
    Change,
    Mutant,
    bytes_mutants,
    changes,
    drawn,
    every_mutant,
    signed_again,
    some_mutants,
)

__all__ = [
    "Change",
    "Mutant",
    "bytes_mutants",
    "changes",
    "drawn",
    "every_mutant",
    "false",
    "good",
    "is_true",
    "more",
    "signed_again",
    "some_mutants",
]
