"""Readers of the formats once more, in a few lines each; None where a text has something that they do not know."""

import re
import xml.etree.ElementTree as Xml
from collections import Counter

import yaml

Pairs = list[tuple[str, str]]
Keys = set[tuple[str, str]]

_STRANGE = re.compile(r"[^\n\t -~]")
"""Signs beyond ASCII, and controls, some of which end a line for Python alone."""


def degrees(pairs: Pairs) -> list[int]:
    """How many edges each node has, in order: what does not depend on the names of nodes."""
    return sorted(Counter(end for pair in pairs for end in pair).values())


def pairs_of(form: str, text: str) -> Pairs | None:
    """The edges of one graph, with names of nodes that may be others than those that were read."""
    read = {
        "edges": _plain,
        "sized-edges": lambda given: _plain(given.strip().partition("\n")[2]),
        "csv": _table,
        "sparse6": _sparse6,
        "graphml": _graphml,
        "gml": _gml,
        "pajek": _pajek,
    }.get(form)
    return None if read is None or _STRANGE.search(text) else read(text)


def _plain(text: str) -> Pairs | None:
    lines = [line.strip(" ") for line in text.split("\n") if line.strip(" ")]
    found = [re.fullmatch(r"(\w+)(?: +| ?, ?)(\w+)", line) for line in lines]
    return None if None in found or not found else [(m[1], m[2]) for m in found if m is not None]


def _table(text: str) -> Pairs | None:
    lines = [line for line in text.split("\n") if line]
    found = [re.fullmatch(r"([0-9]+)([,;\t])([0-9]+)", line) for line in lines]
    if found and found[0] is None and lines[0] in ("source,target", "source;target", "from,to", "source\ttarget"):
        del found[0]
    return None if None in found or not found else [(m[1], m[3]) for m in found if m is not None]


def _sparse6(text: str) -> Pairs | None:
    """As the definition of the format says, bit by bit."""
    data = text.strip().removeprefix(">>sparse6<<").removeprefix(":")
    marks = 2 if data.startswith("~~") else 1 if data.startswith("~") else 0
    length = (1, 3, 6)[marks]
    bits = "".join(f"{ord(sign) - 63:06b}" for sign in data[marks:])
    n, bits = int(bits[: 6 * length], 2), bits[6 * length :]
    k = max(n - 1, 0).bit_length()
    v, found = 0, []
    while len(bits) >= 1 + k:
        v += bits[0] == "1"
        x, bits = int(bits[1 : 1 + k] or "0", 2), bits[1 + k :]
        if x >= n or v >= n:
            break
        if x > v:
            v = x
        else:
            found.append((str(x), str(v)))
    return found


def _graphml(text: str) -> Pairs | None:
    if "<!" in text or "&" in text:
        return None
    root = _xml(text)
    edges = [] if root is None else [part for part in root.iter() if part.tag.rpartition("}")[2] == "edge"]
    return [(edge.get("source", ""), edge.get("target", "")) for edge in edges] or None


def _xml(text: str) -> Xml.Element | None:
    """None for prefixes that are not declared, which mean nothing to those who read the other names."""
    try:
        return Xml.fromstring(text)  # noqa: S314
    except Xml.ParseError:
        return None


def _gml(text: str) -> Pairs | None:
    found = re.findall(r"\bedge\s*\[\s*source\s+([0-9]+)\s+target\s+([0-9]+)\s*\]", text)
    ends = [(str(int(u)), str(int(v))) for u, v in found]
    return ends if found and len(found) == text.count("edge") else None


def _pajek(text: str) -> Pairs | None:
    found, inside = [], False
    for line in text.split("\n"):
        words = line.split(" ")
        if line.startswith("*"):
            inside = words[0].lower() in ("*edges", "*arcs")
        elif inside and line.strip():
            if not re.fullmatch("[0-9]+ [0-9]+", " ".join(words[:2])):
                return None
            found.append((str(int(words[0])), str(int(words[1]))))
    return found or None


def keys_of(form: str, text: str) -> Keys | None:
    """For which states and symbols a machine has a rule, by their names."""
    read = {"morphett": _morphett, "yaml": _yaml, "septuple": _septuple, "jflap": _jflap}.get(form)
    return None if read is None or _STRANGE.search(text) else read(text)


def _rules(text: str, comment: str) -> list[list[str]]:
    return [line.partition(comment)[0].split() for line in text.split("\n") if line.partition(comment)[0].strip()]


def _morphett(text: str) -> Keys | None:
    rules = _rules(text, ";")
    if any("*" in rule[:2] for rule in rules) or re.search(r"[^\S\n ]", text):
        return None
    return {(state, symbol) for state, symbol, *_ in rules if not state.lower().startswith("halt")}


def _septuple(text: str) -> Keys | None:
    if "%" in text or "//" in text or re.search(r"[^\S\n ]", text):
        return None
    rules = [rule for rule in _rules(text, ";") if not re.match("#([QSGBFN]|q0)", rule[0])]
    return {tuple(rule[rule[0] == "#D" :][:2]) for rule in rules}  # type: ignore[misc]


def _yaml(text: str) -> Keys | None:
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        return None
    table = next((value for key, value in root.value if key.value == "table"), None)
    found = set()
    for state, rules in [] if table is None else table.value:
        for symbols, _ in rules.value if isinstance(rules, yaml.MappingNode) else []:
            each = [symbols] if isinstance(symbols, yaml.ScalarNode) else symbols.value
            found |= {(state.value, symbol.value) for symbol in each}
    return found


def _jflap(text: str) -> Keys | None:
    """States by their ids; a machine has as many rules as there are pairs."""
    if "<!" in text or "&" in text or "block" in text:
        return None
    root = _xml(text)
    if root is None:
        return None
    final = {state.get("id") for state in root.iter("state") if state.find("final") is not None}
    found = set()
    for rule in root.iter("transition"):
        read = (rule.findtext("read") or "").strip()
        state = (rule.findtext("from") or "").strip()
        if len(read) > 1 or read in ("~", "!", "@", "$", "*", "%") or not re.fullmatch("[0-9]+", state):
            return None
        if state not in final:
            found.add((state, read))
    return found
