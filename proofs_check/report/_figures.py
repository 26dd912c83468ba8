"""Measured numbers against the bounds that are claimed, as SVG for a page."""

import io
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import log2
from typing import TYPE_CHECKING, Any

from constructions.theorems import LogBound
from constructions.wiring import Polynomial
from proofs_check.evidence import ClaimResult, Gap

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as MatplotlibFigure

# Matplotlib must write some colour for lines and letters; in the page they take that of the text around.
_INK = "#010203"
_COLOURS = {"parameter bits": "#2f6fb0", "activation bits": "#b3641e", "state bits": "#2a8058", "tokens": "#2f6fb0"}
_WORDS = {
    "parameter bits": "a parameter",
    "activation bits": "a number that occurs",
    "state bits": "the recurrent state",
    "tokens": "tokens written",
}


@dataclass(frozen=True)
class Curve:
    """What was measured at some n, and the bound that is claimed for all n (None: there is no closed form here)."""

    quantity: str
    points: tuple[tuple[int, int], ...]
    bound: LogBound | Polynomial | None

    def at_most(self, n: int) -> float:
        """The bound at n, for drawing alone: whether it holds is decided in integers elsewhere."""
        if isinstance(self.bound, LogBound):
            return self.bound.factor * log2(n) + self.bound.constant
        assert self.bound is not None  # noqa: S101
        return float(self.bound(n=n))


def curves_of(claims: Iterable[ClaimResult]) -> list[Curve]:
    """The curves behind the claims about one construction that depend on n."""
    found = []
    for claim in claims:
        if claim.claim.quantity not in _COLOURS:
            continue
        points: dict[int, int] = {}
        for evidence in claim.evidence:
            for n, value in evidence.curve:
                points[n] = max(value, points.get(n, 0))
        if len(points) > 1 and claim.claim.bound is not None:
            found.append(Curve(claim.claim.quantity, tuple(sorted(points.items())), claim.claim.bound))
    return found


def figure(curves: Sequence[Curve]) -> str | None:
    """Bits, and tokens where their number grows, against n; None if there is nothing to draw.

    Points are measured, lines are claimed. The same curves give the same bytes.
    """
    bits = [curve for curve in curves if curve.quantity != "tokens"]
    tokens = [curve for curve in curves if curve.quantity == "tokens" and len({v for _, v in curve.points}) > 1]
    panels = [(drawn, unit) for drawn, unit in ((tokens, "tokens"), (bits, "bits")) if drawn]
    if not panels:
        return None

    def draw(drawing: "MatplotlibFigure") -> None:
        for axes, (drawn, unit) in zip(drawing.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
            _draw(axes, drawn, unit)

    return _as_svg((3.5 * len(panels), 2.3), draw)


def gap_figure(gaps: Sequence[Gap]) -> str:
    """For each task a panel: the least bits of any RNN, and of ours that look up, on one axis of n."""

    def draw(drawing: "MatplotlibFigure") -> None:
        columns = min(2, len(gaps))
        grid = drawing.subplots(-(-len(gaps) // columns), columns, squeeze=False, sharex=True, sharey=True)
        for axes, gap in zip(grid.flat, gaps, strict=True):
            _draw_gap(axes, gap)
        for axes in grid[-1]:
            axes.set_xlabel("n")

    return _as_svg((3.6 * min(2, len(gaps)), 2.6 * -(-len(gaps) // 2)), draw)


def _draw_gap(axes: "Axes", gap: Gap) -> None:
    for (name, bits), shade in zip(gap.without.items(), ("#a8231f", "#d98880"), strict=True):
        more = "" if all(gap.exact[name]) else " (at least)"
        axes.plot(gap.sizes, bits, "o-", color=shade, markersize=3, linewidth=1, label=f"any RNN, {name}{more}")
    for (name, bits), shade in zip(gap.with_search.items(), ("#2f6fb0", "#2a8058"), strict=True):
        axes.plot(gap.sizes, bits, "s--", color=shade, markersize=3, linewidth=1, label=name.split("/")[0])
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(lambda x, _: f"{x:g}")
    axes.set_title(gap.task, fontsize=9)
    axes.set_ylabel("bits of state")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=7)


def _as_svg(size: tuple[float, float], draw: Callable[["MatplotlibFigure"], None]) -> str:
    """What is drawn, as SVG to stand in a page; the same drawing gives the same bytes."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    style: dict[Any, Any] = {
        "svg.fonttype": "none",
        "svg.hashsalt": "retrieval-gap",
        "font.family": "sans-serif",
        "font.size": 9,
        "text.color": _INK,
        "axes.edgecolor": _INK,
        "axes.labelcolor": _INK,
        "xtick.color": _INK,
        "ytick.color": _INK,
    }
    with rc_context(style):
        drawing = Figure(figsize=size, layout="constrained")
        draw(drawing)
        written = io.StringIO()
        drawing.savefig(written, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return _inline(written.getvalue())


def _draw(axes: "Axes", curves: Sequence[Curve], unit: str) -> None:
    for curve in curves:
        colour = _COLOURS[curve.quantity]
        sizes = [n for n, _ in curve.points]
        dense = sorted({*sizes, *(max(1, round(sizes[0] * (sizes[-1] / sizes[0]) ** (i / 40))) for i in range(41))})
        axes.plot(dense, [curve.at_most(n) for n in dense], color=colour, linewidth=1)
        axes.plot(sizes, [value for _, value in curve.points], "o", color=colour, markersize=3.5)
        label = f"{_WORDS[curve.quantity]} ≤ {curve.bound}"
        axes.plot([], [], "o-", color=colour, markersize=3.5, linewidth=1, label=label)
    if unit == "bits":  # a bound c log2 n + d is a straight line there; one that is linear in n is straight without
        axes.set_xscale("log", base=2)
        axes.xaxis.set_major_formatter(lambda x, _: f"{x:g}")
    axes.set_xlabel("n")
    axes.set_ylabel(unit)
    axes.set_ylim(bottom=0)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=7.5, loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0, handlelength=1.5)


def _inline(document: str) -> str:
    """Without what only a file of its own needs, and in the colour of the text around."""
    svg = document[document.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r'<g id="[^"]*"', "<g", svg)  # several figures stand in one page; nothing refers to these names
    return svg.replace(_INK, "currentColor").strip()
