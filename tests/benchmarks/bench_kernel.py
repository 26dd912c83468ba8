"""How fast the kernel is: ``python -m tests.benchmarks.bench_kernel``.

Fooling sets are measured in cells, a cell being one prefix with one query; each is decided twice, once from
whole rows and once from single answers. The interpreter is measured in inputs per second. Every run ends with
VERIFIED, or the benchmark fails; medians of several runs are printed.
"""

import argparse
import os
import platform
import statistics
import time
from typing import Any

from constructions.theorems import construction
from proofs_check.certificates import Question, canonical_text, certify_exhaustive, certify_sampled, fooling_set
from proofs_check.kernel import check
from proofs_check.kernel._reference import Question as KernelQuestion
from proofs_check.kernel._reference import query_count

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


def models() -> dict[str, Json]:
    """Certificates of models."""
    recall, istree = construction("transformer/associative-recall"), construction("transformer/istree")
    return {
        "associative recall, n = 8, sampled": certify_sampled(recall, 8, checked=1000),
        "associative recall, n = 8, k = 2, all": certify_exhaustive(recall, 8, 2),
        "istree, n = 4, all edge lists": certify_exhaustive(istree, 4),
    }


def size(certificate: Json) -> tuple[int, str]:
    """How much the kernel has to decide."""
    if certificate["kind"] == "fooling-set":
        question = KernelQuestion(certificate["task"], certificate["n"], certificate["alphabet"])
        return certificate["states"] * query_count(question), "cells"
    return certificate.get("checked", certificate["inputs"]), "inputs"


def median_seconds(certificate: Json, repeats: int) -> float:
    """The median time of a check, reading included."""
    data, seconds = canonical_text(certificate).encode(), []
    for _ in range(repeats):
        began = time.process_time()
        verdict = check(data)
        seconds.append(time.process_time() - began)
        if verdict.word != "VERIFIED":
            raise SystemExit(verdict.line)
    return statistics.median(seconds)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5, help="runs of which the median is printed (5)")
    repeats = parser.parse_args().repeats
    print(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores; median of {repeats} runs")
    for name, certificate in (tables() | models()).items():
        seconds, (count, unit) = median_seconds(certificate, repeats), size(certificate)
        print(f"{name:46} {count:8,} {unit:7} {seconds:8.3f} s {count / seconds:12,.0f} {unit}/s")


if __name__ == "__main__":
    main()
