"""Certificates of the kinds exhaustive and sampled: a model, run again from its weights.

The prompt is START, the sequence, SEPARATOR, the query; for istree START, u ~ v for each edge with the
token EDGE between the ends, SEPARATOR. What the model writes must end with the right answer and, where
the certificate says so, be the reference transcript. The digest is the SHA-256 of a line
"PROMPT -> WRITTEN" per input, tokens separated by spaces, in the order in which the inputs are run.
"""

import hashlib
from collections.abc import Iterator
from typing import NamedTuple

from ._inputs import MODEL_FAMILIES, Inputs
from ._model import Model
from ._reading import Fields
from ._reference import Question, Word, answer, edges_of, euler_tour
from ._verdict import Incomplete, Malformed, Rejected, number_words, shown

MOST_INPUTS = 10_000_000
TRANSCRIPTS = ("answer", "euler-tour")
KEYS = ("digest", "family", "inputs", "longest_output", "model", "prompt", "transcript")
SAMPLE_KEYS = ("checked", "seed")


class Prompt(NamedTuple):
    """The tokens around the input."""

    start: str
    separator: str
    edge: str | None

    def tokens(self, sequence: Word, query: Word) -> list[str]:
        """What the model reads."""
        if self.edge is None:
            return [self.start, *map(str, sequence), self.separator, *map(str, query)]
        edges = [token for u, v in edges_of(sequence) for token in (str(u), self.edge, str(v))]
        return [self.start, *edges, self.separator]


def check(fields: Fields, question: Question, convention: str, sample: tuple[int, int] | None) -> str:
    """Run the model of a certificate; a sentence if it is right on everything that was run.

    ``sample``, (k, seed), asks for a spot check of an exhaustive certificate: it cannot verify the claim.
    """
    expected = "promise" if question.task == "istree" else "total"
    if convention != expected:
        raise Malformed(f"the inputs of a model for {question.task} are those of the convention {expected}")
    family = fields.word("family", tuple(MODEL_FAMILIES))
    inputs = Inputs(question, family)
    claimed = fields.integer("inputs", 1)
    digest = fields.text("digest")
    longest = fields.integer("longest_output", 1, 10**6)
    transcript = fields.word("transcript", TRANSCRIPTS)
    if transcript == "euler-tour" and question.task != "istree":
        raise Malformed(f"the task {question.task} has no reference transcript but its answer")
    model = Model(fields["model"], fields.place("model"))
    prompt = _prompt(fields, question, model)
    own = (fields.integer("checked", 1), fields.integer("seed", 0)) if "checked" in fields.keys else None
    if claimed != inputs.count:
        raise Rejected(f"inputs is {shown(claimed)}, but there are {number_words(inputs.count)}")
    if own and own[0] > inputs.count:
        raise Rejected(f"checked is {own[0]}, but there are only {inputs.count} inputs")
    if own is not None and sample is not None:
        raise Incomplete("a sampled certificate names its own sample; run it without --sample")
    asked = own or sample
    run = inputs.all() if asked is None else inputs.drawn(min(asked[0], inputs.count), asked[1])
    total = inputs.count if asked is None else min(asked[0], inputs.count)
    if total > MOST_INPUTS:
        raise Incomplete(f"{number_words(total)} inputs are more than the {MOST_INPUTS:,} that this kernel runs")
    count, found_longest, found_digest = _run(model, prompt, question, transcript, run, longest)
    if count != total:
        raise Incomplete(f"the kernel ran {count} inputs where its formula says {total}: a fault of the kernel")
    kind = "linear RNN" if model.architecture == "retrieval" else model.architecture
    kind += " that searches" if model.search is not None else ""
    what = f"{question}, {MODEL_FAMILIES[family]}: the {kind} {shown(model.name)}"
    right = "writes the reference transcript" if transcript == "euler-tour" else "answers correctly"
    if asked is not None:
        where = f"{total:,} of {number_words(inputs.count)} inputs, seed {asked[1]}"
        if own is None:
            raise Incomplete(f"{what} {right} on {where}; the claim is about all of them")
    else:
        where = f"all {total:,} inputs"
    if found_longest != longest:
        raise Rejected(f"longest_output is {longest}, but the longest output has {found_longest} tokens")
    if found_digest != digest:
        raise Rejected(f"the digest of the transcripts is {found_digest}, not {shown(digest)}")
    return f"{what} {right} on {where}, in at most {longest:,} token{'s' * (longest > 1)}"


def _prompt(fields: Fields, question: Question, model: Model) -> Prompt:
    graph = question.task == "istree"
    table = Fields(
        fields["prompt"], fields.place("prompt"), ("edge", "separator", "start") if graph else ("separator", "start")
    )
    prompt = Prompt(table.text("start"), table.text("separator"), table.text("edge") if graph else None)
    for key, token in zip(prompt._fields, prompt, strict=True):
        if token is not None and token not in model.specials:
            raise Malformed(f"{table.place(key)} is {shown(token)}, which is no special token of the model")
    return prompt


def _run(
    model: Model,
    prompt: Prompt,
    question: Question,
    transcript: str,
    run: Iterator[tuple[Word, Word]],
    longest: int,
) -> tuple[int, int, str]:
    """How many inputs were run, the length of the longest output, and the digest of all transcripts."""
    count, found_longest, lines = 0, 0, hashlib.sha256()
    for sequence, query in run:
        tokens = prompt.tokens(sequence, query)
        try:
            written, ended = model.transcript(tokens, longest)
        except LookupError as error:
            raise Rejected(f"the token {error} of an input is not in the model's vocabulary") from None
        wanted = euler_tour(edges_of(sequence)) if transcript == "euler-tour" else [answer(question, sequence, query)]
        right = (written if transcript == "euler-tour" else written[-1:]) == wanted
        if not (right and ended):  # a right token at which it was cut off is no answer
            raise Rejected(
                f"on {shown(' '.join(tokens))} the model writes {shown(' '.join(written))}, "
                f"expected {shown(' '.join(wanted))}"
            )
        count, found_longest = count + 1, max(found_longest, len(written))
        lines.update(f"{' '.join(tokens)} -> {' '.join(written)}\n".encode())
    return count, found_longest, lines.hexdigest()
