"""Machines as Graphviz DOT: a node for each state, one edge for all transitions from one state to another."""

from constructions.machines._machine import Machine


def write_dot(machine: Machine) -> str:
    """The machine as a directed graph; halting states have two circles, an arrow without origin marks the start.

    An edge is labelled ``read → write, move``, or ``read → move`` where nothing changes.

    >>> from constructions.machines import read_machine
    >>> print(write_dot(read_machine("0RB---_1LA1RZ")))
    digraph {
      rankdir=LR;
      node [shape=circle];
      start [shape=point];
      start -> 0;
      0 [label="A"];
      1 [label="B"];
      2 [label="Z", shape=doublecircle];
      0 -> 1 [label="0 → R"];
      1 -> 0 [label="0 → 1, L"];
      1 -> 2 [label="1 → R"];
    }
    <BLANKLINE>
    """
    lines = ["digraph {", "  rankdir=LR;", "  node [shape=circle];", "  start [shape=point];"]
    lines.append(f"  start -> {machine.start};")
    for state, name in enumerate(machine.states):
        shape = ", shape=doublecircle" if state in machine.halting else ""
        lines.append(f"  {state} [label={_quoted(name)}{shape}];")
    labels: dict[tuple[int, int], list[str]] = {}
    for (state, symbol), transition in sorted(machine.table.items()):
        move = "LNR"[transition.move + 1]
        what = move if transition.write == symbol else f"{_symbol(machine, transition.write)}, {move}"
        labels.setdefault((state, transition.state), []).append(f"{_symbol(machine, symbol)} → {what}")
    for (state, target), parts in sorted(labels.items()):
        lines.append(f"  {state} -> {target} [label={_quoted(*parts)}];")
    return "\n".join([*lines, "}", ""])


def _symbol(machine: Machine, symbol: int) -> str:
    return "␣" if machine.symbols[symbol] == " " else machine.symbols[symbol]


def _quoted(*lines: str) -> str:
    r"""A DOT string of these lines; a backslash is doubled, for DOT expands ``\N`` and the like in labels."""
    return '"' + r"\n".join(line.replace("\\", "\\\\").replace('"', '\\"') for line in lines) + '"'
