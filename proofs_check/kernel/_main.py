"""From a file to a verdict."""

import contextlib
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from stat import S_ISREG

from ._reading import MOST_BYTES, Fields, read
from ._verdict import EXIT_CODES, LONGEST_LINE, Incomplete, Malformed, Rejected, Verdict, shown

FORMAT = "retrieval-gap-certificate"
OLDEST, VERSION = 1, 2
"""The versions that are read; the newer ones can say all that the older ones can."""
HEADER = ("format", "kind", "version")
QUESTION = ("alphabet", "convention", "n", "task")
RUN = (*QUESTION, "family", "inputs", "longest_output", "model", "prompt", "transcript")
KINDS: dict[str, tuple[tuple[str, ...], str]] = {
    "contracts": (("construction", "contracts", "scales", "variables"), "_contracts"),
    "exhaustive": ((*RUN, "digest"), "_runs"),
    "fooling-set": ((*QUESTION, "bits", "prefixes", "states"), "_fooling"),
    "no-machine": ((*QUESTION, "pinned", "prefixes", "proof", "too_few"), "_no_machine"),
    "precision": ((*RUN, "digest", "heads", "inverse_temperature", "margin", "margin_input"), "_precision"),
    "sampled": ((*RUN, "digest", "checked", "seed"), "_runs"),
    "state-count": ((*QUESTION, "bits", "family", "prefixes", "states"), "_state_count"),
    "sweep": ((*RUN, "shards"), "_sweep"),
}
"""The fields of each kind, and the module whose ``check`` decides it; it is imported when the kind occurs."""
SINCE = {"state-count": 2}
"""The first version that has a kind, if that is not the oldest."""
NOT_PRINTED = 5
"""The exit code if the line cannot be written, whatever it says."""
USAGE = "usage: python -m proofs_check.kernel FILE [--sample K] [--seed SEED]"


def check(data: bytes, sample: tuple[int, int] | None = None) -> Verdict:
    """The verdict on the bytes of a certificate.

    ``sample``, (k, seed), runs the model of an exhaustive certificate or a sweep on k inputs only;
    the verdict is then at best INCOMPLETE.
    """
    kind = "certificate"
    try:
        value = read(data)
        kind, fields = _opened(value)
        sentence = import_module(f".{KINDS[kind][1]}", __package__).check(fields, sample)
        if not isinstance(sentence, str):
            raise TypeError("a check returned no sentence")
        verdict = Verdict("VERIFIED", f"{kind}: {sentence}")
        if len(verdict.printable) > LONGEST_LINE:  # a caveat may stand at the end
            raise Incomplete(f"the sentence has more than the {LONGEST_LINE} characters of a line")
    except Malformed as error:
        return Verdict("MALFORMED", f"{kind}: {error}")
    except Rejected as error:
        return Verdict("REJECTED", f"{kind}: {error}")
    except Incomplete as error:
        return Verdict("INCOMPLETE", f"{kind}: {error}")
    except (MemoryError, RecursionError):
        return Verdict("INCOMPLETE", f"{kind}: not enough memory")
    except Exception as error:  # a fault of the kernel accepts nothing
        return Verdict("INCOMPLETE", f"{kind}: internal error, {type(error).__name__}: {error}")
    return verdict


def _opened(value: object) -> tuple[str, Fields]:
    """The kind of a certificate, and its fields, which are exactly those of the kind."""
    if not isinstance(value, dict):
        raise Malformed(f"the file holds {shown(value)}, expected an object")
    header = Fields({key: value[key] for key in HEADER if key in value}, "certificate", HEADER)
    header.word("format", (FORMAT,))
    version = header.integer("version", OLDEST, VERSION)
    kind = header.word("kind", tuple(kind for kind in KINDS if SINCE.get(kind, OLDEST) <= version))
    keys = KINDS[kind][0]
    with_c = "task" in keys and value.get("task") == "c-gram"
    return kind, Fields(value, "certificate", (*HEADER, *keys, *(["c"] if with_c else [])))


def check_file(path: str, sample: tuple[int, int] | None = None) -> Verdict:
    """The verdict on a file; one that cannot be read is MALFORMED."""
    try:
        if not S_ISREG(os.stat(path).st_mode):  # before it is opened, which waits for somebody who writes a pipe
            return Verdict("MALFORMED", f"certificate: cannot read {shown(path)}: it is no regular file")
        with open(path, "rb", opener=_not_waiting) as file:
            data: bytes | None = file.read(MOST_BYTES + 1)
        if data is None:
            return Verdict("MALFORMED", f"certificate: cannot read {shown(path)}: nothing is there to be read now")
    except (OSError, ValueError) as error:
        return Verdict("MALFORMED", f"certificate: cannot read {shown(path)}: {error}")
    return check(data, sample)


def _not_waiting(path: str, flags: int) -> int:
    """Open a file, not to be waited for: /proc/kmsg is called a regular one and may have nothing to read yet."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def main(arguments: Sequence[str]) -> int:
    """Print one line about the file that the arguments name; return the exit code."""
    try:
        path, sample = _arguments(list(arguments))
        verdict = check_file(path, sample)
    except Malformed as error:
        verdict = Verdict("MALFORMED", str(error))
    except KeyboardInterrupt:
        verdict = Verdict("INCOMPLETE", "interrupted")
    return EXIT_CODES[verdict.word] if _printed(verdict.line) else NOT_PRINTED


def _printed(line: str) -> bool:
    """Whether the line could be written; a verdict that nobody can read is none."""
    try:
        print(line, flush=True)
    except (OSError, ValueError):  # a full disk, nobody who reads, a closed file
        with contextlib.suppress(OSError, ValueError):  # so that Python does not try again when it ends
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return False
    return sys.stdout is not None


def _arguments(arguments: list[str]) -> tuple[str, tuple[int, int] | None]:
    options = {"--sample": 0, "--seed": 0}
    paths = []
    while arguments:
        argument = arguments.pop(0)
        if argument in options:
            text = arguments.pop(0) if arguments else ""
            if not (text.isascii() and text.isdigit() and len(text) <= 18):
                raise Malformed(f"{argument} needs a whole number, not {shown(text)}; {USAGE}")
            options[argument] = int(text)
        elif argument.startswith("-"):
            raise Malformed(f"unknown option {shown(argument)}; {USAGE}")
        else:
            paths.append(argument)
    if len(paths) != 1:
        raise Malformed(USAGE)
    return paths[0], (options["--sample"], options["--seed"]) if options["--sample"] else None
