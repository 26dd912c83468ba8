"""Large exhaustive runs: inputs by rank, in shards, on any executor; killed at any moment, they resume."""

from typing import TYPE_CHECKING

from constructions._lazy import names_from
from proofs_check.sweeps._workers import Pool, Workers, dask, processes, usable_processors

if TYPE_CHECKING:
    from proofs_check.sweeps._edge_lists import continuations, edge_lists, euler_tours
    from proofs_check.sweeps._job import FAMILIES, Block, Job, Reader
    from proofs_check.sweeps._shards import Failure, Shard, run_shard, run_shards
    from proofs_check.sweeps._state import MOST_SHARDS, SHARD_SIZE, State, shard_size
    from proofs_check.sweeps._sweep import CERTIFICATE, Outcome, Progress, certificate_of, sweep

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

# All but the workers run compiled loops, and numba takes a while to load.
__getattr__ = names_from(
    __name__,
    {
        "_edge_lists": ["continuations", "edge_lists", "euler_tours"],
        "_job": ["FAMILIES", "Block", "Job", "Reader"],
        "_shards": ["Failure", "Shard", "run_shard", "run_shards"],
        "_state": ["MOST_SHARDS", "SHARD_SIZE", "State", "shard_size"],
        "_sweep": ["CERTIFICATE", "Outcome", "Progress", "certificate_of", "sweep"],
    },
)
