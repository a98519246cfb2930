"""What a desk did, followed on the case: state of the track, its acknowledge clock, the live assignment."""

from schemas.cases import Track
from schemas.progress import Answered, Exhausted, Offered, Progress, Released, Worked
from schemas.words import ClockKind, ClockState, TrackState
from services.router.clocks import clock_of, settled
from services.router.escalation import page_about
from services.router.opening import advance
from services.router.timeline import Timeline
from services.rules.lifecycle import OWNED, moved

NOT_OURS = (TrackState.WITHDRAWN, TrackState.NOT_COVERED_REFERRED)  # a case waits for no such track


def follow(timeline: Timeline, fact: str, told: Progress) -> bool:
    """Apply one progress fact; `False` when it is ignored (older epoch, unknown track, a move the table does not list)."""
    track = timeline.track(told.track_id)
    if track is None or told.epoch < track.desk_epoch:
        return False
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
    if event == "accepted":
        _acknowledged(timeline, track, told)
    if isinstance(told, Exhausted):
        page_about(timeline, track, reason="nobody_eligible")
    _advance_case(timeline, released=event == "released")
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
    elif isinstance(told, Worked):
        fields |= {"next_contact_at": told.next_contact_at or track.next_contact_at}
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


def _advance_case(timeline: Timeline, *, released: bool) -> None:
    states = [track.state for track in timeline.case.tracks if track.state not in NOT_OURS]
    if states and all(state is TrackState.DONE for state in states):
        advance(timeline, "all_done")
    elif states and all(state in (*OWNED, TrackState.DONE) for state in states):
        advance(timeline, "all_accepted")
    elif released:
        advance(timeline, "released")
