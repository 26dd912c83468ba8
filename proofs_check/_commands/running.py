"""``run``: one construction on one input."""

from constructions.engine import Engine, decode
from constructions.errors import InputError
from constructions.tasks import SEPARATOR
from constructions.theorems import CONSTRUCTIONS, Construction, construction
from proofs_check._commands._shared import (
    input_text,
    parse_arithmetic,
    parse_memory,
    print_json,
    user_construction,
)

_LONGEST_LIST = 100_000


def chosen(name: str, text: str | None, user_file: str | None) -> tuple[Construction, str]:
    """The construction and the input text; with a user's file the only argument is the input."""
    if user_file is not None:
        if text is not None:
            raise InputError(f"with --construction the input is the only argument, but {name!r} stands before it")
        return user_construction(user_file), input_text(name)
    if text is None:
        raise InputError(f"no input is given for {name!r}; expected for example: run transformer/index '3 1 4 ? 2'")
    whole = input_text(text)
    return construction(name, c=_c_of(whole) if name in CONSTRUCTIONS and name.endswith("/c-gram") else 3), whole


def _c_of(text: str) -> int:
    """c from the number of tokens after the separator; 3 if that is no query, for the parser to complain."""
    _, found, query = text.partition(SEPARATOR)
    c = len(query.split()) + 1
    return c if found and 2 <= c <= 5 else 3


def run(
    name: str,
    text: str | None,
    arithmetic: str,
    engine: Engine,
    memory: str,
    user_file: str | None,
    json: bool,
) -> int:
    """Decode and print; exit code 0, or 3 if no answer was written."""
    number_system, limit = parse_arithmetic(arithmetic), parse_memory(memory)
    subject, whole = chosen(name, text, user_file)
    instance = subject.task.parse(whole)
    n = subject.size_for(instance)
    transcript = decode(
        subject.at(n),
        subject.reads(instance),
        arithmetic=number_system,
        engine=engine,
        memory=limit,
        max_tokens=subject.longest(n=n) + 1,
    )
    if json:
        document: dict[str, object] = {"construction": subject.name, "n": n, "arithmetic": arithmetic}
        if len(transcript.tokens) <= _LONGEST_LIST:
            document["tokens"] = list(transcript.tokens)
        print_json(document | {"token_count": len(transcript.tokens), "answer": transcript.answer})
    else:
        if len(transcript.tokens) > 1:
            print(" ".join(transcript.tokens))
        print(f"answer: {transcript.answer}" if transcript.answer is not None else "no answer was written")
    return 0 if transcript.answer is not None else 3
