"""Whatever the sizes: formula, brute force, certificate and machine fit together."""

from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from proofs_check.certificates import canonical_text
from proofs_check.kernel import check
from proofs_check.lower_bounds import (
    Scope,
    check_machine,
    closed_form,
    count,
    fooling_certificate,
    least_machine,
    scope_of,
)
from proofs_check.lower_bounds._prefixes import prefix_count
from proofs_check.lower_bounds._scope import Word


@st.composite
def scopes(draw: st.DrawFn) -> Scope:
    """Small scopes of the retrieval tasks, every family and convention."""
    task = draw(st.sampled_from(["index", "counting", "associative-recall", "c-gram"]))
    n, letters = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    options: dict[str, Any] = {}
    if task == "c-gram":
        options["c"] = draw(st.integers(2, 4))
    families = {"associative-recall": ["words", "distinct", "key-value"], "c-gram": ["words", "distinct"]}
    if task in families:
        options["family"] = draw(st.sampled_from(families[task]))
        assume(options["family"] != "distinct" or letters >= n)
        if options["family"] == "key-value":
            options["keys"] = draw(st.integers(1, 3))
    scope = scope_of(task, n, letters, draw(st.sampled_from(["total", "promise"])), **options)
    assume(prefix_count(scope) * len(scope.queries()) <= 20_000)
    return scope


@settings(max_examples=60, deadline=None)
@given(scopes())
def test_formula_brute_force_certificate_and_machine(scope: Scope) -> None:
    known, found = closed_form(scope), count(scope)
    certificate = fooling_certificate(scope)
    assert check(canonical_text(certificate).encode()).word == "VERIFIED"
    assert certificate["states"] <= found.upper
    if known is None:
        assert certificate["states"] == found.lower
    else:
        assert certificate["states"] <= known.states <= found.upper
        if known.exact:
            assert certificate["states"] == known.states >= found.lower
    if (known is not None and known.exact) or scope.convention == "total":
        assert check_machine(scope, least_machine(scope)) == (found.lower if known is None else known.states)


@settings(max_examples=100, deadline=None)
@given(scopes(), st.data())
def test_a_query_separates_or_none_does(scope: Scope, data: st.DataObject) -> None:
    one, other = data.draw(prefixes(scope)), data.draw(prefixes(scope))
    query = next(scope.separating(one, other), None)
    apart = [asked for asked in scope.queries()
             if None not in (answers := (scope.answer(one, asked), scope.answer(other, asked)))
             and answers[0] != answers[1]]  # fmt: skip
    assert (query in apart) if apart else query is None


@st.composite
def prefixes(draw: st.DrawFn, scope: Scope) -> Word:
    letter = st.integers(1, scope.alphabet)
    if scope.family == "key-value":
        keys = scope.keys or 0
        pair = st.tuples(st.integers(1, keys), st.integers(keys + 1, keys + scope.alphabet))
        return tuple(token for both in draw(st.lists(pair, min_size=scope.n, max_size=scope.n)) for token in both)
    return tuple(draw(st.lists(letter, min_size=scope.n, max_size=scope.n, unique=scope.family == "distinct")))
