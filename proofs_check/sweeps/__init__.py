"""Large exhaustive runs: inputs by rank, in shards, on any executor; killed at any moment, they resume."""

from proofs_check.sweeps._edge_lists import continuations, edge_lists, euler_tours
from proofs_check.sweeps._job import FAMILIES, Block, Job, Reader
from proofs_check.sweeps._shards import Failure, Shard, run_shard, run_shards
from proofs_check.sweeps._state import MOST_SHARDS, SHARD_SIZE, State, shard_size
from proofs_check.sweeps._sweep import CERTIFICATE, Outcome, Progress, certificate_of, sweep
from proofs_check.sweeps._workers import Pool, Workers, dask, processes, usable_processors

__all__ = [
    "CERTIFICATE",
    "FAMILIES",
    "MOST_SHARDS",
    "SHARD_SIZE",
    "Block",
    "Failure",
    "Job",
    "Outcome",
    "Pool",
    "Progress",
    "Reader",
    "Shard",
    "State",
    "Workers",
    "certificate_of",
    "continuations",
    "dask",
    "edge_lists",
    "euler_tours",
    "processes",
    "run_shard",
    "run_shards",
    "shard_size",
    "sweep",
    "usable_processors",
]
