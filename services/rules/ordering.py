"""In which order do tracks wait? By band; inside P0 life first, then danger, then money; then whose promise ends first."""

from collections.abc import Collection, Sequence
from datetime import datetime

from schemas.words import Band, Signal


def rank_inside(band: Band, signals: Collection[Signal], first: Sequence[Sequence[Signal]]) -> int:
    """Inside P0 the first group of signals goes first, what has none of them last; other bands have no such order."""
    if band is not Band.P0:
        return 0
    return next((rank for rank, group in enumerate(first) if not {*group}.isdisjoint(signals)), len(first))


def effective_priority(band: Band, *, since: datetime, until: datetime, now: datetime) -> float:
    """The priority of a band (0 is P0), less the share of its promise that is gone: age lifts a track by less than one band."""
    whole = (until - since).total_seconds()
    gone = (now - since).total_seconds() / whole if whole > 0 else 1.0
    return band.rank - min(0.999, max(0.0, gone))
