"""``run``: one construction on the instances of an input."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from shlex import quote
from typing import Any, TypeGuard

from constructions.architectures import Model
from constructions.engine import Engine, Transcript, decode
from constructions.errors import InputError
from constructions.gallery import PREFIX, from_gallery
from constructions.numerics import Arithmetic, Exact
from constructions.tasks import Task, Wishes
from constructions.theorems import Construction, construction, parameters_of, user_construction, users_code
from proofs_check._commands._ending import EXIT, say
from proofs_check._commands._progress import TokenProgress
from proofs_check._commands._shared import (
    chosen_construction,
    clear_progress,
    input_text,
    parse_arithmetic,
    parse_memory,
    print_json,
    shows_progress,
)

NO_MACHINE = "is for the constructions that are called NAME/turing"
"""Why an option about a machine is refused."""

_LONGEST_LIST = 100_000

# From so many instances on it pays to load the compiled code, however short they are.
_MANY = 20


def chosen(command: str, name: str | None, text: str | None, user_file: str | None) -> tuple[Construction, str]:
    """The construction and the input text; with a user's file the only argument is the input.

    Raises:
        InputError: if one of them is missing, with a ``command`` line that has both.
    """
    if user_file is not None:
        if text is not None:
            raise InputError(f"with --construction the input is the only argument, but {name!r} stands before it")
        subject = user_construction(user_file)
        if name is None:
            with users_code(user_file):
                raise _no_input(f"{command} --construction {quote(user_file)}", user_file, subject)
        return subject, input_text(name)
    if name is None or text is None:
        subject = chosen_construction(name, None)
        raise _no_input(f"{command} {subject.name}", subject.name, subject)
    whole = input_text(text)
    if name.startswith(PREFIX):
        return from_gallery(name), whole
    return construction(name, **construction(name).task.told_by(whole)), whole


def _no_input(command: str, name: str, subject: Construction) -> InputError:
    """The error for a missing input, with the beginning of a command line and an input that completes it."""
    return InputError(
        f"no input is given for {name!r}; expected for example: {command} {quote(subject.task.text_form)}"
    )


def simulates(name: str | None) -> TypeGuard[str]:
    """Whether a construction runs a machine, step by step."""
    return name is not None and not name.startswith(PREFIX) and "machine" in parameters_of(name)


@dataclass(frozen=True)
class GraphOptions:
    """The options that say how graphs are read."""

    input_format: str | None = None
    merge_duplicates: bool = False
    skip_isolated: bool = False

    def refused_for(self, name: str, reads: str) -> None:
        """Refuse any of them for a construction or task that reads no graphs.

        Raises:
            InputError: naming the option.
        """
        given = {
            f"--input-format {self.input_format}": self.input_format is not None,
            "--merge-duplicates": self.merge_duplicates,
            "--skip-isolated": self.skip_isolated,
        }
        option = next((option for option, there in given.items() if there), None)
        if option is not None:
            raise InputError(f"{option} is for graphs; {name} reads {reads}")

    def instances(self, task: Task[Any], text: str, name: str) -> list[Any]:
        """What a text asks: one instance, or for graphs as many as it holds, the error in place of a malformed one.

        Raises:
            InputError: if none can be read, or one of these options is given for a task that is not about graphs.
        """
        if task.reader != "graph":
            self.refused_for(name, f"`{task.text_form}`")
        wishes = Wishes(self.input_format is not None, self.merge_duplicates, self.skip_isolated, say)
        found = task.read(text, self.input_format, wishes)
        if all(isinstance(instance, InputError) for instance in found):
            raise found[0]  # there is at least one
        return found


@dataclass(frozen=True)
class Result:
    """What a construction of size n wrote on one instance, in the user's own labels.

    ``exact`` is what it writes in exact arithmetic, if it ran in another one.
    """

    construction: str
    n: int
    tokens: tuple[str, ...]
    answer: str | None
    exact: Transcript | None = None

    @property
    def is_another(self) -> bool:
        """Whether rounding changed the answer."""
        return self.exact is not None and self.exact.answer != self.answer

    def document(self, arithmetic: str) -> dict[str, object]:
        """The result as JSON; more tokens than anybody reads are left out."""
        document: dict[str, object] = {"construction": self.construction, "n": self.n, "arithmetic": arithmetic}
        if len(self.tokens) <= _LONGEST_LIST:
            document["tokens"] = list(self.tokens)
        document |= {"token_count": len(self.tokens), "answer": self.answer}
        return document if self.exact is None else document | {"exact_answer": self.exact.answer}

    def show(self) -> None:
        """Print what was written and, last, the answer."""
        if len(self.tokens) > 1:
            print(" ".join(self.tokens))
        print(f"answer: {self.answer}" if self.answer is not None else "no answer was written")


@dataclass(frozen=True)
class Refused:
    """One of several graphs that could not be read."""

    error: str

    def document(self, _: str) -> dict[str, object]:
        """The refusal as JSON."""
        return {"error": self.error}

    def show(self) -> None:
        """Print why, in the place of an answer."""
        print(f"refused: {self.error}")


def run(
    name: str | None,
    text: str | None,
    arithmetic: str,
    engine: Engine,
    memory: str,
    user_file: str | None,
    graphs: GraphOptions,
    json: bool,
) -> int:
    """Decode and print; exit code 0, 1 if rounding changed an answer, 2 if one of many graphs was refused, or 3 if an
    answer was not written.

    All instances are read and decoded before anything is printed, so that bad input leaves standard
    output empty. What rounding changed, or searches that could not be read, are told in one line on standard error.
    """
    number_system, limit = parse_arithmetic(arithmetic), parse_memory(memory)
    subject, whole = chosen("run", name, text, user_file)
    models: dict[int, Model] = {}
    results: list[Result | Refused] = []
    changed, complaints = [], []
    with users_code(user_file):
        instances = graphs.instances(subject.task, whole, subject.name)
        if engine == "auto" and len(instances) >= _MANY and isinstance(number_system, Exact):
            engine = "fast"
        for place, instance in enumerate(instances, 1):
            if isinstance(instance, InputError):
                results.append(Refused(str(instance)))
                continue
            n = subject.size_for(instance)
            if n not in models:
                models[n] = subject.at(n)
            before = f"instance {place} of {len(instances)}: " if len(instances) > 1 else ""
            transcript = _decoded(subject, models[n], n, instance, number_system, engine, limit, before)
            complaints += [before + diagnostic for diagnostic in transcript.diagnostics]
            exact = None
            if not isinstance(number_system, Exact):
                exact = _decoded(subject, models[n], n, instance, Exact(), engine, limit, before)
                changed += [before + change for change in _changes(transcript, exact, arithmetic)]
            words = subject.task.labelled(instance, transcript.tokens)
            results.append(Result(subject.name, n, words, transcript.answer, exact))
    refused = [result.error for result in results if isinstance(result, Refused)]
    complaints = sorted(changed, key=lambda words: "REFUTED: " not in words) + refused + complaints
    if complaints:
        say(complaints[0] + (f" (and {len(complaints) - 1:,} more)" if len(complaints) > 1 else ""))
    if json:
        documents = [result.document(arithmetic) for result in results]
        print_json(documents[0] if len(documents) == 1 else {"results": documents})
    else:
        for result in results:
            result.show()
    answered = [result for result in results if isinstance(result, Result)]
    if any(result.is_another for result in answered):
        return EXIT["REFUTED"]
    if refused:
        return EXIT["MALFORMED"]
    return EXIT["VERIFIED" if all(result.answer is not None for result in answered) else "INCOMPLETE"]


def _changes(written: Transcript, exact: Transcript, arithmetic: str) -> Iterator[str]:
    """Says in words what rounding changed, if it changed what is written."""
    if written.answer != exact.answer:
        given = "no answer" if written.answer is None else f"the answer {written.answer}"
        yield f"REFUTED: {arithmetic} gives {given}, exact arithmetic {exact.answer or 'none'}"
    elif written.tokens != exact.tokens:
        place = next(k for k, pair in enumerate(zip_longest(written.tokens, exact.tokens)) if pair[0] != pair[1])
        yield f"{arithmetic} writes another transcript than exact arithmetic, from written token {place + 1} on"


def _decoded(
    subject: Construction,
    model: Model,
    n: int,
    instance: object,
    number_system: Arithmetic[Any],
    engine: Engine,
    memory: int,
    before: str,
) -> Transcript:
    """The transcript of one instance; progress is shown meanwhile if standard error is a terminal."""
    prompt, most = subject.reads(instance), subject.longest(n=n)
    progress = TokenProgress(len(prompt), most, before) if shows_progress() else None
    try:
        return decode(
            model,
            prompt,
            arithmetic=number_system,
            engine=engine,
            memory=memory,
            max_tokens=most + 1,
            progress=progress,
        )
    finally:
        clear_progress()
