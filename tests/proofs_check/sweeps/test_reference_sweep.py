"""The reference sweep: what is shipped adds up, the kernel runs some of it, and a slice is run again."""

import json
from pathlib import Path
from typing import Any

import pytest

import proofs_check.sweeps
from proofs_check.kernel import check
from proofs_check.sweeps import Job
from proofs_check.sweeps._again import read_certificate, run_again

FOLDER = Path(proofs_check.sweeps.__file__).parent / "reference"
TIMES: list[dict[str, Any]] = json.loads((FOLDER / "times.json").read_text(encoding="utf-8"))
PAGE = Path(__file__).parents[3] / "docs" / "sweeps.md"
FOUR = [f"transformer/{task}" for task in ("index", "associative-recall", "c-gram", "counting")]


def test_every_certificate_is_listed_with_what_it_says() -> None:
    assert sorted(row["certificate"] for row in TIMES) == sorted(
        path.name for path in FOLDER.glob("*.json") if path.name != "times.json"
    )
    for row in TIMES:
        certificate = read_certificate(FOLDER / row["certificate"])
        job = Job.of(row["construction"], row["n"], c=certificate.get("c"), family=row["family"])
        assert certificate["inputs"] == row["inputs"] == job.inputs
        assert len(certificate["shards"]) == row["shards"]
        # The weights are those that the construction has today.
        assert certificate["model"] == json.loads(job.model)
        assert {key: certificate[key] for key in job.fields()} == job.fields()


def test_there_are_more_than_a_hundred_million_inputs_of_the_four_tasks_and_all_edge_lists_to_5_nodes() -> None:
    counted = {name: sum(row["inputs"] for row in TIMES if row["construction"] == name) for name in FOUR}
    assert min(counted.values()) > 6_000_000
    assert sum(counted.values()) >= 10**8
    graphs = {row["n"]: row["inputs"] for row in TIMES if row["construction"] == "transformer/istree"}
    assert graphs == {2: 1, 3: 12, 4: 3_153, 5: 51_050_748}


@pytest.mark.parametrize("row", TIMES, ids=lambda row: row["certificate"])
def test_the_kernel_finds_nothing_wrong_in_a_sample(row: dict[str, Any]) -> None:
    verdict = check((FOLDER / row["certificate"]).read_bytes(), (3, 11))
    assert verdict.word == "INCOMPLETE", verdict
    assert "all inputs exactly once" in verdict.message
    assert f"of {row['inputs']:,} inputs, seed 11; the claim is about all of them" in verdict.message


@pytest.mark.parametrize("name", ["transformer-index-3", "transformer-counting-2", "transformer-istree-3"])
def test_the_kernel_verifies_small_ones_whole(name: str) -> None:
    assert check((FOLDER / f"{name}.json").read_bytes()).word == "VERIFIED"


@pytest.mark.parametrize("name", ["transformer-associative-recall-7", "transformer-c-gram-6", "transformer-istree-4"])
def test_a_slice_is_run_again(name: str) -> None:
    (again,) = run_again(read_certificate(FOLDER / f"{name}.json"), 1, 5)
    assert (again.fault, again.inputs > 3000) == (None, True)


@pytest.mark.slow
@pytest.mark.parametrize("row", TIMES, ids=lambda row: row["certificate"])
def test_a_tenth_is_run_again(row: dict[str, Any]) -> None:
    certificate = read_certificate(FOLDER / row["certificate"])
    assert all(again.fault is None for again in run_again(certificate, 1 + row["shards"] // 10, 7))


def test_the_page_has_the_totals() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for name in sorted({row["construction"] for row in TIMES}):
        rows = [row for row in TIMES if row["construction"] == name]
        inputs, seconds = sum(row["inputs"] for row in rows), sum(row["seconds"] for row in rows)
        largest = max(row["n"] for row in rows)
        assert f"| `{name}` | {largest} | {inputs:,} | {seconds:,.0f} |" in text
