"""What several pages show: tables made from the code, and one shared run of ``verify``."""

import ast
import json
import os
import re
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from constructions.gallery import GALLERY, from_gallery, reference_of, summary_of
from constructions.theorems import CONSTRUCTIONS, NEIGHBOURS, THEOREMS, construction


def table(header: Sequence[str], rows: Iterable[Sequence[object]], code: Sequence[int] = ()):
    """A table of text; columns numbered in ``code`` are set in a monospaced face. Everything is escaped."""
    from IPython.display import HTML

    def cell(place, text, tag):
        shown = escape(str(text))
        return f"<{tag}>{f'<code>{shown}</code>' if tag == 'td' and place in code and shown else shown}</{tag}>"

    def line(cells, tag):
        return "<tr>" + "".join(cell(place, text, tag) for place, text in enumerate(cells)) + "</tr>"

    return HTML(
        '<div class="table-wrapper docutils container"><table class="docutils">'
        f"<thead>{line(header, 'th')}</thead><tbody>{''.join(line(row, 'td') for row in rows)}</tbody></table></div>"
    )


def layer_names(blueprint) -> list[str]:
    """What each layer is called: block and part, or the recurrence."""
    names, block = [], 0
    for layer in blueprint.layers:
        if hasattr(layer, "heads"):
            block += 1
            names.append(f"attention {block}")
        elif hasattr(layer, "transition"):
            names.append("recurrence")
        else:
            names.append("gated units" if not block else f"gated units {block}")
    return names


def heads(name: str, **options):
    """Each head of a construction: what it promises, what it reads, by how much it is sure."""
    blueprint = construction(name, **options).blueprint
    says = {contract.name: contract for contract in blueprint.contracts}
    rows = [
        [where, head.name, says[head.name].guarantees, ", ".join(head.value.rows), says[head.name].gap]
        for where, layer in zip(layer_names(blueprint), blueprint.layers, strict=True)
        for head in getattr(layer, "heads", ())
    ]
    return table(["layer", "head", "what it does, for all n", "what it reads there", "least gap"], rows, code=(3,))


def coordinates(name: str, **options):
    """Each coordinate of the residual stream: its range for all n, and what writes it."""
    blueprint = construction(name, **options).blueprint
    origin = dict.fromkeys(blueprint.coordinates, "embedding")
    for where, layer in zip(layer_names(blueprint), blueprint.layers, strict=True):
        for matrix in [head.output for head in layer.heads] if hasattr(layer, "heads") else [layer.output]:
            for row, _ in matrix.entries:
                origin[matrix.rows[row]] = where
    rows = [[c, blueprint.ranges[c], origin[c]] for c in blueprint.coordinates]
    return table(["coordinate", "range, for all n", "written by"], rows, code=(0,))


def rules(name: str, **options):
    """The table of rules that writes the chain of thought, as it was wired."""
    return table(["after", "if", "write"], construction(name, **options).blueprint.table)


def report() -> dict:
    """``report.json`` of one ``retrieval-gap verify --out``, which conf.py runs before the pages are read."""
    return json.loads((Path(os.environ["RETRIEVAL_GAP_REPORT"]) / "report.json").read_text(encoding="utf-8"))


def claims_of(number: str, subject: str | None = None):
    """Claims of a theorem with their verdict, evidence and scope; of one construction if it is named."""
    (theorem,) = [theorem for theorem in report()["theorems"] if theorem["number"] == number]
    rows = [
        [claim["verdict"], claim["statement"], evidence(claim)]
        for claim in theorem["claims"]
        if subject is None or subject_of(claim) == subject
    ]
    if not rows:
        raise ValueError(f"theorem {number} has no claim about {subject!r}")
    return table(["verdict", "claim", "how far"], rows)


def subject_of(claim: dict) -> str:
    """The construction and its parameter."""
    return claim["name"].rpartition(": ")[0]


def evidence(claim: dict) -> str:
    """Kind and scope of the evidence for a claim, long lists cut."""
    parts = [f"{part['kind']}: {part['words']}" for part in claim["evidence"]]
    return "; ".join(part if len(part) < 240 else part[:200].rsplit(" ", 1)[0] + " ..." for part in parts)


EXPLAINED = {
    "4.1": "turing-machines",
    "4.6": "retrieval-by-attention",
    "4.7": "istree",
    "5.2": "recurrent-models",
    "5.3": "recurrent-models",
    "5.4": "turing-machines",
    "5.6": "recurrent-models",
    "5.7": "turing-machines",
}
"""The page that tells why; the lower halves of 4.6 and 4.7 stand on a page of their own."""


def overview():
    """The theorems with their verdicts, one line each."""
    from IPython.display import Markdown

    lines = [
        f"| [{t['number']}]({EXPLAINED[t['number']]}.md) | {THEOREMS[t['number']].title} | **{t['verdict']}** "
        f"| {sum(c['verdict'] == 'VERIFIED' for c in t['claims'])} of {len(t['claims'])} |"
        for t in report()["theorems"]
    ]
    return Markdown("\n".join(["| theorem | | verdict | claims |", "| --- | --- | --- | --- |", *lines]))


def index_of_theorems() -> str:
    """For each theorem what stands for it, as Markdown."""
    done = report()
    found = {theorem["number"]: theorem for theorem in done["theorems"]}
    return "\n".join(_entry(theorem, found[number], done["certificates"]) for number, theorem in THEOREMS.items())


def _entry(theorem, result: dict, certificates: dict) -> str:
    modules = sorted({CONSTRUCTIONS[name].__module__ for name in theorem.constructions})
    subjects = {subject_of(claim) for claim in result["claims"]} | {claim["construction"] for claim in result["claims"]}
    files = [
        name
        for subject, names in certificates.items()
        if subject in subjects
        for name in names
        if not name.endswith(".fooling-set.json")
        or ("istree" in name) == ("transformer/istree" in theorem.constructions)
    ]
    rows = {
        "explained": f"[{EXPLAINED[theorem.number]}]({EXPLAINED[theorem.number]}.md)"
        + (", [lower-bounds](lower-bounds.md)" if theorem.number in ("4.6", "4.7") else ""),
        "constructions": ", ".join(f"`{name}`" for name in theorem.constructions),
        "wired in": ", ".join(f"`{module}`" for module in modules),
        "tests": ", ".join(f"`{path}`" for path in tests_of(theorem)),
        "certificates": f"{len(files)}: " + _kinds(files),
        "not checked": "; ".join(theorem.not_checked) or "nothing is left",
    }
    definitions = "\n".join(f"{term}\n: {text}\n" for term, text in rows.items())
    return f"## {theorem.number}: {theorem.title}\n\n**{result['verdict']}.** {theorem.statement}\n\n{definitions}"


def _kinds(files: Sequence[str]) -> str:
    words = [name.rsplit(".", 2)[1].partition("-n")[0] for name in files]
    return ", ".join(f"{words.count(word)} {word}" for word in sorted(set(words)))


def tests_of(theorem) -> list[str]:
    """Test files that are named after a theorem, or name one of its constructions."""
    named = f"theorem_{theorem.number.replace('.', '_')}"
    root = Path(__file__).parent.parent
    return [
        path.relative_to(root).as_posix()
        for path in sorted((root / "tests").rglob("test_*.py"))
        if named in path.name
        or ("theorems" in path.parts and any(f'"{name}"' in path.read_text() for name in theorem.constructions))
    ]


def commands() -> str:
    """Every command with its arguments and options, as Markdown."""
    from proofs_check.cli import app

    parts = []
    for name, command in app.commands.items():
        context = command.make_context(name, [], resilient_parsing=True)
        parameters = command.get_params(context)
        arguments = [p for p in parameters if p.param_type_name == "argument"]
        usage = " ".join(["retrieval-gap", name, *map(placeholder, arguments), "[OPTIONS]"])
        rows = [(placeholder(p), p.help or "") for p in arguments]
        for option in parameters:
            record = None if option in arguments else option.get_help_record(context)
            if record is not None:  # a hidden option has none
                rows.append(record)
        lines = [f"| {in_code(left)} | {escaped(right)} |" for left, right in rows if "--help" not in left]
        head = ["| option | |", "| --- | --- |"]
        parts.append("\n".join([f"## `{name}`", "", command.help, "", "```", usage, "```", "", *head, *lines, ""]))
    return "\n".join(parts)


def exit_codes() -> str:
    """Every exit code of the command line, as a table in Markdown."""
    from proofs_check._commands._ending import ENDINGS

    def verdicts(names: str) -> str:
        return ", ".join(f"`{name}`" for name in names.split(", ") if name)

    rows = [f"| {code} | {verdicts(names)} | {escaped(meaning)} |" for code, names, meaning in ENDINGS]
    return "\n".join(["| code | verdict | means |", "| --- | --- | --- |", *rows])


def placeholder(argument) -> str:
    """How an argument stands in a command; in brackets if it may be left out."""
    name = (argument.metavar or argument.name).strip("[]").upper()
    name = f"{name} ..." if argument.nargs == -1 else name
    return name if argument.required else f"[{name}]"


def in_code(text: str) -> str:
    return "`" + text.replace("|", "\\|") + "`"


def escaped(text: str) -> str:
    for sign, instead in (("|", "\\|"), ("<", "&lt;"), ("*", "\\*")):
        text = text.replace(sign, instead)
    return re.sub(r"--[a-z][a-z-]*", r"`\g<0>`", text)  # an option keeps its two hyphens


def machine_checked():
    """Every theorem that Coq checks about all sizes; those that are printed for each construction are left out."""
    from proofs_check.rocq import SHIPPED

    rows = [
        [theorem.number or "any", theorem.statement, theorem.name]
        for theorem in sorted(SHIPPED, key=lambda theorem: theorem.number)
    ]
    return table(["theorem", "what is proved", "in Coq"], rows, code=(2,))


def neighbours():
    """The theorems of other papers: name, statement, constructions, and what of each is not checked."""
    rows = [[t.number, t.statement, ", ".join(t.constructions), "; ".join(t.not_checked)] for t in NEIGHBOURS.values()]
    return table(["name", "statement, restated", "constructions", "not checked"], rows, code=(0, 2))


def lines_of(text: str) -> int:
    """How many lines a file has, without those that are empty or of a docstring."""
    documented = set[int]()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.FunctionDef) and ast.get_docstring(node) is not None:
            documented.update(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    return sum(bool(line.strip()) and place not in documented for place, line in enumerate(text.splitlines(), 1))


def gallery_lines() -> dict[str, int]:
    """The lines of each file of the gallery, by the name of its construction."""
    files = {name: Path(reference_of(name).rpartition(":")[0]) for name in GALLERY}
    return {name: lines_of(file.read_text(encoding="utf-8")) for name, file in files.items()}


def gallery():
    """What the gallery holds: the question, the size of the network, the most tokens written, the lines of the file."""
    rows = []
    for name, lines in gallery_lines().items():
        made = from_gallery(name)
        heads = sum(len(getattr(layer, "heads", ())) for layer in made.blueprint.layers)
        family = made.name.partition("/")[0]
        rows.append([name, summary_of(name), family, heads, len(made.blueprint.layers), made.longest, lines])
    return table(["name", "what", "family", "heads", "layers", "tokens written", "lines"], rows, code=(0,))
