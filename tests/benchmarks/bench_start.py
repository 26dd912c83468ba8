"""How much processor time short commands and ``verify`` take: ``python -m tests.benchmarks.bench_start``.

Whole processes, the command and ``python -c "import numpy"`` in turn; medians of user and system time and their ratio.
The first run of each is not counted, because it compiles modules; they are kept even where
``PYTHONDONTWRITEBYTECODE`` is set, as they are where a reader installs the package.

The last two lines measure what a reader waits for by the clock: the first theorem of ``verify`` against all of
it, and ``verify`` of one theorem that finds no compiled code, as on a fresh machine, against one that does.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

ROUNDS, FEW_ROUNDS = 9, 3
BASELINE = ["-c", "import numpy"]
KEPT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
COMMANDS = (
    ["list"],
    ["run", "transformer/index", "3 1 4 ? 2"],
    ["run", "transformer/istree", "1-2 2-3 3-4"],
    ["bound", "istree", "--n", "8"],
    ["verify", "4.6"],
    ["verify"],
)
"""Those that verify run a few times only."""


def processor_time(arguments: list[str]) -> float:
    """Seconds of user and system time that Python takes with these arguments."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL, env=KEPT)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def waited(arguments: list[str], *, cache: str | None = None) -> tuple[float, float]:
    """Seconds by the clock to the first verdict and to the end; ``cache`` is where compiled code is kept."""
    kept = KEPT | ({"NUMBA_CACHE_DIR": cache} if cache else {})
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=kept
    ) as process:
        assert process.stdout is not None
        next(line for line in process.stdout if b"VERIFIED" in line)
        first = time.perf_counter() - began
        process.stdout.read()
    assert process.returncode == 0
    return first, time.perf_counter() - began


def waiting(rounds: int = FEW_ROUNDS) -> None:
    """The first theorem of ``verify``; and one without compiled code."""
    firsts = [waited(["-m", "proofs_check", "verify"]) for _ in range(rounds)]
    first, whole = (statistics.median(times) for times in zip(*firsts, strict=True))
    print(f"verify, by the clock: first theorem after {first:.1f} s, all {whole:.1f} s: {first / whole:.2f} of it")
    command = ["-m", "proofs_check", "verify", "4.6"]
    pairs = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            pairs.append([waited(command, cache=folder)[1] for _ in range(2)])
    fresh, known = (statistics.median(times) for times in zip(*pairs, strict=True))
    print(
        f"verify 4.6 by the clock: without compiled code {fresh:.1f} s, with {known:.1f} s: {fresh / known:.1f} times"
    )


def main() -> None:
    """A line for each command."""
    for command in COMMANDS:
        whole = ["-m", "proofs_check", *command]
        processor_time(whole)
        rounds = FEW_ROUNDS if command[0] == "verify" else ROUNDS
        pairs = [(processor_time(whole), processor_time(BASELINE)) for _ in range(rounds)]
        ours, numpy = (statistics.median(times) for times in zip(*pairs, strict=True))
        ratio = statistics.median(one / other for one, other in pairs)
        print(f"{' '.join(command):<44} {ours:5.2f} s, import numpy {numpy:5.2f} s: {ratio:4.1f} times", flush=True)
    waiting()


if __name__ == "__main__":
    main()
