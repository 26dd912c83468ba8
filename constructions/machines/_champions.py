"""Busy beavers: machines of a size that run longest, or leave most, before they halt.

Steps count the one into the halting state. The values for two symbols are those of Radó (1962), Lin and Radó
(1965) and Brady (1983), for two states and three symbols of Lafitte and Papazian (2007); the five-state machine
was found by Marxen and Buntrock (1990) and proved to be the champion by the bbchallenge collaboration (2024).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from constructions.errors import unknown
from constructions.machines._bbchallenge import read_bbchallenge
from constructions.machines._machine import Machine


@dataclass(frozen=True)
class Champion:
    """A machine with what is known of its run on the empty tape.

    Attributes:
        text: the machine as bbchallenge text.
        steps: steps until it halts.
        nonblank: cells that are not blank then.
    """

    text: str
    steps: int
    nonblank: int

    def machine(self) -> Machine:
        """The machine itself."""
        return read_bbchallenge(self.text)


CHAMPIONS: Mapping[str, Champion] = MappingProxyType(
    {
        "bb2": Champion("1RB1LB_1LA1RZ", 6, 4),
        "bb3": Champion("1RB1RZ_1LB0RC_1LC1LA", 21, 5),
        "bb4": Champion("1RB1LB_1LA0LC_1RZ1LD_1RD0RA", 107, 13),
        "bb5": Champion("1RB1LC_1RC1RB_1RD0LE_1LA1LD_1RZ0LA", 47_176_870, 4098),
        "bb2x3": Champion("1RB2LB1RZ_2LA2RB1LB", 38, 9),
    }
)
"""By name: ``bb`` and the number of states, and of symbols where it is not 2."""


def champion(name: str) -> Champion:
    """The champion of this name.

    Raises:
        InputError: if none is called so.

    >>> champion("bb4").steps
    107
    """
    if name not in CHAMPIONS:
        raise unknown("champion", name, CHAMPIONS)
    return CHAMPIONS[name]
