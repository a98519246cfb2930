"""Which tracks does a case have now? They are opened, added, changed and withdrawn as its facts change; what somebody works on stays."""

from datetime import datetime

from schemas.base import Actor
from schemas.cases import CaseRecord, Track
from schemas.catalogue import Catalogue
from schemas.words import Band, Pillar, TrackState
from services.router.clocks import open_clocks
from services.router.dispatching import arrive, dispatch_of, end_track, move_track, send_again, send_track
from services.router.pillars import Wanted
from services.router.telling import rebase
from services.router.timeline import ROUTER, Timeline
from services.rules import ids
from services.rules.desks_of import desk_of
from services.rules.lifecycle import UNOWNED, moved

REFERRED = TrackState.NOT_COVERED_REFERRED


def settle_tracks(
    timeline: Timeline, wanted: Wanted, before: CaseRecord, *, at: datetime, catalogue: Catalogue
) -> None:
    """Give the case the tracks it needs. `before` is the case as its desks know it; new promises run from `at`."""
    for pillar in wanted.services:
        track = _of(timeline.case, pillar)
        if track is None:
            _add(timeline, pillar, wanted, at=at, catalogue=catalogue)
        else:
            _keep(timeline, track, wanted, at=at, catalogue=catalogue)
    for track in timeline.case.tracks:
        if track.pillar not in wanted.services and track.state in UNOWNED:
            end_track(timeline, track, "withdrawn", reason="facts_changed")
    _lead_first(timeline)
    send_changed(timeline, before, catalogue)


def send_changed(timeline: Timeline, before: CaseRecord, catalogue: Catalogue) -> None:
    """Dispatch again what waits at a desk that would now know it otherwise, or belongs to another desk."""
    for track in timeline.case.tracks:
        known = _of(before, track.pillar)
        if track.moving_to is not None and timeline.case.band is Band.P0:
            arrive(timeline, track, catalogue)  # raised on its way: a P0 waits for no desk to let go
        if track.state not in UNOWNED or known is None or known.desk_epoch != track.desk_epoch or track.moving_to:
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


def _add(timeline: Timeline, pillar: Pillar, wanted: Wanted, *, at: datetime, catalogue: Catalogue) -> None:
    case = timeline.case
    referred = pillar in wanted.referred
    track = Track(
        track_id=ids.track_id(case.case_id, pillar),
        pillar=pillar,
        desk_id=desk_of(pillar, case.country, case.language, catalogue),
        lead=pillar is wanted.lead,
        state=REFERRED if referred else TrackState.PENDING,
        desk_epoch=0 if referred else 1,
        dispatched_at=timeline.now,
        services=wanted.services[pillar],
    )
    if not referred:
        track = open_clocks(case, track, catalogue, at=at)
    timeline.set(tracks=(*case.tracks, track))
    if referred:
        _tell_referred(timeline, track)
    else:
        send_track(timeline, track, catalogue)


def _keep(timeline: Timeline, track: Track, wanted: Wanted, *, at: datetime, catalogue: Catalogue) -> None:
    referred = track.pillar in wanted.referred
    leads = track.pillar is wanted.lead
    changed = track.model_copy(update={"lead": leads, "services": wanted.services[track.pillar]})
    timeline.put_track(changed)
    track = rebase(timeline, changed, "facts_changed", catalogue) if changed != track else track
    if referred and track.state in UNOWNED:
        end_track(timeline, track, "not_covered", reason="not_covered")
    elif not referred and track.state in (REFERRED, TrackState.WITHDRAWN):
        take_up(timeline, track, at=at, catalogue=catalogue)


def _tell_referred(timeline: Timeline, track: Track) -> None:
    timeline.tell(
        "track_moved",
        track_id=track.track_id,
        pillar=track.pillar,
        epoch=track.desk_epoch,
        state=track.state,
        cause="not_covered",
    )


def _of(case: CaseRecord, pillar: Pillar) -> Track | None:
    return next((track for track in case.tracks if track.pillar is pillar), None)


def _lead_first(timeline: Timeline) -> None:
    timeline.set(tracks=tuple(sorted(timeline.case.tracks, key=lambda track: not track.lead)))
