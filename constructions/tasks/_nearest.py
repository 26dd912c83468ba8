"""Which label has the nearest point?"""

import itertools
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from constructions.errors import InputError
from constructions.tasks._retrieval import SEPARATOR
from constructions.tasks._task import Effort, Task
from constructions.vocabulary import number_of

LABELS = ("a", "b")

Point = tuple[int, int]


class Labelled(NamedTuple):
    """Points with their labels, and the point that is asked about."""

    points: tuple[tuple[Point, str], ...]
    query: Point


class NearestNeighbour(Task[Labelled]):
    """Points of a grid with labels, then a point: the label of the nearest one, and of several the last.

    Coordinates are integers from 1, distances Euclidean. The size bounds coordinates and the number of points.
    """

    name = "nearest-neighbour"
    statement = "Which label has the point that is nearest?"
    text_form = "1 1 a 4 2 b 3 4 a ? 3 2"
    effort = Effort(2, 0, sizes=(1, 2, 3, 5, 8, 13, 34, 89), mutated=1)

    @property
    def longest_prompt(self) -> tuple[int, ...]:
        """The first token, three for each point, the mark and the query."""
        return 4, 3

    def parse(self, text: str) -> Labelled:
        """Read ``x y label ... ? x y``.

        Raises:
            InputError: naming what is no point, coordinate or label.
        """
        before, mark, after = text.partition(SEPARATOR)
        words, asked = before.split(), after.split()
        if not mark or not words or len(words) % 3 or len(asked) != 2:
            raise InputError(
                f"{self.name} reads points, each two numbers and a label, then {SEPARATOR!r} and a point, like "
                f"`{self.text_form}`; given are {len(words)} words and {len(asked)} behind {SEPARATOR!r}"
            )
        points = []
        for x, y, label in zip(words[::3], words[1::3], words[2::3], strict=True):
            if label not in LABELS:
                raise InputError(f"{label[:40]!r} is no label; expected {' or '.join(LABELS)}")
            points.append(((_coordinate(x), _coordinate(y)), label))
        return Labelled(tuple(points), (_coordinate(asked[0]), _coordinate(asked[1])))

    def text(self, instance: Labelled) -> str:
        """The points and the query."""
        points = (f"{x} {y} {label}" for (x, y), label in instance.points)
        return " ".join([*points, SEPARATOR, *map(str, instance.query)])

    def length(self, instance: Labelled) -> int:
        """The number of points, or the largest coordinate if that is more."""
        coordinates = [c for point, _ in instance.points for c in point]
        return max(len(instance.points), *coordinates, *instance.query)

    def answer(self, instance: Labelled) -> str:
        """The label of the last point at the least distance."""
        qx, qy = instance.query
        distances = [(x - qx) ** 2 + (y - qy) ** 2 for (x, y), _ in instance.points]
        nearest = max(place for place, distance in enumerate(distances) if distance == min(distances))
        return instance.points[nearest][1]

    def sample(self, rng: np.random.Generator, n: int) -> Labelled:
        """Points anywhere, or close to the query, or on few places."""
        reach = n if rng.random() < 0.5 else int(rng.integers(1, min(n, 4) + 1))
        count = n if rng.random() < 0.5 else int(rng.integers(1, n + 1))
        places = rng.integers(1, reach + 1, (count, 2)).tolist()
        labels = rng.choice(LABELS, count).tolist()
        qx, qy = rng.integers(1, n + 1, 2).tolist()
        return Labelled(tuple(((x, y), label) for (x, y), label in zip(places, labels, strict=True)), (qx, qy))

    def boundary(self, n: int) -> Iterator[Labelled]:
        """The far corner against the near one, both orders; ties; a point as far as can be."""
        for first, second in itertools.permutations([((1, 1), "a"), ((n, n), "b")]):
            for query in {(1, 1), (n, n), (1, n), ((n + 1) // 2, (n + 1) // 2)}:
                yield Labelled((first,) * (n - 1) + (second,), query)
        yield Labelled((((n, n), "a"),), (1, 1))

    def enumerate(self, n: int, alphabet: int | None = None) -> Iterator[Labelled]:
        """All of size n.

        Raises:
            InputError: if an alphabet is given.
        """
        if alphabet:
            raise InputError(f"alphabet = {alphabet}: the letters of {self.name} are its coordinates; leave it out")
        plane = [(x, y) for x in range(1, n + 1) for y in range(1, n + 1)]
        for count in range(1, n + 1):
            for points in itertools.product(itertools.product(plane, LABELS), repeat=count):
                found = (Labelled(points, query) for query in plane)
                yield from (instance for instance in found if self.length(instance) == n)

    def few(self, n: int, most: int) -> bool:
        """By the number of points with their labels, before any is listed."""
        return 2 * n**2 <= most and (2 * n**2) ** n * n**2 <= most

    def of_numbers(self, sequence: tuple[int, ...], query: tuple[int, ...]) -> Labelled:
        """Three numbers for each point, the last for the label, from 1."""
        points = zip(sequence[::3], sequence[1::3], sequence[2::3], strict=True)
        return Labelled(tuple(((x, y), LABELS[label - 1]) for x, y, label in points), (query[0], query[1]))

    def smaller(self, instance: Labelled) -> Iterator[Labelled]:
        """Without one point; with one coordinate less."""
        points, query = instance
        if len(points) > 1:
            yield from (Labelled(points[:p] + points[p + 1 :], query) for p in range(len(points)))
        for place, (point, label) in enumerate(points):
            for lower in _lower(point):
                yield Labelled((*points[:place], (lower, label), *points[place + 1 :]), query)
        yield from (Labelled(points, lower) for lower in _lower(query))


def _lower(point: Point) -> Iterator[Point]:
    x, y = point
    if x > 1:
        yield x - 1, y
    if y > 1:
        yield x, y - 1


def _coordinate(word: str) -> int:
    number = number_of(word)
    if number is None or number < 1:
        raise InputError(f"{word[:40]!r} is no coordinate; expected an integer from 1")
    return number
