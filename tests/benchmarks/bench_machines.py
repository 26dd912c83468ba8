"""The champion through the weights: ``python -m tests.benchmarks.bench_machines``.

The 5-state busy beaver champion, 47,176,870 steps, through ``hybrid/turing``, and through two simulators: a
straightforward one in pure Python, below, and the project's reference. They take turns and medians are printed;
every run must end after the right number of steps with 4,098 ones. What loading and the first compilation take is
paid by a shorter run before.

With ``--redecide K``, K seeded steps are decided again by plain attention: the keys of the *whole* history before
each of them are compared, in integers whose sizes are checked. That is a run of its own, of many minutes.
"""

import argparse
import os
import platform
import resource
import statistics
import time
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from constructions.architectures import Attention, Cache, Evaluator, Model
from constructions.engine import Decoding
from constructions.machines import Machine, champion, simulate
from constructions.numerics import Exact, Rationals
from constructions.theorems import TapeReader, construction

KNOWN = champion("bb5")
CELLS = 2**14
"""The champion stays between the cells -12,243 and 45."""


def straightforward(machine: Machine, most: int) -> tuple[int, int]:
    """Steps done and ones on the tape: a dictionary of the table, a dictionary of the tape, a loop."""
    table = {key: (entry.write, entry.move, entry.state) for key, entry in machine.table.items()}
    tape: dict[int, int] = {}
    state = position = count = 0
    halting = next(iter(machine.halting))
    while count < most and state != halting:
        tape[position], move, state = table[state, tape.get(position, 0)]
        position += move
        count += 1
    return count, sum(tape.values())


def through_the_weights(machine: Machine, most: int) -> tuple[int, int]:
    """Steps and symbols left on the tape, read off what the model's matrices write."""
    subject = construction("hybrid/turing", machine=machine)
    model = subject.blueprint.at(most, s=CELLS)
    reader = TapeReader(machine, (), model.vocabulary, 2)
    for ids in Decoding(model, subject.reads(()), limit=2 * most + 1).chunks():
        reader.feed(ids)
    reading = reader.result()
    return reading.steps, len(reading.tape)


def by_the_reference(machine: Machine, most: int) -> tuple[int, int]:
    """Steps and symbols left on the tape, by the reference simulator."""
    outcome = simulate(machine, most=most)
    return outcome.steps, outcome.nonblank


WAYS = {"weights": through_the_weights, "straightforward Python": straightforward, "reference": by_the_reference}


def race(rounds: int) -> None:
    """All ways in turn; wall-clock and processor time."""
    machine, most = KNOWN.machine(), KNOWN.steps + 1000
    wall: dict[str, list[float]] = {way: [] for way in WAYS}
    processor: dict[str, list[float]] = {way: [] for way in WAYS}
    peak = 0
    for _ in range(rounds):
        for way, run in WAYS.items():
            began, used = time.perf_counter(), time.process_time()
            found = run(machine, most)
            wall[way].append(time.perf_counter() - began)
            processor[way].append(time.process_time() - used)
            peak = peak or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            if found != (KNOWN.steps, KNOWN.nonblank):
                raise SystemExit(f"{way}: {found[0]:,} steps and {found[1]:,} ones; no timing means anything")
    median = {way: statistics.median(times) for way, times in processor.items()}
    for way in WAYS:
        print(
            f"{way:24} {statistics.median(wall[way]):7.1f} s, {median[way]:7.1f} s of a processor, "
            f"{KNOWN.steps / median[way] / 1e6:6.2f} million steps a second, "
            f"{median[way] / median['straightforward Python']:5.2f} times straightforward Python"
        )
    print(f"peak memory of this process after the first way, through the weights: {peak / 1024:,.0f} MiB")


class History:
    """The residual stream before the one attention layer, chunk by chunk, of a transcript of any length."""

    def __init__(self, model: Model, ids: NDArray[np.int32]) -> None:
        places = [i for i, layer in enumerate(model.layers) if isinstance(layer, Attention)]
        attention = model.layers[places[0]]
        if len(places) != 1 or not isinstance(attention, Attention):
            raise SystemExit("a hybrid has one attention layer")
        self.model, self.ids, self.attention = model, ids, attention
        self.after = model.layers[places[0] + 1 :]
        self.before = Model(
            model.name, model.vocabulary, model.coordinates, model.embedding, model.layers[: places[0]],
            model.unembedding, model.answers,
        )  # fmt: skip

    def chunks(self, size: int = 2**17) -> Iterator[tuple[int, NDArray[np.int64]]]:
        """(first position, rows of the stream)."""
        evaluator, cache = Evaluator(self.before, Exact()), Cache[Rationals]()
        for start in range(0, len(self.ids), size):
            x, cache = evaluator.run(self.ids[start : start + size].astype(np.int64), cache)
            if x.denominators is not None:
                raise SystemExit("a stream of fractions")
            yield start, x.numerators.astype(np.int64)

    def decided(self, places: NDArray[np.int64]) -> list[int]:
        """The ids that are written after the tokens at these places, in order."""
        rows = np.stack([self._guessed(int(p)) for p in places])
        change = np.zeros_like(rows)
        for head in self.attention.heads:
            queries = rows @ head.query.numerators.astype(np.int64).T
            key_rows, value_rows = (m.numerators.astype(np.int64).T for m in (head.key, head.value))
            best = np.full(len(places), np.iinfo(np.int64).min)
            total, hits = np.zeros((len(places), value_rows.shape[1]), np.int64), np.zeros(len(places), np.int64)
            for start, x in self.chunks():
                for row, p in zip(rows, places, strict=True):
                    if start <= p < start + len(x) and (x[p - start] != row).any():
                        raise SystemExit(f"the stream at {p} depends on more than the last tokens")
                keys = x @ key_rows
                sizes = np.abs(keys).max(axis=0)
                bound = max(sum(abs(int(q)) * int(k) for q, k in zip(query, sizes, strict=True)) for query in queries)
                if bound + abs(head.slope) * len(self.ids) >= 2**63:
                    raise SystemExit("scores may leave 64 bits")
                positions = np.arange(start, start + len(x))
                for place, query in enumerate(queries):
                    seen = int(np.searchsorted(positions, places[place], side="right"))
                    if not seen:
                        continue
                    scores = keys[:seen] @ query + head.slope * positions[:seen]
                    top = int(scores.max())
                    if top > best[place]:
                        best[place], total[place], hits[place] = top, 0, 0
                    if top == best[place]:
                        picked = np.flatnonzero(scores == top)
                        total[place] += (x[picked] @ value_rows).sum(axis=0)
                        hits[place] += len(picked)
            if (total % hits[:, None]).any():
                raise SystemExit("a head reads a fraction")
            change += (total // hits[:, None]) @ head.output.numerators.astype(np.int64).T
        return [self._token(row) for row in rows + change]

    def _guessed(self, place: int) -> NDArray[np.int64]:
        """The stream at a place from the tokens just before it, which is compared when the whole history passes."""
        first = max(0, place - 63)
        x, _ = Evaluator(self.before, Exact()).run(self.ids[first : place + 1].astype(np.int64), last=1)
        return np.asarray(x.numerators[-1].astype(np.int64))

    def _token(self, x: NDArray[np.int64]) -> int:
        exact = x.astype(object)
        for layer in self.after:
            gate, value = (m.numerators.astype(object) @ exact for m in (layer.gate, layer.value))  # type: ignore[union-attr]
            exact = exact + layer.output.numerators.astype(object) @ (np.maximum(gate, 0) * value)  # type: ignore[union-attr]
        return int(np.argmax(self.model.unembedding_table.numerators.astype(object) @ exact))


def redecide(count: int, most: int, seed: int) -> None:
    """So many seeded tokens of the run, decided again."""
    machine = KNOWN.machine()
    subject = construction("hybrid/turing", machine=machine)
    model = subject.blueprint.at(most, s=CELLS)
    prompt = model.vocabulary.encode(subject.reads(()))
    ids = np.empty(len(prompt) + 2 * most + 1, dtype=np.int32)
    ids[: len(prompt)], filled = prompt, len(prompt)
    for chunk in Decoding(model, subject.reads(()), limit=2 * most + 1).chunks():
        ids[filled : filled + len(chunk)] = chunk
        filled += len(chunk)
    ids = ids[:filled]
    rng = np.random.default_rng(seed)
    # The last token, HALT if the run got so far, and seeded ones: positions and steps alike.
    places = np.sort(
        np.append(rng.choice(np.arange(len(prompt) - 1, filled - 2), count - 1, replace=False), filled - 2)
    )
    began = time.perf_counter()
    again = History(model, ids).decided(places)
    wrong = [int(p) for p, token in zip(places, again, strict=True) if token != ids[p + 1]]
    print(
        f"{count} tokens of {filled:,} decided again by plain attention over all before them, seed {seed}: "
        f"{count - len(wrong)} the same, in {time.perf_counter() - began:,.0f} s"
    )
    if wrong:
        raise SystemExit(f"different at {wrong}")


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=1, help="how often all ways take turns")
    parser.add_argument(
        "--redecide", type=int, default=0, metavar="K", help="decide K tokens again, and do nothing else"
    )
    parser.add_argument("--steps", type=int, default=KNOWN.steps, help="for --redecide: how far the run goes")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    print(f"Python {platform.python_version()}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    if arguments.redecide:
        redecide(arguments.redecide, arguments.steps, arguments.seed)
    else:
        through_the_weights(KNOWN.machine(), 3_000_000)  # loads and compiles
        race(arguments.rounds)


if __name__ == "__main__":
    main()
