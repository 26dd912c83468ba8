"""Where numba cannot be imported, results are the same and slower, and one line says so."""

import json
import os
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from constructions.architectures import Evaluator
from constructions.engine import decode, run_many
from constructions.numerics import BFLOAT16, FLOAT16, Fixed, Float
from constructions.numerics import _fixed_steps as fixed_steps
from constructions.numerics import _float_rounding as rounding
from constructions.numerics import _float_steps as steps
from constructions.numerics._float_search import Scoring, best
from constructions.theorems import construction
from tests import forked

ROOT = Path(__file__).resolve().parents[3]
SAYS = "retrieval-gap: numba cannot be imported, so that some runs are slow ("

BROKEN = {
    "NumPy is too new": "raise ImportError('Numba needs NumPy 2.2 or less. Got NumPy 2.4.')",
    "LLVM does not load": "raise OSError('libllvmlite.so: cannot open shared object file')",
    "NumPy has lost a name": "import numpy; numpy.lost_of_old",
    "it is another package": "raise SystemError('initialization failed\\nin two lines')",
}


LOADED = "import click, networkx, numpy"
"""Nothing that asks for numba."""

BEGIN = (
    "import os, sys; os.environ.pop('RETRIEVAL_GAP_NOTED', None); sys.path[:0] = os.environ['PYTHONPATH'].split(':')\n"
)


def planted(folder: Path, text: str) -> dict[str, str]:
    """What stands in the environment where ``numba`` is this text."""
    (folder / "numba").mkdir()
    (folder / "numba" / "__init__.py").write_text(text)
    return {"PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)])}


def started(program: str, environment: dict[str, str], *arguments: str, folder: Path) -> forked.Ended:
    return forked.run(BEGIN + program, *arguments, folder=folder, loaded=LOADED, **environment)


def of_a_command(environment: dict[str, str], *arguments: str, folder: Path) -> tuple[int, str, list[str]]:
    done = started(forked.COMMAND, environment, *arguments, folder=folder)
    said = [line for line in done.stderr.splitlines() if not line.startswith("parts of the evidence")]
    return done.returncode, done.stdout, said


def numbers() -> dict[str, Any]:
    """What number systems, searches and sweeps compute, to the last bit."""
    found: dict[str, Any] = {}
    rng = np.random.default_rng(7)
    n = 60
    systems = [Float(3), Float(12), Float(30), Float(51), Float(53), Float(BFLOAT16), Float(FLOAT16)]
    for system in systems:
        small = rng.integers(-(2**8), 2**8, (2, n)) * 2.0 ** rng.integers(-20, 20, (2, n))
        digits = min(system.format.precision, 53)
        a, b = (np.array([system.format.round(Fraction(x)) for x in row]) for row in small * rng.random((2, n)))
        b[b == 0.0] = 1.0  # what is divided by 0 is not asked for
        mode = steps.FULL if digits <= 25 else steps.WIDE if digits < 53 else steps.NATIVE
        for operation in (steps.ADD, steps.MULTIPLY, steps.DIVIDE, steps.GATED):
            out = np.empty(n)
            steps.elementwise(operation, a, b, mode, system._numbers, out)
            found[f"{system.name} {operation}"] = out.tobytes().hex()
        if digits > 25:
            pairs = list(zip(a.tolist(), b.tolist(), strict=True))
            fused = [rounding.product_error(x, y, x * y) for x, y in pairs]
            found[f"{system.name} errors"] = np.array(fused).tobytes().hex()
            rest = [rounding.quotient_error(x, y, x / y) for x, y in pairs]
            found[f"{system.name} rests"] = np.array(rest).tobytes().hex()
            which = np.zeros(6, dtype=np.int64)
            query, key = a.reshape(6, 10), b.reshape(6, 10)
            best(query, key, abs(query).max(axis=0), Scoring(False, 1e-9, mode, system._numbers), which)
            found[f"{system.name} best"] = which.tolist()
    # products of halves with 32 bits, whose sums wrap
    whole = rng.integers(-(2**61), 2**61, (2, n))
    beyond = np.zeros(1, dtype=np.int64)
    products = [int(fixed_steps._rounded_product(x, y, (40, -(2**61), 2**61 - 1), beyond)) for x, y in whole.T]
    found["fixed products"] = [*products, int(beyond[0])]
    for name in ("transformer/c-gram", "hybrid/counting"):
        made = construction(name)
        asked = made.task
        prompt = made.reads(asked.parse("2 1 2 2 1 ? 2 1"))
        model = made.at(5)
        ids = np.array([model.vocabulary.encode(list(prompt))])
        with_softmax = (Float(40, "12.5"), Fixed(30, 12), Fixed(24, 30, 20))
        for system in (*systems, *with_softmax):
            x, _ = Evaluator(model, system).run(ids)
            found[f"{name} {system.name}"] = np.ascontiguousarray(x).tobytes().hex()
        for engine in ("auto", "fast", "plain"):
            found[f"{name} {engine}"] = decode(model, prompt, engine=engine).tokens  # type: ignore[arg-type]
        several = np.repeat(ids, 3, axis=0)
        written = run_many(model, several, np.array([ids.shape[1]] * 3), most=2, specialise=True)
        found[f"{name} many"] = written.tokens(model.vocabulary)
    return found


def test_numbers_are_the_same_to_the_last_bit(tmp_path: Path) -> None:
    script = (
        "import json; from constructions.numerics._jit_cache import COMPILES; assert not COMPILES; "
        "from tests.constructions.numerics.test_without_compiler import numbers; print(json.dumps(numbers()))"
    )
    done = started(script, planted(tmp_path, BROKEN["NumPy is too new"]), folder=ROOT)
    assert done.stderr.startswith(SAYS)
    assert done.stderr.count("\n") == 1
    assert json.loads(done.stdout) == json.loads(json.dumps(numbers()))


ONE_AFTER_THE_OTHER = """
from proofs_check.cli import main

for place, arguments in enumerate(
    (["list"], ["bound", "index", "--n", "5", "--alphabet", "2"], ["run", "transformer/index", "3 1 4 ? 2"])
):
    print(end="\\0" if place else "")
    try:
        main(arguments)
    except SystemExit as ended:
        assert ended.code == 0
"""


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_commands_that_compile_nothing_say_nothing(text: str, tmp_path: Path) -> None:
    done = started(ONE_AFTER_THE_OTHER, planted(tmp_path, text), folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    listed, bound, run = done.stdout.split("\0")
    assert "transformer/istree" in listed
    assert "32" in bound
    assert "answer: 1" in run


def test_commands_that_would_compile_say_one_line(tmp_path: Path) -> None:
    environment = planted(tmp_path, BROKEN["it is another package"])
    certificate, state = str(tmp_path / "c.json"), str(tmp_path / "state")
    for arguments, word in (
        (("certify", "index", "--n", "3", "--out", certificate), "27 prefixes"),
        (("check", certificate), "VERIFIED"),
        (("explain", "transformer/index", "3 1 4 ? 2"), "answer: 1"),
        (("run", "transformer/index", "3 1 4 ? 2", "--arithmetic", "float:40"), "answer: 1"),
        (("run", "hybrid/turing", "--machine", "1RB1LB_1LA1RZ"), "answer: HALT"),
        (("sweep", "transformer/index", "--n", "2", "--state", state, "--workers", "2"), "VERIFIED"),
    ):
        code, printed, said = of_a_command(environment, *arguments, folder=tmp_path)
        expected = [f"{SAYS}SystemError: initialization failed in two lines)"]
        assert code == 0
        assert word in printed
        assert said == ([] if arguments[0] in ("certify", "check") else expected), arguments


@pytest.mark.slow
def test_a_theorem_is_verified_without_compiler(tmp_path: Path) -> None:
    environment = planted(tmp_path, BROKEN["LLVM does not load"])
    _, with_compiler, _ = of_a_command({"PYTHONPATH": str(ROOT)}, "verify", "4.6", folder=tmp_path)
    code, printed, said = of_a_command(environment, "verify", "4.6", folder=tmp_path)
    assert (code, len(said)) == (0, 1)
    assert said[0].startswith(SAYS)
    assert without_time(printed) == without_time(with_compiler)
    assert "VERIFIED  Theorem 4.6" in printed


def without_time(printed: str) -> str:
    """What is printed without the last line, which says how long it took."""
    told, last = printed.rstrip("\n").rsplit("\n", 1)
    assert re.fullmatch(r"\d+ claims in \d+ s", last), last
    return told
