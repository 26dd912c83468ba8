"""``python -m proofs_check.sweeps CERTIFICATE ... [--shards K] [--seed S]``: shards of certificates, run again."""

import argparse
import sys
from collections.abc import Sequence

from proofs_check._commands._ending import ended
from proofs_check.sweeps._again import read_certificate, run_again


def main(arguments: Sequence[str]) -> int:
    """Print a line for each shard; 1 if one is not what its certificate says."""
    parser = argparse.ArgumentParser(prog="python -m proofs_check.sweeps")
    parser.add_argument("certificates", nargs="+", help="files written by retrieval-gap sweep")
    parser.add_argument("--shards", type=int, default=1, help="how many of each (1)")
    parser.add_argument("--seed", type=int, default=0, help="which (0)")
    given = parser.parse_args(arguments)
    wrong = 0
    for path in given.certificates:
        for shard in run_again(read_certificate(path), given.shards, given.seed):
            said = "as certified" if shard.fault is None else f"REFUTED: {shard.fault}"
            print(f"{path}: inputs {shard.first:,} to {shard.first + shard.inputs - 1:,}: {said}", flush=True)
            wrong += shard.fault is not None
    return int(wrong > 0)


if __name__ == "__main__":
    ended(lambda: main(sys.argv[1:]))
