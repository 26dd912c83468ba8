"""The interface of tasks: instances, their reference answers, and how they are written, drawn and enumerated.

A task knows nothing of models. The references here are written for clarity, one instance at a time;
the kernel of :mod:`proofs_check` has its own, written apart. What other code wants to know about a task,
such as how many inputs of it are worth running, it asks the task.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

import numpy as np

from constructions.errors import InputError
from constructions.machines import Machine

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from constructions.tasks._retrieval import RetrievalTask

Instance = TypeVar("Instance")

FAR = tuple(power + step for power in (128, 256, 1024) for step in (-1, 0, 1))
"""Sizes around powers of two, beyond which a scale that does not grow is too small."""

START = "<s>"
"""The first token of every prompt."""


@dataclass(frozen=True)
class Effort:
    """How much evidence to gather for a task.

    ``largest`` and ``alphabet``: all inputs up to this n over this many letters are run (0: none);
    ``permuted``: and all orders of n distinct tokens up to this n;
    ``sizes``: model sizes of sampled evidence, ``far``: those where few inputs are run; ``measured``: sizes at which
    bits are measured. Of mutants, ``mutated``: the size at which all inputs are run, ``mutated_sizes``: those of
    ``mutated_cases`` sampled inputs.
    """

    largest: int
    alphabet: int
    sizes: tuple[int, ...] = (1, 2, 3, 5, 8, 13, 34, 89)
    far: tuple[int, ...] = FAR
    measured: tuple[int, ...] = (4, 16, 64, 256)
    permuted: int = 0
    mutated: int = 3
    mutated_sizes: tuple[int, ...] = (1, 2, 3, 5, 8, 13, 34)
    mutated_cases: int = 1000


Inputs = tuple[int, int | None, str]
"""All inputs of a family: n, the number of letters (None if these are the n nodes), and the family."""


@dataclass(frozen=True)
class Certified:
    """How certificates speak of a task for which the kernel has a reference, and which inputs they are about.

    ``families``: of inputs, the one that is meant where none is named first. ``asked``: what the kernel runs whenever
    a construction is verified, some tenths of a second. ``kept``: what is certified on request; ``kept_searching``:
    the same for models that search, which write more; ``kept_softmax``: of what a softmax does, where bounding errors
    takes the kernel some milliseconds an input. ``convention``: whether an undefined query has the answer NONE, or
    does not occur. ``edges``: whether letters come in pairs with a token between them.
    """

    families: tuple[str, ...]
    asked: tuple[Inputs, ...]
    kept: Inputs
    kept_searching: Inputs
    kept_softmax: Inputs
    convention: Literal["total", "promise"] = "total"
    edges: bool = False


class Task(ABC, Generic[Instance]):
    """A question with exactly one right answer for each of its instances.

    An instance is a tuple of words unless the methods say otherwise: then :meth:`answer`, :meth:`sample` and
    :meth:`enumerate` are all that a task must say. See :class:`FunctionTask` for one in a line.
    """

    name: str
    """The word for it on the command line, such as ``associative-recall``."""

    statement: str
    """What is asked, in a sentence."""

    text_form: str
    """How an instance is written, by example."""

    least: int = 1
    """The least size of an instance."""

    query_length: int = 0
    """How many tokens at the end of a prompt ask about what stands before them; 0 if instances share nothing."""

    c: int | None = None
    """The parameter of c-gram retrieval; None for all other tasks."""

    machine: Machine | None = None
    """What is simulated, if it is a machine: then the size of a model counts steps, and some inputs have no answer."""

    effort: Effort = Effort(4, 3, sizes=(1, 2, 3, 5, 8, 13, 34))
    """How much evidence is gathered unless somebody asks for another amount."""

    certified: Certified | None = None
    """What certificates say of it; None if the kernel has no reference."""

    nodes: bool = False
    """Whether numbers in an instance are nodes of a graph, which :meth:`labelled` calls as the user does."""

    title: str = ""
    """What a page about an instance is called, with ``{q}`` (and ``{t}``) for the query; the statement if empty."""

    tries: tuple[str, ...] = ()
    """Inputs that a live page offers; the first is shown unless another is given."""

    forgotten: str | None = None
    """An input whose answer depends on what stood long before the end: a network that keeps the last tokens fails."""

    reader: Literal["retrieval", "graph", "machine"] | None = None
    """What reads an input in a live page; None if nothing does."""

    also_written: tuple[str, ...] = ()
    """Further forms of an instance that :meth:`form` gives."""

    kinds: tuple[tuple[str, int], ...] = ()
    """Kinds of instances that :meth:`draw` tells apart, each with its least size, the usual one first."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    @property
    def longest_prompt(self) -> tuple[int, ...] | None:
        """The most tokens of :meth:`prompt`, as a polynomial in the size: the coefficients of 1, n, n^2, and so on.

        None if it is not stated; then no context can be proved to be long enough for all n.
        """
        return None

    @property
    def in_rows(self) -> "RetrievalTask | None":
        """This task, if it lists sequences and queries as rows of numbers, many at a time; else None."""
        return None

    # Reading and writing

    def parse(self, text: str) -> Instance:
        """Read an instance from its printed form.

        Raises:
            InputError: naming the offending part.
        """
        return tuple(text.split())  # type: ignore[return-value]

    def taken(self, given: Any) -> Instance:
        """The instance that an object is: itself, or for graphs one of networkx."""
        return given  # type: ignore[no-any-return]

    def text(self, instance: Instance) -> str:
        """The printed form; :meth:`parse` reads it back."""
        return " ".join(instance)  # type: ignore[arg-type]

    def size(self, instance: Instance) -> int:
        """The least size n of a construction that accepts the instance."""
        return max(self.least, self.length(instance))

    def length(self, instance: Instance) -> int:
        """How long it is, where :meth:`enumerate` asks for a length."""
        return len(instance)  # type: ignore[arg-type]

    def prompt(self, instance: Instance) -> tuple[str, ...]:
        """The tokens that a model reads."""
        return (START, *self.text(instance).split())

    def read(self, text: str, form: str | None = None, wishes: Any = None) -> "list[Instance | InputError]":
        """All instances that a text holds, the error in place of a malformed one; ``form``, ``wishes`` are for graphs.

        Raises:
            InputError: if the text holds one instance, which is malformed.
        """
        return [self.parse(text)]

    def told_by(self, text: str) -> Mapping[str, Any]:
        """Parameters of a construction that an input gives away, such as c by the length of the query."""
        return {}

    def labelled(self, instance: Instance, tokens: Sequence[str]) -> tuple[str, ...]:
        """What is written about an instance, in the words of whoever gave it."""
        return tuple(tokens)

    def form(self, instance: Instance, rng: np.random.Generator, form: str, *, authors: bool = False) -> str:
        """The instance with its answer in one of the forms ``also_written``, as a line; names are drawn from ``rng``.

        With ``authors``, in what the form leaves free, as the authors of the form choose.
        """
        raise NotImplementedError(f"{self.name}: there is no other form than tokens")

    # The answer

    @abstractmethod
    def answer(self, instance: Instance) -> str:
        """The right answer, as a token."""

    def written(self, instance: Instance) -> tuple[str, ...]:
        """All tokens that a model writes unless its construction says otherwise: the answer alone."""
        return (self.answer(instance),)

    # Some instances, and all

    @abstractmethod
    def sample(self, rng: np.random.Generator, n: int) -> Instance:
        """A random instance of size at most n, drawn so that every kind of answer is common."""

    def draw(self, rng: np.random.Generator, n: int, kind: str) -> Instance:
        """An instance of size at most n to train on, of a kind that is one of ``kinds``, drawn with ``rng``."""
        return self.sample(rng, n)

    def boundary(self, n: int) -> Iterator[Instance]:
        """Instances of size n at the edges of what is allowed, where mistakes hide."""
        return iter(())

    def adversarial(self, n: int) -> Iterator[Instance]:
        """Instances of size at most n that need many bits, the worst first."""
        return iter(())

    @abstractmethod
    def enumerate(self, n: int, alphabet: int | None = None) -> Iterator[Instance]:
        """Every instance whose sequence has length exactly n over the letters 1 .. alphabet (n if None).

        For graphs, n is the number of nodes, which are the letters: alphabet is None or n.
        """

    def ranked(self, n: int, alphabet: int | None, start: int, stop: int) -> Iterator[Instance]:
        """The instances that :meth:`enumerate` yields for n and ``alphabet`` at places start .. stop - 1."""
        return islice(self.enumerate(n, alphabet), start, stop)

    def count(self, n: int, alphabet: int | None = None) -> int:
        """How many instances :meth:`enumerate` yields; by counting them, where nothing better is known."""
        return sum(1 for _ in self.enumerate(n, alphabet))

    def few(self, n: int, most: int) -> bool:
        """Whether :meth:`enumerate` yields at most so many."""
        return self.count(n) <= most

    def letters(self, n: int) -> int | None:
        """How many letters the model of size n reads, as :meth:`enumerate` takes it."""
        return None

    def lengths(self, n: int) -> range:
        """The lengths of all inputs that the model of size n reads."""
        return range(self.least, n + 1)

    def rows(self, n: int, alphabet: int | None = None) -> Iterator[tuple[str | None, ...]]:
        """For each sequence of length n the answers to all that may be asked after it, None where nothing is.

        Raises:
            InputError: if an instance of this task is no sequence that can be read to its end first.
        """
        raise InputError(f"{self.name}: nothing is asked after a sequence, so no state need be kept of it")

    def of_numbers(self, sequence: tuple[int, ...], query: tuple[int, ...]) -> Instance:
        """The instance that certificates list as these numbers."""
        raise NotImplementedError(f"{self.name}: certificates do not list its instances")

    def smaller(self, instance: Instance) -> Iterator[Instance]:
        """Instances one step simpler than this one, the simplest first; used to shrink counterexamples."""
        return iter(())

    def shrink(self, instance: Instance, keeps: Callable[[Instance], bool]) -> Instance:
        """A simplest instance with a property that ``instance`` has: none of its :meth:`smaller` has it too.

        Greedy, so not necessarily the least of all; it ends because "smaller" is well-founded.
        """
        while True:
            candidate = next(filter(keeps, self.smaller(instance)), None)
            if candidate is None:
                return instance
            instance = candidate

    def strategy(self, max_n: int) -> "SearchStrategy[Instance]":
        """A Hypothesis strategy for instances of size at most ``max_n``: by seeds, unless a task has a better one."""
        from hypothesis import strategies as st

        return st.integers(0, 2**32 - 1).map(lambda seed: self.sample(np.random.default_rng(seed), max_n))
