"""Was a promise kept? By when it was stopped (our receipt), never by when we read of it; what waits for somebody else is theirs."""

from dataclasses import dataclass
from datetime import datetime

from schemas.base import Actor
from schemas.cases import CaseRecord, Clock, Track
from schemas.catalogue import Catalogue
from schemas.words import ClockKind, ClockState, Holder, TrackState
from services.router.clocks import asked_again, clock_of, promised_on, with_clock, without
from services.router.escalation import withdraw_pages
from services.router.telling import break_overdue, break_unseen, tell_changed, tell_clock, time_used
from services.router.timeline import Timeline
from services.rules import clocks
from services.rules.clocks import LIVE


@dataclass(frozen=True, slots=True)
class Moment:
    """When something happened (our receipt of it), who did it, and the release its promises are measured by."""

    at: datetime
    actor: Actor
    catalogue: Catalogue


def keep(timeline: Timeline, track: Track, name: str, moment: Moment) -> Track:
    """Stop the track's clock of this name, if it is still to be kept: met, made up for late, or its breach corrected."""
    clock = clock_of(track, name)
    if clock is None or clock.state not in LIVE:
        return track
    clock = _with_open_segment(track, clock, moment.at)
    event = clocks.how_stopped(clock, moment.at)
    if event == "breach":
        clock = break_unseen(timeline, track, clock, stopped_at=moment.at)
        event = "stop"
    after = clocks.settle(clock, event, moment.at)
    fact = "clock_corrected" if event == "correct" else "clock_late" if after.state is ClockState.LATE else "clock_met"
    track = with_clock(track, after) if after.kind is ClockKind.RESOLVE else without(track, after)
    timeline.put_track(track)
    used = time_used(after, moment.at)
    tell_clock(timeline, track, fact, after, late_at=moment.at, stopped_at=moment.at, used=used)
    return withdraw_pages(timeline, track, name, reason="corrected" if event == "correct" else "kept")


def spoke(timeline: Timeline, track: Track, moment: Moment) -> Track:
    """A human spoke with the victim: that is the first response, and the silence before the next contact begins anew."""
    silence = clock_of(track, ClockKind.NEXT_CONTACT)
    if silence is not None and moment.at <= silence.started_at:
        return track  # told of before, or of a contact before the last one
    spoken = track.model_copy(update={"responded_at": track.responded_at or moment.at, "attempts": 0})
    track = keep(timeline, spoken, ClockKind.FIRST_RESPONSE, moment)
    track = keep(timeline, track, ClockKind.NEXT_CONTACT, moment)
    promise = promised_on(timeline.case, track, moment.catalogue)[ClockKind.NEXT_CONTACT]
    fresh = clocks.start(promise, at=moment.at, cut=timeline.case.cut_at, epoch=track.last_epoch + 1)
    return _changed(timeline, with_clock(track, fresh), "contacted", moment)


def promised(timeline: Timeline, track: Track, moment: Moment) -> Track:
    """The victim was promised a next contact: it is due by then, and never later than silence may last."""
    clock = clock_of(track, ClockKind.NEXT_CONTACT)
    if clock is None or clock.state is not ClockState.RUNNING or clock.due < moment.at:
        return track
    promise = promised_on(timeline.case, track, moment.catalogue)[ClockKind.NEXT_CONTACT]
    moved = clocks.rebase(clock, promise, cut=timeline.case.cut_at, now=timeline.now)
    return track if moved is clock else _changed(timeline, with_clock(track, moved), "promised", moment)


def hand(timeline: Timeline, track: Track, before: TrackState, moment: Moment) -> Track:
    """Who is awaited changed: the segment that ended is theirs; waiting for the victim stands still what may."""
    was, now = clocks.holder_of(before), clocks.holder_of(track.state)
    if was is now:
        return track
    since = track.held_since or moment.at
    ended = tuple(clocks.waited(clock, was, since=since, until=moment.at) for clock in track.clocks)
    track = track.model_copy(update={"clocks": ended, "held_since": None if now is Holder.US else moment.at})
    timeline.put_track(track)
    moved = track
    for clock in track.clocks:
        if was is Holder.VICTIM and clock.state is ClockState.PAUSED:
            moved = with_clock(moved, clocks.resume(clock, moment.at, cut=timeline.case.cut_at))
        elif now is Holder.VICTIM and clocks.may_pause(clock.kind, timeline.case.band):
            moved = _pause(timeline, moved, clock, moment)
    return moved if moved is track else _changed(timeline, moved, track.state, moment)


def _pause(timeline: Timeline, track: Track, clock: Clock, moment: Moment) -> Track:
    """Stand a clock still that had time left; a breach noted since is corrected."""
    if clock.state not in (ClockState.RUNNING, ClockState.BREACHED) or moment.at >= clock.due:
        return track
    paused = clocks.pause(clock, moment.at, cut=timeline.case.cut_at)
    track = with_clock(track, paused)
    if clock.state is ClockState.RUNNING:
        return track
    timeline.put_track(track)
    tell_clock(timeline, track, "clock_corrected", clock, late_at=moment.at, stopped_at=moment.at)
    return withdraw_pages(timeline, track, clock.name, reason="corrected")


def ask_again(timeline: Timeline, track: Track, moment: Moment) -> Track:
    """Nobody has the track any more: somebody must acknowledge it anew, within the same time as at first."""
    asked = asked_again(timeline.case, track, moment.catalogue, at=moment.at)
    return track if asked is track else _changed(timeline, asked, "released", moment)


def reach(timeline: Timeline, track: Track, milestone: str, moment: Moment) -> Track:
    """A milestone of the track was reached; one that was not promised, or was reached before, changes nothing."""
    clock = clock_of(track, milestone)
    if clock is None or clock.milestone is None:
        return track
    reached = track.model_copy(update={"met": (*track.met, milestone)})
    return keep(timeline, reached, milestone, moment)


def classified(timeline: Timeline, before: CaseRecord, moment: Moment) -> None:
    """The case has a code at last: milestones that waited for one are reached."""
    waiting = [
        name for name, one in moment.catalogue.sla.milestones.items() if one.code == before.code != timeline.case.code
    ]
    for track in timeline.case.tracks if waiting else ():
        for name in waiting:
            reach(timeline, track, name, moment)


def finish(timeline: Timeline, track: Track, moment: Moment) -> Track:
    """The work is done: the promise to resolve is kept, nothing else is left to be kept."""
    track = keep(timeline, track, ClockKind.RESOLVE, moment)
    break_overdue(timeline, track, at=moment.at)
    for clock in track.clocks:
        if clock.state in LIVE:
            track = without(track, clock)
    track = track.model_copy(update={"held_since": None})
    timeline.put_track(track)
    return withdraw_pages(timeline, track, None, reason="done")


def _with_open_segment(track: Track, clock: Clock, until: datetime) -> Clock:
    if track.held_since is None:
        return clock
    return clocks.waited(clock, clocks.holder_of(track.state), since=track.held_since, until=until)


def _changed(timeline: Timeline, track: Track, cause: str, moment: Moment) -> Track:
    timeline.put_track(track)
    tell_changed(timeline, track, cause, moment.catalogue, actor=moment.actor)
    return track
