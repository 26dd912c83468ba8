"""How many bits a construction needs: the least p with which Float(p) writes the tokens of exact arithmetic.

Transcripts are checked by *forcing*: the model reads prompt and reference transcript at once, and at every place
the token that it would write is compared with the next one. It agrees everywhere exactly if it would write the
reference by itself.

That Float(p) passes is not known to be monotone in p. So "the least p" means: p and every tested larger one pass,
and p - 1 fails on an input that is named. Which were tested is part of the result.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from constructions.architectures import Attention, Cache, Evaluator, FeedForward, Model
from constructions.engine import decode
from constructions.errors import InputError, PrecisionError
from constructions.numerics import Float, Matrix
from constructions.tasks import Retrieval, RetrievalTask
from constructions.theorems import Construction

MOST_BITS = 53

_EXHAUSTIVE = 6000  # inputs
_PAIRS_AT_ONCE = 2**21  # of a query and a key
_PAIRS_IN_ALL = 6 * 10**7
_EVERY_P = 100  # sizes up to which every p is tested
_ABOVE = 3  # how many larger p are tested beyond the least, for larger sizes

Ids = NDArray[np.int64]


@dataclass(frozen=True)
class LeastBits:
    """What was found at size n.

    ``bits`` is the least p, None if even 53 bits fail; ``breaking_input`` an input on which p - 1 fails (None if
    p is 2, the least there is); ``tested`` the p that were tested; ``inputs`` how many inputs each of those that
    passed was tested on, and ``exhaustive`` whether these are all of size n; ``sufficient`` a p from which on
    nothing is ever rounded, proved from the contracts, None where fractions occur.
    """

    n: int
    bits: int | None
    breaking_input: str | None
    tested: tuple[int, ...]
    inputs: int
    exhaustive: bool
    sufficient: int | None


@dataclass(frozen=True)
class _Group:
    """Inputs that begin with the same tokens; all ``rests`` have the same length."""

    prefix: Ids
    rests: Ids
    instances: tuple[Any, ...]
    first: int  # the place in a rest after which the first token is written


def least_bits(
    construction: Construction, n: int, *, inverse_temperature: Fraction | str | None = None, seed: int = 0
) -> LeastBits:
    """The least p at size n; see :class:`LeastBits`.

    Args:
        construction: any; what it must write is its own reference.
        n: the size of the model.
        inverse_temperature: of the softmax; None is hard attention.
        seed: of the inputs that are drawn.
    """
    model = construction.at(n)
    exhaustive, groups = _inputs(construction, model, n, seed)
    sufficient = _sufficient_bits(construction, model, n)
    broken: dict[int, Any] = {}

    def passes(p: int) -> bool:
        if p not in broken:
            broken[p] = _failing(model, groups, Float(p, inverse_temperature))
            if broken[p] is not None:  # look there first from now on
                groups.sort(key=lambda group: broken[p] not in group.instances)
        return broken[p] is None

    # With hard attention nothing needs testing from the sufficient p on: all is exact there.
    top = MOST_BITS
    if sufficient is not None and inverse_temperature is None:
        top = min(top, max(2, sufficient))
    bits = _descend(passes, top) if n <= _EVERY_P else _bisect(passes, top)
    breaking = broken.get(top if bits is None else bits - 1)
    if bits is None and top < MOST_BITS:
        raise InputError(
            f"{construction.name} is wrong at n = {n} on input {construction.task.text(breaking)!r} although with "
            f"{top} bits nothing is rounded; it would be wrong in exact arithmetic"
        )
    return LeastBits(
        n,
        bits,
        None if breaking is None else construction.task.text(breaking),
        tuple(sorted(broken)),
        sum(len(group.instances) for group in groups),
        exhaustive,
        sufficient,
    )


def _descend(passes: Callable[[int], bool], top: int) -> int | None:
    """The least p such that all from p to ``top`` pass."""
    p = top
    while p >= 2 and passes(p):
        p -= 1
    return None if p == top else p + 1


def _bisect(passes: Callable[[int], bool], top: int) -> int | None:
    """A p that passes while p - 1 fails; some larger ones are tested as well and must pass."""
    if not passes(top):
        return None
    low, high = 1, top  # what is not there, one bit, does not pass
    while True:
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if passes(middle) else (middle, high)
        worse = [p for p in range(high + 1, min(high + _ABOVE, top) + 1) if not passes(p)]
        if not worse:
            return high
        low, high = max(worse), top


def _failing(model: Model, groups: Sequence[_Group], arithmetic: Float) -> Any:
    """The first instance that is not written as it must be, None if there is none."""
    evaluator = Evaluator(model, arithmetic)
    for group in groups:
        if model.search is not None:
            if not _writes(model, group, arithmetic):
                return group.instances[0]
            continue
        for instance in _wrong_in(evaluator, group):
            return instance
    return None


def _writes(model: Model, group: _Group, arithmetic: Float) -> bool:
    """Whether a model that searches writes the reference; forcing would ask it for what a search yields."""
    ids, cut = group.rests[0].tolist(), group.first + 1
    prompt, expected = model.vocabulary.decode(ids[:cut]), tuple(model.vocabulary.decode(ids[cut:]))
    try:
        return decode(model, prompt, arithmetic=arithmetic, max_tokens=len(expected) + 1).tokens == expected
    except PrecisionError:
        return False


def _wrong_in(evaluator: Evaluator[Any], group: _Group) -> Iterator[Any]:
    try:
        cache: Cache[Any] = Cache()
        for ids in _chunks(group.prefix, 0):
            _, cache = evaluator.run(ids, cache, last=0)
        shared = cache.shared(evaluator.arithmetic) if cache.length else Cache[Any]()
        if len(group.instances) > 1:
            yield from _wrong_in_batch(evaluator, group, shared)
            return
        begin = 0
        wanted = group.rests[0]
        for ids in _chunks(wanted[:-1], cache.length):
            x, cache = evaluator.run(ids, cache)
            skip = max(0, group.first - begin)
            if skip < len(ids):
                written = evaluator.next_tokens(evaluator.arithmetic.take(x, skip, len(ids)))
                if (written != wanted[begin + skip + 1 : begin + len(ids) + 1]).any():
                    yield group.instances[0]
                    return
            begin += len(ids)
    except PrecisionError:  # a number that the format cannot hold
        yield group.instances[0]


def _wrong_in_batch(evaluator: Evaluator[Any], group: _Group, shared: Cache[Any]) -> Iterator[Any]:
    """The queries about one prefix, some at a time; what each writes is its last token."""
    step = max(1, _PAIRS_AT_ONCE // (len(group.prefix) + 1))
    for start in range(0, len(group.instances), step):
        rows = group.rests[start : start + step]
        x, _ = evaluator.run(rows[:, :-1], shared, last=1)
        wrong = np.flatnonzero(evaluator.next_tokens(x)[:, -1] != rows[:, -1])
        if wrong.size:
            yield group.instances[start + int(wrong[0])]


def _chunks(ids: Ids, before: int) -> Iterator[Ids]:
    """Pieces that keep the number of pairs of a query and a key in bounds."""
    step = max(1, _PAIRS_AT_ONCE // (before + len(ids) + 1))
    for start in range(0, len(ids), step):
        yield ids[start : start + step]


def _inputs(construction: Construction, model: Model, n: int, seed: int) -> tuple[bool, list[_Group]]:
    """All inputs of size n, or else adversarial families and random ones, the longest contexts first."""
    task = construction.task
    least = construction.blueprint.least
    every = n <= 6 and n >= max(least, 2) and task.count(n) <= _EXHAUSTIVE
    if every and not isinstance(task, RetrievalTask):
        every = task.count(n) <= _EXHAUSTIVE // 20
    if every:
        return True, _grouped(construction, model, n, [i for i in task.enumerate(n) if task.size(i) <= n])
    rng = np.random.default_rng([seed, n])
    chosen = [*_adversarial(task, n), *task.boundary(n), *(task.sample(rng, n) for _ in range(20))]
    unique = list({task.text(instance): instance for instance in chosen}.values())
    groups = _grouped(construction, model, n, unique)
    kept: list[Any] = []
    pairs = 0
    for group in groups:
        cost = (len(group.prefix) + group.rests.shape[1]) ** 2
        if kept and pairs + cost > _PAIRS_IN_ALL:
            continue
        kept.append(group)
        pairs += cost
    return False, kept


def _adversarial(task: Any, n: int) -> Iterator[Any]:
    """For look-ups: large neighbouring keys, at the first and the last positions, and counts that are full."""
    if not isinstance(task, RetrievalTask):
        return
    descending = tuple(range(n, 0, -1))
    alternating = tuple(n - j % 2 for j in range(n))
    ends = sorted({v for end in (1, n // 2, n) for v in range(end - 3, end + 4) if 1 <= v <= n})
    for sequence in (descending, descending[::-1], alternating, (n,) * n):
        places = sorted({p for end in (0, n // 2, n) for p in range(end - 3, end + 4) if 0 <= p < n})
        for place in places:
            gram = tuple(sequence[(place + d) % n] for d in range(task.query_length))
            for step in (0, 1, -1):
                yield from _legal(task, n, Retrieval(sequence, (*gram[:-1], gram[-1] + step)))
        if task.query_length <= 2:
            rows = [(v,) for v in ends] if task.query_length == 1 else [(v, w) for v in ends[-3:] for w in (*ends, 0)]
            for row in rows:
                yield from _legal(task, n, Retrieval(sequence, row))
        full = sequence.count(sequence[0])
        if task.query_length == 2:
            for threshold in (full - 2, full - 1, full, full + 1):
                yield from _legal(task, n, Retrieval(sequence, (sequence[0], threshold)))


def _legal(task: RetrievalTask, n: int, instance: Retrieval) -> Iterator[Retrieval]:
    in_range = min(instance.query) >= 0 and max(instance.query) <= n
    if in_range and task.query_fault(instance) is None and task.size(instance) <= n:
        yield instance


def _grouped(construction: Construction, model: Model, n: int, instances: Sequence[Any]) -> list[_Group]:
    """Inputs with a common sequence together where the answer is written at once; else one by one."""
    encode = model.vocabulary.encode
    at_once = model.answers is None and model.search is None and isinstance(construction.task, RetrievalTask)
    by_prefix: dict[tuple[int, ...], list[tuple[Ids, Any]]] = {}
    for place, instance in enumerate(instances):
        prompt = encode(construction.reads(instance))
        ids = np.array(prompt + encode(construction.expected(instance, n)), dtype=np.int64)
        shared = len(prompt) - construction.task.query_length if isinstance(construction.task, RetrievalTask) else 0
        if at_once:
            by_prefix.setdefault(tuple(ids[:shared].tolist()), []).append((ids[shared:], instance))
        else:
            by_prefix[place, len(prompt)] = [(ids, instance)]
    groups = []
    for key, members in by_prefix.items():
        rests = np.stack([rest for rest, _ in members])
        prefix = np.array(key if at_once else (), dtype=np.int64)
        first = rests.shape[1] - 2 if at_once else key[1] - 1
        groups.append(_Group(prefix, rests, tuple(instance for _, instance in members), first))
    return groups


def _sufficient_bits(construction: Construction, model: Model, n: int) -> int | None:
    """Bits of the largest integer that can occur, partial sums included; None where fractions occur.

    The proved ranges of the coordinates bound what every matrix reads, so each sum of products is bounded by the
    sum of magnitudes. Integers up to 2^p are numbers of Float(p): nothing is rounded, whatever the order.
    """
    blueprint = construction.blueprint
    sizes = dict.fromkeys(blueprint.domain.minimum, n)
    values = {**sizes, **blueprint.domain.scale_values(**sizes)}
    if any(extent.denominator.as_constant != 1 for extent in blueprint.ranges.values()):
        return None
    x = [
        max(abs(int(blueprint.ranges[c].high(**values))), abs(int(blueprint.ranges[c].low(**values))))
        for c in model.coordinates
    ]
    state = [
        max(abs(int(extent.high(**values))), abs(int(extent.low(**values)))) for extent in blueprint.state.values()
    ]
    context = int(blueprint.context(**values))
    seen = [*x, context * context]

    def through(matrix: Matrix, bounds: Sequence[int]) -> list[int]:
        if matrix.denominator != 1:
            raise ArithmeticError
        sums = [sum(abs(w) * bounds[c] for c, w in row) for row in matrix.sparse_rows]
        seen.extend([*sums, matrix.largest])
        return sums

    try:
        through(model.token_table, [1] * model.token_table.shape[1])
        through(model.embedding.position, [context, context * context])
        for layer in model.layers:
            if isinstance(layer, Attention):
                updates = []
                for head in layer.heads:
                    query, key = through(head.query, x), through(head.key, x)
                    scores = sum(q * k for q, k in zip(query, key, strict=True)) + abs(head.slope) * context
                    seen.append(scores)
                    updates.append(through(head.output, through(head.value, x)))
                update = [sum(column) for column in zip(*updates, strict=True)]
            elif isinstance(layer, FeedForward):
                units = [g * v for g, v in zip(through(layer.gate, x), through(layer.value, x), strict=True)]
                seen.extend(units)
                update = through(layer.output, units)
            else:
                fed = [a + b for a, b in zip(through(layer.transition, state), through(layer.input, x), strict=True)]
                seen.extend(fed)
                both = through(layer.output, state), through(layer.feedthrough, x)
                update = [a + b for a, b in zip(*both, strict=True)]
            seen.extend(a + b for a, b in zip(x, update, strict=True))
        through(model.unembedding_table, x)
    except ArithmeticError:
        return None
    return max(seen).bit_length()
