"""One input to one target, or many; a fault is raised with the input that shows it."""

import time

from tests.fuzz.limits import TooSlow, limited
from tests.fuzz.mutating import inputs
from tests.fuzz.targets import Target

slowest = [0.0]
"""The seconds of processor time that the slowest input took since this was set to 0."""


class FoundError(Exception):
    """A fault, with the input that shows it."""

    def __init__(self, target: Target, data: bytes, error: BaseException) -> None:
        super().__init__(f"{target.name}: {type(error).__name__}: {error}\n  input: {data!r}"[:3_000])
        self.data = data


def feed(target: Target, data: bytes) -> bool:
    """One input; whether it was accepted.

    Raises:
        FoundError: for whatever the reader must not do.
    """
    began = time.process_time()
    try:
        with limited(target.seconds):
            return target.read(data)
    except (Exception, TooSlow) as error:
        raise FoundError(target, data, error) from error
    finally:
        slowest[0] = max(slowest[0], time.process_time() - began)


def by_mutants(target: Target, count: int, seed: int) -> tuple[int, int]:
    """How many inputs were fed, and how many accepted."""
    words = [word.encode() for word in target.words]
    accepted = sum(feed(target, data) for data in inputs(seed, target.name, target.seeds(), words, count))
    return count, accepted


def by_hypothesis(target: Target, count: int, seed: int) -> tuple[int, int]:
    """How many inputs that Hypothesis draws were fed, and how many accepted.

    It draws good inputs, words of the format, and any bytes.
    """
    import hypothesis
    from hypothesis import strategies as st

    words = [word.encode() for word in target.words]
    pieces = st.lists(st.one_of(st.sampled_from([*target.seeds(), *words]), st.binary(max_size=6)), max_size=8)
    fed = accepted = 0

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=count, deadline=None, database=None, suppress_health_check=list(hypothesis.HealthCheck)
    )
    @hypothesis.given(pieces.map(b"".join))
    def one(data: bytes) -> None:
        nonlocal fed, accepted
        fed += 1
        accepted += feed(target, data)

    one()
    return fed, accepted
