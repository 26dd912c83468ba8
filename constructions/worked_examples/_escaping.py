"""User text in Markdown and LaTeX: every character comes out as itself, or as its number where a font lacks it."""

import re

_LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "'": r"\textquotesingle{}",
    "`": r"\textasciigrave{}",
    "-": "{-}",
    "[": "{[}",
    "]": "{]}",
    ",": "{,}",
    "⟨": r"\(\langle\)",
    "⟩": r"\(\rangle\)",
    "→": r"\(\to\)",
    "×": r"\(\times\)",
    "…": r"\ldots{}",
    "␣": r"\textvisiblespace{}",
}

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|~$^=:@])")

# Of T1, which pdflatex sets without further fonts: letters of Latin-1. (Signs of Latin-1 need other fonts.)
_LETTERS = range(0xC0, 0x100)


def latex(value: object) -> str:
    r"""The text for pdflatex with T1 and textcomp; what its fonts lack as ``U+65E5``.

    >>> print(latex("a_b & 50% é 日"))
    a\_b \& 50\% é {\footnotesize U+65E5}
    """
    return "".join(map(_latex_character, str(value)))


def _latex_character(sign: str) -> str:
    if sign in _LATEX:
        return _LATEX[sign]
    if sign.isascii() and sign.isprintable():
        return sign
    if ord(sign) in _LETTERS and sign.isalpha():
        return sign
    return f"{{\\footnotesize U+{ord(sign):04X}}}"


def markdown(value: object) -> str:
    r"""The text for Markdown (CommonMark and its tables), never HTML.

    >>> print(markdown("<b> a|b *c* 1/4"))
    &lt;b&gt; a\|b \*c\* 1/4
    """
    text = str(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"\s", " ", _MARKDOWN.sub(r"\\\1", text))
