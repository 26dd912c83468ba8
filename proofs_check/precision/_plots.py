"""The bits that are needed and the bits that suffice, as a figure."""

import io
import re
import textwrap
from collections.abc import Sequence
from typing import Literal

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator

from constructions.theorems import Construction
from constructions.wiring import bounds, bounds_at
from proofs_check.precision._least import LeastBits

_WIDTH, _HEIGHT = 7.2, 4.6  # inches
_CURVE = 200  # places at which the curve of what suffices is computed
_FORMULA_LINE = 72  # characters
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def figure(construction: Construction, results: Sequence[LeastBits], form: Literal["svg", "png"]) -> bytes:
    """The figure as a file; the same input gives the same bytes.

    Points are what was measured, the curve is what suffices by the contracts, with its formula.
    """
    drawn = Figure(figsize=(_WIDTH, _HEIGHT), layout="constrained")
    axes = drawn.add_subplot()
    sizes = [found.n for found in results]
    low, high = min(sizes), max(sizes)
    proved = bounds(construction.blueprint)
    if proved is not None:
        least = construction.blueprint.least
        places = sorted({*sizes, *(max(least, round(low * (high / low) ** (i / _CURVE))) for i in range(_CURVE + 1))})
        here = [bounds_at(construction.blueprint, n) for n in places]
        suffices = [(n, found.sufficient) for n, found in zip(places, here, strict=True) if found is not None]
        axes.step(*zip(*suffices, strict=True), where="post", color="0.35", linewidth=1.2, label="suffices, proved")
    measured = [(found.n, found.bits) for found in results if found.bits is not None]
    if measured:
        axes.plot(*zip(*measured, strict=True), "o", color="#0b5fa5", markersize=5, label="least p, as far as tested")
    beyond = [found.n for found in results if found.bits is None]
    if beyond:
        axes.plot(beyond, [53] * len(beyond), "^", color="#b03030", label="more than 53, as tested")
    axes.set_xscale("log", base=2)
    axes.set_xticks(sizes)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda n, _: f"{n:,.0f}"))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_ylim(bottom=0)
    axes.set_xlabel("size n (tokens of the sequence, nodes, or steps; logarithmic)")
    axes.set_ylabel("p (bits of the significand)")
    drawn.suptitle(construction.label)
    if proved is not None:
        axes.set_title(_wrapped(proved.formula()), fontsize="medium", color="0.35")
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right", frameon=False)
    out = io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": "retrieval-gap", "svg.fonttype": "none"}):
        metadata = {"Date": None} if form == "svg" else {"Software": None}
        drawn.savefig(out, format=form, dpi=150, metadata=metadata)
    return out.getvalue()


def _wrapped(formula: str) -> str:
    """The whole formula, in lines that fit above the axes, its exponents raised."""
    raised = re.sub(r"\bn\^([0-9]+)", lambda power: "n" + power[1].translate(_RAISED), f"suffices: {formula}")
    whole_terms = re.sub(r"([0-9]) n", "\\1\N{NO-BREAK SPACE}n", raised)
    return "\n".join(textwrap.wrap(whole_terms, _FORMULA_LINE, break_long_words=False))
