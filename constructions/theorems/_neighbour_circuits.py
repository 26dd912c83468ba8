"""Boolean circuits by chain of thought, one token a gate.

Li, Liu, Zhou and Ma, "Chain of thought empowers transformers to solve inherently serial problems", 2024 (arXiv
2402.12875), restated: with T steps of chain of thought a Transformer of constant depth computes what a circuit with T
gates does. There the circuit stands in the weights, in what is added at each position; here, and this is ours, it
stands in the prompt, so that one Transformer evaluates every circuit.
"""

from constructions.tasks import Circuits
from constructions.theorems._statements import Construction, LogBound, Theorem, claims_about
from constructions.wiring import Value, Wiring, n


def circuits() -> Construction:
    """Heads find the parts of the prompt, the two numbers of the next gate, and the two values that it reads.

    The prompt is ``<s> x1 .. xI & l1 r1 .. lA rA o #``, and the value of gate k is written k positions behind the mark.
    Node v, from 1, is ``<s>``, the constant, for v = 1; an input for v up to I + 1, the position of ``&``; else gate
    v - I - 1. So its value stands at position v - 1, or as far behind the mark as v is beyond ``&``. After the last
    gate the next two tokens are the output and the mark.
    """
    w = Wiring(
        "transformer/circuits",
        specials=("<s>", "F", "T", "&", "#", "FALSE", "TRUE"),
        numbers=(-n, n),
        context=3 * n,
        answers=("FALSE", "TRUE"),
    )
    between = w.latest("inputs end", [(w.is_token("&"), 1)], default=True)[w.position]
    mark = w.latest("mark", [(w.is_token("#"), 1)], default=True)[w.position]
    holds: dict[str, Value] = {}
    for side, name in enumerate(("left", "right"), 1):
        place = w.clamp(between + 2 * (w.position - mark) + side, 0, w.context, f"{name} place")
        literal = w.at(f"{name} number", place)
        number = literal[w.token]
        negated = w.at_least(-1, number, f"{name} is negated")
        node = w.cases((negated, -number), otherwise=number, name=f"{name} node")
        early = w.at_least(between, node, f"{name} is no gate")
        written = w.cases((early, node - 1), otherwise=mark - between + node, name=f"{name} position")
        value = w.at(f"{name} value", w.clamp(written, 0, w.context, f"{name} position in the context"))
        holds[name] = w.equal(value[w.is_token("T")] + negated, 1, f"{name} holds")
    ended = literal[w.is_token("#")]
    w.write("TRUE", when=[ended, holds["left"]])
    w.write("FALSE", when=ended)
    w.write("T", when=[holds["left"], holds["right"]])
    w.write("F")
    return Construction(w.name, Circuits(), w.finish(), longest=n)


TASKS = (Circuits(),)
CONSTRUCTIONS = {"transformer/circuits": circuits}

THEOREM = Theorem(
    number="circuits",
    title="Boolean circuits by chain of thought",
    statement=(
        "One Transformer of constant depth evaluates every Boolean circuit that stands in its prompt, with a token of "
        "chain of thought for each gate."
    ),
    constructions=("transformer/circuits",),
    claims=claims_about(
        "transformer/circuits",
        tokens=n,
        parameters=LogBound(2, 7),
        activations=LogBound(2, 8),
        transcript="the values of the gates, one after the other, and the answer",
        kernel=False,
    ),
    not_checked=(
        "that constant depth needs the chain of thought: it does if some circuits of polynomial size are not in TC0",
        "by the kernel, which has no reference for circuits",
    ),
)
