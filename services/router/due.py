"""What of a case falls due next, and when? Found in its data whenever it is kept; whoever looks again checks that it still holds."""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal, NamedTuple

from schemas.cases import CaseRecord, Clock
from schemas.catalogue import Catalogue
from schemas.words import CaseState, Signal
from services.router.learning import open_signals
from services.rules.clocks import next_mark
from services.rules.dated import nears_at
from services.rules.lifecycle import AT_WORK, RUNNING

Kind = Literal["clock", "page", "release", "follow_up", "nears"]


class Due(NamedTuple):
    """One thing to look at: a track's promise or page (`name` says which), its way to another desk, a resolved case's follow-up, an
    attacker's deadline so near that it raises the case."""

    at: datetime
    kind: Kind
    track_id: str = ""
    name: str = ""


def dues_of(case: CaseRecord, catalogue: Catalogue) -> Iterator[Due]:
    """Everything of a case that an instant may change."""
    warn_at = catalogue.sla.warn_at_percent
    for track in case.tracks:
        for clock in track.clocks:
            mark = next_mark(clock, warn_at)
            if mark is not None:
                yield Due(mark[0], "clock", track.track_id, clock.name)
    yield from _other_dues_of(case, catalogue)


def _other_dues_of(case: CaseRecord, catalogue: Catalogue) -> Iterator[Due]:
    for track in case.tracks:
        for page in track.pages:
            if page.next_at is not None and page.waits:
                yield Due(page.next_at, "page", track.track_id, page.page_id)
        if track.moving_by is not None:
            yield Due(track.moving_by, "release", track.track_id)
    nears = _nears_at(case, catalogue)
    if nears is not None:
        yield Due(nears, "nears")
    if case.state is CaseState.RESOLVED and case.follow_up_at is not None:
        yield Due(case.follow_up_at, "follow_up")


def _nears_at(case: CaseRecord, catalogue: Catalogue) -> datetime | None:
    """When the attacker's deadline will be as near as raises the case further (R5); a human may have closed that signal."""
    if case.deadline_at is None or case.state not in AT_WORK or Signal.ATTACKER_DEADLINE not in open_signals(case):
        return None
    return nears_at(case.deadline_at, case.band, catalogue.incidents.deadlines)


def next_look(case: CaseRecord, catalogue: Catalogue) -> datetime | None:
    """When to look at the case again: the first of all that `dues_of` finds.

    Of promises that began together and have run untouched the one that ends first is looked at first; the others need no counting.
    """
    untouched: Clock | None = None
    touched: list[Clock] = []
    for track in case.tracks:
        for clock in track.clocks:
            if clock.started_at != case.received_at or clock.warned or clock.paused or clock.state is not RUNNING:
                touched.append(clock)
            elif untouched is None or clock.due < untouched.due:
                untouched = clock
    warn_at = catalogue.sla.warn_at_percent
    counted = touched if untouched is None else [untouched, *touched]
    marks = [mark[0] for clock in counted if (mark := next_mark(clock, warn_at)) is not None]
    return min((*marks, *(due.at for due in _other_dues_of(case, catalogue))), default=None)
