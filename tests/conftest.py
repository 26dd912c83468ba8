"""Settings of all tests: none depends on how fast the machine is."""

import gc
import os
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests import compiled_ahead

# As the command line does it, before NumPy is loaded: products are small here, and threads of BLAS wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# Tests start hundreds of processes, which each parse the whole package where bytecode is not written.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


def pytest_configure(config: pytest.Config) -> None:
    """Who hands tests to workers has compiled for them what most need; who collects tests does not collect garbage."""
    if config.getoption("dist", "no") == "no" or hasattr(config, "workerinput"):
        gc.disable()  # nearly all that is made stays, and looking through it takes as long as making it
    elif not config.option.collectonly:
        for process in compiled_ahead.start():
            config.add_cleanup(lambda process=process: process.kill() or process.wait())


@pytest.fixture
def little_evidence(monkeypatch: pytest.MonkeyPatch) -> None:
    """``verify`` samples at few sizes, in this process, for tests about what it says; all inputs are run as ever."""
    from proofs_check.evidence import Plan

    asked = Plan.effort

    def few(plan: Plan, construction: Any) -> Any:
        effort = asked(plan, construction)
        sizes = tuple(n for n in effort.sizes if n < 40)
        return replace(effort, sizes=sizes, far=effort.far[:3], measured=effort.measured[:3])

    monkeypatch.setattr(Plan, "effort", few)


def pytest_collection_finish() -> None:
    """What was loaded until now stays: the garbage collector need not look through it again and again (a tenth)."""
    gc.collect()
    gc.freeze()
    gc.enable()
    gc.set_threshold(10_000, 20, 20)
