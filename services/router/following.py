"""What a desk did, followed on the case: state of the track, its promises, the live assignment."""

from schemas.cases import Track
from schemas.catalogue import Catalogue
from schemas.progress import Answered, Exhausted, Offered, Progress, Released, Worked
from schemas.words import ClockKind, TrackState
from services.router.clocks import clock_of
from services.router.dispatching import arrive
from services.router.escalation import escalate, page_ahead, skip
from services.router.keeping import Moment, ask_again, finish, hand, keep, promised, spoke
from services.router.standing import settle
from services.router.timeline import Timeline
from services.rules.clocks import SPOKE
from services.rules.lifecycle import NOT_WANTED, OWNED, moved


def follow(timeline: Timeline, fact: str, told: Progress, catalogue: Catalogue) -> bool:
    """Apply one progress fact; `False` when it is ignored (older epoch, unknown track, a move the table does not list)."""
    track = timeline.track(told.track_id)
    if track is None or told.epoch < track.desk_epoch:
        return track is not None and fact == "accepted" and _superseded(timeline, track, told)
    event = _event_of(fact, told)
    after = moved(track.state, event)
    if after is None:
        return False
    before = track.state
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
    track = hand(timeline, track, before, Moment(told.at, told.actor, catalogue))
    _follow_promises(timeline, track, event, told=told, moment=Moment(told.at, told.actor, catalogue))
    settle(timeline, catalogue)
    return True


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
    if fact != "declined" or not isinstance(told, Answered):
        return fact
    if told.pending:
        return "passed"
    return "timed_out" if told.reason == "timed_out" else fact


def _changed(track: Track, told: Progress, after: TrackState) -> Track:
    fields: dict[str, object] = {"state": after}
    if isinstance(told, Offered):
        fields |= {"offered_at": told.at, "offer_id": told.offer_id, "responder_id": None}
    elif isinstance(told, Answered):
        owner = told.responder_id if after is TrackState.ACCEPTED else None
        fields |= {
            "responder_id": owner,
            "offer_id": told.offer_id if owner else track.offer_id if told.pending else None,
        }
        fields |= {"moving_to": None, "moving_by": None}  # it was done before its desk was asked to let go
        fields |= {"home_desk": None} if owner else {}  # where somebody has it is its desk now
    elif isinstance(told, Worked):
        fields |= {"next_contact_at": told.next_contact_at or track.next_contact_at}
    elif isinstance(told, Released):
        fields |= {"responder_id": None, "offer_id": None}
    elif isinstance(told, Exhausted):
        fields |= {"exhausted": True}
    return track.model_copy(update=fields)


def _follow_promises(timeline: Timeline, track: Track, event: str, *, told: Progress, moment: Moment) -> None:
    """What this fact does to the track's clocks and pages."""
    if isinstance(told, Exhausted):
        _nobody_left(timeline, track, moment)
    elif isinstance(told, Released):
        if track.moving_to is not None:
            arrive(timeline, track, moment.catalogue)
        else:
            ask_again(timeline, track, moment)
    elif isinstance(told, Worked):
        _worked(timeline, track, event, told=told, moment=moment)
    elif track.state is TrackState.ACCEPTED:
        keep(timeline, track, ClockKind.ACKNOWLEDGE, moment)


def _worked(timeline: Timeline, track: Track, event: str, *, told: Worked, moment: Moment) -> None:
    if event == "done":
        finish(timeline, track, moment)
        return
    if event == "contacted" and told.result in SPOKE:
        track = spoke(timeline, track, moment)
    elif event == "contacted":
        track = _in_vain(timeline, track, moment.catalogue)
    if told.next_contact_at is not None:
        promised(timeline, track, moment)


def _in_vain(timeline: Timeline, track: Track, catalogue: Catalogue) -> Track:
    """The victim was not reached: after so many attempts the duty lead decides what else can be done."""
    track = track.model_copy(update={"attempts": track.attempts + 1})
    timeline.put_track(track)
    awaited = clock_of(track, ClockKind.FIRST_RESPONSE) or clock_of(track, ClockKind.NEXT_CONTACT)
    if awaited is None or track.attempts != catalogue.work.unreachable_after.get(timeline.case.band):
        return track
    return page_ahead(timeline, track, awaited, reason="victim_unreachable")


def _nobody_left(timeline: Timeline, track: Track, moment: Moment) -> None:
    """Nobody is left to wait for: the ladder's next step comes at once."""
    clock = clock_of(track, ClockKind.ACKNOWLEDGE)
    if clock is not None and track.state not in OWNED:
        track = escalate(
            timeline, track, clock, reason="nobody_eligible", planned_at=moment.at, catalogue=moment.catalogue
        )
        skip(timeline, track, at=moment.at, catalogue=moment.catalogue)
