"""Which tracks does a case have now? They are opened, added, changed and withdrawn as its facts change; what somebody works on stays."""

from dataclasses import dataclass
from datetime import UTC, datetime

from schemas.base import Actor
from schemas.cases import CaseRecord, Track
from schemas.catalogue import Catalogue
from schemas.words import Band, Pillar, TrackState
from services.router.clocks import open_clocks
from services.router.dispatching import (
    arrive,
    dispatch_of,
    end_track,
    move_track,
    send_again,
    send_known,
    send_track,
)
from services.router.escalation import page_uncovered
from services.router.recovering import Recovered
from services.router.telling import rebase_track
from services.router.timeline import ROUTER, Timeline
from services.rules import ids
from services.rules.coverage import Coverage
from services.rules.desks_of import desk_of
from services.rules.lifecycle import NOT_WANTED, OPEN, OWNED, REFERRED, UNOWNED, moved

BLANK = Track(  # copied for every track
    track_id="-",
    pillar=Pillar.TECHNICAL,
    desk_id="-",
    lead=False,
    state=TrackState.PENDING,
    desk_epoch=1,
    dispatched_at=datetime(1970, 1, 1, tzinfo=UTC),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What coverage made of the `pillars` that triage says a case concerns."""

    recovered: Recovered
    pillars: tuple[Pillar, ...]

    @property
    def coverage(self) -> Coverage:
        """Which pillars get a desk, which are referred, with which services."""
        return self.recovered.coverage


def settle_tracks(
    timeline: Timeline, wanted: Wanted, before: CaseRecord, *, at: datetime, catalogue: Catalogue
) -> None:
    """Give the case the tracks it needs. `before` is the case as its desks know it; new promises run from `at`."""
    for track in timeline.case.tracks:
        if track.pillar in wanted.recovered.not_covered:
            _let_go(timeline, track, wanted)
    for pillar in (*wanted.recovered.covered, *wanted.recovered.added):
        known = _of(timeline.case, pillar)
        if known is None:
            _add(timeline, pillar, wanted, at=at, catalogue=catalogue)
        elif known.state is not TrackState.DECLINED:
            take_up(timeline, known, at=at, catalogue=catalogue)
    for pillar in wanted.coverage.referred:
        if _of(timeline.case, pillar) is None:
            _refer(timeline, pillar, wanted, catalogue)
    _lead(timeline, wanted.recovered.lead)
    _promise_again(timeline, before, catalogue)
    send_changed(timeline, before, catalogue)
    if wanted.coverage.fails_open:
        page_uncovered(timeline)


def send_changed(timeline: Timeline, before: CaseRecord, catalogue: Catalogue) -> None:
    """Dispatch again what waits at a desk that would now know it otherwise, or belongs to another desk; of what somebody has the desk
    is told what it has become."""
    for track in timeline.case.tracks:
        known = _of(before, track.pillar)
        if track.moving_to is not None and timeline.case.band is Band.P0:
            arrive(timeline, track, catalogue)  # raised on its way: a P0 waits for no desk to let go
        if known is None or known.desk_epoch != track.desk_epoch or track.moving_to:
            continue
        if track.state in OWNED and dispatch_of(timeline.case, track) != dispatch_of(before, known):
            send_known(timeline, track)
        if track.state not in UNOWNED:
            continue
        desk_id = desk_of(track.pillar, timeline.case.country, timeline.case.language, catalogue)
        was_at_home = known.desk_id == desk_of(track.pillar, before.country, before.language, catalogue)
        if was_at_home and desk_id != track.desk_id:
            move_track(timeline, track, desk_id, reason="facts_changed", catalogue=catalogue)
        elif dispatch_of(timeline.case, track) != dispatch_of(before, known):
            send_again(timeline, track.model_copy(update={"state": TrackState.PENDING}), catalogue)


def take_up(timeline: Timeline, track: Track, *, at: datetime, catalogue: Catalogue, actor: Actor = ROUTER) -> None:
    """A track that had ended, or that others were to serve, is wanted: its promises run anew, its desk offers it."""
    event = "covered" if track.state is REFERRED else "reopened"
    promised = open_clocks(timeline.case, track, catalogue, at=at)
    after = moved(track.state, event)
    assert after is not None, f"a track that is {track.state} cannot be {event}"
    pending = promised.model_copy(update={"state": after})
    timeline.put_track(pending)
    timeline.tell(
        "track_moved",
        actor,
        track_id=track.track_id,
        pillar=track.pillar,
        epoch=track.desk_epoch,
        state=after,
        cause=event,
    )
    send_again(timeline, pending, catalogue, reopened=True)


def _let_go(timeline: Timeline, track: Track, wanted: Wanted) -> None:
    """Nobody works on it, and it is served by others, or no longer concerned at all."""
    if track.pillar in wanted.pillars:
        end_track(timeline, track, "not_covered", reason="not_covered")
    else:
        end_track(timeline, track, "withdrawn", reason="facts_changed")


def _add(timeline: Timeline, pillar: Pillar, wanted: Wanted, *, at: datetime, catalogue: Catalogue) -> None:
    track = open_clocks(timeline.case, _blank(timeline, pillar, wanted, catalogue), catalogue, at=at)
    timeline.set(tracks=(*timeline.case.tracks, track))
    send_track(timeline, track, catalogue)


def _refer(timeline: Timeline, pillar: Pillar, wanted: Wanted, catalogue: Catalogue) -> None:
    """A pillar that others serve has a track without promises, so that nobody wonders where it went."""
    track = _blank(timeline, pillar, wanted, catalogue).model_copy(update={"state": REFERRED, "desk_epoch": 0})
    timeline.set(tracks=(*timeline.case.tracks, track))
    timeline.tell(
        "track_moved",
        track_id=track.track_id,
        pillar=pillar,
        epoch=track.desk_epoch,
        state=track.state,
        cause="not_covered",
    )


def _blank(timeline: Timeline, pillar: Pillar, wanted: Wanted, catalogue: Catalogue) -> Track:
    case = timeline.case
    return BLANK.model_copy(
        update={
            "track_id": ids.track_id(case.case_id, pillar),
            "pillar": pillar,
            "desk_id": desk_of(pillar, case.country, case.language, catalogue),
            "lead": pillar is wanted.recovered.lead,
            "dispatched_at": timeline.now,
            "services": wanted.coverage.services_of(pillar),
        }
    )


def _of(case: CaseRecord, pillar: Pillar) -> Track | None:
    return next((track for track in case.tracks if track.pillar is pillar), None)


def _lead(timeline: Timeline, pillar: Pillar) -> None:
    """One track leads, and is named first."""
    for track in timeline.case.tracks:
        leads = track.pillar is pillar
        if leads is not track.lead:
            timeline.put_track(track.model_copy(update={"lead": leads}))
    timeline.set(tracks=tuple(sorted(timeline.case.tracks, key=lambda track: not track.lead)))


def lead_on(timeline: Timeline, catalogue: Catalogue) -> None:
    """The help that led is not wanted (any more): the next track that is open leads, with a lead's promises."""
    before = timeline.case
    following = next((track.pillar for track in before.tracks if track.state in OPEN), None)
    if following is not None and any(track.lead and track.state in NOT_WANTED for track in before.tracks):
        _lead(timeline, following)
        _promise_again(timeline, before, catalogue)
        send_changed(timeline, before, catalogue)


def _promise_again(timeline: Timeline, before: CaseRecord, catalogue: Catalogue) -> None:
    """Who begins or ceases to lead, or to give a service, or gives it by another programme or for another code, has other promises."""
    otherwise = (before.granted, before.code) != (timeline.case.granted, timeline.case.code)
    for track in timeline.case.tracks:
        known = _of(before, track.pillar)
        if known and (otherwise or (known.lead, known.services) != (track.lead, track.services)):
            rebase_track(timeline, track, "facts_changed", catalogue)
