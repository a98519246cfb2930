"""What is due in a case: does it still hold, was it kept, and who is told? Each once, in the order it was planned."""

from datetime import datetime

from schemas.cases import CaseRecord, Clock, Track
from schemas.catalogue import Catalogue
from services.router.clocks import clock_of, with_clock
from services.router.dispatching import arrive
from services.router.due import Due, dues_of
from services.router.escalation import REASONS, about, climb, escalate, page_id_of
from services.router.standing import follow_up
from services.router.state import Partition
from services.router.telling import tell_clock, time_used
from services.router.timeline import SOURCE, Timeline
from services.router.updating import deadline_nears
from services.rules import clocks
from services.rules.clocks import DUE
from services.rules.paging import reminder_notice
from services.rules.step import Step


def look(case: CaseRecord, step: Step, partition: Partition, *, now: datetime) -> Timeline | None:
    """The case after everything due at `now`; `None` when nothing is (what was noted for this instant holds no more)."""
    timeline = Timeline(case, step, now=now, cause=None)
    catalogue = partition.pinned(case)
    while due := sorted(one for one in dues_of(timeline.case, catalogue) if one.at <= now):
        for one in due:  # what follows from it may be due too: that is the next round
            if one.kind == "nears":
                deadline_nears(timeline, partition, catalogue)
            elif one.kind == "follow_up":
                follow_up(timeline)
            else:
                _act(timeline, one, catalogue)
    return None if timeline.case is case else timeline


def _act(timeline: Timeline, due: Due, catalogue: Catalogue) -> None:
    track = timeline.track(due.track_id)
    assert track is not None, "it was found on this track"
    if due.kind == "release" and track.moving_by == due.at:
        arrive(timeline, track, catalogue)
    elif due.kind == "page":
        page = next((one for one in track.pages if one.page_id == due.name and one.next_at == due.at), None)
        if page is not None:
            climb(timeline, track, page, planned_at=due.at, catalogue=catalogue)
    elif (clock := clock_of(track, due.name)) is not None:
        share = clocks.mark_reached(clock, catalogue.sla.warn_at_percent, timeline.now)
        if share == DUE:
            breach(timeline, track, clock, catalogue)
        elif share is not None:
            _warn(timeline, track, clock, share)


def breach(timeline: Timeline, track: Track, clock: Clock, catalogue: Catalogue) -> None:
    """A promise is broken: told once, with its lateness and who used its time, and a human is paged."""
    used = clocks.waited(clock, clocks.holder_of(track.state), since=track.held_since or clock.due, until=clock.due)
    broken = clocks.settle(clock, "breach", timeline.now)
    track = with_clock(track, broken)
    timeline.put_track(track)
    tell_clock(
        timeline,
        track,
        "clock_breached",
        broken,
        late_at=timeline.now,
        used=time_used(used, clock.due),
        page_id=page_id_of(timeline.case, track, broken),
    )
    escalate(timeline, track, broken, reason=REASONS[clock.kind], planned_at=clock.due, catalogue=catalogue)


def _warn(timeline: Timeline, track: Track, clock: Clock, share: int) -> None:
    """So much of its time is gone: told once, and whoever has the track is reminded."""
    track = with_clock(track, clock.model_copy(update={"warned": share}))
    timeline.put_track(track)
    planned = clocks.mark_at(clock, share)
    late = max(0.0, (timeline.now - planned).total_seconds())
    timeline.tell(
        "clock_warned",
        track_id=track.track_id,
        pillar=track.pillar,
        band=timeline.case.band,
        kind=clock.kind,
        milestone=clock.milestone,
        clock_epoch=clock.epoch,
        due=clock.due,
        share=share,
        lateness_seconds=late,
        responder_id=track.responder_id,
    )
    if track.responder_id is not None:
        notice = reminder_notice(
            about(timeline.case, track),
            promise=clock.name,
            epoch=clock.epoch,
            share=share,
            due=clock.due,
            to=track.responder_id,
            at=timeline.now,
        )
        timeline.step.issue(notice, SOURCE, cause=timeline.cause)
