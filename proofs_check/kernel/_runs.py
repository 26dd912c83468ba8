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
from ._reference import Word, answer, edges_of, euler_tour, question_of
from ._verdict import Incomplete, Malformed, Rejected, counted, number_words, shown

MOST_INPUTS = 10_000_000
MOST_DRAWN = 200_000
"""Inputs of a sample; those that were drawn are kept."""
MOST_TOKENS = 10_000
"""Tokens that a model may write on one input."""
MOST_STEPS = 2_000_000
"""Numbers that are looked at, at most, on one input."""
MOST_STEPS_TOGETHER = 20_000_000_000
TRANSCRIPTS = ("answer", "euler-tour")


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


class Run:
    """The fields that all certificates about runs of a model share, read and checked as far as no run is needed."""

    def __init__(self, fields: Fields) -> None:
        self.question, convention = question_of(fields)
        expected = "promise" if self.question.task == "istree" else "total"
        if convention != expected:
            raise Malformed(f"the inputs of a model for {self.question.task} are those of the convention {expected}")
        self.family = fields.word("family", tuple(MODEL_FAMILIES))
        self.inputs = Inputs(self.question, self.family)
        claimed = fields.integer("inputs", 1, 10**4_000)
        self.longest = fields.integer("longest_output", 1, MOST_TOKENS)
        self.transcript = fields.word("transcript", TRANSCRIPTS)
        if self.transcript == "euler-tour" and self.question.task != "istree":
            raise Malformed(f"the task {self.question.task} has no reference transcript but its answer")
        self.model = Model(fields["model"], fields.place("model"))
        if fields["version"] == 1 and self.model.since > 1:
            raise Malformed(f"{fields.place('model')} has a gated recurrence, which certificates know since version 2")
        self.prompt = self._prompt(fields)
        if claimed != self.inputs.count:
            raise Rejected(f"inputs is {shown(claimed)}, but there are {number_words(self.inputs.count)}")

    def _prompt(self, fields: Fields) -> Prompt:
        keys = ("edge", "separator", "start") if self.question.task == "istree" else ("separator", "start")
        table = Fields(fields["prompt"], fields.place("prompt"), keys)
        prompt = Prompt(table.text("start"), table.text("separator"), table.text("edge") if len(keys) == 3 else None)
        for key, token in zip(prompt._fields, prompt, strict=True):
            if token is not None and token not in self.model.specials:
                raise Malformed(f"{table.place(key)} is {shown(token)}, which is no special token of the model")
        return prompt

    def chosen(self, sample: tuple[int, int] | None, weight: int = 1) -> tuple[int, Iterator[tuple[Word, Word]]]:
        """How many inputs to run and which: all, or those of the sample (k, seed).

        ``weight`` says how much longer a step takes than in a plain run. Nothing is run before all is counted.
        """
        total = self.inputs.count if sample is None else min(sample[0], self.inputs.count)
        most = MOST_INPUTS if sample is None else MOST_DRAWN
        if total > most:
            raise Incomplete(f"{number_words(total)} inputs are more than the {most:,} that this kernel runs")
        steps = weight * (self.inputs.steps + self.model.steps(self.inputs.longest_prompt, self.longest))
        if steps > MOST_STEPS or total * steps > MOST_STEPS_TOGETHER:
            raise Incomplete(
                f"{number_words(total)} inputs at up to {number_words(steps)} steps each are more than this kernel "
                f"makes ({MOST_STEPS:,} on one input, {MOST_STEPS_TOGETHER:,} together)"
            )
        return total, self.inputs.all() if sample is None else self.inputs.drawn(total, sample[1])

    def written(self, chosen: Iterator[tuple[Word, Word]]) -> Iterator[tuple[str, str, str, int]]:
        """Prompt, reference and what the model writes, as text, and the number of tokens written.

        Raises:
            Rejected: if the model is wrong.
        """
        whole = self.transcript == "euler-tour"
        for sequence, query in chosen:
            tokens = self.prompt.tokens(sequence, query)
            try:
                written, ended = self.model.transcript(tokens, self.longest)
            except LookupError as error:
                raise Rejected(f"the token {error} of an input is not in the model's vocabulary") from None
            wanted = euler_tour(edges_of(sequence)) if whole else [answer(self.question, sequence, query)]
            right = (written if whole else written[-1:]) == wanted
            if not (right and ended):  # a right token at which it was cut off is no answer
                raise Rejected(
                    f"on {shown(' '.join(tokens))} the model writes {shown(' '.join(written))}, "
                    f"expected {shown(' '.join(wanted))}"
                )
            yield " ".join(tokens), " ".join(wanted), " ".join(written), len(written)

    @property
    def sentence(self) -> str:
        """What was done right, without the number of inputs."""
        right = "writes the reference transcript" if self.transcript == "euler-tour" else "answers correctly"
        return f"{self.question}, {MODEL_FAMILIES[self.family]}: {self.model.described()} {right}"

    @property
    def name(self) -> str:
        """What the file calls the model, for the end of a sentence."""
        return f"; the name in the file, {shown(self.model.name)}, was not checked"

    def all_of_them(self, found_longest: int) -> str:
        """The sentence after all inputs were run."""
        self.measured(found_longest)
        return (
            f"{self.sentence} on all {counted(self.inputs.count, 'input')}, in at most {counted(self.longest, 'token')}"
        )

    def measured(self, found_longest: int) -> None:
        """Reject a wrong length of the longest output."""
        if found_longest != self.longest:
            longest = counted(found_longest, "token")
            raise Rejected(f"longest_output is {self.longest}, but the longest output has {longest}")

    def some_of_them(self, count: int, seed: int) -> str:
        """The sentence after some inputs were run."""
        return f"{self.sentence} on {count:,} of {number_words(self.inputs.count)} inputs, seed {seed}"


def check(fields: Fields, sample: tuple[int, int] | None) -> str:
    """Run the model of a certificate; a sentence if it is right on everything that was run.

    ``sample``, (k, seed), asks for a sample of an exhaustive certificate: it cannot verify the claim.
    """
    run = Run(fields)
    return f"{ran(run, fields, sample)}{run.name}"


def ran(run: Run, fields: Fields, sample: tuple[int, int] | None) -> str:
    """What :func:`check` does once the fields of the run are read."""
    digest = fields.text("digest")
    own: tuple[int, int] | None = None
    if "checked" in fields.keys:
        own = fields.integer("checked", 1, 10**18), fields.integer("seed", 0, 10**18)
    if own and own[0] > run.inputs.count:
        raise Rejected(f"checked is {own[0]}, but there are only {run.inputs.count} inputs")
    if own is not None and sample is not None:
        raise Incomplete("a sampled certificate names its own sample; run it without --sample")
    asked = own or sample
    total, chosen = run.chosen(asked)
    count, longest, lines = 0, 0, hashlib.sha256()
    for prompt, _, written, length in run.written(chosen):
        count, longest = count + 1, max(longest, length)
        lines.update(f"{prompt} -> {written}\n".encode())
    if count != total:
        raise Incomplete(f"the kernel ran {count} inputs where its formula says {total}: a fault of the kernel")
    if own is None and asked is not None:
        raise Incomplete(f"{run.some_of_them(total, asked[1])}; the claim is about all of them")
    run.measured(longest)
    if lines.hexdigest() != digest:
        raise Rejected(f"the digest of the transcripts is {lines.hexdigest()}, not {shown(digest)}")
    if own is None:
        return run.all_of_them(longest)
    return f"{run.some_of_them(total, own[1])}, in at most {counted(longest, 'token')}"
