"""What is asked: instances, their reference answers, and how they are written, drawn and enumerated.

A task knows nothing of models. The references here are written for clarity, one instance at a time;
the kernel of :mod:`proofs_check` has its own, written apart.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

import numpy as np

Instance = TypeVar("Instance")


class Task(ABC, Generic[Instance]):
    """A question with exactly one right answer for each of its instances."""

    name: str
    """The word for it on the command line, such as ``associative-recall``."""

    statement: str
    """What is asked, in a sentence."""

    text_form: str
    """How an instance is written, by example."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    @property
    def longest_prompt(self) -> tuple[int, ...] | None:
        """The most tokens of :meth:`prompt`, as a polynomial in the size: the coefficients of 1, n, n^2, and so on.

        None if it is not stated; then no context can be proved to be long enough for all n.
        """
        return None

    @abstractmethod
    def parse(self, text: str) -> Instance:
        """Read an instance from its printed form.

        Raises:
            InputError: naming the offending part.
        """

    def taken(self, given: Any) -> Instance:
        """The instance that an object is: itself, or for graphs one of networkx."""
        return given  # type: ignore[no-any-return]

    @abstractmethod
    def text(self, instance: Instance) -> str:
        """The printed form; :meth:`parse` reads it back."""

    @abstractmethod
    def size(self, instance: Instance) -> int:
        """The least size n of a construction that accepts the instance."""

    @abstractmethod
    def prompt(self, instance: Instance) -> tuple[str, ...]:
        """The tokens that a model reads."""

    @abstractmethod
    def answer(self, instance: Instance) -> str:
        """The right answer, as a token."""

    @abstractmethod
    def sample(self, rng: np.random.Generator, n: int) -> Instance:
        """A random instance of size at most n, drawn so that every kind of answer is common."""

    @abstractmethod
    def boundary(self, n: int) -> Iterator[Instance]:
        """Instances of size n at the edges of what is allowed, where mistakes hide."""

    @abstractmethod
    def enumerate(self, n: int, alphabet: int | None = None) -> Iterator[Instance]:
        """Every instance whose sequence has length exactly n over the letters 1 .. alphabet (n if None).

        For graphs, n is the number of nodes, which are the letters: alphabet is None or n.
        """

    @abstractmethod
    def count(self, n: int, alphabet: int | None = None) -> int:
        """How many instances :meth:`enumerate` yields, in closed form."""

    @abstractmethod
    def smaller(self, instance: Instance) -> Iterator[Instance]:
        """Instances one step simpler than this one, the simplest first; used to shrink counterexamples."""

    def shrink(self, instance: Instance, keeps: Callable[[Instance], bool]) -> Instance:
        """A simplest instance with a property that ``instance`` has: none of its :meth:`smaller` has it too.

        Greedy, so not necessarily the least of all; it ends because "smaller" is well-founded.
        """
        while True:
            candidate = next(filter(keeps, self.smaller(instance)), None)
            if candidate is None:
                return instance
            instance = candidate
