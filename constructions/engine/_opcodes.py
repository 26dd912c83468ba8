"""Numbers that the compiled loops and the code around them share; nothing of numba is needed to read them."""

GATED, HEAD, RECURRENCE, COMMIT = range(4)
"""Operations of a program."""

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
