"""The command line, ``retrieval-gap``. Each command imports what it needs when it is called."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal, NoReturn, cast

import typer

EXIT = {"VERIFIED": 0, "REFUTED": 1, "REJECTED": 1, "MALFORMED": 2, "INCOMPLETE": 3}
"""Exit codes by verdict; bad input and usage errors are 2 as well."""

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help="Hand-wired neural networks, executed exactly and checked against the theorems that promise them.",
)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Seed = Annotated[int, typer.Option(min=0, help="Seed of everything that is random.")]
ArithmeticName = Annotated[str, typer.Option("--arithmetic", help="Number system: exact.")]
EngineName = Annotated[
    Literal["auto", "fast", "plain"],
    typer.Option("--engine", help="fast and plain write the same tokens; auto takes the fast one for long prompts."),
]
UserFile = Annotated[
    str | None,
    typer.Option(
        "--construction",
        metavar="FILE.py:FACTORY",
        help="A construction of your own: the function FACTORY in FILE.py returns it. The file is executed.",
    ),
]
Memory = Annotated[str, typer.Option(help="Refuse what is estimated to need more memory, such as 500MB or 2GiB.")]


@app.command("list")
def list_(json: Json = False) -> None:
    """List constructions, tasks and theorems."""
    from proofs_check._commands import listing

    listing.show(json)


@app.command()
def verify(
    theorems: Annotated[list[str] | None, typer.Argument(help="Numbers such as 4.6; all if none is given.")] = None,
    max_n: Annotated[
        int | None, typer.Option("--max-n", min=1, help="Run all inputs of every length up to this.")
    ] = None,
    arithmetic: ArithmeticName = "exact",
    seed: Seed = 0,
    out: Annotated[Path | None, typer.Option(help="Write report and certificates into this directory.")] = None,
    user_file: UserFile = None,
    json: Json = False,
) -> None:
    """Check the claims of theorems and say how far each was established."""
    from proofs_check._commands import verifying

    _exit(verifying.verify(theorems or [], max_n, arithmetic, seed, out, user_file, json))


@app.command()
def run(
    construction: Annotated[str, typer.Argument(help="Its name (see list), or the input if --construction is given.")],
    text: Annotated[str | None, typer.Argument(metavar="[INPUT]", help="The input, or @FILE.")] = None,
    arithmetic: ArithmeticName = "exact",
    engine: EngineName = "auto",
    memory: Memory = "2GiB",
    user_file: UserFile = None,
    json: Json = False,
) -> None:
    """Run a construction on an input; prints what it writes and, last, the answer."""
    from proofs_check._commands import running

    _exit(running.run(construction, text, arithmetic, engine, memory, user_file, json))


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="A certificate.")],
    json: Json = False,
) -> None:
    """Check a certificate with the independent kernel."""
    from proofs_check._commands import certifying

    _exit(certifying.check(file, json))


def _exit(code: int) -> None:
    if code:
        raise typer.Exit(code)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; bad input and wrong usage become one line and exit code 2."""
    from constructions.errors import RetrievalGapError

    # The base of typer's errors of usage; it stands in click or in typer itself, depending on the version.
    usage_error = cast(type[typer.BadParameter], typer.BadParameter.__mro__[2])
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = app(args=given or ["--help"], prog_name="retrieval-gap", standalone_mode=False)
    except RetrievalGapError as error:
        _fail(str(error), 2)
    except usage_error as error:
        _fail(f"{error.format_message()} (see retrieval-gap --help)", 2)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(141)
    except (KeyboardInterrupt, typer.Abort):
        _fail("interrupted", 130)
    sys.exit(code if isinstance(code, int) else 0)


def _fail(message: str, code: int) -> NoReturn:
    print(f"retrieval-gap: {_one_line(message)}", file=sys.stderr)
    sys.exit(code)


def _one_line(message: str) -> str:
    return " ".join(message.split())
