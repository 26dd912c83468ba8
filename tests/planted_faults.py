"""Faults to plant: words of a construction's source changed, or an entry of its matrices."""

import inspect
import textwrap
from collections.abc import Callable
from dataclasses import replace
from types import ModuleType

from constructions.architectures import Attention, Layer, Model, Recurrence
from constructions.numerics import Matrix
from constructions.theorems import Construction

Models = Callable[[int], Model]


def rewired(module: ModuleType, function: str, *changes: tuple[str, str], arguments: tuple[int, ...] = ()) -> Models:
    """The construction of a theorem's module with words of the module's source changed.

    The words must stand exactly once in the function or, if they do not stand there, in the whole module.
    """
    source = inspect.getsource(module)
    for old, new in changes:
        start = source.index(f"\ndef {function}(")
        stop = source.find("\n\n\n", start)
        inside = source[start:stop]
        if old in inside:
            assert inside.count(old) == 1, f"{old!r} stands {inside.count(old)} times in {function}"
            source = source[:start] + inside.replace(old, new) + source[stop:]
        else:
            assert source.count(old) == 1, f"{old!r} stands {source.count(old)} times in {module.__name__}"
            source = source.replace(old, new)
    names: dict[str, object] = {"__name__": f"{module.__name__} with a fault"}
    exec(source, names)  # noqa: S102
    build = names[function]
    assert callable(build)
    built = build(*arguments)
    assert isinstance(built, Construction)
    return built.at


def recurrence(model: Model) -> Recurrence:
    """The recurrence of a model that has one."""
    first = model.layers[0]
    assert isinstance(first, Recurrence)
    return first


def changed_recurrence(subject: Construction, change: Callable[[Recurrence, Model], Recurrence]) -> Models:
    """The construction with another recurrence."""

    def at(n: int) -> Model:
        model = subject.at(n)
        return replace(model, layers=(change(recurrence(model), model), *model.layers[1:]))

    return at


def cell_reads(subject: Construction, cell: str, entries: dict[str, int]) -> Models:
    """A cell of the state reads other coordinates of the token: ``entries`` maps their names to weights."""

    def change(layer: Recurrence, model: Model) -> Recurrence:
        matrix = layer.input
        for column, name in enumerate(model.coordinates):
            matrix = matrix.replaced(layer.state.index(cell), column, entries.get(name, 0))
        return replace(layer, input=matrix)

    return changed_recurrence(subject, change)


def cell_keeps(subject: Construction, cell: str, entries: dict[str, int]) -> Models:
    """A cell of the state is made of other cells: ``entries`` maps their names to weights."""

    def change(layer: Recurrence, _: Model) -> Recurrence:
        matrix = layer.transition
        for column, name in enumerate(layer.state):
            matrix = matrix.replaced(layer.state.index(cell), column, entries.get(name, 0))
        return replace(layer, transition=matrix)

    return changed_recurrence(subject, change)


def silenced(subject: Construction, head: str) -> Models:
    """The output matrix of one head is zero."""

    def of(layer: Layer) -> Layer:
        if not isinstance(layer, Attention):
            return layer
        assert any(h.name == head for h in layer.heads), head
        zero = [
            replace(h, output=Matrix.from_entries(h.output.shape, {})) if h.name == head else h for h in layer.heads
        ]
        return Attention(tuple(zero))

    return lambda n: replace(subject.at(n), layers=tuple(map(of, subject.at(n).layers)))


def searches_for(subject: Construction, fragments: dict[str, str]) -> Models:
    """Fragments of the search language stand for other pieces of a regular expression; their names stay."""

    def at(n: int) -> Model:
        model = subject.at(n)
        assert model.search is not None
        assert set(fragments) <= {token for token, _ in model.search.fragments}
        changed = tuple((token, fragments.get(token, text)) for token, text in model.search.fragments)
        return replace(model, search=replace(model.search, fragments=changed))

    return at


def reworded(owner: type | ModuleType, name: str, *changes: tuple[str, str]) -> Callable[..., object]:
    """A function of a module, or a method of a class, with words of its source changed; each must stand there once."""
    function = vars(owner)[name]
    source = textwrap.dedent(inspect.getsource(function))
    for old, new in changes:
        assert source.count(old) == 1, f"{old!r} stands {source.count(old)} times in {name}"
        source = source.replace(old, new)
    names = {**function.__globals__, owner.__name__: owner}
    exec(source.replace("super()", f"super({owner.__name__}, self)"), names)  # noqa: S102
    made: Callable[..., object] = names[name]
    return made
