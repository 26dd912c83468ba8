"""Certificates of the kind precision: what a softmax at a finite inverse temperature b does to a model.

The numbers are those of hard attention, exact; beside each stands a bound of how far the same number is off
if every head is a softmax, in real arithmetic. Errors are whole multiples of 2^-256, rounded up.

* A linear map adds up the errors, times the magnitudes of its weights.
* A product of g + dg and v + dv is off by at most |g| dv + |v| dg + dg dv; max(g, 0) by no more than g.
* A head: let T be the keys with the largest score s, all others lie in U. A key in U weighs at most
  e^(-b (s - s_j - ds - ds_j)) times what some key in T does; the sum of these is the *leak*. Among T, scores off by at
  most D change shares by a factor of at most e^(2 b D) <= 1 + r with r = 2 b D / (1 - 2 b D). So what is read is off
  by at most leak * max over U of |v_j - mean| + r * max over T of |v_t - mean| + the largest dv.
* e^-y <= 2^-floor(1.4426 y), because 1 / ln 2 > 1.4426.

The token that is written keeps the largest logit if its logit, less its error, exceeds every other one plus
its error. The least of these differences is the *margin*.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple

from ._layers import MOST_BITS, MOST_LAYERS, Attention, FeedForward, Head, Matrix, Stream, Vector, plain
from ._model import Model
from ._reading import Fields, Number, rational
from ._runs import Run, ran
from ._verdict import Incomplete, Malformed, Rejected, number_words, shown

MOST_INPUTS = 20_000

MOST_DIGITS_OF_A_TEMPERATURE = 18

HEAVIER = 8
"""So many steps of a plain run count for one with a bound of the error beside each number."""

UNIT = 256
"""Errors are multiples of 2^-UNIT."""

Errors = list[int]


def ceiling(number: Number) -> int:
    """The least integer that is not smaller."""
    return -(-number.numerator // number.denominator)


def size(number: Number) -> Number:
    """The magnitude."""
    return number if number >= 0 else -number


def power(y: Number) -> int:
    """A bound of e^-y, for y >= 0, in units; at least one."""
    halvings = int(Fraction(y) * 14426 / 10000)
    return 1 << max(0, UNIT - halvings)


def spread(matrix: Matrix, errors: Errors) -> Errors:
    """How far the product with a vector is off."""
    result = [0] * matrix.height
    for place, row in matrix.rows.items():
        result[place] = ceiling(sum([size(weight) * errors[column] for column, weight in row]))
    if max(result, default=0).bit_length() > MOST_BITS:
        raise Incomplete(f"the bound of an error has more than {MOST_BITS:,} bits")
    return result


def add(x: Sequence[Number], y: Sequence[Number]) -> Stream:
    """The sum of two vectors."""
    return tuple([a + b for a, b in zip(x, y, strict=True)])


def product(x: Number, dx: int, y: Number, dy: int) -> int:
    """How far a product is off."""
    return ceiling(size(x) * dy + size(y) * dx) + -(-dx * dy >> UNIT)


class Worst:
    """Of one head, or of what is written: the least gap or margin, the input that has it, the largest leak."""

    def __init__(self) -> None:
        self.least: Number | None = None
        self.prompt, self.leak = "", 0

    def note(self, gap: Number, prompt: str, leak: int = 0) -> None:
        """The first input with the least is kept."""
        self.leak = max(self.leak, leak)
        if self.least is None or gap < self.least:
            self.least, self.prompt = gap, prompt


class Found(NamedTuple):
    """What was measured; heads by their layer and their place in it, since a name is only what a file says."""

    heads: dict[tuple[int, int], Worst]
    margin: Worst


class _Past:
    """Keys and values of one head, and the state of a recurrence, at the positions before."""

    def __init__(self) -> None:
        self.keys: list[tuple[Vector, Errors]] = []
        self.values: list[tuple[Vector, Errors]] = []


class Softmax:
    """A model run position by position, with errors beside the numbers."""

    def __init__(self, model: Model, b: Number) -> None:
        self.model, self.b = model, b
        self.heads = {
            (place, number): Worst()
            for place, layer in enumerate(model.layers)
            if isinstance(layer, Attention)
            for number in range(len(layer.heads))
        }
        self.margin = Worst()

    def run(self, prompt: Sequence[str], written: Sequence[str]) -> None:
        """Read the prompt and what was written after it; note gaps, leaks and margins."""
        text = " ".join(prompt)
        past: dict[tuple[int, int], _Past] = {place: _Past() for place in self.heads}
        states: dict[int, Stream] = {}
        tokens = [*prompt, *written[:-1]]
        for place, token in enumerate(tokens):
            x = self.model.embedded(self.model.id_of(token), place)
            off = [0] * len(x)
            for number, layer in enumerate(self.model.layers):
                if isinstance(layer, Attention):
                    places = [(number, place) for place in range(len(layer.heads))]
                    updates = [
                        self._head(self.heads[own], head, x, off, past[own], text)
                        for own, head in zip(places, layer.heads, strict=True)
                    ]
                    for update, error in updates:
                        x, off = add(x, update), [a + e for a, e in zip(off, error, strict=True)]
                elif isinstance(layer, FeedForward):
                    x, off = self._units(layer, x, off)
                else:
                    if any(off):
                        raise Incomplete("a recurrence reads what attention wrote; this kernel bounds no errors there")
                    states[number] = layer.after([states[number]] if number in states else [], x)
                    x = layer.shown(states[number], x)
            if place >= len(prompt) - 1:
                self._written(x, off, written[place - len(prompt) + 1], text)

    def _units(self, layer: FeedForward, x: Stream, off: Errors) -> tuple[Stream, Errors]:
        gates, values = layer.gate.times(x), layer.value.times(x)
        both = zip(gates, spread(layer.gate, off), values, spread(layer.value, off), strict=True)
        units = [(g * v if g > 0 else 0, product(max(g, 0), dg, v, dv)) for g, dg, v, dv in both]
        update, error = layer.output.times([u for u, _ in units]), spread(layer.output, [e for _, e in units])
        return add(x, update), [a + e for a, e in zip(off, error, strict=True)]

    def _head(self, worst: Worst, head: Head, x: Stream, off: Errors, past: _Past, text: str) -> tuple[Vector, Errors]:
        past.keys.append((head.key.times(x), spread(head.key, off)))
        past.values.append((head.value.times(x), spread(head.value, off)))
        query, query_off = head.query.times(x), spread(head.query, off)
        scores = [
            sum([q * k for q, k in zip(query, key, strict=True)], head.slope * place)
            for place, (key, _) in enumerate(past.keys)
        ]
        wrong = [
            sum(product(q, dq, k, dk) for q, dq, k, dk in zip(query, query_off, key, key_off, strict=True))
            for key, key_off in past.keys
        ]
        best = max(scores)
        picked = [j for j, score in enumerate(scores) if score == best]
        others = [j for j, score in enumerate(scores) if score < best]
        tied = max(wrong[j] for j in picked)
        leak = 0
        for j in others:
            gap = best - scores[j] - Fraction(tied + wrong[j], 1 << UNIT)
            if gap <= 0:
                raise Rejected(f"on {shown(text)} errors may close a gap of head {shown(head.name)}")
            leak += power(self.b * gap)
        if others:
            below = max(scores[j] for j in others)
            worst.note(best - below, text, leak)
        share = Fraction(2 * self.b * tied, 1 << UNIT) if len(picked) > 1 else Fraction(0)
        if share >= 1:
            raise Rejected(f"on {shown(text)} errors may part the ties of head {shown(head.name)}")
        uneven = share / (1 - share)
        columns = list(zip(*(value for value, _ in past.values), strict=True))
        read, error = list[Number](), list[int]()
        for place, column in enumerate(columns):
            mean = Fraction(sum([column[j] for j in picked])) / len(picked)
            apart = max((abs(column[j] - mean) for j in others), default=Fraction(0))
            among = max(abs(column[j] - mean) for j in picked)
            read.append(plain(mean))
            own = max(errors[place] for _, errors in past.values)
            error.append(ceiling(leak * apart) + ceiling(uneven * among * (1 << UNIT)) + own)
        return head.output.times(read), spread(head.output, error)

    def _written(self, x: Stream, off: Errors, token: str, text: str) -> None:
        logits, wrong = self.model.logits(x), self._logit_errors(off)
        own = self.model.id_of(token)
        others = [
            logit + Fraction(error, 1 << UNIT)
            for place, (logit, error) in enumerate(zip(logits, wrong, strict=True))
            if place != own
        ]
        if not others:
            raise Malformed("the vocabulary has a single token, so no margin")
        self.margin.note(logits[own] - Fraction(wrong[own], 1 << UNIT) - max(others), text)

    def _logit_errors(self, off: Errors) -> Errors:
        constant, linear, square = spread(self.model.polynomial_logits, off)
        numbers = range(self.model.low, self.model.high + 1)
        own = [constant + abs(k) * linear + k * k * square for k in numbers]
        return spread(self.model.special_logits, off) + own


def measure(model: Model, b: Number, runs: Iterable[tuple[Sequence[str], Sequence[str]]]) -> Found:
    """Gaps, leaks and the margin over pairs of a prompt and what hard attention writes after it."""
    softmax = Softmax(model, b)
    for prompt, written in runs:
        softmax.run(prompt, written)
    return Found(softmax.heads, softmax.margin)


def check(fields: Fields, sample: tuple[int, int] | None) -> str:
    """Run the model with hard attention, then with errors; a sentence if all that the certificate says agrees."""
    run = Run(fields)
    model, place = run.model, fields.place("inverse_temperature")
    b = rational(fields["inverse_temperature"], place, MOST_DIGITS_OF_A_TEMPERATURE)
    if b <= 0:
        raise Malformed(f"{place} is {shown(b)}, expected a positive number")
    if not model.heads:
        raise Malformed("the model has no attention head, so no softmax")
    if run.inputs.count > MOST_INPUTS or model.search is not None:
        raise Incomplete(f"errors are bounded for models that do not search and up to {MOST_INPUTS:,} inputs")
    _, chosen = run.chosen(None, HEAVIER)
    hard = ran(run, fields, sample)
    prompts = (run.prompt.tokens(sequence, query) for sequence, query in chosen)
    found = measure(model, b, ((tokens, model.transcript(tokens, run.longest)[0]) for tokens in prompts))
    listed = fields.items("heads", 10_000)
    if len(listed) != len(found.heads):
        raise Rejected(f"{len(listed)} heads are listed, but the model has {len(found.heads)}")
    for number, (item, own, ((layer, _), worst)) in enumerate(
        zip(listed, model.heads, found.heads.items(), strict=True)
    ):
        head = Fields(item, f"{fields.place('heads')}[{number}]", ("gap", "input", "layer", "leak", "name"))
        if (head.text("name"), head.integer("layer", 0, MOST_LAYERS)) != (own.name, layer):
            raise Rejected(f"{head.where} is not head {shown(own.name)} of layer {layer}")
        _compare(head, "gap", worst.least)
        _compare(head, "leak", Fraction(worst.leak, 1 << UNIT))
        if head["input"] != (worst.prompt or None):
            raise Rejected(f"{head.place('input')} is {shown(head['input'])}; the gap is that of {worst.prompt!r}")
    _compare(fields, "margin", found.margin.least)
    if fields["margin_input"] != found.margin.prompt:
        raise Rejected(
            f"margin_input is {shown(fields['margin_input'])}; the margin is that of {found.margin.prompt!r}"
        )
    if found.margin.least is None or found.margin.least <= 0:
        raise Rejected(f"the margin is {shown(str(found.margin.least))}, so the softmax may write other tokens")
    gaps = [worst.least for worst in found.heads.values() if worst.least is not None]
    least = f"gaps {_at_least(min(gaps))}" if gaps else "no key is ever below another"
    margin = _at_least(found.margin.least)
    return f"{hard}; softmax at inverse temperature {b} writes the same, {least}, margin {margin}{run.name}"


def _compare(fields: Fields, key: str, found: Number | None) -> None:
    said = None if fields[key] is None else rational(fields[key], fields.place(key))
    if said != found:
        raise Rejected(f"{fields.place(key)} is {shown(str(said))}, but {shown(str(found))} was found")


def _at_least(number: Number) -> str:
    """A positive number, rounded down to millionths where it is not an integer, to a power of ten where it is large."""
    whole, rest = divmod(int(number * 10**6), 10**6)
    if whole > 10**15:
        return number_words(whole)
    return f"at least {whole:,}" if Fraction(number).denominator == 1 else f"at least {whole:,}.{rest:06}"
