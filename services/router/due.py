"""What of a case falls due next, and when? Found in its data whenever it is kept; whoever looks again checks that it still holds."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from schemas.cases import CaseRecord, Track
from schemas.words import CaseState
from services.rules.clocks import next_mark

Kind = Literal["clock", "page", "release", "follow_up"]


@dataclass(frozen=True, slots=True, order=True)
class Due:
    """One thing to look at: a track's promise or page (`name` says which), its way to another desk, a resolved case's follow-up."""

    at: datetime
    kind: Kind
    track_id: str = ""
    name: str = ""


def dues_of(case: CaseRecord, warn_at: tuple[int, ...]) -> Iterator[Due]:
    """Everything of a case that an instant may change."""
    for track in case.tracks:
        yield from _dues_of(track, warn_at)
    if case.state is CaseState.RESOLVED and case.follow_up_at is not None:
        yield Due(case.follow_up_at, "follow_up")


def _dues_of(track: Track, warn_at: tuple[int, ...]) -> Iterator[Due]:
    for clock in track.clocks:
        mark = next_mark(clock, warn_at)
        if mark is not None:
            yield Due(mark[0], "clock", track.track_id, clock.name)
    yield from _others_of(track)


def _others_of(track: Track) -> Iterator[Due]:
    for page in track.pages:
        if page.next_at is not None and page.acknowledged_at is None and page.withdrawn_at is None:
            yield Due(page.next_at, "page", track.track_id, page.page_id)
    if track.moving_by is not None:
        yield Due(track.moving_by, "release", track.track_id)


def next_look(case: CaseRecord, warn_at: tuple[int, ...]) -> datetime | None:
    """When to look at the case again: the first of all that `dues_of` finds."""
    first = case.follow_up_at if case.state is CaseState.RESOLVED else None
    for track in case.tracks:
        for clock in track.clocks:
            mark = next_mark(clock, warn_at)
            if mark is not None and (first is None or mark[0] < first):
                first = mark[0]
        for due in _others_of(track):
            if first is None or due.at < first:
                first = due.at
    return first
