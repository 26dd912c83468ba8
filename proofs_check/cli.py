"""The command line, ``retrieval-gap``. Each command imports what it needs when it is called."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal, NoReturn

import click

from proofs_check._commands._ending import begun, ended, wrong_usage
from proofs_check._commands._options import (
    ArithmeticName,
    AsAuthors,
    BySolver,
    ClaimedError,
    ConventionName,
    EngineName,
    Everything,
    FamilyName,
    FewSteps,
    GramSize,
    Graphs,
    InputFormat,
    Json,
    Keys,
    Letters,
    LineFormat,
    MachineText,
    MaxN,
    Memory,
    Merge,
    Named,
    NameOrInput,
    OfVerifier,
    OptionalTask,
    PageFormat,
    RepeatsName,
    Seed,
    Size,
    SkipIsolated,
    Steps,
    SubjectName,
    Swept,
    Theorems,
    UserFile,
    Whose,
    no_command,
)
from proofs_check._commands._parser import Commands, argument, option
from proofs_check._commands.showing import gallery, prove

app = Commands(
    no_command,
    help="Hand-wired neural networks, executed exactly and checked against the theorems that promise them.",
)


@app.add
def list_(json: Json = False) -> None:
    """List constructions, tasks and theorems."""
    from proofs_check._commands import listing

    listing.show(json)


@app.add
def verify(
    theorems: Theorems = None,
    max_n: MaxN = None,
    arithmetic: ArithmeticName = "exact",
    seed: Seed = 0,
    out: Annotated[Path | None, option(help="Write report and certificates into this directory.")] = None,
    user_file: UserFile = None,
    workers: Annotated[int | None, option(min=1, max=256, help="Most processes; one per processor.")] = None,
    details: Annotated[bool, option("--details", help="Print each claim with its evidence.")] = False,
    everything: Everything = False,
    json: Json = False,
) -> int:
    """Check theorems, and say how far each claim was established."""
    from proofs_check._commands import verifying

    amount = verifying.Amount(max_n, arithmetic, seed)
    return verifying.verify(theorems or [], amount, out, user_file, workers, details, everything, json)


@app.add
def run(
    construction: NameOrInput = None,
    text: Annotated[str | None, argument(metavar="[INPUT]", help="The input, or @FILE.")] = None,
    arithmetic: ArithmeticName = "exact",
    engine: EngineName = "auto",
    memory: Memory = "2GiB",
    user_file: UserFile = None,
    input_format: InputFormat = None,
    merge_duplicates: Merge = False,
    skip_isolated: SkipIsolated = False,
    machine: MachineText = None,
    steps: Steps = None,
    cells: Annotated[
        int | None,
        option(min=1, help="For NAME/turing: cells on each side of cell 0; for rnn/turing, cells in all."),
    ] = None,
    jsonl: Annotated[bool, option("--jsonl", help="For NAME/turing: print one JSON line for each step.")] = False,
    json: Json = False,
) -> int:
    """Run a construction on an input. Prints what it writes and, last, the answer."""
    from proofs_check._commands import running
    from proofs_check._commands._shared import refuse

    graphs = running.GraphOptions(input_format, merge_duplicates, skip_isolated)
    if user_file is None and running.simulates(construction):
        from proofs_check._commands import simulating

        graphs.refused_for(construction, "a word")
        how = simulating.How(arithmetic, engine, memory)
        return simulating.simulate(construction, text, machine, steps, cells, how, json, jsonl)
    refuse(running.NO_MACHINE, machine=machine, steps=steps, cells=cells, jsonl=jsonl)
    return running.run(construction, text, arithmetic, engine, memory, user_file, graphs, json)


@app.add
def explain(
    construction: NameOrInput = None,
    text: Annotated[str | None, argument(metavar="[INPUT]", help="The input, or @FILE.")] = None,
    form: PageFormat = None,
    out: Annotated[Path | None, option(help="Write to this file; standard output unless given.")] = None,
    full: Annotated[bool, option("--full", help="Show everything: all scores, gates, states, plans.")] = False,
    live: Annotated[bool, option("--live", help="Write a page that runs the model, on any input.")] = False,
    user_file: UserFile = None,
    input_format: InputFormat = None,
    merge_duplicates: Merge = False,
    skip_isolated: SkipIsolated = False,
    machine: MachineText = None,
    steps: FewSteps = None,
    arithmetic: ArithmeticName = "exact",
    json: Json = False,
) -> int:
    """Explain a run token by token. Says what was looked for, what was found, and why each token was written."""
    from proofs_check._commands import explaining
    from proofs_check._commands.running import GraphOptions

    graphs = GraphOptions(input_format, merge_duplicates, skip_isolated)
    asked = explaining.Question(construction, text, user_file, graphs, machine, steps, arithmetic)
    return (explaining.show_live if live else explaining.show)(asked, form, out, full, json)


@app.add
def compare(
    task: Annotated[str, argument(help="A task (see list).")],
    text: Annotated[str, argument(metavar="INPUT", help="The input, or @FILE.")],
    arithmetic: ArithmeticName = "exact",
    memory: Memory = "2GiB",
    input_format: InputFormat = None,
    merge_duplicates: Merge = False,
    skip_isolated: SkipIsolated = False,
    form: Annotated[Literal["text", "html"], option("--format", help="html writes a live page.")] = "text",
    out: Annotated[Path | None, option(help="For html: write this file; standard output unless given.")] = None,
    json: Json = False,
) -> int:
    """Run one input through all model families, side by side."""
    from proofs_check._commands import comparing
    from proofs_check._commands.running import GraphOptions

    graphs = GraphOptions(input_format, merge_duplicates, skip_isolated)
    return comparing.compare(task, text, arithmetic, memory, json, form, out, graphs)


app.add(gallery)
app.add(prove)


@app.add
def check(file: Annotated[Path, argument(help="A certificate.")], json: Json = False) -> int:
    """Check a certificate with the independent kernel."""
    from proofs_check._commands import certifying

    return certifying.check(file, json)


@app.add
def bound(
    n: Size,
    task: OptionalTask = None,
    alphabet: Letters = None,
    c: GramSize = None,
    convention: ConventionName = "total",
    prefixes: FamilyName = None,
    keys: Keys = None,
    repeats: RepeatsName = None,
    error: Annotated[str | None, option(help="For index: how often it may err on average, such as 1/8.")] = None,
    by_solver: BySolver = False,
    user_file: UserFile = None,
    json: Json = False,
) -> int:
    """Tell how many states any machine that reads once needs. Prints the number, its bits and the formula."""
    from proofs_check._commands import bounding

    asked = (task, n, alphabet, convention, c, prefixes, keys, repeats)
    return bounding.bound(asked, error, by_solver, user_file, json)


@app.add
def certify(
    n: Size,
    out: Annotated[Path, option(help="The file to write.")],
    task: OptionalTask = None,
    alphabet: Letters = None,
    c: GramSize = None,
    convention: ConventionName = "total",
    prefixes: FamilyName = None,
    keys: Keys = None,
    by_solver: BySolver = False,
    user_file: UserFile = None,
    json: Json = False,
) -> int:
    """Write a certificate of numbers of states: a fooling set or an exact count; with --construction, of contracts."""
    from proofs_check._commands.bounding import certify as write

    return write((task, n, alphabet, convention, c, prefixes, keys, None), out, by_solver, user_file, json)


@app.add
def refute(
    model: Annotated[
        str,
        argument(
            metavar="FILE.py:FACTORY|FILE.onnx",
            help="FACTORY(n, alphabet) gives a model with initial(), step(state, token), output(state), or an "
            "nn.Sequential with an RNN. The file is executed. Or an ONNX model with state.",
        ),
    ],
    n: Size,
    task: Annotated[str | None, option("--task", help="The task that the model is to answer.")] = None,
    alphabet: Letters = None,
    c: GramSize = None,
    convention: ConventionName = "total",
    prefixes: FamilyName = None,
    keys: Keys = None,
    max_cot: Annotated[int, option("--max-cot", min=0, help="Most tokens of chain of thought.")] = 1000,
    budget: Annotated[int, option(min=1, help="Most calls of step and output.")] = 2_000_000,
    seconds: Annotated[float, option(min=0.01, max=1e7, help="Most seconds to search.")] = 60.0,
    error: ClaimedError = None,
    seed: Seed = 0,
    words: Annotated[str | None, option(metavar="A,B,...", help="Tokens that stand for 1, 2, ...")] = None,
    user_file: UserFile = None,
    json: Json = False,
) -> int:
    """Find an input on which a model with too few states fails, for a task or that of --construction."""
    from proofs_check._commands import refuting
    from proofs_check.lower_bounds import Budget

    asked, spent = (task, n, alphabet, convention, c, prefixes, keys, None), Budget(budget, seconds)
    if user_file is None:
        return refuting.refute_model(model, asked, max_cot, spent, error, seed, words, json)
    beside = {"error": error, "seed": seed or None, "words": words}
    return refuting.refute_for_own_task(model, user_file, asked, max_cot, spent, beside, json)


@app.add
def precision(
    sizes: Annotated[str, option("--n", metavar="N[,N...]", help="Sizes, such as 16,64,256.")],
    construction: SubjectName = None,
    softmax: Annotated[bool, option("--softmax", help="Use softmax at b(n, p), not hard attention.")] = False,
    from_middle: Annotated[bool, option("--centred", help="Count positions from the context's middle.")] = False,
    out: Annotated[Path | None, option(help="Write a figure: a file that ends in .svg or .png.")] = None,
    certificate: Annotated[Path | None, option(help="Certify what a softmax changes, at the smallest N.")] = None,
    c: GramSize = None,
    machine: MachineText = None,
    user_file: UserFile = None,
    seed: Seed = 0,
    json: Json = False,
) -> int:
    """Find how many bits of floating point a construction needs. Prints what works, what breaks, what suffices."""
    from proofs_check._commands import measuring

    named = Named(construction, user_file, c, machine)
    return measuring.measure(named, sizes, softmax, from_middle, out, certificate, seed, json)


@app.add
def mutate(
    construction: SubjectName = None,
    n: Annotated[
        int | None, option("--n", min=1, help="Run all inputs of this size; a small one unless given.")
    ] = None,
    c: GramSize = None,
    machine: MachineText = None,
    user_file: UserFile = None,
    limit: Annotated[int | None, option(min=1, help="Plant so many faults, at random; all unless given.")] = None,
    verifier: OfVerifier = False,
    seed: Seed = 0,
    json: Json = False,
) -> int:
    """Plant faults in the weights; say which the evidence finds. Says why each of the others changes nothing."""
    from proofs_check._commands import mutating
    from proofs_check._commands._shared import refuse

    if verifier:
        refuse("is about the weights of a construction, not about the verifier", n=n, c=c, machine=machine, limit=limit)
        return mutating.mutate_verifier(construction, json)
    return mutating.mutate(construction, n, c, machine, user_file, limit, seed, json)


@app.add
def sweep(
    n: Size,
    state: Annotated[Path, option(help="Directory of the state; the same command resumes there.")],
    construction: SubjectName = None,
    alphabet: Letters = None,
    c: GramSize = None,
    family: Swept = None,
    workers: Annotated[int | None, option(min=1, max=1024, help="Processes; one per processor.")] = None,
    dask: Annotated[
        str | None, option(metavar="ADDRESS", help="Run on the dask cluster with this scheduler instead.")
    ] = None,
    most_shards: Annotated[int | None, option(min=1, help="Stop after so many shards.")] = None,
    user_file: UserFile = None,
    json: Json = False,
) -> int:
    """Run a construction on all inputs of one size. It works in shards, which survive interruptions."""
    from proofs_check._commands import sweeping

    pool = sweeping.Pool(workers, dask, most_shards)
    return sweeping.run(Named(construction, user_file, c), n, alphabet, family, state, pool, json)


@app.add
def export(
    n: Annotated[int, option("--n", min=1, help="The size of the model.")],
    form: Annotated[
        Literal["onnx", "safetensors", "npz"],
        option("--format", help="npz is exact; safetensors has exact JSON beside it; onnx is one decoding step."),
    ],
    out: Annotated[Path, option(help="The file to write.")],
    construction: SubjectName = None,
    type_name: Annotated[
        Literal["float32", "float64", "int64"] | None,
        option("--type", help="For onnx and safetensors: the type of all numbers; float64 unless given."),
    ] = None,
    attention: Annotated[
        Literal["argmax", "softmax"] | None,
        option("--attention", help="For onnx: how attention is computed; argmax unless given."),
    ] = None,
    c: GramSize = None,
    machine: MachineText = None,
    cells: Annotated[int | None, option(min=1, help="For rnn/turing: how many cells its tape has.")] = None,
    user_file: UserFile = None,
    json: Json = False,
) -> int:
    """Write a model as a file for other tools, unembedding included."""
    from proofs_check._commands import exporting

    asked = exporting.Wanted(construction, n, c, machine, cells, user_file)
    return exporting.export(asked, form, out, type_name, attention, json)


@app.add
def generate(
    n: Size,
    count: Annotated[int, option("--count", min=0, help="How many instances.")],
    task: Annotated[str | None, argument(help="A task (see list); left out if --construction is given.")] = None,
    seed: Seed = 0,
    family: Whose = None,
    c: GramSize = None,
    graphs: Graphs = None,
    form: LineFormat = "jsonl",
    authors: AsAuthors = False,
    out: Annotated[Path | None, option(help="Write to this file; standard output unless given.")] = None,
    user_file: UserFile = None,
    json: Json = False,
) -> int:
    """Write random instances with answers, as JSON lines."""
    from proofs_check._commands import generating

    asked = generating.Asked(n, seed, graphs, form, authors)
    return generating.generate(Named(task, user_file, c), family, asked, count, out, json)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line; what goes wrong becomes one line and an exit code of its own (see ``_ending``)."""
    given = begun(arguments)
    ended(lambda: _invoked(given or ["--help"]))


def _invoked(arguments: list[str]) -> int:
    try:
        return app.run("retrieval-gap", arguments)
    except click.UsageError as error:
        wrong_usage(error.format_message(), error.ctx.command_path if error.ctx else "retrieval-gap")
