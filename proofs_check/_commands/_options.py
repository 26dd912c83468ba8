"""Options that several commands share; needs nothing but click, so that help is quick."""

from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import click

from proofs_check._commands._parser import argument, option
from proofs_check._commands._streams import one_document

if TYPE_CHECKING:
    from constructions.theorems import Construction


def _one_document(_: click.Context, __: click.Parameter, asked: bool) -> bool:
    if asked:
        one_document()
    return asked


def _show_version(_: click.Context, __: click.Parameter, asked: bool) -> None:
    if asked:
        from constructions import __version__

        print(f"retrieval-gap {__version__}")
        raise click.exceptions.Exit


def no_command(
    version: Annotated[
        bool, option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Options that stand where no command does."""


def _of_gallery(_: click.Context, __: click.Parameter, given: str | None) -> str | None:
    """The file of what the gallery has under this name; all else as it is."""
    if given is None or not given.startswith("gallery/") or ".py:" in given:
        return given
    from constructions.gallery import reference_of

    return reference_of(given)


Json = Annotated[bool, option("--json", callback=_one_document, help="Print one JSON document and nothing else.")]
NameOrInput = Annotated[str | None, argument(help="Its name (see list), or the input if --construction is given.")]
Everything = Annotated[bool, option("--all", help="The neighbours, too: theorems of other papers.")]
OfVerifier = Annotated[
    bool, option("--verifier", help="Plant faults in the verifier instead, and say which check sees each.")
]
MaxN = Annotated[int | None, option("--max-n", min=1, help="Run all inputs of every length up to this.")]
Theorems = Annotated[list[str] | None, argument(help="Such as 4.6 or copying; the paper's unless given.")]
Seed = Annotated[int, option(min=0, help="Seed of all random choices.")]
ArithmeticName = Annotated[
    str,
    option(
        "--arithmetic",
        metavar="A[@b]",
        help="Number system: exact, float:P, fixed:I.F, ball:B, bfloat16, float16, float32; with @b, softmax at "
        "inverse temperature b.",
    ),
]
EngineName = Annotated[
    Literal["auto", "fast", "plain"],
    option("--engine", help="fast and plain write the same tokens; auto takes fast for long prompts."),
]
InputFormat = Annotated[
    str | None,
    option(
        "--input-format",
        metavar="FORMAT",
        help="Format of graphs: inline, edges, sized-edges (first the numbers of nodes and edges), csv, adjlist, "
        "graph6, sparse6, graphml, gml, pajek, paper; guessed unless given.",
    ),
]
Merge = Annotated[
    bool,
    option("--merge-duplicates", help="For graphs: read an edge that stands twice, in any direction, as one."),
]
SkipIsolated = Annotated[bool, option("--skip-isolated", help="For graphs: leave out nodes without an edge.")]
MachineText = Annotated[
    str | None,
    option(
        "--machine",
        help="For NAME/turing: a machine as text such as 1RB1LB_1LA1RZ, @FILE, or @FILE:LINE of a list of machines.",
    ),
]
Steps = Annotated[int | None, option(min=1, help="For NAME/turing: the most steps to run; 1000 unless given.")]
FewSteps = Annotated[
    int | None,
    option("--steps", min=1, max=1000, help="For NAME/turing: the most steps to run; 12 unless given."),
]
PageFormat = Annotated[
    Literal["text", "md", "html", "tex"] | None, option("--format", help="Output format; text unless given.")
]
UserFile = Annotated[
    str | None,
    option(
        "--construction",
        metavar="FILE.py:FACTORY",
        callback=_of_gallery,
        help="A construction of your own: the function FACTORY in FILE.py returns it. The file is executed. "
        "Or gallery/NAME, see list.",
    ),
]
SubjectName = Annotated[
    str | None,
    argument(metavar="[CONSTRUCTION]", help="Its name (see list); left out if --construction is given."),
]
Memory = Annotated[str, option(help="Refuse what is estimated to need more memory than this, such as 500MB or 2GiB.")]
OptionalTask = Annotated[str | None, argument(metavar="[TASK]", help="A task (see list).")]
Size = Annotated[int, option("--n", help="Length of the sequence; for istree the number of nodes.")]
Letters = Annotated[int | None, option("--alphabet", help="Number of letters; n unless given or fixed by the task.")]
GramSize = Annotated[
    int | None, option("--c", help="For c-gram: the c, where a query has c - 1 tokens; 3 unless given.")
]
ConventionName = Annotated[
    str,
    option("--convention", help="total: an undefined query has the answer NONE; promise: no query is undefined."),
]
FamilyName = Annotated[
    str | None, option("--prefixes", help="Which prefixes occur: words, distinct, de-bruijn or key-value.")
]
Keys = Annotated[int | None, option("--keys", help="For key-value: the number of keys.")]
RepeatsName = Annotated[
    str | None,
    option("--repeats", help="For istree under total: with no, a repeated edge means NO; with ignored, nothing."),
]
BySolver = Annotated[
    bool,
    option("--by-solver", help="Ask a SAT solver (extra 'proof'), at tiny sizes; exact where no formula is known."),
]
ClaimedError = Annotated[
    str | None, option("--error", help="For index: the model claims to err this often on average, such as 1/8.")
]
Swept = Annotated[
    Literal["words", "permutations", "edge-lists"] | None,
    option("--family", help="Which inputs to run; all sequences, or all edge lists, unless given."),
]
Whose = Annotated[
    Literal["transformer", "retrieval", "hybrid", "rnn"] | None,
    option("--family", help="Whose prompts and transcripts, in JSON lines; transformer unless given."),
]
Graphs = Annotated[
    Literal["binary", "mixed"] | None,
    option(
        help="For istree: binary, where trees and others have n - 1 edges, or trees and others of many kinds; "
        "binary from 5 nodes on unless given."
    ),
]
LineFormat = Annotated[
    Literal["jsonl", "paper", "paper-retrieval", "paper-direct"],
    option(
        "--format",
        help="paper..., for istree: lines in the form of the paper's code, with a walk, a walk that searches, or none.",
    ),
]
AsAuthors = Annotated[
    bool, option("--authors", help="For paper...: the authors' root, order of neighbours and text of edges.")
]


class Named(NamedTuple):
    """Which construction a command is about, as its options say.

    Attributes:
        name: what stands where a name is expected.
        user_file: the option ``--construction``.
        c: the option ``--c``, and ``machine`` the option ``--machine``; None where they are not given.
    """

    name: str | None
    user_file: str | None
    c: int | None = None
    machine: str | None = None

    def chosen(self) -> "Construction":
        """The construction itself.

        Raises:
            InputError: if there is none, or an option has no meaning for it.
        """
        from proofs_check._commands._shared import chosen_construction

        return chosen_construction(self.name, self.user_file, c=self.c, machine=self.machine)
