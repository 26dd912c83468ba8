"""The picture of the README: bits that any recurrent machine needs, and bits that suffice with a look-up.

python docs/picture.py writes docs/static/gap.svg, always the same bytes. The upper curve is the bound that
`retrieval-gap bound istree --n N --convention promise` prints: inputs are simple graphs without isolated nodes, as for
the constructions. The lower ones are the products of the ranges of the recurrent state, which are proved when a
construction is wired. Rounded to bits, upwards.
"""

from math import log2
from pathlib import Path

from constructions.theorems import construction
from proofs_check.lower_bounds import closed_form, scope_of

FILE = Path(__file__).parent / "static" / "gap.svg"
SIZES = [2**k for k in range(3, 11)]
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 330, 58, 232, 44, 46
LOWEST, HIGHEST = 4, 8192

STYLE = """
text{font:13px -apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;fill:#20242a}
.soft{fill:#667080;font-size:12px}.line{fill:none;stroke-width:2}.grid{stroke:#e4e4de}.paper{fill:#fdfcf9}
.any{stroke:#a8231f}.search{stroke:#0b62b0}.head{stroke:#1b7046}
text.any{fill:#a8231f;stroke:none}text.search{fill:#0b62b0;stroke:none}text.head{fill:#1b7046;stroke:none}
circle.any{fill:#a8231f}circle.search{fill:#0b62b0}circle.head{fill:#1b7046}
@media (prefers-color-scheme:dark){text{fill:#e3e5e8}.soft{fill:#98a2af}.grid{stroke:#363c44}.paper{fill:#16191d}
.any{stroke:#ff8d86}.search{stroke:#86c0ff}.head{stroke:#7fd6a6}
text.any{fill:#ff8d86}text.search{fill:#86c0ff}text.head{fill:#7fd6a6}
circle.any{fill:#ff8d86}circle.search{fill:#86c0ff}circle.head{fill:#7fd6a6}}
"""


def needed(n: int) -> int:
    """Bits of any machine that decides IsTree on n nodes, reads the edges once and does not see the position."""
    found = closed_form(scope_of("istree", n, convention="promise"))
    if found is None:
        raise ValueError(f"no formula for n = {n}")
    return found.bits


def held(name: str, n: int) -> int:
    """Bits of the recurrent state of a construction, from the ranges of its coordinates."""
    states = 1
    for extent in construction(name).blueprint.state.values():
        states *= extent.high(n=n) - extent.low(n=n) + 1
    return (states - 1).bit_length()


def x(n: int) -> float:
    """Where a size stands."""
    return LEFT + (WIDTH - LEFT - RIGHT) * log2(n / SIZES[0]) / log2(SIZES[-1] / SIZES[0])


def y(bits: int) -> float:
    """Where so many bits stand."""
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * log2(bits / LOWEST) / log2(HIGHEST / LOWEST)


def curve(kind: str, values: list[int], words: tuple[str, str], rise: int) -> str:
    """Points joined by a line, and beside the last one, so much higher, what they are."""
    points = [(x(n), y(bits)) for n, bits in zip(SIZES, values, strict=True)]
    path = " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
    circles = "".join(f'<circle class="{kind}" cx="{a:.1f}" cy="{b:.1f}" r="2.6"/>' for a, b in points)
    right, height = points[-1]
    label = f'<text class="{kind}" x="{right + 12:.1f}" y="{height - rise:.1f}">{words[0]}</text>'
    label += f'<text class="soft" x="{right + 12:.1f}" y="{height - rise + 16:.1f}">{words[1]}</text>'
    return f'<polyline class="line {kind}" points="{path}"/>{circles}{label}'


def picture() -> str:
    """The whole file."""
    every = [needed(n) for n in SIZES]
    search = [held("retrieval/istree", n) for n in SIZES]
    head = [held("hybrid/istree", n) for n in SIZES]
    last = SIZES[-1]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="Bits of state against the number of nodes n: at n = {last} any recurrent machine needs '
        f'at least {every[-1]}; {search[-1]} with a search and {head[-1]} with one attention layer are enough.">',
        f"<style>{STYLE}</style>",
        f'<rect class="paper" width="{WIDTH}" height="{HEIGHT}" rx="6"/>',
        f'<text x="{LEFT - 40}" y="22">Bits of state to decide whether a graph of n nodes is a tree</text>',
    ]
    for bits in (4, 16, 64, 256, 1024, 4096):
        parts.append(f'<path class="grid" d="M{LEFT} {y(bits):.1f}H{WIDTH - RIGHT}"/>')
        parts.append(f'<text class="soft" x="{LEFT - 8}" y="{y(bits) + 4:.1f}" text-anchor="end">{bits}</text>')
    for n in SIZES[1::2]:
        label = f"n = {n}" if n == SIZES[1] else f"{n}"
        parts.append(f'<text class="soft" x="{x(n):.1f}" y="{HEIGHT - 20}" text-anchor="middle">{label}</text>')
    parts += [
        curve("any", every, ("any RNN that reads it once", f"at n = {last}: at least {every[-1]:,} bits"), 2),
        curve("search", search, ("linear RNN that searches", f"{search[-1]} bits are enough"), 24),
        curve("head", head, ("linear RNN, one attention layer", f"{head[-1]} bits are enough"), -14),
    ]
    return "\n".join([*parts, "</svg>"]) + "\n"


if __name__ == "__main__":
    FILE.write_text(picture(), encoding="utf-8")
