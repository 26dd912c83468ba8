"""Transcripts of simulated machines, decoded step by step apart from the project's readers, against the reference.

What a transcript says is read off its tokens alone: a step is where the head is, the state, the symbol read, and the
whole tape after it. The reference is :func:`constructions.machines.steps`, the definition.
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from constructions.architectures import Model
from constructions.engine import Decoding, Engine
from constructions.machines import Machine, initial, steps
from constructions.theorems import Construction, RowReader, TapeReader, construction

NAMES = ("hybrid/turing", "transformer/turing", "retrieval/turing", "rnn/turing")

STRIDE = {"hybrid/turing": 2, "transformer/turing": 2, "retrieval/turing": 8}
"""Tokens a step; for ``rnn/turing`` it is the number of cells and one."""


@dataclass(frozen=True)
class Moment:
    """One step: before it, and the nonblank cells after it."""

    state: str
    position: int
    read: str
    write: str
    tape: tuple[tuple[int, str], ...]


def told(machine: Machine, tape: dict[int, str]) -> tuple[tuple[int, str], ...]:
    blank = machine.symbols[machine.blank]
    return tuple(sorted((cell, symbol) for cell, symbol in tape.items() if symbol != blank))


def true_run(machine: Machine, word: Sequence[int], most: int, reach: range) -> tuple[list[Moment], str | None]:
    """What happens, and the end: HALT, UNDEFINED, "left" (the head leaves ``reach``), None after ``most`` steps."""
    names = machine.symbols
    tape = {cell: names[symbol] for cell, symbol in initial(machine, word).tape.items()}
    moments: list[Moment] = []
    state, position = machine.start, 0
    for step in itertools.islice(steps(machine, word), most):
        tape[step.position] = names[step.write]
        moments.append(
            Moment(machine.states[step.state], step.position, names[step.read], names[step.write], told(machine, tape))
        )
        state, position = step.next_state, step.position + step.move
        if state in machine.halting:
            return moments, "HALT"
        if position not in reach:
            return moments, "left"
    here = tape.get(position, names[machine.blank])
    stuck = (state, names.index(here)) not in machine.table
    return moments, "UNDEFINED" if stuck and len(moments) < most else None


def pairs_of(machine: Machine) -> dict[str, tuple[int, int]]:
    """What a step token such as ``A[1]`` stands for; for names without brackets and other white space than blanks."""
    names = [(q, a) for q in range(len(machine.states)) for a in range(len(machine.symbols))]
    return {f"{spelt(machine.states[q])}[{spelt(machine.symbols[a])}]": (q, a) for q, a in names}


def spelt(name: str) -> str:
    return name.replace(" ", "␣")


def walked(
    machine: Machine, word: Sequence[int], tokens: Sequence[str], stride: int
) -> tuple[list[Moment], str | None]:
    """What a transcript of positions and steps says; a search, where there is one, must ask and find what it says."""
    pairs, names = pairs_of(machine), machine.symbols
    tape = {cell: names[symbol] for cell, symbol in enumerate(word)}
    records = {cell: f"[{spelt(symbol)}]" for cell, symbol in tape.items()}
    moments: list[Moment] = []
    for start in range(0, len(tokens) - stride + 1, stride):
        position, token = int(tokens[start + stride - 2]), tokens[start + stride - 1]
        if stride == 8:
            asked = ("<search>", "\\A.*", str(position), "([..])", "</search>", records.get(position, "FAILED"))
            assert tuple(tokens[start : start + 6]) == asked, tokens[start : start + 8]
            records[position] = token
        state, symbol = pairs[token]
        if (state, symbol) not in machine.table:
            assert tokens[start + stride :] == ("UNDEFINED",)
            return moments, "UNDEFINED"
        write = names[machine.table[state, symbol].write]
        tape[position] = write
        moments.append(Moment(machine.states[state], position, names[symbol], write, told(machine, tape)))
    rest = tokens[len(tokens) // stride * stride :]
    endings = {("HALT",): "HALT", ("SPACE",): "left", ("UNDEFINED",): "UNDEFINED"}
    return moments, endings.get(tuple(rest)) if rest else None


def configured(
    machine: Machine, word: Sequence[int], tokens: Sequence[str], cells: int
) -> tuple[list[Moment], str | None]:
    """What a transcript of configurations says: the row before a step has state and head, the row after it the tape."""
    pairs, names, zero = pairs_of(machine), machine.symbols, (cells - len(word)) // 2
    symbols = {f"[{spelt(symbol)}]": symbol for symbol in names}
    row = [names[machine.blank]] * zero + [names[symbol] for symbol in word]
    row += [names[machine.blank]] * (cells - len(row))
    zero = min(zero, cells - 1)
    moments: list[Moment] = []
    state, head, read = machine.states[machine.start], zero, row[zero]
    for start in range(0, len(tokens), cells + 1):
        piece = list(tokens[start : start + cells + 1])
        last = piece[-1] if len(piece) <= cells or piece[-1] != "#" else ""
        if last in ("HALT", "UNDEFINED", "OVER"):
            if last == "UNDEFINED":
                return moments, "UNDEFINED"
            # The step that ends the run is told by the table: what it writes, and that the head stands nowhere.
            if last == "OVER" and len(piece) == cells + 1:  # over the right wall: the row is complete
                after = [symbols[token] for token in piece[:-1]]
            else:
                after = [*row]
                after[head] = names[machine.table[pairs[f"{spelt(state)}[{spelt(read)}]"]].write]
            moments.append(moment(machine, state, head, read, after, zero))
            return moments, "HALT" if last == "HALT" else "left"
        if len(piece) <= cells:
            return moments, None
        heads = [place for place, token in enumerate(piece[:-1]) if token in pairs]
        assert len(heads) == 1, piece
        after = [names[pairs[token][1]] if token in pairs else symbols[token] for token in piece[:-1]]
        moments.append(moment(machine, state, head, read, after, zero))
        row, head = after, heads[0]
        state, read = machine.states[pairs[piece[head]][0]], after[head]
    return moments, None


def moment(machine: Machine, state: str, head: int, read: str, after: Sequence[str], zero: int) -> Moment:
    tape = {cell - zero: symbol for cell, symbol in enumerate(after)}
    return Moment(state, head - zero, read, after[head], told(machine, tape))


def model_of(name: str, machine: Machine, most: int, space: int) -> tuple[Construction, Model]:
    """The construction and its model for ``most`` steps and ``space`` cells to each side, for ``rnn/turing`` in all."""
    if name == "rnn/turing":
        subject = construction(name, machine=machine, cells=space)
        return subject, subject.at(most)
    subject = construction(name, machine=machine)
    return subject, subject.blueprint.at(most, s=space)


def wrong(
    name: str,
    machine: Machine,
    word: Sequence[int] = (),
    most: int = 30,
    space: int | None = None,
    engine: Engine = "fast",
    change: Callable[[Model], Model] | None = None,
) -> str | None:
    """What is wrong with the transcript of a run through the weights; None if nothing is.

    Every step is compared: state, position, symbol read and written, and the whole tape; then the ending, the number of
    tokens, and what the project's own reader makes of the transcript.
    """
    word = tuple(word)
    if space is None:
        space = 2 * most + len(word) + 2 if name == "rnn/turing" else max(1, most, len(word))
    subject, model = model_of(name, machine, most, space)
    if change is not None:
        model = change(model)
    stride = STRIDE.get(name, space + 1)
    limit = stride * most + (name in STRIDE)  # a token more would be the first of a further configuration
    prompt = subject.reads(word)
    ids = list(Decoding(model, prompt, engine=engine, limit=limit).chunks())
    tokens = tuple(itertools.chain.from_iterable(model.vocabulary.decode(chunk.tolist()) for chunk in ids))
    if name == "rnn/turing":
        zero = min((space - len(word)) // 2, space - 1)
        reach = range(-zero, space - zero)
    else:
        reach = range(-space, space + 1)
    wanted, ending = true_run(machine, word, most, reach)
    try:
        if name == "rnn/turing":
            found, end = configured(machine, word, tokens, space)
        else:
            found, end = walked(machine, word, tokens, stride)
    except (AssertionError, KeyError, ValueError) as error:
        return f"no transcript: {error!r}"
    if ending is None and end in ("HALT", "left") and found[:most] == wanted:
        return f"ends with {end} after {len(found)} of {most} steps"
    for place, (one, other) in enumerate(zip(wanted, found, strict=False)):
        if one != other:
            return f"step {place + 1}: {other} instead of {one}"
    if (end, len(found)) != (ending, len(wanted)) or not rightly_long(
        name, len(tokens), len(wanted), ending, stride, limit
    ):
        return f"{end} after {len(found)} steps in {len(tokens)} tokens, not {ending} after {len(wanted)}"
    return reader_is_wrong(name, machine, word, subject, model, ids, (wanted, ending))


def rightly_long(name: str, tokens: int, done: int, ending: str | None, stride: int, limit: int) -> bool:
    """Whether so many tokens are what so many steps take: exactly, or for ``rnn/turing`` to within the last row."""
    if ending is None:
        return tokens == limit
    rows = done + (ending == "UNDEFINED")
    if name in STRIDE:
        return tokens == stride * rows + 1
    return stride * (rows - 1) < tokens <= stride * rows


def reader_is_wrong(
    name: str,
    machine: Machine,
    word: tuple[int, ...],
    subject: Construction,
    model: Model,
    ids: Sequence[object],
    truth: tuple[list[Moment], str | None],
) -> str | None:
    """The project's reader, which the command line prints from, against the truth."""
    reader: TapeReader | RowReader
    if name == "rnn/turing":
        first = np.array(model.vocabulary.encode(subject.reads(word)), dtype=np.int64)[1:-1]
        reader = RowReader(machine, word, model.vocabulary, first)
    else:
        reader = TapeReader(machine, word, model.vocabulary, STRIDE[name])
    for chunk in ids:
        reader.feed(np.asarray(chunk))
    reading, (wanted, ending) = reader.result(), truth
    endings = {"SPACE": "left", "OVER": "left"}
    tape = tuple(sorted((cell, machine.symbols[symbol]) for cell, symbol in reading.tape.items()))
    last = wanted[-1].tape if wanted else told(machine, {c: machine.symbols[a] for c, a in enumerate(word)})
    got = endings.get(str(reading.ending), reading.ending), reading.steps, tape
    return None if got == (ending, len(wanted), last) else f"the reader says {got}"
