"""Options that several commands share; needs nothing but typer, so that help is quick."""

from typing import Annotated, Literal

import typer

from proofs_check._commands._streams import one_document


def _one_document(asked: bool) -> bool:
    if asked:
        one_document()
    return asked


Json = Annotated[bool, typer.Option("--json", callback=_one_document, help="Print one JSON document and nothing else.")]
Seed = Annotated[int, typer.Option(min=0, help="Seed of everything that is random.")]
ArithmeticName = Annotated[
    str,
    typer.Option(
        "--arithmetic",
        metavar="A[@b]",
        help="Number system: exact, float:P, fixed:I.F, ball:B, bfloat16, float16, float32; with @b, softmax at "
        "inverse temperature b.",
    ),
]
EngineName = Annotated[
    Literal["auto", "fast", "plain"],
    typer.Option("--engine", help="fast and plain write the same tokens; auto takes the fast one for long prompts."),
]
InputFormat = Annotated[
    str | None,
    typer.Option(
        "--input-format",
        metavar="FORMAT",
        help="How graphs are written; guessed unless given: inline, edges, sized-edges (the numbers of nodes and edges "
        "stand first), csv, adjlist, graph6, sparse6, graphml, gml, pajek, paper.",
    ),
]
Merge = Annotated[
    bool, typer.Option("--merge-duplicates", help="For graphs: an edge that stands twice, in any direction, is one.")
]
SkipIsolated = Annotated[bool, typer.Option("--skip-isolated", help="For graphs: nodes without an edge are left out.")]
MachineText = Annotated[
    str | None,
    typer.Option(
        "--machine",
        help="For NAME/turing: a machine as text such as 1RB1LB_1LA1RZ, @FILE, or @FILE:LINE of a list of machines.",
    ),
]
Steps = Annotated[int | None, typer.Option(min=1, help="For NAME/turing: the most steps; 1000 unless given.")]
FewSteps = Annotated[
    int | None, typer.Option("--steps", min=1, max=1000, help="For NAME/turing: the most steps; 12 unless given.")
]
PageFormat = Annotated[
    Literal["text", "md", "html", "tex"] | None, typer.Option("--format", help="How it is set; text unless given.")
]
UserFile = Annotated[
    str | None,
    typer.Option(
        "--construction",
        metavar="FILE.py:FACTORY",
        help="A construction of your own: the function FACTORY in FILE.py returns it. The file is executed.",
    ),
]
SubjectName = Annotated[
    str | None,
    typer.Argument(metavar="[CONSTRUCTION]", help="Its name (see list); left out if --construction is given."),
]
Memory = Annotated[str, typer.Option(help="Refuse what is estimated to need more memory, such as 500MB or 2GiB.")]
TaskName = Annotated[str, typer.Argument(metavar="TASK", help="A task, see list.")]
Size = Annotated[int, typer.Option("--n", help="Length of the sequence; for istree the number of nodes.")]
Letters = Annotated[int | None, typer.Option("--alphabet", help="Number of letters; n unless given.")]
GramSize = Annotated[int | None, typer.Option("--c", help="For c-gram: a query has c - 1 tokens; 3 unless given.")]
ConventionName = Annotated[
    str, typer.Option("--convention", help="total: an undefined query has the answer NONE; promise: none occurs.")
]
FamilyName = Annotated[
    str | None, typer.Option("--prefixes", help="words, distinct, de-bruijn or key-value: which prefixes occur.")
]
Keys = Annotated[int | None, typer.Option("--keys", help="For key-value: the number of keys.")]
RepeatsName = Annotated[
    str | None, typer.Option("--repeats", help="istree under total: a repeated edge means no, or is ignored.")
]
BySolver = Annotated[
    bool, typer.Option("--by-solver", help="Ask a SAT solver (extra 'proof'): tiny sizes, exact where no formula is.")
]
ClaimedError = Annotated[
    str | None, typer.Option("--error", help="For index: it claims to err this often on average, such as 1/8.")
]
