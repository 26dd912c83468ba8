"""``precision``: how many bits a construction needs, and an input that breaks one bit less."""

import re
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, cast

from constructions.errors import InputError
from constructions.theorems import Construction, users_code
from constructions.wiring import bounds
from proofs_check._atomic_write import write_bytes
from proofs_check._commands._options import Named
from proofs_check._commands._shared import clear_progress, print_json, progress_on_terminal
from proofs_check.certificates import certify_precision, save
from proofs_check.evidence import kernel_knows
from proofs_check.kernel._precision import MOST_INPUTS
from proofs_check.precision import LeastBits, least_bits

_LARGEST = 16_384
_WIDTH = 100
_MOST_NODES = 5
_LONGEST_INPUT = 46
"""Characters of an input that a table shows; JSON has all."""


def measure(
    named: Named,
    sizes: str,
    softmax: bool,
    from_middle: bool,
    out: Path | None,
    certificate: Path | None,
    seed: int,
    json: bool,
) -> int:
    """Measure and print; write the figure and the certificate, if they are asked for."""
    subject = named.chosen()
    form = None if out is None else _form(out)
    wanted = _sizes(sizes, subject.blueprint.least)
    if from_middle and (softmax or certificate is not None or out is not None):
        raise InputError(
            "--centred measures hard attention only; b(n, p), certificates, figures are about positions counted from 0"
        )
    show, results = progress_on_terminal(), list[LeastBits]()
    for place, n in enumerate(wanted):
        if show is not None:
            show(f"{subject.name}, n = {n}", place, len(wanted))
        with users_code(named.user_file):
            results.append(least_bits(subject, n, softmax=softmax, from_middle=from_middle, seed=seed))
    clear_progress()
    if out is not None and form is not None:
        from proofs_check.precision import figure

        write_bytes(out, figure(subject, results, form))
    if certificate is not None:
        save(_certificate(subject, wanted[0]), certificate)
    if json:
        files = {} if certificate is None else {"certificate": str(certificate)}
        print_json({**_document(subject, results, softmax, out), "centred": from_middle, **files})
    else:
        print(_text(subject, results, softmax, from_middle))
        if out is not None:
            print(f"{out}: the figure")
        if certificate is not None:
            print(f"{certificate}: gaps, leaks and margins at n = {wanted[0]}; retrieval-gap check verifies it")
    return 0


def _certificate(subject: Construction, n: int) -> dict[str, Any]:
    if not kernel_knows(subject):
        raise InputError(f"--certificate: the kernel does not know the task of {subject.name}")
    graphs = subject.task.certified is not None and subject.task.certified.edges
    if (not graphs and subject.task.count(n) > MOST_INPUTS) or (graphs and n > _MOST_NODES):
        raise InputError(
            f"--certificate: the smallest size is {n}, with too many inputs; expected at most {MOST_INPUTS:,} inputs, "
            f"or {_MOST_NODES} nodes"
        )
    return certify_precision(subject, n, family="graphs" if graphs else None)


def _sizes(text: str, least: int) -> list[int]:
    if not re.fullmatch(r" *[0-9]{1,7} *(, *[0-9]{1,7} *)*", text):
        raise InputError(f"--n {text}: expected sizes with commas between them, such as 16,64,256")
    sizes = sorted({int(size) for size in text.split(",")})
    for n in (sizes[0], sizes[-1]):
        if not least <= n <= _LARGEST:
            raise InputError(f"--n {n}: expected sizes from {least} to {_LARGEST:,}")
    return sizes


def _form(out: Path) -> Literal["svg", "png"]:
    form = out.suffix.lower().removeprefix(".")
    if form not in ("svg", "png"):
        raise InputError(f"--out {out}: expected a file that ends in .svg or .png")
    return cast(Literal["svg", "png"], form)


def _document(
    subject: Construction, results: Sequence[LeastBits], softmax: bool, out: Path | None
) -> dict[str, object]:
    proved = bounds(subject.blueprint)
    return {
        "construction": subject.name,
        "parameter": subject.parameter,
        "attention": "softmax" if softmax else "hard",
        "sufficient": None if proved is None else proved.formula(),
        "inverse_temperature": None if proved is None else proved.temperature_formula(),
        "results": [
            {
                "n": found.n,
                "bits": found.bits,
                "breaking_input": found.breaking_input,
                "sufficient": found.sufficient,
                "tested": list(found.tested),
                "inputs": found.inputs,
                "longest": found.longest,
                "exhaustive": found.exhaustive,
            }
            for found in results
        ],
        **({} if out is None else {"figure": str(out)}),
    }


def _text(subject: Construction, results: Sequence[LeastBits], softmax: bool, from_middle: bool) -> str:
    proved = None if from_middle else bounds(subject.blueprint)
    attention = "softmax at inverse temperature b(n, p)" if softmax else "hard attention"
    if from_middle:
        attention += ", positions counted from the middle"
    lines = [
        f"{subject.label}: bits p of the significand so that Float(p) writes every token right, {attention}",
        f"{'n':>7}  {'least p':>7}  {'suffices':>8}  {'p tested':>8}  {'inputs':>11}  {'tokens':>6}  p - 1 fails on",
    ]
    for found in results:
        bits = "above 53" if found.bits is None else str(found.bits)
        many = f"{found.inputs:,}{' (all)' if found.exhaustive else ''}"
        tested = f"{found.tested[0]}-{found.tested[-1]}" if found.tested else "none"
        lines.append(
            f"{found.n:>7}  {bits:>7}  {found.sufficient or '-':>8}  {tested:>8}  {many:>11}  {found.longest:>6}  "
            f"{_shown(found.breaking_input)}"
        )
    if proved is not None:
        lines += _wrapped("suffices for all n:", proved.formula())
        lines += _wrapped("b(n, p):", proved.temperature_formula())
    lines += textwrap.wrap(
        "The least p is a measurement: it, and every larger one that was tested, passed on these inputs; tokens is the "
        "length of the longest. What suffices is proved from the contracts.",
        _WIDTH,
    )
    return "\n".join(lines)


def _wrapped(what: str, formula: str) -> list[str]:
    return textwrap.wrap(f"{what} {formula}", _WIDTH, subsequent_indent="  ")


def _shown(text: str | None) -> str:
    if text is None:
        return "-"
    half = _LONGEST_INPUT // 2
    text = text or "(the empty input)"
    return text if len(text) <= _LONGEST_INPUT else f"{text[: half - 2]} .. {text[-half + 2 :]}"
