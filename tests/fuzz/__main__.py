"""``python -m tests.fuzz [--inputs N] [--engine mutants|hypothesis|atheris] [--target WORDS] [--seed S]``.

Mutants are made of good inputs by a seeded generator and are the same each time. Hypothesis draws good inputs, words
and bytes. Atheris follows coverage; it comes with ``pip install '.[fuzz]'``. Prints the seed, how many inputs each
reader got and how many it accepted, and its slowest input; exit code 1 at the first fault, with the input that shows
it.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time

from tests.fuzz.feeding import FoundError, by_hypothesis, by_mutants, slowest
from tests.fuzz.limits import limit_memory
from tests.fuzz.targets import Target, targets


def _led_by_coverage(shares: dict[Target, int], seed: int) -> int:
    for target, count in shares.items():
        command = [sys.executable, "-m", "tests.fuzz.led_by_coverage", target.name, str(count), str(seed)]
        if subprocess.run(command, check=False).returncode:
            return 1
        print(f"{target.name:<32} {count:>9,} inputs", flush=True)
    print(f"{'all':<32} {sum(shares.values()):>9,} inputs; no fault")
    return 0


def main() -> int:
    """Fuzz what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=20_000, help="how many in all (20,000)")
    parser.add_argument("--engine", choices=("mutants", "hypothesis", "atheris"), default="mutants")
    parser.add_argument("--target", action="append", default=[], help="only targets whose name holds this")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    chosen = [t for t in targets() if not asked.target or any(word in t.name for word in asked.target)]
    if not chosen:
        parser.error(f"no target is called so; there are {', '.join(target.name for target in targets())}")
    parts = sum(target.share for target in chosen)
    shares = {target: max(1, -(-asked.inputs * target.share // parts)) for target in chosen}
    if asked.engine == "atheris":
        return _led_by_coverage(shares, asked.seed)
    print(f"seed {asked.seed}")
    engine = by_hypothesis if asked.engine == "hypothesis" else by_mutants
    fed = accepted = 0
    sys.path.insert(0, os.getcwd())
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)  # what a command line writes lands here
        for target, share in shares.items():
            target.seeds()  # what makes them is no reader
            limit_memory(target.memory)
            began = time.process_time()
            try:
                slowest[0] = 0.0
                count, good = engine(target, share, asked.seed)
            except FoundError as found:
                print(f"FAULT  {found}", file=sys.stderr)
                return 1
            fed, accepted = fed + count, accepted + good
            seconds = time.process_time() - began
            line = f"{target.name:<32} {count:>9,} inputs, {good:>9,} accepted, {seconds:8.1f} s"
            print(f"{line}, the slowest {slowest[0]:5.2f} s", flush=True)
    print(f"{'all':<32} {fed:>9,} inputs, {accepted:>9,} accepted; no fault")
    return 0


if __name__ == "__main__":
    sys.exit(main())
