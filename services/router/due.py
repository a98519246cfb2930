"""What of a case falls due next, and when? Found in its data whenever it is kept; whoever looks again checks that it still holds."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from schemas.cases import CaseRecord, Track
from schemas.catalogue import Catalogue
from schemas.words import Band, CaseState, Signal
from services.router.learning import open_signals
from services.rules.clocks import next_mark
from services.rules.lifecycle import AT_WORK

Kind = Literal["clock", "page", "release", "follow_up", "nears"]


@dataclass(frozen=True, slots=True, order=True)
class Due:
    """One thing to look at: a track's promise or page (`name` says which), its way to another desk, a resolved case's follow-up, an
    attacker's deadline so near that it raises the case."""

    at: datetime
    kind: Kind
    track_id: str = ""
    name: str = ""


def dues_of(case: CaseRecord, catalogue: Catalogue) -> Iterator[Due]:
    """Everything of a case that an instant may change."""
    for track in case.tracks:
        yield from _dues_of(track, catalogue.sla.warn_at_percent)
    nears = _nears_at(case, catalogue)
    if nears is not None:
        yield Due(nears, "nears")
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
        if page.next_at is not None and page.waits:
            yield Due(page.next_at, "page", track.track_id, page.page_id)
    if track.moving_by is not None:
        yield Due(track.moving_by, "release", track.track_id)


def _nears_at(case: CaseRecord, catalogue: Catalogue) -> datetime | None:
    """When the attacker's deadline will be as near as raises the case further (R5); a human may have closed that signal."""
    if case.deadline_at is None or case.state not in AT_WORK or Signal.ATTACKER_DEADLINE not in open_signals(case):
        return None
    within = catalogue.incidents.deadlines
    rises = [before for band, before in ((Band.P0, within.p0), (Band.P1, within.p1)) if band.rank < case.band.rank]
    return case.deadline_at - max(rises) if rises else None


def next_look(case: CaseRecord, catalogue: Catalogue) -> datetime | None:
    """When to look at the case again: the first of all that `dues_of` finds."""
    warn_at = catalogue.sla.warn_at_percent
    first = case.follow_up_at if case.state is CaseState.RESOLVED else None
    nears = _nears_at(case, catalogue)
    if nears is not None and (first is None or nears < first):
        first = nears
    for track in case.tracks:
        for clock in track.clocks:
            mark = next_mark(clock, warn_at)
            if mark is not None and (first is None or mark[0] < first):
                first = mark[0]
        for due in _others_of(track):
            if first is None or due.at < first:
                first = due.at
    return first
