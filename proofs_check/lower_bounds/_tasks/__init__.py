"""What lower bounds need to know about each task, one file for each: these files alone know which task it is."""

from proofs_check.lower_bounds._tasks import _counting, _followers, _index, _istree

__all__ = ["_counting", "_followers", "_index", "_istree"]
