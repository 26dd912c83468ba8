"""A claim of a theorem's lower half, as data."""

from typing import NamedTuple

from proofs_check.lower_bounds._scope import Scope


class Bound(NamedTuple):
    """A claim: what it says, the scopes at which it is checked, the growth of its formula, the argument.

    ``theorems`` are those of Coq that say it for all n, or a part of it if the number is not exact.
    """

    name: str
    statement: str
    scopes: tuple[Scope, ...]
    growths: tuple[str, ...]
    argument: str
    theorems: tuple[str, ...] = ()
