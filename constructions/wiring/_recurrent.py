"""What a wiring offers of recurrences: windows, counters, and states that move by a matrix."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, overload

from constructions.wiring._board import Board
from constructions.wiring._cells import cells
from constructions.wiring._memory import Memory
from constructions.wiring._record import recording
from constructions.wiring._refusal import refused, shown
from constructions.wiring._states import state
from constructions.wiring._value import Operand, Value


class _Remembering(Board, Protocol):
    """The wiring that these methods belong to."""

    memory: Memory

    def _own(self, given: Operand, by: str) -> Value: ...


@recording("back", "count", "state", "lstm", "gru")
class Recurrent:
    """What a construction with ``recurrent=True`` remembers."""

    def back(self: _Remembering, distance: int, value: Operand) -> Value:
        """A feature of the token ``distance`` positions back, 0 before the first token."""
        return self.memory.back(distance, self._own(value, "back"))

    def count(self: _Remembering, value: Operand) -> Value:
        """The sum of a feature that is never negative, over all positions up to this one."""
        return self.memory.count(self._own(value, "count"))

    @overload
    def state(
        self: _Remembering,
        init: int,
        transition: Mapping[Any, int] | None = None,
        reads: Operand = 0,
        *,
        name: str = "state",
    ) -> Value: ...

    @overload
    def state(
        self: _Remembering,
        init: Sequence[int],
        transition: Mapping[Any, Sequence[Sequence[int]]] | None = None,
        reads: Sequence[Operand] | None = None,
        *,
        name: str = "state",
    ) -> tuple[Value, ...]: ...

    def state(
        self: _Remembering,
        init: int | Sequence[int],
        transition: Mapping[Any, int] | Mapping[Any, Sequence[Sequence[int]]] | None = None,
        reads: Operand | Sequence[Operand] | None = None,
        *,
        name: str = "state",
    ) -> Value | tuple[Value, ...]:
        """A state that each token moves by a matrix of its own: s_t = A_t s_{t-1} + reads_t, from s_{-1} = init.

        ``w.state(1, {"b": -1})`` changes its sign with every b. With ``init`` a list, there are as many cells, the
        matrices are lists of rows, and ``reads`` has a value for each cell.

        Args:
            init: integers. The first token moves them, like every other.
            transition: for a special token, or for a flag, the integer (matrix) by which it moves the state. Other
                tokens leave the state as it is. Where several flags are 1, their differences from the identity add up.
            reads: integers that are added, computed from what stands at the position; nothing unless given.
            name: of the gadget; the cells are called ``name.0``, ``name.1``, .., or ``name`` if there is but one.

        Returns:
            The state after this token: a value, or a tuple of them where ``init`` is a list.

        Raises:
            ContractError: if the wiring is not recurrent, something is no integer or no flag, the shapes do not fit,
                or the state cannot be shown to stay polynomial in the number of tokens.

        >>> from constructions.wiring import Wiring, n
        >>> w = Wiring("rnn/sign", specials=("<s>", "a", "b"), numbers=(0, 1), context=n, recurrent=True)
        >>> print(w.state(1, {"b": -1}).range)
        [-1, 1]
        >>> print([str(cell.range) for cell in w.state([0, 1], {"b": [[1, 1], [0, 1]]}, name="counter")])
        ['[0, n + 1]', '[0, 1]']
        """
        if not isinstance(transition, Mapping | None):
            raise refused(
                f"{self.name}: state {name!r}: transition= was given {shown(transition)}",
                "name a token or a flag, such as {'a': -1}",
            )
        given = dict(transition or {})
        if isinstance(init, int):
            square = {key: [[factor]] for key, factor in given.items()}
            added = [0 if reads is None else reads]
            return self.value_of(self._keep(state(self, name, [init], square, added, [name])).outputs[0])  # type: ignore[arg-type]
        size = len(init) if isinstance(init, list | tuple) else 0
        labels, several = [f"{name}.{place}" for place in range(size)], [0] * size if reads is None else reads
        made = self._keep(state(self, name, init, given, several, labels))  # type: ignore[arg-type]
        return tuple(map(self.value_of, made.outputs))

    def lstm(
        self: _Remembering,
        g: Sequence[Operand],
        *,
        i: Sequence[Operand] | None = None,
        f: Sequence[Operand] | None = None,
        o: Sequence[Operand] | None = None,
        hidden: Mapping[str, Sequence[Sequence[int]]] | None = None,
        name: str = "lstm",
    ) -> tuple[Value, ...]:
        """Cells of an LSTM with hard gates: c = f c + i cut(g) and h = o cut(c), where cut is hardtanh.

        Args:
            g: what each cell takes in: integers, which are cut off at -1 and 1.
            i: for each cell an integer; it takes in where that is 1 or more, and nothing where it is 0 or less.
            f: the same for keeping what it holds.
            o: the same for showing it. A gate that is not given is open.
            hidden: for each gate named by its letter a matrix of integers, a row for each cell: what it reads of the
                h before.
            name: of the gadget; the cells are called ``name.0``, ``name.1``, .., or ``name`` if there is but one.

        Returns:
            h of each cell after this token, between -1 and 1.

        Raises:
            ContractError: if the wiring is not recurrent, something is no integer, or the shapes do not fit.

        >>> from constructions.wiring import Wiring, n
        >>> w = Wiring("lstm/sign", specials=("<s>", "a", "b"), numbers=(0, 1), context=n, recurrent=True)
        >>> (more,) = w.lstm([w.is_token("b") - w.is_token("a")])
        >>> w.write_sign(more)
        >>> {name: str(extent) for name, extent in w.finish().state.items()}
        {'lstm': '[-1, 1]', 'lstm.c': '[-n - 1, n + 1]'}
        """
        made = self._keep(cells(self, name, "LSTM", {"i": i, "f": f, "g": g, "o": o}, hidden))
        return tuple(map(self.value_of, made.outputs))

    def gru(
        self: _Remembering,
        n: Sequence[Operand],
        *,
        z: Sequence[Operand] | None = None,
        r: Sequence[Operand] | None = None,
        hidden: Mapping[str, Sequence[Sequence[int]]] | None = None,
        name: str = "gru",
    ) -> tuple[Value, ...]:
        """Cells of a GRU with hard gates: h = (1 - z) cut(n + r m) + z h, where m is what n reads of the h before.

        Args:
            n: what each cell is to hold: integers, which are cut off at -1 and 1.
            z: for each cell an integer; it keeps what it holds where that is 1 or more. Never, if it is not given.
            r: the same for reading ``hidden["n"]``, which is always read if it is not given.
            hidden: as for :meth:`lstm`.
            name: the same.

        Returns:
            h of each cell after this token, between -1 and 1.

        Raises:
            ContractError: as for :meth:`lstm`.
        """
        made = self._keep(cells(self, name, "GRU", {"r": r, "z": z, "n": n}, hidden))
        return tuple(map(self.value_of, made.outputs))
