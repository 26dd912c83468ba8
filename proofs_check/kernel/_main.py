"""From a file to a verdict."""

from collections.abc import Sequence

from . import _contracts, _fooling, _no_machine, _plans, _precision, _runs, _spots, _sweep
from ._reading import MOST_BYTES, Fields, read
from ._reference import CONVENTIONS, TASKS, Question
from ._verdict import EXIT_CODES, Incomplete, Malformed, Rejected, Verdict, shown

FORMAT = "retrieval-gap-certificate"
VERSION = 1
HEADER = ("format", "kind", "version")
QUESTION = ("alphabet", "convention", "n", "task")
KEYS = {
    "contracts": _contracts.KEYS,
    "exhaustive": (*QUESTION, *_runs.KEYS),
    "fooling-set": (*QUESTION, *_fooling.KEYS),
    "no-machine": (*QUESTION, *_no_machine.KEYS),
    "plan": _plans.KEYS,
    "precision": (*QUESTION, *_runs.KEYS, *_precision.KEYS),
    "sampled": (*QUESTION, *_runs.KEYS, *_runs.SAMPLE_KEYS),
    "spot-check": (*QUESTION, *_spots.KEYS),
    "sweep": (*QUESTION, *_sweep.KEYS),
}
USAGE = "usage: python -m proofs_check.kernel FILE [--sample K] [--seed SEED]"


def check(data: bytes, sample: tuple[int, int] | None = None) -> Verdict:
    """The verdict on the bytes of a certificate.

    ``sample``, (k, seed), runs the model of an exhaustive certificate or a sweep on k inputs only, as a spot check;
    the verdict is then at best INCOMPLETE.
    """
    kind = "certificate"
    try:
        value = read(data)
        kind = _kind(value)
        sentence = _check(value, kind, sample)
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
    return Verdict("VERIFIED", f"{kind}: {sentence}")


def _kind(value: object) -> str:
    if not isinstance(value, dict):
        raise Malformed(f"the file holds {shown(value)}, expected an object")
    header = Fields({key: value[key] for key in HEADER if key in value}, "certificate", HEADER)
    header.word("format", (FORMAT,))
    header.integer("version", VERSION, VERSION)
    return header.word("kind", tuple(KEYS))


def _check(value: object, kind: str, sample: tuple[int, int] | None) -> str:
    with_c = isinstance(value, dict) and value.get("task") == "c-gram"
    fields = Fields(value, "certificate", (*HEADER, *KEYS[kind], *(["c"] if with_c else [])))
    if kind == "contracts":
        return _contracts.check(fields)
    if kind == "plan":
        return _plans.check(fields)
    task, convention = fields.word("task", TASKS), fields.word("convention", CONVENTIONS)
    least = 2 if task == "istree" else 1
    n, alphabet = fields.integer("n", least, 1_000), fields.integer("alphabet", 1, 100_000)
    if task == "istree" and alphabet != n:
        raise Malformed(f"certificate.alphabet is {alphabet}, expected n = {n}, the number of nodes")
    question = Question(task, n, alphabet, fields.integer("c", 2, 10) if task == "c-gram" else 2)
    if kind == "fooling-set":
        return _fooling.check(fields, question, convention)
    if kind == "no-machine":
        return _no_machine.check(fields, question, convention)
    if kind == "spot-check":
        return _spots.check(fields, question, convention)
    checker = _sweep.check if kind == "sweep" else _runs.check
    ran = checker(fields, question, convention, sample)
    return ran if kind != "precision" else f"{ran}; {_precision.check(fields, question)}"


def check_file(path: str, sample: tuple[int, int] | None = None) -> Verdict:
    """The verdict on a file; one that cannot be read is MALFORMED."""
    try:
        with open(path, "rb") as file:
            data = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        return Verdict("MALFORMED", f"certificate: cannot read {shown(path)}: {error}")
    return check(data, sample)


def main(arguments: Sequence[str]) -> int:
    """Print one line about the file that the arguments name; return the exit code."""
    try:
        path, sample = _arguments(list(arguments))
        verdict = check_file(path, sample)
    except Malformed as error:
        verdict = Verdict("MALFORMED", str(error))
    except KeyboardInterrupt:
        verdict = Verdict("INCOMPLETE", "interrupted")
    print(verdict.line, flush=True)
    return EXIT_CODES[verdict.word]


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
