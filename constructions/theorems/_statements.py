"""The parts of a theorem: constructions, and claims about them that can be measured."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from constructions._lazy import Shown
from constructions.architectures import Model
from constructions.errors import UsersCodeError
from constructions.tasks import Task
from constructions.wiring import Blueprint, Polynomial, SymbolicRecurrence

if TYPE_CHECKING:
    from constructions.engine import Transcript

Quantity = Literal[
    "answers",
    "transcript",
    "tokens",
    "context",
    "machines",
    "searches",
    "family",
    "shape",
    "parameter bits",
    "activation bits",
    "state bits",
    "contracts",
    "kernel",
    "states",
]


@dataclass(frozen=True)
class LogBound:
    """``factor * log2(n) + constant`` bits, sign included.

    >>> print(LogBound(2, 5), "or", LogBound(0, 4))
    2 log2 n + 5 or 4
    """

    factor: int
    constant: int

    def __str__(self) -> str:
        growing = {0: "", 1: "log2 n + "}.get(self.factor, f"{self.factor} log2 n + ")
        return f"{growing}{self.constant}"

    @property
    def numbers(self) -> Polynomial:
        """2^constant n^factor: how many things so many bits can tell apart."""
        return Polynomial.variable("n") ** self.factor * (1 << self.constant)

    def allows(self, bits: int, n: int) -> bool:
        """Whether ``bits <= factor * log2 n + constant``, decided in integers: 2^(bits - constant) <= n^factor."""
        excess = bits - self.constant
        return excess <= 0 or 1 << excess <= n**self.factor

    def covers(self, magnitude: Polynomial, blueprint: Blueprint) -> bool:
        """Whether integers up to ``magnitude`` with their sign fit, for all sizes.

        An integer of magnitude at most P has at most log2(P) + 1 binary digits, and a sign. So
        4 P <= 2^constant n^factor suffices. Other sizes are taken to be n, the most that they need to be.
        """
        return blueprint.domain.proves(self.numbers - 4 * in_n(magnitude, blueprint))

    @classmethod
    def least(cls, numbers: Polynomial, blueprint: Blueprint) -> "LogBound | None":
        """A bound with the least factor, then the least constant, that tells so many things apart for all sizes.

        None if there is none with a factor below 64 and a constant below 256.
        """
        found = in_n(numbers, blueprint)
        constants = range(_MOST_CONSTANT)

        def enough(factor: int, constant: int) -> bool:
            return blueprint.domain.proves(cls(factor, constant).numbers - found)

        factor = next((f for f in range(_MOST_FACTOR) if enough(f, _MOST_CONSTANT - 1)), None)
        if factor is None:
            return None
        return cls(factor, next(c for c in constants if enough(factor, c)))


_MOST_FACTOR, _MOST_CONSTANT = 64, 256
_NO_BOUND = LogBound(_MOST_FACTOR, _MOST_CONSTANT)

Variants = tuple[Mapping[str, Any], ...]
"""For a construction with parameters: the values with which its theorem is verified."""

GRAM_SIZES: Variants = tuple({"c": c} for c in range(2, 6))
"""For c-gram retrieval."""


def in_n(polynomial: Polynomial, blueprint: Blueprint) -> Polynomial:
    """A polynomial with n in the place of every other size of the construction."""
    for name in blueprint.domain.minimum:
        polynomial = polynomial.substitute(name, Polynomial.variable("n"))
    return polynomial


@dataclass(frozen=True)
class Construction(Shown):
    """A model for every size n, and the task that it solves.

    Args:
        name: family and task, such as ``transformer/index``.
        task: what it answers.
        blueprint: the matrices for all n.
        summary: how it works, in a sentence or two; for those with a name it is the first paragraph of the docstring of
            the function that makes them.
        longest: the most tokens that it writes, the answer included, as a polynomial in n.
        transcript: the tokens that the model of size n must write on an instance, from the instance and n;
            None where the task says it, which is the answer alone for most.
        prompt: the tokens that it reads; the task's own prompt unless given.
        longest_prompt: the most tokens of ``prompt`` in the sizes of the blueprint; the task's own unless given.
        parameter: what tells it from others of the same name, such as ``c = 3``.
        claims: what is claimed of it, such as :func:`claims_about` makes; what can be read off it unless given, see
            :func:`claims_of`.
        stride: for a machine, how many tokens a step has, the last two of them its position and itself; None where
            whole configurations are written.
    """

    name: str
    task: Task[Any]
    blueprint: Blueprint
    summary: str = ""
    longest: Polynomial = field(default_factory=lambda: Polynomial.constant(1))
    transcript: Callable[[Any, int], tuple[str, ...]] | None = None
    prompt: Callable[[Any], tuple[str, ...]] | None = None
    parameter: str | None = None
    longest_prompt: Polynomial | None = None
    stride: int | None = None
    claims: "tuple[Claim, ...]" = ()

    def __repr__(self) -> str:
        return f"<Construction {self.label}>"

    @property
    def label(self) -> str:
        """The name, and the parameter if there is one."""
        return self.name if self.parameter is None else f"{self.name}, {self.parameter}"

    def at(self, n: int) -> Model:
        """The model of size n."""
        return self.blueprint.at(n)

    def size_for(self, instance: object) -> int:
        """The least size of the model that reads this instance."""
        return max(self.blueprint.least, self.task.size(instance))

    def run(self, given: object, **options: Any) -> "Transcript":
        """What the least model that fits writes on an instance, or on one that is given as text.

        Args:
            given: an instance of the task, its printed form, or what else the task takes for one (IsTree, a graph of
                networkx).
            **options: of :func:`constructions.decode`.

        Raises:
            InputError: if the text is malformed.

        >>> from constructions import construction
        >>> construction("transformer/associative-recall").run("3 1 4 1 5 ? 4").answer
        '1'
        """
        from constructions.engine import decode  # what only lists constructions does not wait for it

        instance = self.task.parse(given) if isinstance(given, str) else self.task.taken(given)
        n = self.size_for(instance)
        return decode(self.at(n), self.reads(instance), **{"max_tokens": self.longest(n=n) + 1, **options})

    def reads(self, instance: object) -> tuple[str, ...]:
        """The prompt of an instance."""
        return self.task.prompt(instance) if self.prompt is None else self.prompt(instance)

    @property
    def most_read(self) -> Polynomial | None:
        """The most tokens of a prompt, in the sizes of the blueprint; None if nobody states it."""
        if self.longest_prompt is not None or self.prompt is not None or self.task.longest_prompt is None:
            return self.longest_prompt
        powers = enumerate(self.task.longest_prompt)
        return sum((c * Polynomial.variable("n") ** power for power, c in powers), Polynomial.constant(0))

    @property
    def possible_states(self) -> Polynomial:
        """The product of the numbers of integers in the ranges of the state's coordinates, a polynomial in n."""
        product = Polynomial.constant(1)
        for extent in self.blueprint.state.values():
            product = product * (extent.high - extent.low + 1)
        return in_n(product, self.blueprint)

    @property
    def last_position(self) -> Polynomial | None:
        """The last position that is read, from 0: the last token written is not read any more."""
        return None if self.most_read is None else self.most_read + self.longest - 2

    def expected(self, instance: object, n: int | None = None) -> tuple[str, ...]:
        """All tokens that the model of size n (the least that fits) must write, the answer last.

        Raises:
            UsersCodeError: if a task or a transcript of a user's gives something else.
        """
        if self.transcript is None:
            tokens = self.task.written(instance)
        else:
            tokens = self.transcript(instance, self.size_for(instance) if n is None else n)
        if not isinstance(tokens, tuple) or not all(issubclass(kind, str) for kind in set(map(type, tokens))):
            given = f"what {self.label} must write on {self.task.text(instance)!r} is {tokens!r:.60}"
            raise UsersCodeError(f"{given}; expected a tuple of tokens, which are strings")
        return tokens


@dataclass(frozen=True)
class Claim:
    """One quantity of one construction, and what the theorem says of it.

    ``bound`` is in bits or, for ``tokens``, the most tokens that are written; ``attained_by`` is the
    answer with which exactly that many are.
    """

    name: str
    statement: str
    construction: str
    quantity: Quantity
    bound: LogBound | Polynomial | None
    scope: str
    attained_by: str | None = None


def claims_about(  # noqa: PLR0913  (one keyword for each claim; a theorem's file names those it makes)
    name: str,
    *,
    tokens: Polynomial,
    parameters: LogBound,
    activations: LogBound,
    state: LogBound | None = None,
    searches: Polynomial | None = None,
    attained_by: str | None = None,
    transcript: str | None = None,
    machines: str | None = None,
    kernel: bool = True,
) -> tuple[Claim, ...]:
    """The claims that every construction makes.

    Args:
        name: of the construction; what its family may be made of is claimed where it has a recurrence.
        tokens: the most tokens that it writes, the answer included.
        parameters: bits of a parameter.
        activations: bits of any number that occurs.
        state: bits of the recurrent state, where there is one.
        searches: the most searches, where there are some.
        attained_by: the answer with which exactly ``tokens`` tokens are written.
        transcript: what is written before the answer, in words; None if nothing is.
        machines: for simulations, how many tokens the steps of any machine take, in words.
        kernel: whether the kernel has a reference for the task, as it has for those of the paper but simulations.
    """
    inputs, everything = "the inputs that were run", "all n"

    def claim(quantity: Quantity, statement: str, scope: str, bound: LogBound | Polynomial | None = None) -> Claim:
        attained = attained_by if quantity == "tokens" else None
        return Claim(f"{name}: {quantity}", statement, name, quantity, bound, scope, attained)

    answers = "the answer is right" if machines is None else ENDINGS_RIGHT
    claims = [claim("answers", answers, inputs)]
    if transcript is None:
        claims.append(claim("tokens", "the first token written is the answer: no chain of thought", inputs, tokens))
    else:
        exactly = f", and exactly as many if the answer is {attained_by}" if attained_by else ""
        claims.append(claim("transcript", f"every token written is that of {transcript}", inputs))
        claims.append(claim("tokens", f"at most {tokens} tokens are written{exactly}", inputs, tokens))
    claims.append(claim("context", CONTEXT_HOLDS, everything))
    if machines is not None:
        every = f"the same for any machine: step, position, symbols and the whole tape; {machines}"
        claims.append(claim("machines", every, "the machines that were run"))
    if searches is not None:
        claims.append(
            claim(
                "searches", f"at most {searches} {'search' if str(searches) == '1' else 'searches'}", inputs, searches
            )
        )
    if state is not None:
        claims.append(claim("family", FAMILIES[name.partition("/")[0]], everything))
    claims += [
        claim("shape", "number, shapes and nonzero places of the parameters do not depend on n", everything),
        claim("parameter bits", f"a parameter takes at most {parameters} bits", everything, parameters),
        claim("activation bits", f"a number that occurs takes at most {activations} bits", everything, activations),
    ]
    if state is not None:
        claims.append(claim("state bits", f"the recurrent state takes at most {state} bits", everything, state))
    claims.append(claim("contracts", CONTRACTS_HOLD, everything))
    if kernel and machines is None:
        claims.append(claim("kernel", KERNEL_AGREES, "all inputs of the sizes that the kernel ran"))
    return tuple(claims)


def claims_of(construction: Construction, *, kernel: bool) -> tuple[Claim, ...]:
    """What is claimed of a construction: what it says itself, else what can be read off it.

    The number of tokens is the one that it declares; bits are the least that can be proved for all n.

    Args:
        construction: that of a theorem, or a user's own.
        kernel: whether the kernel has a reference for its task.
    """
    if construction.claims:
        return construction.claims
    blueprint, name = construction.blueprint, construction.name
    parameters, activations = (
        LogBound.least(4 * magnitude, blueprint)
        for magnitude in (blueprint.largest_parameter, blueprint.largest_activation)
    )
    several = construction.transcript is not None or str(construction.longest) != "1"
    recurrent = bool(blueprint.state) and name.partition("/")[0] in FAMILIES
    made = claims_about(
        name,
        tokens=construction.longest,
        parameters=parameters or _NO_BOUND,
        activations=activations or _NO_BOUND,
        state=LogBound.least(construction.possible_states, blueprint) if recurrent else None,
        transcript="the reference" if several else None,
        kernel=kernel,
    )
    if sum(isinstance(layer, SymbolicRecurrence) for layer in blueprint.layers) > 1:
        made = tuple(replace(c, statement=c.statement.replace(*_SEVERAL)) for c in made)
    return tuple(claim for claim in made if claim.bound != _NO_BOUND)


CONTEXT_HOLDS = "the context that the weights are made for holds every prompt and what is written after it"
"""What is claimed of the context; whatever lies beyond it is never written."""

CONTRACTS_HOLD = "every inequality holds that a contract of a head, gate or output lists"
"""What is claimed of contracts. That the inequalities are the right ones is argued where the gadgets are defined."""

KERNEL_AGREES = "the kernel, which has a reference and an interpreter of its own, finds every answer right"
"""What is claimed of the kernel; for machines it has no reference, so nothing is."""

SEARCHES_RUN = (
    "by Coq: that Python's re, which runs the searches, finds what Searching.v says; they are compared on many "
    "hundred searches"
)
"""What the theorems about searches leave open."""

NO_KERNEL = (
    "by the kernel, which has no reference for Turing machines: that simulator and wiring do not share a mistake"
)
"""What the theorems about machines leave unchecked."""

ENDINGS_RIGHT = "how a machine ends within n steps is written; where it goes on for longer, no answer is"
"""What a simulation claims in place of a right answer: inputs on which the machine goes on have none."""

FAMILIES = {
    "retrieval": "one linear recurrence, then gated layers; no attention and no positions",
    "hybrid": "one linear recurrence, gated layers and exactly one attention layer; no positions in the embedding",
    "rnn": "one linear recurrence, then gated layers; no attention, no positions and no search",
    **dict.fromkeys(("lstm", "gru"), "recurrences, one of them gated, and gated layers; no attention and no positions"),
}
"""What the models of a recurrent family are made of, by the first word of their names; claimed of one recurrence."""

_SEVERAL = ("one linear recurrence", "linear recurrences")
"""How that is said of those with more than one."""


@dataclass(frozen=True)
class StateCount:
    """How many states a machine needs that reads a sequence once and is then asked anything.

    Args:
        name: a few words for it.
        statement: what is claimed, in a sentence.
        task: what is asked; the answers after each sequence are compared, so it must have :meth:`Task.rows`. Or, for
            a number that is found in another way, a function that finds it.
        sizes: the sizes n at which it is found.
        states: the number of states, from n.
        argument: why it is that number for all n, in a sentence; the page of the theorem has the proof.
        alphabet: how many letters the sequences are over, if the task does not say.
        exact: whether so many states are enough, too.
        of: which machines it is about; any that read the sequence once, unless given.
        how: what a function lists, in words.
        theorems: the names of Coq's theorems that say it for all n.
    """

    name: str
    statement: str
    task: Task[Any] | Callable[[int], int]
    sizes: tuple[int, ...]
    states: Callable[[int], int]
    argument: str
    alphabet: int | None = None
    exact: bool = True
    of: str | None = None
    how: str = "different rows of answers, listed"
    theorems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Theorem:
    """A theorem as a list of claims, and what of it no claim covers; ``lower`` are numbers of states.

    Those of the paper have a number, and their lower halves stand where states are counted; neighbours have a name.
    """

    number: str
    title: str
    statement: str
    constructions: tuple[str, ...]
    claims: tuple[Claim, ...]
    not_checked: tuple[str, ...]
    lower: tuple[StateCount, ...] = ()
