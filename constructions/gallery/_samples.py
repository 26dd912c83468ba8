"""Random words of brackets; of letters that are drawn one by one hardly any would be balanced."""

from collections.abc import Callable, Sequence
from typing import Any

Sample = tuple[tuple[str, ...], tuple[str, ...]]


def brackets(kinds: Sequence[str], *, nested: bool) -> Callable[[Any, int], Sample]:
    """What draws a balanced word, and in every second one letter anew; not ``nested``, kinds may cross each other."""

    def sample(rng: Any, size: int) -> Sample:
        word, still = list[str](), list[str]()
        length = max(1, int(rng.integers(max(1, size // 2), size + 1)))
        while len(word) < length:
            if still and (len(still) >= length - len(word) or rng.random() < 0.4):
                word.append(still.pop() if nested else still.pop(int(rng.integers(len(still)))))
            else:
                opened, closed = kinds[int(rng.integers(len(kinds)))]
                word.append(opened)
                still.append(closed)
        if rng.random() < 0.5:
            word[int(rng.integers(length))] = str(rng.choice(list("".join(kinds))))
        return tuple(word), ()

    return sample
