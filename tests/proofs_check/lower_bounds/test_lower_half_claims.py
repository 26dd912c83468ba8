"""``verify`` checks the lower halves, and a wrong formula or machine is found out."""

import functools
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from constructions.theorems import THEOREMS, construction
from proofs_check.certificates import canonical_text
from proofs_check.evidence import Gap, TheoremResult
from proofs_check.kernel import check, check_file
from proofs_check.lower_bounds import _claims, _growth, closed_form, gaps, least_by_solver, lower_half, scope_of
from proofs_check.lower_bounds._tasks import _sequences
from proofs_check.report import theorem_text, theorems_html, theorems_json

unspoiled = functools.cache(lower_half)
"""The results of a theorem's lower half, for tests that plant no fault in it."""


@pytest.mark.parametrize(("number", "claims"), [("4.6", 11), ("4.7", 3), ("5.2", 0)])
def test_every_claim_is_verified_with_a_certificate(number: str, claims: int) -> None:
    results = unspoiled(number)
    assert len(results) == claims == len({result.name for result in results})
    for result in results:
        assert result.verdict == "VERIFIED"
        kinds = {evidence.kind for evidence in result.evidence}
        assert "exhaustive" in kinds
        assert kinds & {"machine-checked", "argued"}
        assert kinds <= {"exhaustive", "machine-checked", "argued", "proved"}
        if "ignored" in result.name:  # a reading that certificates do not have
            assert result.certificate is None
            continue
        assert result.certificate is not None
        assert check(canonical_text(result.certificate).encode()).word == "VERIFIED"


def test_a_wrong_formula_is_refuted(monkeypatch: pytest.MonkeyPatch) -> None:
    def doubled(scope: Any) -> Any:
        known = closed_form(scope)
        return known and replace(known, states=2 * known.states)

    monkeypatch.setattr(_claims, "closed_form", doubled)
    assert {result.verdict for result in lower_half("4.6")} == {"REFUTED"}
    assert all("the formula says" in str(result.reason) for result in lower_half("4.7"))


def test_a_machine_with_too_many_states_is_refuted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_sequences, "check_machine", lambda scope, machine: closed_form(scope).states + 1)  # type: ignore[union-attr]
    assert all("states are enough" in str(result.reason) for result in lower_half("4.6"))


def test_a_wrong_growth_is_refuted(monkeypatch: pytest.MonkeyPatch) -> None:
    spoiled = [replace(growth, evidence=lambda: (2,)) for growth in _growth.growths()]
    monkeypatch.setattr(_growth, "growths", lambda: spoiled)
    assert {result.verdict for result in lower_half("4.7")} == {"REFUTED"}


def test_a_kernel_that_does_not_agree_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    from proofs_check.kernel import Verdict

    for word, verdict in (("REJECTED", "REFUTED"), ("INCOMPLETE", "INCOMPLETE"), ("MALFORMED", "INCOMPLETE")):
        monkeypatch.setattr(_claims, "check", lambda data, word=word: Verdict(word, "planted"))
        found = {result.name: result.verdict for result in lower_half("4.7")}
        assert [found[name] for name in found if "ignored" not in name] == [verdict, verdict]


def test_the_report_and_the_directory_show_them(tmp_path: Path) -> None:
    from proofs_check._commands.certifying import write_certificates

    result = TheoremResult(THEOREMS["4.7"], unspoiled("4.7"))
    text = theorem_text(result)
    assert "VERIFIED    any machine that reads the prefix once, with any chain of thought" in text
    assert "\n  IsTree, where a repeated edge means NO, needs Bell(n) + 1 states" in text
    assert "not checked  by Coq, for all n:" in text
    document = json.loads(json.dumps(theorems_json([result])))
    assert [claim["quantity"] for claim in document["theorems"][0]["claims"]] == ["states", "states", "states"]
    (names,) = write_certificates([result], tmp_path).values()
    assert len(names) == 2
    assert [check_file(str(tmp_path / name)).word for name in names] == ["VERIFIED", "VERIFIED"]


def test_the_picture_has_every_task_on_one_axis() -> None:
    for number, tasks in (("4.6", ["index", "associative-recall", "c-gram", "counting"]), ("4.7", ["istree"])):
        found = gaps(number)
        assert [gap.task for gap in found] == tasks
        for gap in found:
            assert gap.sizes == found[0].sizes == tuple(2**power for power in range(2, 11))
            for convention, bits in gap.without.items():
                known = [closed_form(scope_of(gap.task, n, None, convention)) for n in gap.sizes]
                # At n = 4 brute force knows more than a formula that is a lower bound alone.
                assert bits[1:] == tuple(count.bits for count in known[1:] if count is not None)
                assert gap.exact[convention][1:] == tuple(count.exact for count in known[1:] if count is not None)
            for name, bits in gap.with_search.items():
                # The ranges of the state at one size, counted from the construction itself.
                made = construction(name)
                states = 1
                for extent in made.blueprint.state.values():
                    sizes = dict.fromkeys(made.blueprint.domain.minimum, 64)
                    states *= int((extent.high - extent.low + 1)(**sizes))
                assert bits[4] == (states - 1).bit_length()
                start = gap.first(name)
                assert start is not None
                needed = [min(both) for both in zip(*gap.without.values(), strict=True)]
                later = [n >= start for n in gap.sizes]
                assert all(ours < least for ours, least, after in zip(bits, needed, later, strict=True) if after)
    assert gaps("5.2") == ()


def test_first_says_where_look_up_begins_to_win() -> None:
    gap = Gap(
        "t",
        (4, 8, 16),
        {"total": (9, 9, 9), "promise": (3, 9, 20)},
        {"total": (True,) * 3, "promise": (False,) * 3},
        {"a": (2, 9, 8), "b": (1, 1, 9), "c": (1, 1, 1)},
    )
    assert (gap.first("a"), gap.first("b"), gap.first("c")) == (16, None, 4)


def test_every_format_shows_the_picture() -> None:
    results = [TheoremResult(THEOREMS["4.7"], (), gaps("4.7"))]
    text = theorem_text(results[0])
    assert re.search(r"istree, any RNN, total +4 +13 +34 .* 6586\n", text)
    assert re.search(r"retrieval/istree +73 .* 163\n", text)
    (found,) = theorems_json(results)["theorems"][0]["bits_of_state"]
    assert (found["n"][-1], found["any_rnn"]["total"][-1], found["with_search"]["hybrid/istree"][-1]) == (
        1024,
        6586,
        114,
    )
    page = theorems_html(results, {}, lambda numbers: "verify")
    assert page == theorems_html(results, {}, lambda numbers: "verify")
    assert page.count("<svg") == 1
    assert "<td>istree, any RNN, promise<td>&gt;=2<td>&gt;=8<td>&gt;=28" in page
    nothing = TheoremResult(THEOREMS["5.2"], ())
    assert "bits of state: the least" not in theorem_text(nothing)
    assert 'table class="gaps"' not in theorems_html([nothing], {}, lambda numbers: "verify")


def test_least_is_said_only_where_the_number_is_exact() -> None:
    """IsTree on 4 simple nodes needs four states, two bits, where the formula that bounds it from below says none."""
    scope = scope_of("istree", 4, None, "promise")
    formula = closed_form(scope)
    assert formula is not None
    assert (formula.bits, formula.exact) == (0, False)
    (gap,) = gaps("4.7")
    assert gap.without["promise"][0] == (least_by_solver(scope) - 1).bit_length() == 2
    for found in (*gaps("4.6"), gap):
        rows = dict(found.rows())
        for convention, exact in found.exact.items():
            row = rows[f"{found.task}, any RNN, {convention}"]
            assert [bits.startswith(">=") for bits in row] == [not enough for enough in exact]
    assert not any(gap.exact["promise"])  # what brute force finds at n = 4 is from below, too
    text = theorem_text(TheoremResult(THEOREMS["4.7"], (), (gap,)))
    assert re.search(r"istree, any RNN, promise +>=2 +>=8 +>=28", text)
    document = theorems_json([TheoremResult(THEOREMS["4.7"], (), (gap,))])
    assert document["theorems"][0]["bits_of_state"][0]["exact"]["promise"][:2] == [False, False]


def test_what_people_argue_has_a_rung_of_its_own() -> None:
    """Nothing that a program does not repeat is called proved; every limit says of which expression it is."""
    for number in ("4.6", "4.7"):
        for result in unspoiled(number):
            for_all_n = [e.kind for e in result.evidence if e.kind != "exhaustive" and "number of bits" not in e.words]
            assert for_all_n
            assert set(for_all_n) <= {"machine-checked", "argued"}
            for evidence in result.evidence:
                assert "by hand" not in evidence.words
                assert (evidence.kind == "argued") == (
                    "docs/lower-bounds.md" in evidence.words or "since" in evidence.words
                )
                if evidence.kind == "proved":
                    assert re.search(r"by sympy .*(tends? to 1|log\(2\) is)", evidence.words)
