"""How is a promise told? Each change of a track's clocks is one fact on the timeline, with until when they run now, and why."""

from datetime import datetime

from schemas.base import Actor
from schemas.cases import Clock, Track
from schemas.catalogue import Catalogue
from schemas.clock_events import ClockTold, TimeUsed
from services.router.clocks import rebased
from services.router.timeline import ROUTER, Timeline
from services.rules.clocks import LIVE, is_over, settle, used
from services.rules.promised import why_promised


def told(track: Track) -> tuple[ClockTold, ...]:
    """The promises still to be kept."""
    return tuple(
        ClockTold(
            kind=clock.kind,
            milestone=clock.milestone,
            started_at=clock.started_at,
            due=clock.due,
            epoch=clock.epoch,
            state=clock.state,
        )
        for clock in track.clocks
        if clock.state in LIVE
    )


def tell_changed(timeline: Timeline, track: Track, cause: str, catalogue: Catalogue, *, actor: Actor = ROUTER) -> None:
    """Tell how a track's promises run from now on."""
    timeline.tell(
        "clocks_changed",
        actor,
        track_id=track.track_id,
        pillar=track.pillar,
        band=timeline.case.band,
        cause=cause,
        clocks=told(track),
        explanation=why_promised(timeline.case, track, catalogue.version, now=timeline.now),
    )


def rebase_track(timeline: Timeline, track: Track, cause: str, catalogue: Catalogue, *, actor: Actor = ROUTER) -> Track:
    """The track's promises under what the case is now (band, lead, services, an attacker's deadline), told if they run differently."""
    changed = rebased(timeline.case, track, catalogue, now=timeline.now)
    if changed.clocks == track.clocks:
        return track
    timeline.put_track(changed)
    tell_changed(timeline, changed, cause, catalogue, actor=actor)
    return changed


def tell_clock(
    timeline: Timeline, track: Track, fact: str, clock: Clock, *, late_at: datetime, **fields: object
) -> None:
    """Tell something about one promise; its lateness is that of `late_at`."""
    timeline.tell(
        fact,
        ROUTER,
        track_id=track.track_id,
        pillar=track.pillar,
        band=timeline.case.band,
        kind=clock.kind,
        milestone=clock.milestone,
        clock_epoch=clock.epoch,
        due=clock.due,
        lateness_seconds=max(0.0, (late_at - clock.due).total_seconds()),
        **fields,
    )


def time_used(clock: Clock, at: datetime) -> TimeUsed:
    """Who used the time of a promise until `at`."""
    whose = used(clock, at)
    return TimeUsed(
        us_seconds=whose.us.total_seconds(),
        victim_seconds=whose.victim.total_seconds(),
        third_party_seconds=whose.third_party.total_seconds(),
    )


def break_unseen(timeline: Timeline, track: Track, clock: Clock, *, stopped_at: datetime) -> Clock:
    """Its deadline passed before it was stopped and no timer has told so yet: the breach is told once, here, and needs no page any more."""
    broken = settle(clock, "breach", timeline.now)
    used = time_used(broken, broken.due)
    tell_clock(timeline, track, "clock_breached", broken, late_at=timeline.now, stopped_at=stopped_at, used=used)
    return broken


def break_overdue(timeline: Timeline, track: Track, *, at: datetime) -> None:
    """Tell of every promise that was broken before it falls away at `at`, and that no timer has told of yet."""
    for clock in track.clocks:
        if is_over(clock, at):
            break_unseen(timeline, track, clock, stopped_at=at)
