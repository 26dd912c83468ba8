"""Random words of brackets; of letters that are drawn one by one hardly any would be balanced."""

from collections.abc import Callable, Sequence
from typing import Any

Sample = tuple[tuple[str, ...], tuple[str, ...]]


def brackets(kinds: Sequence[Sequence[str]], *, nested: bool) -> Callable[[Any, int], Sample]:
    """A function that draws balanced words, in half of which one letter is then drawn anew.

    Args:
        kinds: pairs of brackets such as ``()``.
        nested: whether a bracket closes the last one that is open; else any.
    """

    def sample(rng: Any, size: int) -> Sample:
        word, still = list[str](), list[str]()
        length = max(1, 2 * int(rng.integers(size // 4, size // 2 + 1)))
        while len(word) < length:
            if still and (len(still) >= length - len(word) or rng.random() < 0.4):
                word.append(still.pop() if nested else still.pop(int(rng.integers(len(still)))))
            else:
                kind = kinds[int(rng.integers(len(kinds)))]
                word.append(kind[0])
                still.append(kind[1])
        if rng.random() < 0.5:
            word[int(rng.integers(length))] = str(rng.choice([bracket for kind in kinds for bracket in kind]))
        return tuple(word), ()

    return sample
