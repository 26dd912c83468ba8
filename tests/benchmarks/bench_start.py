"""How much processor time short commands take: ``python -m tests.benchmarks.bench_start``.

Whole processes, the command and ``python -c "import numpy"`` in turn; medians of user and system time and their ratio.
Run it twice after a change: the first run compiles modules.
"""

import os
import statistics
import subprocess
import sys

ROUNDS = 9
BASELINE = ["-c", "import numpy"]
COMMANDS = (
    ["list"],
    ["run", "transformer/index", "3 1 4 ? 2"],
    ["run", "transformer/istree", "1-2 2-3 3-4"],
    ["bound", "istree", "--n", "8"],
)


def processor_time(arguments: list[str]) -> float:
    """Seconds of user and system time that Python takes with these arguments."""
    before = os.times()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    return after.children_user - before.children_user + after.children_system - before.children_system


def main() -> None:
    """A line for each command."""
    for command in COMMANDS:
        whole = ["-m", "proofs_check", *command]
        pairs = [(processor_time(whole), processor_time(BASELINE)) for _ in range(ROUNDS)]
        ours, numpy = (statistics.median(times) for times in zip(*pairs, strict=True))
        ratio = statistics.median(one / other for one, other in pairs)
        print(f"{' '.join(command):<44} {ours:5.2f} s, import numpy {numpy:5.2f} s: {ratio:4.1f} times")


if __name__ == "__main__":
    main()
