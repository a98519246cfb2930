"""What a desk did, followed on the case: state of the track, its acknowledge clock, the live assignment."""

from schemas.cases import Track
from schemas.catalogue import Catalogue
from schemas.progress import Answered, Exhausted, Offered, Progress, Released, Worked
from schemas.words import ClockKind, ClockState, TrackState
from services.router.clocks import clock_of, settled
from services.router.dispatching import arrive
from services.router.escalation import page_about
from services.router.standing import settle
from services.router.timeline import Timeline
from services.rules.lifecycle import NOT_WANTED, moved

NOT_OURS = (TrackState.WITHDRAWN, TrackState.NOT_COVERED_REFERRED)  # a case waits for no such track


def follow(timeline: Timeline, fact: str, told: Progress, catalogue: Catalogue) -> bool:
    """Apply one progress fact; `False` when it is ignored (older epoch, unknown track, a move the table does not list)."""
    track = timeline.track(told.track_id)
    if track is None or told.epoch < track.desk_epoch:
        return track is not None and fact == "accepted" and _superseded(timeline, track, told)
    event = _event_of(fact, told)
    after = moved(track.state, event)
    if after is None:
        return False
    track = _changed(track, told, after)
    timeline.put_track(track)
    timeline.tell(
        "track_moved",
        told.actor,
        track_id=track.track_id,
        pillar=track.pillar,
        epoch=told.epoch,
        state=after,
        cause=event,
        responder_id=getattr(told, "responder_id", None),
        offer_id=getattr(told, "offer_id", None),
        result=getattr(told, "result", None) or getattr(told, "reason", None),
        explanation=getattr(told, "explanation", None),
    )
    _go_on(timeline, track, told)
    settle(timeline, catalogue)
    return True


def _go_on(timeline: Timeline, track: Track, told: Progress) -> None:
    if isinstance(told, Answered) and track.state is TrackState.ACCEPTED:
        _acknowledged(timeline, track, told)
    elif isinstance(told, Exhausted):
        page_about(timeline, track, reason="nobody_eligible")
    elif isinstance(told, Released) and track.moving_to is not None:
        arrive(timeline, track)


def _superseded(timeline: Timeline, track: Track, told: Progress) -> bool:
    """An acceptance at a desk that the track has left counts for nothing, and is told; whether this was one."""
    gone = told.desk_id != track.desk_id or track.moving_to is not None or track.state in NOT_WANTED
    if not isinstance(told, Answered) or not gone:
        return False
    timeline.tell(
        "acceptance_superseded",
        told.actor,
        track_id=track.track_id,
        pillar=track.pillar,
        epoch=told.epoch,
        responder_id=told.responder_id,
    )
    return True


def _event_of(fact: str, told: Progress) -> str:
    if fact == "waiting":
        return "waiting_third_party" if getattr(told, "result", None) == "third_party" else "waiting_victim"
    return fact


def _changed(track: Track, told: Progress, after: TrackState) -> Track:
    fields: dict[str, object] = {"state": after}
    if isinstance(told, Offered):
        fields |= {"offered_at": told.at, "offer_id": told.offer_id, "responder_id": None}
    elif isinstance(told, Answered):
        owner = told.responder_id if after is TrackState.ACCEPTED else None
        fields |= {"responder_id": owner, "offer_id": told.offer_id if owner else None}
        fields |= {"moving_to": None, "moving_by": None}  # it was done before its desk was asked to let go
    elif isinstance(told, Worked):
        spoke = told.at if after is TrackState.ACTIVE and track.responded_at is None else track.responded_at
        fields |= {"next_contact_at": told.next_contact_at or track.next_contact_at, "responded_at": spoke}
    elif isinstance(told, Released):
        fields |= {"responder_id": None, "offer_id": None}
    elif isinstance(told, Exhausted):
        fields |= {"exhausted": True}
    return track.model_copy(update=fields)


def _acknowledged(timeline: Timeline, track: Track, told: Progress) -> None:
    """Acceptance settles the acknowledge promise by the instant we received it, not the instant we read it."""
    clock = clock_of(track, ClockKind.ACKNOWLEDGE)
    if clock is None or clock.state is not ClockState.RUNNING or told.at > clock.due:
        return  # too late: the promise fails at its deadline, by the clock
    timeline.put_track(settled(track, ClockKind.ACKNOWLEDGE, ClockState.MET, told.at))
    timeline.tell(
        "clock_met",
        track_id=track.track_id,
        pillar=track.pillar,
        band=timeline.case.band,
        kind=clock.kind,
        clock_epoch=clock.epoch,
        due=clock.due,
    )
