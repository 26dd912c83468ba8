"""``python -m tests.benchmarks.bench_sweeps``: inputs a second of exhaustive runs, three ways, interleaved.

The general loop and the loop made for one model run a shard as a sweep does, references and digests included; the
evaluator runs the same inputs by :func:`constructions.engine.decode_batch` or :func:`answer_grid`, without digests.
"""

import statistics
import time
from collections.abc import Callable

import numpy as np

from constructions.engine import answer_grid, decode_batch
from constructions.tasks import RetrievalTask
from proofs_check.evidence._inputs import prefix_ids
from proofs_check.sweeps import Job, run_shard
from proofs_check.sweeps._job import Reader, reader_of

CASES = [("transformer/index", 6), ("transformer/c-gram", 5), ("transformer/counting", 6), ("transformer/istree", 4)]
COUNT, ROUNDS = 2**13, 5


def evaluator(reader: Reader, count: int) -> None:
    """Run the inputs of a shard on the evaluator, as batches."""
    model, question, asked = reader.model, reader.job.question, reader.job.asked
    if isinstance(asked, RetrievalTask):
        queries = asked.queries(question.n, question.alphabet)
        sequences = asked.sequences(question.n, question.alphabet, 0, count // len(queries) + 1)
        suffixes = queries + (model.vocabulary.first_number_id - model.vocabulary.low)
        answer_grid(model, prefix_ids(model.vocabulary, sequences), suffixes)
        return
    block = reader.block(0, count)
    for length in np.unique(block.lengths).tolist():
        decode_batch(model, block.prompts[block.lengths == length, :length], max_tokens=reader.job.most)


def main() -> None:
    """A line for each construction."""
    for name, n in CASES:
        job = Job.of(name, n)
        reader, count = reader_of(job), min(COUNT, job.inputs)
        ways: dict[str, Callable[[], object]] = {
            "evaluator": lambda r=reader, c=count: evaluator(r, c),  # type: ignore[misc]
            "general loop": lambda j=job, c=count: run_shard(j, 0, c, long=False),  # type: ignore[misc]
            "loop for the model": lambda j=job, c=count: run_shard(j, 0, c, long=True),  # type: ignore[misc]
        }
        taken: dict[str, list[float]] = {way: [] for way in ways}
        for call in ways.values():
            call()  # compiles
        for _ in range(ROUNDS):
            for way, call in ways.items():
                began = time.process_time()
                call()
                taken[way].append(time.process_time() - began)
        middle = {way: statistics.median(times) for way, times in taken.items()}
        words = ", ".join(f"{way} {count / seconds:,.0f}/s" for way, seconds in middle.items())
        ratios = [middle["evaluator"] / middle[way] for way in ("general loop", "loop for the model")]
        print(f"{name}, n = {n}: {words}; {ratios[0]:.1f} and {ratios[1]:.1f} times the evaluator", flush=True)


if __name__ == "__main__":
    main()
