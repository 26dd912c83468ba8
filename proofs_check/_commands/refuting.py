"""``refute``: the adversary against a model of the user's."""

from collections.abc import Mapping

from constructions.errors import counted
from constructions.theorems import user_construction, user_object, users_code
from proofs_check._commands._ending import EXIT
from proofs_check._commands._shared import print_json
from proofs_check._commands.bounding import Asked, asked_scope, bits_of, error_of_index, refuse_beside_construction
from proofs_check.lower_bounds import (
    Budget,
    Count,
    Refutation,
    Replay,
    closed_form,
    least_states_by_balls,
    onnx_factory,
    refute,
    refute_own,
)

_LONGEST_TRANSCRIPT = 20
"""Longer transcripts are cut off, except in JSON."""


def refute_model(
    reference: str,
    asked: Asked,
    max_cot: int,
    budget: Budget,
    error: str | None,
    seed: int,
    words: str | None,
    json: bool,
) -> int:
    """Run the adversary and print what it found."""
    scope = asked_scope(asked, "--task, ")
    claimed = None if error is None else error_of_index(scope, error)
    factory = onnx_factory(reference) if reference.endswith(".onnx") else user_object(reference)
    tokens = None if words is None else words.split(",")
    found = refute(factory, scope, max_cot=max_cot, budget=budget, seed=seed, error=claimed, words=tokens)
    if json:
        question = {key: getattr(scope, key) for key in ("task", "n", "alphabet", "convention")}
        print_json(_document(found, question) | ({} if claimed is None else {"error": str(claimed)}))
    else:
        print(_text(found, str(scope), closed_form(scope)))
        if claimed is not None and found.verdict == "REFUTED":
            states = least_states_by_balls(scope.n, scope.alphabet, claimed)
            bits = counted((states - 1).bit_length(), "bit")
            print(f"any machine with an error of at most {claimed} needs at least {bits} of state after the prefix")
    return EXIT[found.verdict]


def refute_for_own_task(
    reference: str,
    user_file: str,
    asked: Asked,
    max_cot: int,
    budget: Budget,
    beside: Mapping[str, object],
    json: bool,
) -> int:
    """Run the adversary for the task of a construction of the user's, and print what it found.

    What stands ``beside``, options with their values, has no place there, unless a value is None.
    """
    refuse_beside_construction(asked, **beside)
    n, alphabet = asked[1], asked[2]
    task = user_construction(user_file).task
    factory = user_object(reference)
    with users_code(user_file):
        found = refute_own(factory, task, n, alphabet, max_cot=max_cot, budget=budget)
    if json:
        print_json(_document(found, {"task": task.name, "n": n, "alphabet": alphabet}))
    else:
        print(_text(found, f"{task.name}, n = {n}"))
    return EXIT[found.verdict]


def _document(found: Refutation, asked: Mapping[str, object]) -> dict[str, object]:
    return {
        "verdict": found.verdict,
        **asked,
        "prefixes": list(found.prefixes),
        "query": found.query,
        "answers": [
            {
                "input": replay.input,
                "expected": replay.expected,
                "given": replay.given,
                "right": not replay.wrong,
                **({} if replay.fault is None else {"fault": replay.fault}),
                "written": list(replay.written),
            }
            for replay in found.answers
        ],
        "reason": found.reason,
        "inputs": found.inputs,
        "prefixes_read": found.read,
        "states_met": found.states,
        "minimal": found.minimal,
    }


def _text(found: Refutation, scope: str, least: Count | None = None) -> str:
    about, _, prefixes = scope.partition(", prefixes: ")
    lines = [f"{found.verdict}  {found.reason}", f"  about   {about}"]
    if prefixes:
        lines.append(f"  on      {prefixes}")
    if found.states is not None:
        bits, read = bits_of(found.states), counted(found.read, "prefix", "prefixes")
        lines.append(f"  states  {found.states:,}, after {read}")
        lines.append(f"  bits    {bits}")
    if found.verdict != "REFUTED":
        return "\n".join(lines)
    for name, prefix in zip(("prefix", "prefix"), found.prefixes, strict=False):
        lines.append(f"  {name}  {prefix}")
    lines += [] if found.query is None else [f"  query   {found.query}"]
    for replay in found.answers:
        lines += _replayed(replay)
    if found.minimal:
        lines.append("  minimal: no smaller letter, no exchange of letters or places fails earlier")
    if len(found.prefixes) == 2 and least is not None:
        lines.append(f"any machine that is right needs at least {counted(least.bits, 'bit')} of state after the prefix")
    return "\n".join(lines)


def _replayed(replay: Replay) -> list[str]:
    given = f"given {replay.given}" if replay.given is not None else f"no answer, {replay.fault}"
    lines = [f"  {'WRONG' if replay.wrong else 'right'}   {replay.input}: expected {replay.expected}, {given}"]
    if len(replay.written) > 1:
        shown = " ".join(replay.written[:_LONGEST_TRANSCRIPT])
        more = " ..." if len(replay.written) > _LONGEST_TRANSCRIPT else ""
        lines.append(f"          written: {shown}{more}")
    return lines
