"""Is a rota good for those who work by it? What nobody covers, how evenly hours are shared, who works too long or rests too little."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from schemas.catalogue.ahead import Humane
from services.rules.rota import Span

HOUR = timedelta(hours=1)


class Overload(StrEnum):
    """What is too much."""

    SHIFT_TOO_LONG = "shift_too_long"
    REST_TOO_SHORT = "rest_too_short"


@dataclass(frozen=True, slots=True)
class TooMuch:
    """Somebody's shift that is too long, or begins too soon after the one before; how long it, or the rest, is."""

    responder_id: str
    why: Overload
    begins: datetime
    lasts: timedelta


@dataclass(frozen=True, slots=True)
class Quality:
    """Of the time that is to be staffed, the share nobody covers (percent); hours per person; the least hours to the most (percent)."""

    gaps_percent: float
    balance_percent: float
    hours: dict[str, float]
    overload: tuple[TooMuch, ...]


def quality_of(
    spans: Sequence[Span], people: Iterable[str], humane: Humane, *, begins: datetime, ends: datetime
) -> Quality:
    """A judgement of what is worked from `begins` to `ends`. Everybody of `people` counts, also who never works."""
    wanted, missing = timedelta(0), timedelta(0)
    worked: dict[str, timedelta] = dict.fromkeys(sorted(people), timedelta(0))
    for span in spans:
        lasts = min(span.ends, ends) - max(span.begins, begins)
        wanted += lasts
        if span.who is None:
            missing += lasts
        else:
            worked[span.who] = worked.get(span.who, timedelta(0)) + lasts
    return Quality(
        gaps_percent=round(100 * missing / wanted, 1) if wanted else 100.0,
        balance_percent=_balance(worked.values()),
        hours={who: round(time / HOUR, 1) for who, time in sorted(worked.items())},
        overload=tuple(one for who in sorted(worked) for one in _too_much(who, spans, humane)),
    )


def _balance(worked: Iterable[timedelta]) -> float:
    times = sorted(worked)
    return round(100 * times[0] / times[-1], 1) if times and times[-1] else 100.0


def _too_much(who: str, spans: Iterable[Span], humane: Humane) -> Iterator[TooMuch]:
    shifts = list(_shifts(who, spans))
    for begins, ends in shifts:
        if ends - begins > humane.longest_shift:
            yield TooMuch(who, Overload.SHIFT_TOO_LONG, begins, ends - begins)
    for (_, ends), (begins, _) in pairwise(shifts):
        if begins - ends < humane.least_rest:
            yield TooMuch(who, Overload.REST_TOO_SHORT, begins, begins - ends)


def _shifts(who: str, spans: Iterable[Span]) -> Iterator[tuple[datetime, datetime]]:
    """When somebody works, in whichever layer; what touches or overlaps is one shift."""
    current: tuple[datetime, datetime] | None = None
    for span in sorted((one for one in spans if one.who == who), key=lambda one: one.begins):
        if current is not None and span.begins <= current[1]:
            current = current[0], max(current[1], span.ends)
            continue
        if current is not None:
            yield current
        current = span.begins, span.ends
    if current is not None:
        yield current
