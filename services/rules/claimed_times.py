"""What a claimed time is worth: kept as claimed, flagged when naive or impossible, never trusted for a clock (RELIABILITY, Bad input)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from schemas.words import Flag

OLDEST = timedelta(days=365 * 30)
FURTHEST = timedelta(days=366 * 2)
WIDEST_OFFSET = timedelta(hours=14)


@dataclass(frozen=True, slots=True)
class ReadTime:
    """A claimed time as an instant (UTC), or the flag that says why there is none."""

    instant: datetime | None
    flag: Flag | None


@lru_cache(maxsize=256)
def read_claimed(claimed: str | None, *, received_at: datetime) -> ReadTime:
    """The instant behind a claimed RFC 3339 text; implausible beyond 30 years back, 2 years ahead, or an offset over 14 h.

    Remembered, because one report asks for it more than once."""
    if claimed is None:
        return ReadTime(None, None)
    try:
        instant = datetime.fromisoformat(claimed)
        offset = instant.utcoffset()
        if offset is None:
            return ReadTime(None, Flag.NAIVE_TIME)
        plausible = abs(offset) <= WIDEST_OFFSET and received_at - OLDEST <= instant <= received_at + FURTHEST
        return ReadTime(instant.astimezone(UTC), None) if plausible else ReadTime(None, Flag.IMPOSSIBLE_TIME)
    except (ValueError, OverflowError):
        return ReadTime(None, Flag.IMPOSSIBLE_TIME)
