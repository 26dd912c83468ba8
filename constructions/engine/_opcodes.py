"""Constants that the compiled loops share with the code that calls them; importing them does not load numba."""

GATED, HEAD, RECURRENCE, COMMIT = range(4)
"""Operations, of which both compiled loops are made; code for one model is generated from them.

An operation is a row of numbers, its kind first. In columns 1 to 6 stand, for

* GATED: units, first gate row, first value row, nothing, first output row;
* HEAD: features, first query row, key row, value row, output row, reads;
* RECURRENCE: cells, first transition row, input row, first cell, first output row, behind which the rows of the
  feedthrough follow; units, and the first of their rows: a selector for each, then what each selects, then the cells
  that each changes; in column 8 what the cells must not exceed, 0 if nothing is to be watched;
* COMMIT: the layer, where its old residual stream has factors.

Rows are numbers of sparse rows; those of an output are the columns of the matrix, one for each unit, read or cell. From
column 7 on a head has what the loop keeps for it: its place in ``head_table`` where a transcript grows; slope, factor,
first feature and first value where keys and values stand by position (:mod:`._tables`).
"""

SCAN, EQUAL_KEYS, RUNNING, POSITION, HULL = range(5)
"""Structures by which a head finds what it picks; see :mod:`._head_plans`."""

MATCH, NORM, DEFAULT = range(3)
"""What a feature of a head does in the lattice form."""

GOING_ON, ANSWERED, GROW, FRACTION, OVERFLOW, RECENCY = range(6)
"""Why a compiled loop returns."""

COUNT, LATEST = 0, 1
"""Columns of a record beside its values: how many positions it stands for, and the latest of them."""

MOST_IRREGULAR = 32
"""So many records that are not on the lattice form are compared one by one; beyond, all records are."""

LEVELS = 48
"""Levels of the hull of one head; level i holds at most 2**i records."""

MOST_FEATURES, MOST_READS = 64, 256
"""Features and reads of one head that the loops have room for."""
