"""One directory in which Coq compiles for all tests of a session."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def rocq(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where files are written and compiled."""
    return tmp_path_factory.mktemp("rocq")
