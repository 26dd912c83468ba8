"""YAML as scalars, sequences and mappings with line numbers, and nothing else.

PyYAML's events are put together here rather than loaded: no tag makes an object, no alias is followed (so no
text can grow), lists may be keys, a repeated key is seen, and every piece knows its line.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from constructions.errors import shown
from constructions.machines._machine_builder import fault

if TYPE_CHECKING:
    import yaml

DEEPEST = 16
"""The deepest nesting that is read."""


@dataclass(frozen=True)
class Scalar:
    """A word, number or string, as it was written; ``quoted`` tells ``'~'`` from ``~``."""

    text: str
    line: int
    quoted: bool

    @property
    def null(self) -> bool:
        """Whether YAML reads this as no value."""
        return not self.quoted and self.text in ("", "~", "null", "Null", "NULL")


@dataclass
class Sequence:
    """A list."""

    line: int
    items: "list[Node]" = field(default_factory=list)


@dataclass
class Mapping:
    """Pairs of key and value, in order; keys may repeat."""

    line: int
    pairs: "list[tuple[Node, Node]]" = field(default_factory=list)


Node = Scalar | Sequence | Mapping


@dataclass
class _Open:
    """A list or mapping whose end has not been seen; ``key`` waits for its value."""

    node: Sequence | Mapping
    key: Node | None = None

    def put(self, node: Node) -> None:
        if isinstance(self.node, Sequence):
            self.node.items.append(node)
        elif self.key is None:
            self.key = node
        else:
            self.node.pairs.append((self.key, node))
            self.key = None


def parse(text: str) -> Node | None:
    """The one document of a text, or None if it is empty.

    Raises:
        InputError: for what is no YAML, a second document, an alias, a tag, or deep nesting; names the line.
    """
    import yaml  # takes as long to load as half of NumPy, and few commands read such a file

    root: Node | None = None
    stack: list[_Open] = []
    for event in _events(text):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent):
            fault(line, f"an alias, *{event.anchor}: expected values to be written out")
        if isinstance(event, yaml.DocumentStartEvent) and root is not None:
            fault(line, "a second YAML document: expected one")
        tag = getattr(event, "tag", None)
        if tag is not None:
            fault(line, f"the tag {shown(tag)}: expected plain words, lists and mappings")
        node: Node | None = None
        if isinstance(event, yaml.SequenceStartEvent | yaml.MappingStartEvent):
            stack.append(_Open(Sequence(line) if isinstance(event, yaml.SequenceStartEvent) else Mapping(line)))
            if len(stack) > DEEPEST:
                fault(line, f"nested more than {DEEPEST} deep")
        elif isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
            node = stack.pop().node
        elif isinstance(event, yaml.ScalarEvent):
            node = Scalar(event.value, line, event.style is not None)
        if node is not None and stack:
            stack[-1].put(node)
        elif node is not None:
            root = node
    return root


def _events(text: str) -> "Iterator[yaml.Event]":
    import yaml

    line = 1
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            line = event.end_mark.line + 1 if event.end_mark else line
            yield event
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, int(error.position)) + 1
        fault(
            line,
            f"the character {chr(error.character) if isinstance(error.character, int) else error.character!r}"
            " cannot stand in YAML",
        )
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        fault(mark.line + 1 if mark else line, f"not YAML: {error.problem or error.context}")
    except (ValueError, OverflowError):  # PyYAML's scanner, for escapes beyond Unicode and versions of any length
        fault(line, "not YAML: a number out of range on this line or after it")
