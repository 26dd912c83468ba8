"""The four verdicts, and the exceptions that lead to three of them.

A check raises one of the exceptions below or returns a sentence; only a sentence that was returned
leads to VERIFIED. So whatever goes wrong, nothing is accepted by accident.
"""

from typing import NamedTuple

EXIT_CODES = {"VERIFIED": 0, "REJECTED": 1, "MALFORMED": 2, "INCOMPLETE": 3}

LONGEST_LINE = 800


class Rejected(Exception):  # noqa: N818  # the verdict's own word
    """The certificate can be read, and what it claims is false or was not found to be true."""


class Malformed(Exception):  # noqa: N818  # the verdict's own word
    """The file is not a certificate of this format and version."""


class Incomplete(Exception):  # noqa: N818  # the verdict's own word
    """The claim was not decided: a limit of the kernel, a kind it cannot check, or a partial check."""


class Verdict(NamedTuple):
    """One of the words of ``EXIT_CODES`` and a sentence that says what was checked, or what is wrong."""

    word: str
    message: str

    @property
    def exit_code(self) -> int:
        """0 for VERIFIED, 1 for REJECTED, 2 for MALFORMED, 3 for INCOMPLETE."""
        return EXIT_CODES[self.word]

    @property
    def printable(self) -> str:
        """One line of printable ASCII that begins with the word.

        Parts of the certificate may stand in the message. They must not be able to forge a second
        line or to move the cursor of a terminal, so everything else is written as an escape.
        """
        return "".join(c if " " <= c <= "~" else ascii(c)[1:-1] for c in f"{self.word} {self.message}")

    @property
    def line(self) -> str:
        """What is printed; a long message is cut off, but never one that is VERIFIED."""
        whole = self.printable
        return whole if len(whole) <= LONGEST_LINE else whole[: LONGEST_LINE - 3] + "..."


def shown(value: object) -> str:
    """A value from a certificate, cut off if it is long, for a message."""
    text = ascii(value)
    return text if len(text) <= 60 else text[:57] + "..."


def number_words(count: int) -> str:
    """A count with thousands separators; above 10^15 its order of magnitude."""
    if count <= 10**15:
        return f"{count:,}"
    digits = count.bit_length() * 30103 // 100000  # log10(2) = 0.30103, cut off: at most one too small
    return f"more than 10^{digits - 1}"


def counted(count: int, noun: str, nouns: str | None = None) -> str:
    """A count and its noun, in the singular or the plural."""
    return f"{count:,} {noun if count == 1 else nouns or noun + 's'}"
