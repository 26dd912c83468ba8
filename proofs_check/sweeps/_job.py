"""What a sweep runs: a model from its weights, on all inputs of a family, by rank."""

import functools
import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from constructions.architectures import Model
from constructions.errors import InputError, ResourceError, in_words
from constructions.tasks import NO, NONE, YES, RetrievalTask, Task, permutations
from constructions.tasks import task as task_named
from constructions.theorems import Construction, is_users, source_of, user_construction
from constructions.theorems import construction as construction_named
from proofs_check.certificates import Prompt, Question, Setting, canonical_text, model_from_json, model_to_json
from proofs_check.evidence import kernel_knows
from proofs_check.sweeps._edge_lists import MOST_NODES, continuations, edge_lists, euler_tours

Ints = NDArray[np.int64]

LONG_SWEEP = 4_000_000
"""From so many tokens on, those that no other input shares, a loop is compiled for the model."""

MOST_INPUTS, LONGEST = 10**13, 1000
"""A sweep has at most so many inputs (4 months at a million a second), of sequences of at most this length."""

FAMILIES = ("words", "permutations", "edge-lists")

LISTED = "inputs"
"""The family of a task for which the kernel has no reference: all inputs, as the task lists them. No certificate."""


@dataclass(frozen=True)
class Job:
    """Everything that decides what a sweep finds; equal jobs have equal certificates.

    ``model`` is the model as the text of a certificate. Transcripts are compared with those of ``construction``,
    where it is given, else with what a certificate promises: the answer, or the Euler tour. ``source`` is the digest
    of the file from which a construction of the user's comes.
    """

    question: Question
    family: str
    prompt: Prompt
    transcript: str
    model: str
    most: int
    construction: str | None = None
    source: str | None = None

    @classmethod
    def of(
        cls, name: str, n: int, alphabet: int | None = None, c: int | None = None, family: str | None = None
    ) -> "Job":
        """The job of a construction.

        Raises:
            InputError: if there is no such construction, or its inputs are not those of a certificate.
        """
        made = _made(name, c)
        source = source_of(name)
        if made.task.machine is not None:
            raise InputError(f"{name} has no inputs to list: any word goes with any number of steps of a machine")
        certified = made.task.certified
        if certified is None or not kernel_knows(made):
            return cls._listed(made, n, alphabet, family, (name, source))
        graphs = certified.edges
        if graphs and not 2 <= n <= MOST_NODES:
            raise InputError(f"n = {n}: edge lists are listed for 2 to {MOST_NODES} nodes")
        if graphs and alphabet not in (None, n):
            raise InputError(f"alphabet = {alphabet}: the letters of istree are its n = {n} nodes; leave it out")
        allowed = FAMILIES[2:] if graphs else FAMILIES[:2]
        if family is not None and family not in allowed:
            raise InputError(f"the inputs of {made.task.name} are {' or '.join(allowed)}, not {family!r}")
        if min(n, alphabet or 1) < 1 or (family == "permutations" and alphabet not in (None, n)):
            raise InputError(f"n = {n}, alphabet = {alphabet}: expected at least 1; permutations have n letters")
        if not graphs:
            _require_few(made.task, n, alphabet, family)
        found = Setting(made, n, alphabet, family)
        model = canonical_text(model_to_json(found.model))
        most = made.longest(n=found.size) + 1
        return cls(found.question, found.family, found.prompt, found.transcript, model, most, name, source)

    @classmethod
    def _listed(
        cls, made: Construction, n: int, alphabet: int | None, family: str | None, origin: tuple[str, str | None]
    ) -> "Job":
        """The job of a construction whose inputs only its task can list; whole transcripts are compared."""
        task = made.task
        if family not in (None, LISTED):
            raise InputError(
                f"the kernel has no reference for {task.name}, whose inputs are the task's, not {family!r}"
            )
        if not task.least <= n <= LONGEST:
            raise InputError(f"n = {in_words(n)}: expected {task.least} to {LONGEST}")
        if task.count(n, alphabet) > MOST_INPUTS:
            raise ResourceError(f"n = {n}: more inputs than the {MOST_INPUTS:,} of a sweep, which is months of work")
        size = max(n, alphabet or 1, made.blueprint.least)
        model = canonical_text(model_to_json(made.at(size)))
        question = Question(task.name, n, alphabet or 0)
        return cls(question, LISTED, Prompt(), "whole", model, made.longest(n=size) + 1, *origin)

    @classmethod
    def from_certificate(cls, certificate: Mapping[str, Any]) -> "Job":
        """The job of a sweep's certificate, with the model as it stands there.

        Raises:
            InputError: if something is missing.
        """
        try:
            value = certificate
            question = Question(value["task"], value["n"], value["alphabet"], value["convention"], value.get("c"))
            prompt, model = Prompt(**value["prompt"]), canonical_text(value["model"])
            return cls(question, value["family"], prompt, value["transcript"], model, value["longest_output"])
        except (KeyError, TypeError) as error:
            raise InputError(f"no certificate of a sweep: {type(error).__name__}: {error}") from error

    @functools.cached_property
    def digest(self) -> str:
        """A digest of all that decides the outcome, so that states of different jobs are not mixed."""
        whole = {**self.fields(), "model": self.model, "most": self.most, "construction": self.construction or ""}
        whole |= {} if self.source is None else {"source": self.source}
        return hashlib.sha256(canonical_text(whole).encode()).hexdigest()

    def fields(self) -> dict[str, Any]:
        """The fields of a certificate that say what is run, but for the model."""
        return {
            **self.question.fields(),
            "family": self.family,
            "prompt": self.prompt.fields(),
            "transcript": self.transcript,
        }

    @property
    def inputs(self) -> int:
        """How many inputs there are, in closed form."""
        if self.family == LISTED:
            return self.asked.count(self.question.n, self.question.alphabet or None)
        if self.family == "edge-lists":
            return continuations(self.question.n, 0, 0)
        return self._sequences * self._queries

    @property
    def _sequences(self) -> int:
        n, alphabet = self.question.n, self.question.alphabet
        return int(np.prod(range(1, n + 1), dtype=object)) if self.family == "permutations" else alphabet**n

    @property
    def _queries(self) -> int:
        return self.rows.query_count(self.question.n, self.question.alphabet)

    @property
    def asked(self) -> Task[Any]:
        """The task."""
        if self.construction is not None:
            return _made(self.construction, self.question.c).task
        return task_named(self.question.task, self.question.c or 3)

    @property
    def rows(self) -> RetrievalTask:
        """The task, where sequences and queries are listed as rows."""
        found = self.asked.in_rows
        assert found is not None  # noqa: S101  (the family says so)
        return found


@functools.lru_cache(maxsize=8)
def _made(name: str, c: int | None) -> Construction:
    """The construction of a name, or of a function in a user's file; kept, as many shards have the same."""
    return user_construction(name) if is_users(name) else construction_named(name, c=c)


def _require_few(task: Task[Any], n: int, alphabet: int | None, family: str | None) -> None:
    """Refuses what no computer gets through, before anything is made of that size."""
    letters = n if alphabet is None else alphabet
    if n > LONGEST or letters.bit_length() > 60:
        raise ResourceError(
            f"n = {in_words(n)}, alphabet = {in_words(letters)}: sequences have at most {LONGEST} tokens"
        )
    sequences = math.factorial(n) if family == "permutations" else letters**n
    if sequences * task.count(1, letters) // letters > MOST_INPUTS:
        raise ResourceError(
            f"n = {n} over {letters} letters: {in_words(sequences)} sequences, each with every query; a sweep has at "
            f"most {MOST_INPUTS:,} inputs, which is months of work"
        )


@dataclass(frozen=True)
class Block:
    """Inputs of consecutive ranks: prompts and references as ids, rows filled up with -1.

    A reference is the answer, or the whole tour. An answer that is no token of the model has the id -2.
    """

    prompts: Ints
    lengths: Ints
    references: Ints
    reference_lengths: Ints
    sequences: Ints
    queries: Ints
    instances: tuple[Any, ...] = ()

    def instance(self, place: int, task: Task[Any]) -> Any:
        """The instance behind a row."""
        if self.instances:
            return self.instances[place]
        listed = self.sequences[place]
        return task.of_numbers(tuple(listed[listed > 0].tolist()), tuple(self.queries[place].tolist()))


class Reader:
    """A job made ready: the model, and blocks of its inputs."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.model: Model = model_from_json(json.loads(job.model))
        self.construction: Construction | None = (
            None if job.construction is None else _made(job.construction, job.question.c)
        )
        self._shift = self.model.vocabulary.first_number_id - self.model.vocabulary.low
        vocabulary = self.model.vocabulary
        self._known = {vocabulary.token_of(i): i for i in range(len(vocabulary))}

    @property
    def size(self) -> int:
        """The size of the model."""
        least = 1 if self.construction is None else self.construction.blueprint.least
        return max(self.job.question.n, self.job.question.alphabet, least)

    @property
    def long(self) -> bool:
        """Whether so much is to be read that compiling a loop for the one model pays, which takes several seconds."""
        read_again = 1 if self.model.answers is None else max(1, self.job.most // 2)
        return self.job.inputs * read_again >= LONG_SWEEP

    @property
    def bulk(self) -> bool:
        """Whether references come in bulk; else each input is asked for what the construction must write."""
        whole = self.construction is not None and self.construction.transcript is not None
        return not whole or self.job.transcript != "answer"

    def block(self, first: int, count: int) -> Block:
        """The inputs of ranks ``first`` .. first + count - 1."""
        if self.job.family == LISTED:
            return self._listed(first, count)
        return self._graphs(first, count) if self.job.family == "edge-lists" else self._retrievals(first, count)

    def _listed(self, first: int, count: int) -> Block:
        construction, question, known = self.construction, self.job.question, self._known
        assert construction is not None  # noqa: S101  (whose task lists the inputs)
        instances = tuple(self.job.asked.ranked(question.n, question.alphabet or None, first, first + count))
        read = [[known[token] for token in construction.reads(instance)] for instance in instances]
        expected = [construction.expected(instance, self.size) for instance in instances]
        written = [[known.get(token, -2) for token in tokens] for tokens in expected]
        none = np.zeros((count, 0), dtype=np.int64)
        return Block(*_filled(read), *_filled(written), none, none, instances)

    def _retrievals(self, first: int, count: int) -> Block:
        job, question = self.job, self.job.question
        asked = job.rows
        queries = asked.queries(question.n, question.alphabet)
        begin, end = first // len(queries), -(-(first + count) // len(queries))
        if job.family == "permutations":
            rows = permutations(question.n, begin, end)
        else:
            rows = asked.sequences(question.n, question.alphabet, begin, end)
        skip = first - begin * len(queries)
        chosen = slice(skip, skip + count)
        numbers = asked.answer_numbers(rows, queries).reshape(-1)[chosen]
        texts = {value: str(value) for value in set(numbers.tolist())}
        if asked.zero_is_none:
            texts[0] = NONE
        answers = np.zeros(len(numbers), dtype=np.int64)
        for value, text in texts.items():
            answers[numbers == value] = self._known.get(text, -2)
        sequences, asked_for = np.repeat(rows, len(queries), axis=0)[chosen], np.tile(queries, (len(rows), 1))[chosen]
        prompts = np.empty((count, 2 + question.n + queries.shape[1]), dtype=np.int64)
        prompts[:, 0] = self._known[job.prompt.start]
        prompts[:, 1 : question.n + 1] = sequences + self._shift
        prompts[:, question.n + 1] = self._known[job.prompt.separator]
        prompts[:, question.n + 2 :] = asked_for + self._shift
        lengths = np.full(count, prompts.shape[1])
        return Block(prompts, lengths, answers[:, None], np.ones(count, dtype=np.int64), sequences, asked_for)

    def _graphs(self, first: int, count: int) -> Block:
        prompt, known = self.job.prompt, self._known
        lists, edges = edge_lists(self.job.question.n, first, count)
        pairs = lists.shape[1] // 2
        prompts = np.full((count, 3 * pairs + 2), -1, dtype=np.int64)
        prompts[:, 0] = known[prompt.start]
        prompts[:, 1:-1:3] = lists[:, ::2] + self._shift
        prompts[:, 2:-1:3] = known[prompt.edge or ""]
        prompts[:, 3:-1:3] = lists[:, 1::2] + self._shift
        lengths = 3 * edges + 2
        behind = np.arange(prompts.shape[1]) >= lengths[:, None]
        prompts[behind] = -1
        prompts[np.arange(count), lengths - 1] = known[prompt.separator]
        tours, counts, trees = euler_tours(lists, edges)
        answers = np.where(trees, known.get(YES, -2), known.get(NO, -2))
        if self.job.transcript == "answer":
            return Block(prompts, lengths, answers[:, None], np.ones(count, dtype=np.int64), lists, lists[:, :0])
        references = np.full((count, tours.shape[1] + 1), -1, dtype=np.int64)
        inside = np.arange(tours.shape[1]) < counts[:, None]
        references[:, :-1][inside] = tours[inside] + self._shift
        references[np.arange(count), counts] = answers
        return Block(prompts, lengths, references, counts + 1, lists, lists[:, :0])


def _filled(rows: Sequence[Sequence[int]]) -> tuple[Ints, Ints]:
    """Rows filled up with -1, and their lengths."""
    lengths = np.array([len(row) for row in rows], dtype=np.int64)
    table = np.full((len(rows), lengths.max(initial=0)), -1, dtype=np.int64)
    for row, ids in zip(table, rows, strict=True):
        row[: len(ids)] = ids
    return table, lengths


@functools.lru_cache(maxsize=4)
def reader_of(job: Job) -> Reader:
    """The reader of a job; kept, as many shards have the same job."""
    return Reader(job)
