"""Which promise of a track runs until when? They are opened together, follow its band, and fall away with it (DOMAIN section 8)."""

from datetime import datetime, timedelta

from schemas.cases import CaseRecord, Clock, Track
from schemas.catalogue import Catalogue
from schemas.words import ClockKind, ClockState, TrackState
from services.rules import clocks
from services.rules.asked_of_promises import asked
from services.rules.clocks import LIVE, TICKING
from services.rules.lifecycle import OPEN, UNOWNED
from services.rules.promises import Promise, promises_of

FROM_THE_START = (ClockKind.ACKNOWLEDGE, ClockKind.FIRST_RESPONSE, ClockKind.RESOLVE, ClockKind.MILESTONE)


def clock_of(track: Track, name: str) -> Clock | None:
    """The track's clock of this name: a kind, or a milestone."""
    return next((clock for clock in track.clocks if clock.name == name), None)


def promised_on(case: CaseRecord, track: Track, catalogue: Catalogue) -> dict[str, Promise]:
    """Everything this track promises under the case's present band, by name."""
    return promises_of(asked(case, track), catalogue, next_contact_at=track.next_contact_at)


def open_clocks(case: CaseRecord, track: Track, catalogue: Catalogue, *, at: datetime | None = None) -> Track:
    """The track with its first promises running since `at` (our receipt of the case's report unless given): it is new, or taken up
    again: then every promise is made anew, and none of the old ones is broken by it."""
    epoch = 1 + max((track.last_epoch, *(clock.epoch for clock in track.clocks)))
    opened = tuple(
        clocks.start(promise, at=at or case.received_at, cut=case.cut_at, epoch=epoch)
        for name, promise in promised_on(case, track, catalogue).items()
        if promise.kind in FROM_THE_START and name not in track.met
    )
    fresh = {"clocks": opened, "responded_at": None, "next_contact_at": None, "held_since": None}
    return track.model_copy(update=fresh)


def asked_again(case: CaseRecord, track: Track, catalogue: Catalogue, *, at: datetime) -> Track:
    """The track with its acknowledge promise made anew at `at`, unless that still runs: whoever had it has it no more."""
    if clock_of(track, ClockKind.ACKNOWLEDGE) is not None:
        return track
    promise = promised_on(case, track, catalogue)[ClockKind.ACKNOWLEDGE]
    return with_clock(track, clocks.start(promise, at=at, cut=case.cut_at, epoch=track.last_epoch + 1))


def rebased(case: CaseRecord, track: Track, catalogue: Catalogue, *, now: datetime) -> Track:
    """The track with its promises under the case's present band and attacker's deadline: on their original start, with
    what elapsed and what was paused, under new epochs (DOMAIN section 8)."""
    promised = promised_on(case, track, catalogue)
    kept = [
        _rebased(clock, promised[clock.name], case, track, now=now) if clock.name in promised else clock
        for clock in track.clocks
        if clock.name in promised or clock.state not in TICKING
    ]
    known = {clock.name for clock in kept} | set(track.met)
    since = next((clock.started_at for clock in kept if clock.kind is ClockKind.RESOLVE), case.received_at)
    new = [
        clocks.start(promise, at=since, cut=case.cut_at, epoch=track.last_epoch + 1)
        for name, promise in promised.items()
        if promise.kind is ClockKind.MILESTONE and name not in known and track.state in OPEN
    ]
    return track.model_copy(update={"clocks": (*kept, *(_not_past(one, now) for one in new))})


def _rebased(clock: Clock, promise: Promise, case: CaseRecord, track: Track, *, now: datetime) -> Clock:
    if clock.state is ClockState.BREACHED and clock.kind is ClockKind.ACKNOWLEDGE and track.state in UNOWNED:
        climbs = any(page.waits and page.promise == clock.name for page in track.pages)
        # A human has seen that it was broken: asked anew, it is promised anew. If nobody has, its page goes on climbing.
        return clock if climbs else clocks.reset(clock, promise, at=now, cut=case.cut_at)
    if clock.state not in TICKING or clocks.is_over(clock, now):
        return clock  # its deadline has passed: what changes now changes nothing about that
    stands = track.state is TrackState.WAITING_VICTIM and clocks.may_pause(clock.kind, case.band)
    if clock.state is ClockState.PAUSED and not stands:
        clock = clocks.resume(clock, now, cut=case.cut_at)
    clock = clocks.rebase(clock, promise, cut=case.cut_at, now=now)
    if clock.state is ClockState.RUNNING and stands and clock.due > now:
        return clocks.pause(clock, now, cut=case.cut_at)
    return clock


def _not_past(clock: Clock, now: datetime) -> Clock:
    return clock.model_copy(update={"due": max(clock.due, now)})


def cancelled(track: Track, now: datetime) -> Track:
    """The track with every promise fallen away and no page climbing: withdrawn, merged or closed. Told with what ended it."""
    live = [clock.epoch for clock in track.clocks if clock.state in LIVE]
    pages = tuple(
        page.model_copy(update={"withdrawn_at": now, "next_at": None}) if page.waits else page for page in track.pages
    )
    kept = tuple(clock for clock in track.clocks if clock.state not in LIVE)
    ended = {"clocks": kept, "pages": pages, "held_since": None, "last_epoch": max((track.last_epoch, *live))}
    return track.model_copy(update=ended)


def resolved(tracks: tuple[Track, ...]) -> tuple[datetime | None, timedelta]:
    """By when all of these tracks, now done, were to be resolved, and how late the last of them was: what their case promised."""
    promises = [clock for track in tracks if (clock := clock_of(track, ClockKind.RESOLVE)) is not None]
    by = max((clock.due for clock in promises), default=None)
    at = max((clock.settled_at for clock in promises if clock.settled_at is not None), default=None)
    return by, max(timedelta(0), at - by) if by and at else timedelta(0)


def without(track: Track, clock: Clock) -> Track:
    """The track without a settled clock: what became of it is history, told on `case.events`."""
    kept = tuple(one for one in track.clocks if one.name != clock.name)
    return track.model_copy(update={"clocks": kept, "last_epoch": max(track.last_epoch, clock.epoch)})


def with_clock(track: Track, clock: Clock) -> Track:
    """The track with this clock in the place of the one of its name, or added."""
    if clock_of(track, clock.name) is None:
        return track.model_copy(update={"clocks": (*track.clocks, clock)})
    changed = tuple(clock if one.name == clock.name else one for one in track.clocks)
    return track.model_copy(update={"clocks": changed})
