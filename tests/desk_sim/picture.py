"""Waits and fairness as a picture: one SVG, drawn by hand."""

import math
from collections.abc import Iterator, Sequence

from schemas.words import Band
from tests.desk_sim.figures import Arm
from tests.desk_sim.report import NAMES

WIDTH, LEFT, RIGHT, TOP = 960, 230, 24, 78
LINE, GAP = 11, 14  # of a band, between arms
COLOURS = {Band.P0: "#b3261e", Band.P1: "#e07b00", Band.P2: "#2f6db5", Band.P3: "#8a94a6"}
TICKS = {"1 s": 1, "10 s": 10, "1 min": 60, "10 min": 600, "1 h": 3_600, "6 h": 21_600, "1 d": 86_400, "7 d": 604_800}
BARS = 120  # width of what shows fairness
PLOT = WIDTH - LEFT - RIGHT - 2 * (BARS + 40)


def picture(arms: Sequence[Arm]) -> str:
    """An SVG of a row per arm: its waits by band from p50 to p99 on a logarithmic scale, and its two indices of fairness."""
    row = len(Band) * LINE + GAP
    height = TOP + row * len(arms) + 20
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="11">',
        '<rect width="100%" height="100%" fill="#fff"/>',
        *_header(height),
    ]
    for number, arm in enumerate(arms):
        lines += _arm(arm, TOP + number * row)
    return "\n".join([*lines, "</svg>", ""])


def _x(seconds: float) -> float:
    low, high = math.log10(1), math.log10(1_209_600)
    return LEFT + PLOT * (math.log10(max(1.0, seconds)) - low) / (high - low)


def _text(x: float, y: float, words: str, **more: object) -> str:
    extra = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in more.items())
    return f'<text x="{x:.0f}" y="{y:.0f}"{extra}>{words}</text>'


def _header(height: int) -> Iterator[str]:
    yield _text(LEFT, 20, "Wait from receipt to acceptance: p50 to p99, p95 marked", font_weight="bold")
    for number, (band, colour) in enumerate(COLOURS.items()):
        yield f'<rect x="{LEFT + number * 60}" y="30" width="10" height="10" fill="{colour}"/>'
        yield _text(LEFT + number * 60 + 15, 39, band)
    for words, seconds in TICKS.items():
        yield f'<line x1="{_x(seconds):.0f}" x2="{_x(seconds):.0f}" y1="62" y2="{height - 12}" stroke="#ddd"/>'
        yield _text(_x(seconds), 58, words, text_anchor="middle", fill="#555")
    for number, words in enumerate(("Jain: work", "Jain: night P0")):
        yield _text(_bar_at(number), 58, words, font_weight="bold")


def _bar_at(number: int) -> float:
    return LEFT + PLOT + 40 + number * (BARS + 40)


def _arm(arm: Arm, y: float) -> Iterator[str]:
    middle = y + len(Band) * LINE / 2 + 4
    yield _text(LEFT - 12, middle, f"{NAMES[arm.policy]}, {arm.times}x", text_anchor="end")
    for number, band in enumerate(Band):
        at = y + number * LINE + LINE / 2
        left, mark, right = (_x(arm.wait(band, percent)) for percent in (50, 95, 99))
        colour = COLOURS[band]
        line = (
            f'<line x1="{left:.1f}" x2="{right:.1f}" y1="{at:.1f}" y2="{at:.1f}" stroke="{colour}" stroke-width="5"/>'
        )
        yield f'{line}<circle cx="{mark:.1f}" cy="{at:.1f}" r="4" fill="#fff" stroke="{colour}" stroke-width="2"/>'
    for number, index in enumerate((arm.fair_work, arm.fair_nights)):
        x = _bar_at(number)
        yield f'<rect x="{x:.0f}" y="{middle - 14:.0f}" width="{BARS}" height="14" fill="#eee"/>'
        yield f'<rect x="{x:.0f}" y="{middle - 14:.0f}" width="{BARS * index:.0f}" height="14" fill="#5b8c5a"/>'
        yield _text(x + 6, middle - 3, f"{index:.2f}", fill="#fff")
