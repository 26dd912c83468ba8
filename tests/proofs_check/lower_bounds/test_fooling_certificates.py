"""Every count comes with a fooling set of that size, which the kernel verifies."""

from pathlib import Path

import pytest

from constructions.errors import InputError, ResourceError
from proofs_check.certificates import canonical_text, save
from proofs_check.kernel import check, check_file
from proofs_check.lower_bounds import Scope, closed_form, count, fooling_certificate, scope_of

SCOPES = [
    *(scope_of(task, n, None, convention)
      for task in ("index", "counting", "associative-recall", "istree")
      for convention in ("total", "promise") for n in (2, 3, 4, 5, 6)),
    *(scope_of("c-gram", n, None, convention, c=c) for convention in ("total", "promise")
      for c in (2, 3, 4) for n in (1, 2, 3, 4, 5)),
    *(scope_of("c-gram", k**m + m - 1, k, convention, c=m + 1, family="de-bruijn")
      for convention in ("total", "promise") for k, m in [(2, 1), (2, 2), (2, 3), (3, 1), (3, 2)]),
    *(scope_of("associative-recall", n, k, convention, family=family)
      for convention in ("total", "promise")
      for n, k, family in [(3, 2, "words"), (5, 3, "words"), (6, 3, "words"), (2, 5, "distinct"), (3, 4, "distinct"),
                           (1, 1, "words"), (1, 3, "distinct"), (7, 4, "words")]),
    *(scope_of("associative-recall", n, k, convention, keys=keys) for convention in ("total", "promise")
      for n, k, keys in [(1, 2, 2), (2, 2, 3), (3, 2, 2), (3, 3, 3), (4, 2, 1)]),
    scope_of("index", 4, 1), scope_of("counting", 5, 2), scope_of("counting", 2, 6), scope_of("index", 3, 9),
]  # fmt: skip


@pytest.mark.parametrize("scope", SCOPES, ids=str)
def test_the_kernel_verifies_the_count(scope: Scope) -> None:
    certificate, formula = fooling_certificate(scope), closed_form(scope)
    assert formula is not None
    assert certificate["states"] == formula.states
    assert check(canonical_text(certificate).encode()).word == "VERIFIED"
    one_more = {**certificate, "states": formula.states + 1, "bits": formula.states.bit_length()}
    assert check(canonical_text(one_more).encode()).word == "REJECTED"


def test_without_a_formula_the_set_comes_from_brute_force() -> None:
    for scope in (scope_of("associative-recall", 4, 3), scope_of("c-gram", 5, 3, "promise"), scope_of("c-gram", 6, 2)):
        assert closed_form(scope) is None
        certificate = fooling_certificate(scope)
        assert certificate["states"] == count(scope).lower > 1
        assert check(canonical_text(certificate).encode()).word == "VERIFIED"


def test_two_of_the_prefixes_made_equal_are_rejected() -> None:
    certificate = fooling_certificate(scope_of("c-gram", 10, 3))
    certificate["prefixes"][7] = certificate["prefixes"][3]
    assert check(canonical_text(certificate).encode()).word == "REJECTED"


@pytest.mark.parametrize(
    ("scope", "message"),
    [
        (scope_of("index", 20, 2), "more than this kernel checks"),
        (scope_of("index", 10**5, 2), "n up to 1,000"),
        (scope_of("istree", 11), "more than this kernel checks"),
        (scope_of("associative-recall", 9, None, "promise"), "10,000 prefixes"),
    ],
)
def test_more_than_the_kernel_checks_is_refused(scope: Scope, message: str) -> None:
    with pytest.raises(ResourceError, match=message):
        fooling_certificate(scope)


def test_ignored_repeats_have_no_certificate() -> None:
    with pytest.raises(InputError, match="no other reading"):
        fooling_certificate(scope_of("istree", 3, repeats="ignored"))


@pytest.mark.parametrize(
    ("scope", "states"),
    [
        (scope_of("istree", 7), 878),
        (scope_of("associative-recall", 8), 40_320),
        (scope_of("index", 16, 2), 65_536),
        (scope_of("index", 5, 10), 100_000),
        (scope_of("counting", 8), 6_435),
    ],
    ids=str,
)
def test_the_largest_certificates(scope: Scope, states: int, tmp_path: Path) -> None:
    certificate = fooling_certificate(scope)
    assert certificate["states"] == states
    save(certificate, tmp_path / "certificate.json")
    assert f"at least {states:,} states" in check_file(str(tmp_path / "certificate.json")).message
