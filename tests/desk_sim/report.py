"""The figures as Markdown tables."""

from collections.abc import Iterable

from schemas.words import Band
from tests.desk_sim.figures import JUDGED, Arm, Compared

NAMES = {
    "sameroof": "Sameroof",
    "no_reserve": "Sameroof, reserve off",
    "fifo": "first come, first served",
    "priority": "strict priority",
    "longest_idle": "longest idle",
}
PERCENTILES = (50, 95, 99)


def duration(seconds: float) -> str:
    """Seconds as people say them."""
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.1f} s"


def verdicts(compared: Iterable[Compared]) -> str:
    """Whether a P0 waits no longer: a row per share of P0 and catalogue."""
    rows = [
        "| P0 share | desk | P0 | p95 at 1x | p95 at 10x | ratio | p99 at 1x | p99 at 10x | ratio | within 10 % |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for one in compared:
        cells = [f"{one.usual.p0_percent} %", NAMES[one.usual.policy], f"{len(one.usual.waits[Band.P0]):,}"]
        for percent in JUDGED:
            cells += [duration(arm.wait(Band.P0, percent)) for arm in (one.usual, one.more)]
            cells.append(f"{one.ratio(percent):.2f}")
        rows.append(_row([*cells, "yes" if one.holds else "**no**"]))
    return "\n".join(rows)


def waits(arms: Iterable[Arm]) -> str:
    """p50 / p95 / p99 per band; `>` where the wait was not over at the end."""
    rows = [f"| desk | load | {' | '.join(f'{band} p50 / p95 / p99' for band in Band)} |", "|---|---|---|---|---|---|"]
    told = (_row([NAMES[arm.policy], f"{arm.times}x", *(_waits(arm, band) for band in Band)]) for arm in arms)
    return "\n".join([*rows, *told])


def _waits(arm: Arm, band: Band) -> str:
    whole, open_still = len(arm.waits[band]), arm.unaccepted.get(band, 0)
    shown = []
    for percent in PERCENTILES:
        over = percent <= 100 * (whole - open_still) / whole
        shown.append(("" if over else "> ") + duration(arm.wait(band, percent)))
    return " / ".join(shown)


def shares(arms: Iterable[Arm]) -> str:
    """How busy people are, and how evenly."""
    rows = [
        "| desk | load | tracks | utilisation | Jain: work per hour on duty | Jain: P0 per night |",
        "|---|---|---|---|---|---|",
    ]
    for arm in arms:
        cells = [NAMES[arm.policy], f"{arm.times}x", f"{arm.tracks:,}", f"{arm.utilisation:.0%}".replace("%", " %")]
        rows.append(_row([*cells, f"{arm.fair_work:.3f}", f"{arm.fair_nights:.3f}"]))
    return "\n".join(rows)


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
