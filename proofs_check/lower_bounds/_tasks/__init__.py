"""What lower bounds need to know about each task, a file for each, one for neighbours: these alone know which it is."""

from proofs_check.lower_bounds._tasks import _counting, _followers, _index, _istree, _listed

__all__ = ["_counting", "_followers", "_index", "_istree", "_listed"]
