"""How does a track reach a desk, change there, leave it, or go to another? Each time as a whole, under its next epoch."""

from schemas import dispatch, topics
from schemas.base import Actor
from schemas.cases import CaseRecord, Track
from schemas.catalogue import Catalogue
from schemas.dispatch import DispatchTaken, DispatchWithdrawn
from schemas.envelope import Event
from schemas.words import Band, ClockKind
from services.router.clocks import asked_again, cancelled, clock_of
from services.router.telling import break_overdue
from services.router.timeline import ROUTER, SOURCE, Timeline
from services.rules import ids
from services.rules.clocks import LIVE
from services.rules.lifecycle import moved
from services.rules.promised import why_promised

NOBODY_HAS_IT: dict[str, object] = {
    "responder_id": None, "offer_id": None, "offered_at": None, "exhausted": False, "moving_to": None, "moving_by": None,
}  # fmt: skip


def send_track(timeline: Timeline, track: Track, catalogue: Catalogue, *, reopened: bool = False) -> None:
    """Hand a track to its desk under its present epoch, and tell so."""
    taken = dispatch_of(timeline.case, track, reopened=reopened)
    _send(timeline, track, dispatch.TAKEN, taken)
    timeline.tell_trusted(
        "track_dispatched",
        track_id=track.track_id,
        pillar=track.pillar,
        desk_id=track.desk_id,
        band=timeline.case.band,
        epoch=track.desk_epoch,
        lead=track.lead,
        acknowledge_by=taken.acknowledge_by,
        promised={clock.name: clock.due for clock in track.clocks if clock.state in LIVE},
        explanation=why_promised(timeline.case, track, catalogue.version, now=timeline.now),
    )


def send_again(timeline: Timeline, track: Track, catalogue: Catalogue, *, reopened: bool = False) -> Track:
    """Dispatch a track under its next epoch: nobody has it any more, its desk offers it anew. Returns it as it then stands."""
    again = {"desk_epoch": track.desk_epoch + 1, "dispatched_at": timeline.now} | NOBODY_HAS_IT
    changed = track.model_copy(update=again)
    timeline.put_track(changed)
    send_track(timeline, changed, catalogue, reopened=reopened)
    return changed


def send_known(timeline: Timeline, track: Track) -> None:
    """Tell the desk of a track that somebody has what its case has become: under its present epoch, for they keep it."""
    taken = dispatch_of(timeline.case, track).model_copy(update={"case_version": timeline.case.version})
    _send(timeline, track, dispatch.TAKEN, taken)


def end_track(timeline: Timeline, track: Track, event: str, *, actor: Actor = ROUTER, reason: str) -> None:
    """Take an open track from its desk for good (`withdrawn`, `refused_by_victim`, `not_covered`): its promises fall away."""
    after = moved(track.state, event)
    assert after is not None, f"a track that is {track.state} cannot be {event}"
    break_overdue(timeline, track, at=timeline.now)
    fields: dict[str, object] = {"state": after, "desk_epoch": track.desk_epoch + 1} | NOBODY_HAS_IT
    ended = cancelled(track, timeline.now).model_copy(update=fields)
    timeline.put_track(ended)
    _withdraw(timeline, ended, reason=reason)
    timeline.tell(
        "track_moved",
        actor,
        track_id=track.track_id,
        pillar=track.pillar,
        epoch=ended.desk_epoch,
        state=after,
        cause=event,
        responder_id=track.responder_id,
        result=reason,
    )


def move_track(
    timeline: Timeline, track: Track, desk_id: str, *, reason: str, catalogue: Catalogue, actor: Actor = ROUTER
) -> Track:
    """Take a track from its desk and dispatch it to another: at once for P0, else when its desk has let go of it, which has its limit."""
    after = moved(track.state, "rerouted")
    assert after is not None, f"a track that is {track.state} cannot be rerouted"
    left = track.model_copy(update={"state": after, "desk_epoch": track.desk_epoch + 1} | NOBODY_HAS_IT)
    left = asked_again(timeline.case, left, catalogue, at=timeline.now)
    _withdraw(timeline, left, reason=reason)
    left = left.model_copy(update={"moving_to": desk_id, "moving_by": timeline.now + catalogue.cases.release_within})
    timeline.put_track(left)
    timeline.tell(
        "track_moved",
        actor,
        track_id=track.track_id,
        pillar=track.pillar,
        epoch=left.desk_epoch,
        state=after,
        cause="rerouted",
        responder_id=track.responder_id,
        result=reason,
    )
    return arrive(timeline, left, catalogue) if timeline.case.band is Band.P0 else left


def arrive(timeline: Timeline, track: Track, catalogue: Catalogue) -> Track:
    """Dispatch a track to the desk it is moving to: its old desk let go of it, or held on for too long."""
    assert track.moving_to is not None, "the track is on its way"
    return send_again(timeline, track.model_copy(update={"desk_id": track.moving_to}), catalogue)


def dispatch_of(case: CaseRecord, track: Track, *, reopened: bool = False) -> DispatchTaken:
    """The whole track as its desk needs it."""
    clock = clock_of(track, ClockKind.ACKNOWLEDGE)
    return DispatchTaken.trusted(
        track_id=track.track_id,
        case_id=case.case_id,
        household_id=case.household_id,
        desk_id=track.desk_id,
        pillar=track.pillar,
        band=case.band,
        epoch=track.desk_epoch,
        lead=track.lead,
        code=case.code,
        secondary_codes=case.secondary_codes,
        signals=case.signals,
        language=case.language,
        covert=case.covert,
        drill=case.drill,
        services=track.services,
        walled_from=case.walled_from,
        walled_people=case.walled_people,
        reopened=reopened,
        received_at=case.received_at,
        acknowledge_by=clock.due if clock else track.dispatched_at,
        catalogue=case.catalogue,
    )


def _withdraw(timeline: Timeline, track: Track, *, reason: str) -> None:
    gone = DispatchWithdrawn(
        track_id=track.track_id,
        household_id=timeline.case.household_id,
        desk_id=track.desk_id,
        epoch=track.desk_epoch,
        reason=reason,
        track=dispatch_of(timeline.case, track),
    )
    _send(timeline, track, dispatch.WITHDRAWN, gone)


def _send(timeline: Timeline, track: Track, type_: str, data: DispatchTaken | DispatchWithdrawn) -> None:
    case = timeline.case
    event = Event(
        id=ids.derived("dispatch", track.track_id, track.desk_epoch, *_version_of(data)),
        type=type_,
        source=SOURCE,
        time=timeline.now,
        data=data,
        partitionkey=track.desk_id,
        correlationid=case.case_id,
        causationid=timeline.cause,
    )
    timeline.step.send(topics.dispatch(track.pillar, urgent=case.band is Band.P0), track.track_id, event)


def _version_of(data: DispatchTaken | DispatchWithdrawn) -> tuple[int, ...]:
    version = data.case_version if isinstance(data, DispatchTaken) else 0
    return (version,) if version else ()
