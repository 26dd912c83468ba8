"""Prints the language in which a model searches as a Coq term: the fragments of expressions, sign by sign."""

import re

from constructions.architectures import Search

_SIGNS = {
    "\\A": "Beginning",
    "(?:": "OpenPlain",
    "(": "Open_",
    ")": "Close",
    "[^": "ClassNot",
    "[": "ClassOpen",
    "]": "ClassClose",
    "|": "Bar",
    ".": "Dot",
    "*": "Asterisk",
    "?": "Question",
    "{": "BraceOpen",
    "}": "BraceClose",
}
"""What Searching.v calls the signs of expressions; of those that begin alike the longer ones come first."""

_SIGN = re.compile("|".join([*map(re.escape, _SIGNS), "`[^`]+`"]))


def language_text(search: Search, specials: tuple[str, ...]) -> str:
    """The definition of ``searches``, which says for what the special tokens of a search stand.

    A fragment with a sign that ``Searching.v`` does not know makes the definition a comment: about such searches no
    theorem can be stated.
    """
    lines = []
    for token, text in search.fragments:
        signs = _SIGN.findall(text)
        if "".join(signs) != text:
            return "(* Its searches hold a sign that Searching.v does not know. *)"
        names = (_SIGNS.get(sign) or f"Chr (Special {specials.index(sign.strip('`'))})" for sign in signs)
        lines.append(f"  | {specials.index(token)}%nat => Some [{'; '.join(names)}]\n")
    ends = ("opening", "closing", "failed")
    fields = [f"{end} := {specials.index(getattr(search, end))}%nat" for end in ends]
    return (
        "From RetrievalGap Require Import Searching.\n"
        f"Definition searches : language :=\n  {{| {'; '.join(fields)};\n"
        f"     piece s := match s with\n{''.join(lines)}  | _ => None end |}}."
    )
