"""Transformers simulate RNNs, so that the gap between them is on one side.

Wen, Dang and Lyu, "RNNs are not Transformers (yet)", 2024 (arXiv 2402.18510), remark that a Transformer with chain of
thought can do what an RNN with chain of thought does, with a small overhead. Its statement and bound were not at hand;
both forms here are ours. A recurrence of windows and counters, as all RNNs of this project are, becomes heads that look
back and one that averages, and the same tokens are written. Any RNN whose step is a Boolean circuit is simulated by one
Transformer, which writes the gates of each step.
"""

from dataclasses import replace

from constructions.machines import Machine
from constructions.tasks import CircuitRNN
from constructions.theorems._statements import NO_KERNEL, Construction, LogBound, Theorem, claims_about
from constructions.theorems._theorem_4_1 import DEFAULT_CELLS
from constructions.theorems._theorem_4_1 import turing as rnn_turing
from constructions.theorems._turing import EXAMPLES, MACHINES
from constructions.wiring import Value, Wiring, attending, n


def simulating(rnn: Construction, name: str) -> Construction:
    """A Transformer that writes what a recurrent model writes, token for token; see :func:`attending`.

    Args:
        rnn: a construction with a recurrence.
        name: of the Transformer.

    >>> from constructions import construction
    >>> simulating(construction("hybrid/counting"), "transformer/hybrid-counting").run("1 2 1 1 ? 1 2").answer
    '1'
    """
    heads = f"The recurrence of {rnn.name} as heads. {rnn.summary}"
    return replace(rnn, name=name, blueprint=attending(rnn.blueprint.calls, name).finish(), summary=heads, claims=())


def turing(machine: Machine = EXAMPLES[0], cells: int = DEFAULT_CELLS) -> Construction:
    """The recurrence of rnn/turing as heads. Writes configuration after configuration; each token depends on three of
    the window.

    The window of S + 2 tokens is read at three distances, by three heads.

    Args:
        machine: what to simulate.
        cells: S, how many cells there are.

    Raises:
        InputError: if there are fewer than 1 cells, or more than 1,000.
    """
    return simulating(rnn_turing(machine, cells), "transformer/rnn-turing")


def circuit_rnn() -> Construction:
    """Heads find the parts of the prompt, where the step began, the two numbers of the next gate, and their values.

    The prompt is ``<s> s1 .. sb & l1 r1 .. lP rP + x1 .. xT #``, with P gates: those of the circuit, then copies of the
    output and of the next state. Each step writes their P values and its own number, behind which the next step begins;
    the first begins behind ``#``. A step that begins behind position B has read t bits, the number there. Its state
    stands at 1 .. b if t = 0, else in the b positions before B; ``&`` stands at b + 1. So node v, from 1, stands at

        v - 1                if it is the constant, v = 1, or the state of the first step,
        X + t + 1            if it is the bit, v = b + 2, where ``+`` stands at X,
        B - (b + 1) + v - 1  if it is a later state, 2 <= v <= b + 1, or a gate, v >= b + 3.
    """
    w = Wiring(
        "transformer/circuit-rnn",
        specials=("<s>", "F", "T", "&", "+", "#", "FALSE", "TRUE"),
        numbers=(-n, n),
        context=n**2 + 4 * n,
        least=2,
        answers=("FALSE", "TRUE"),
    )
    between = w.latest("state ends", [(w.is_token("&"), 1)], default=True)[w.position]
    word = w.latest("gates end", [(w.is_token("+"), 1)], default=True)[w.position]
    mark = w.latest("mark", [(w.is_token("#"), 1)], default=True)
    begins = w.either(w.is_token("#"), w.both(w.is_number, mark.hit), name="a step begins behind this")
    step = w.latest("step", [(begins, 1)], default=True)
    begin, done = step[w.position], step[w.token]
    letter = w.clamp(word + done + 1, 0, w.context, "place of the bit")
    bit = w.at("bit", letter)
    first = w.equal(done, 0, "first step")
    holds: dict[str, Value] = {}
    ended: dict[str, Value] = {}
    for side, name in enumerate(("left", "right"), 1):
        place = w.clamp(between + 2 * (w.position - begin) + side, 0, w.context, f"{name} place")
        literal = w.at(f"{name} number", place)
        number, ended[name] = literal[w.token], literal[w.is_token("+")]
        negated = w.at_least(-1, number, f"{name} is negated")
        node = w.cases((negated, -number), otherwise=number, name=f"{name} node")
        in_prompt = w.either(
            w.equal(node, 1, f"{name} is constant"),
            w.both(first, w.at_least(between, node, f"{name} is state"), name=f"{name} is first state"),
            name=f"{name} is in the prompt",
        )
        written = w.cases(
            (in_prompt, node - 1),
            (w.equal(node, between + 1, f"{name} is the bit"), letter),
            otherwise=begin - between + node - 1,
            name=f"{name} position",
        )
        value = w.at(f"{name} value", w.clamp(written, 0, w.context, f"{name} position in the context"))
        holds[name] = w.equal(value[w.is_token("T")] + negated, 1, f"{name} holds")
    output = w.at("output", w.clamp(begin - between, 0, w.context, "place of the output"))
    over = bit[w.is_token("#")]
    w.write("TRUE", when=[over, output[w.is_token("T")]])
    w.write("FALSE", when=over)
    w.write(w.clamp(done + 1, 0, n, "steps done"), when=ended["left"])
    w.write("T", when=[holds["left"], holds["right"]])
    w.write("F")
    return Construction(w.name, CircuitRNN(), w.finish(), longest=n**2 + 1)


TASKS = (CircuitRNN(),)
CONSTRUCTIONS = {"transformer/rnn-turing": turing, "transformer/circuit-rnn": circuit_rnn}
VARIANTS = {"transformer/rnn-turing": MACHINES}

THEOREM = Theorem(
    number="simulate",
    title="Transformers simulate RNNs",
    statement=(
        "A Transformer writes the same tokens as an RNN of windows and counters, with a head for each distance at "
        "which it looks back and one for its counters; and one Transformer simulates every RNN whose step is a Boolean "
        "circuit with P gates, copies of output and state included, with P + 1 tokens a step."
    ),
    constructions=("transformer/rnn-turing", "transformer/circuit-rnn"),
    claims=(
        *claims_about(
            "transformer/rnn-turing",
            tokens=(DEFAULT_CELLS + 1) * n + 1,
            parameters=LogBound(0, 11),
            activations=LogBound(2, 14),
            transcript="rnn/turing: the configurations of the machine",
            machines="S + 1 tokens for each configuration",
        ),
        *claims_about(
            "transformer/circuit-rnn",
            tokens=n**2 + 1,
            parameters=LogBound(2, 7),
            activations=LogBound(4, 7),
            transcript="the gates of each step, its number, and the last output",
            kernel=False,
        ),
    ),
    not_checked=(
        "that every recurrence can be translated: those of this project were, in tests",
        NO_KERNEL,
        "by the kernel, which has no reference for circuits",
    ),
)
