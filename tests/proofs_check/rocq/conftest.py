"""One directory in which Coq compiles the library for all tests of a session, and copies of it for what is planted."""

import os
import shutil
from pathlib import Path

import pytest

from proofs_check.rocq._run import cache_directory
from tests.proofs_check.rocq.coq_runs import prover


@pytest.fixture(scope="session")
def cache_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The user's cache directory for these tests; ``RETRIEVAL_GAP_COMPILED`` names one that is to be kept."""
    given = os.environ.get("RETRIEVAL_GAP_COMPILED")
    return Path(given) if given else tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def rocq(cache_home: Path) -> Path:
    """Where files are written and compiled: where ``prove`` keeps them in that cache, so that it finds them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(cache_home))
        directory = cache_directory(prover())
    directory.mkdir(parents=True, exist_ok=True)
    return directory


@pytest.fixture
def rocq_copy(rocq: Path, tmp_path: Path) -> Path:
    """A copy of what has been compiled, in which a file of the library may be another one."""
    return Path(shutil.copytree(rocq, tmp_path / "rocq"))
