"""How fast the kernel is: ``python -m tests.benchmarks.bench_kernel``.

Fooling sets are measured in cells, a cell being one prefix with one query; each is decided twice, once from
whole rows and once from single answers. The interpreter is measured in inputs per second. Every run ends with
VERIFIED, or the benchmark fails; medians of several runs are printed. Beside models stands the plain evaluator on
inputs of the same kind, one after the other, in turn with the kernel: NumPy on matrices against loops over lists of
nonzero weights, with transcripts that share prefixes.
"""

import argparse
import os
import platform
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from constructions.engine import decode
from constructions.theorems import Construction, construction
from proofs_check.certificates import Question, canonical_text, certify_exhaustive, certify_sampled, fooling_set
from proofs_check.kernel import check
from proofs_check.kernel._reference import Question as KernelQuestion
from proofs_check.kernel._reference import query_count
from tests.benchmarks.bench_istree import alternating

Json = dict[str, Any]


def tables() -> dict[str, Json]:
    """Certificates of fooling sets."""
    return {
        "index, words, n = 12, k = 2": fooling_set(Question("index", 12, 2), "words", 4096),
        "associative recall, permutations, n = 7": fooling_set(
            Question("associative-recall", 7, 7), "permutations", 5040
        ),
        "associative recall, rotations, promise, n = 8": fooling_set(
            Question("associative-recall", 8, 8, "promise"), "rotations", 5040
        ),
        "counting, multisets, n = 7": fooling_set(Question("counting", 7, 7), "multisets", 1716),
        "istree, partitions, n = 7": fooling_set(Question("istree", 7, 7), "partitions", 878),
    }


def models() -> dict[str, tuple[Json, Construction]]:
    """Certificates of models."""
    recall, istree = construction("transformer/associative-recall"), construction("transformer/istree")
    return {
        "associative recall, n = 8, sampled": (certify_sampled(recall, 8, checked=1000), recall),
        "associative recall, n = 8, k = 2, all": (certify_exhaustive(recall, 8, 2), recall),
        "istree, n = 4, all edge lists": (certify_exhaustive(istree, 4), istree),
    }


def by_the_evaluator(subject: Construction, n: int, count: int = 200) -> Callable[[], float]:
    """Seconds that the plain evaluator takes for an input, from some random ones."""
    model, rng = subject.at(n), np.random.default_rng(n)
    instances = [subject.task.sample(rng, n) for _ in range(count)]
    prompts = [subject.reads(instance) for instance in instances]

    def seconds() -> float:
        began = time.process_time()
        written = [decode(model, prompt, engine="plain").tokens for prompt in prompts]
        taken = time.process_time() - began
        if written != [tuple(subject.expected(instance, n)) for instance in instances]:
            raise SystemExit(f"{subject.name}, n = {n}: wrong; no timing means anything")
        return taken / count

    return seconds


def size(certificate: Json) -> tuple[int, str]:
    """How much the kernel has to decide."""
    if certificate["kind"] == "fooling-set":
        question = KernelQuestion(certificate["task"], certificate["n"], certificate["alphabet"])
        return certificate["states"] * query_count(question), "cells"
    return certificate.get("checked", certificate["inputs"]), "inputs"


def by_the_kernel(certificate: Json) -> Callable[[], float]:
    """Seconds of a check, reading included."""
    data = canonical_text(certificate).encode()

    def seconds() -> float:
        began = time.process_time()
        verdict = check(data)
        taken = time.process_time() - began
        if verdict.word != "VERIFIED":
            raise SystemExit(verdict.line)
        return taken

    return seconds


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5, help="runs of which the median is printed (5)")
    repeats = parser.parse_args().repeats
    print(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores; median of {repeats} runs")
    for name, certificate in tables().items():
        (seconds,), (count, unit) = alternating([by_the_kernel(certificate)], repeats), size(certificate)
        print(f"{name:46} {count:8,} {unit:7} {seconds:8.3f} s {count / seconds:12,.0f} {unit}/s", flush=True)
    for name, (certificate, subject) in models().items():
        ways = [by_the_kernel(certificate), by_the_evaluator(subject, certificate["n"])]
        (seconds, each), (count, unit) = alternating(ways, repeats), size(certificate)
        print(
            f"{name:46} {count:8,} {unit:7} {seconds:8.3f} s {count / seconds:12,.0f} {unit}/s, "
            f"{each * count / seconds:.1f} times the evaluator's",
            flush=True,
        )


if __name__ == "__main__":
    main()
