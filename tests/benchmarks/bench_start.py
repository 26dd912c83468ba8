"""How much processor time short commands and ``verify`` take: ``python -m tests.benchmarks.bench_start``.

Whole processes, the command and ``python -c "import numpy"`` in turn; medians of user and system time and their ratio.
The first run of each is not counted, because it compiles modules; they are kept even where
``PYTHONDONTWRITEBYTECODE`` is set, as they are where a reader installs the package.
"""

import os
import resource
import statistics
import subprocess
import sys

ROUNDS, FEW_ROUNDS = 9, 3
BASELINE = ["-c", "import numpy"]
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
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL, env=kept)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def main() -> None:
    """A line for each command."""
    for command in COMMANDS:
        whole = ["-m", "proofs_check", *command]
        processor_time(whole)
        rounds = FEW_ROUNDS if command[0] == "verify" else ROUNDS
        pairs = [(processor_time(whole), processor_time(BASELINE)) for _ in range(rounds)]
        ours, numpy = (statistics.median(times) for times in zip(*pairs, strict=True))
        ratio = statistics.median(one / other for one, other in pairs)
        print(f"{' '.join(command):<44} {ours:5.2f} s, import numpy {numpy:5.2f} s: {ratio:4.1f} times")


if __name__ == "__main__":
    main()
