"""Reads XML from untrusted files: no document type, so no entity that grows; bounded depth, bounded size."""

from collections.abc import Callable
from xml.parsers import expat

from constructions.errors import InputError, ResourceError

DEEPEST = 16
"""The deepest nesting of elements that is read."""

MOST_ELEMENTS = 2**20
"""The most elements that are read."""


def walk_xml(
    text: str,
    begin: Callable[[str, dict[str, str], int], object],
    end: Callable[[str], object] = lambda _: None,
    characters: Callable[[str], object] = lambda _: None,
) -> None:
    """Call ``begin(name, attributes, line)`` and ``end(name)`` for the elements of a text, in their order.

    Raises:
        InputError: for what is no XML, has a document type definition or is nested too deeply, naming the line.
        ResourceError: for too many elements.

    >>> walk_xml("<a><b x='1'/></a>", lambda name, attributes, line: print(name, attributes, line))
    a {} 1
    b {'x': '1'} 1
    """
    parser = expat.ParserCreate()
    content = text.lstrip()  # nothing may stand before the declaration; the lines are counted all the same
    before = text.count("\n", 0, len(text) - len(content))
    depth = count = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, count
        line = before + parser.CurrentLineNumber
        depth, count = depth + 1, count + 1
        if depth > DEEPEST:
            raise InputError(f"line {line}: nested more than {DEEPEST} deep")
        if count > MOST_ELEMENTS:
            raise ResourceError(f"line {line}: at most {MOST_ELEMENTS:,} elements are read")
        begin(name, attributes, line)

    def stop(name: str) -> None:
        nonlocal depth
        depth -= 1
        end(name)

    def refuse(*_: object) -> None:
        line = before + parser.CurrentLineNumber
        raise InputError(f"line {line}: a document type definition, expected a file without one")

    parser.StartElementHandler = start
    parser.EndElementHandler = stop
    parser.CharacterDataHandler = characters
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise InputError(f"line {before + error.lineno}: not XML: {expat.ErrorString(error.code)}") from None
    except UnicodeEncodeError as error:
        line = before + content.count("\n", 0, error.start) + 1
        raise InputError(f"line {line}: {content[error.start]!r} is no character") from None
