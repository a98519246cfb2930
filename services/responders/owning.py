"""Somebody takes a track, or makes a contact for who has it and is away."""

from datetime import datetime

from schemas.commands import Command
from schemas.desk_records import DeskTrackRecord
from schemas.words import TrackState
from services.responders.context import Context
from services.responders.interpreting import call_interpreter, interpreted
from services.responders.offering import NOBODY_STANDS_IN, through_interpreter, time_out
from services.responders.setting_aside import make_room
from services.responders.watching import next_contact_by
from services.rules.answered import Verdict
from services.rules.needs import is_hard, stands_in


def own(
    track: DeskTrackRecord, responder_id: str, context: Context, command: Command, *, offer_id: str | None = None
) -> Verdict:
    """Somebody has the track from now on; nobody else is asked about it any more, and what may wait for a P0 is set aside."""
    interpreter = through_interpreter(track, responder_id, context.partition)
    at = command.received_at
    fields: dict[str, object] = {
        "state": TrackState.ACCEPTED,
        "owner": responder_id,
        "offer_id": offer_id,
        "interpreter": interpreter,
    }
    fields |= {"accepted_at": at, "contact_by": _first_contact_by(track, context, at)}
    fields |= stood_in(track, responder_id, context, at=at)
    owned = track.model_copy(update={**fields, "offers": (), "asked": ()})
    saved = context.partition.save_track(interpreted(owned, context.partition), context.telling.step)
    context.telling.progress(
        "accepted",
        saved,
        actor=command.actor,
        at=at,
        offer_id=offer_id or saved.dispatch.track_id,
        responder_id=responder_id,
        reason=getattr(command, "reason", None),
        interpreter=interpreter,
    )
    call_interpreter(saved, context.telling)
    _bears(saved, responder_id, context)
    make_room(saved, context.partition, context.telling)
    return Verdict(track.dispatch.track_id, saved.version)


def _first_contact_by(track: DeskTrackRecord, context: Context, at: datetime) -> datetime:
    """When the victim is to hear from whoever takes a track; one read long after it was given has not been waited for yet. Who relieves
    somebody keeps what they promised."""
    fresh = next_contact_by(track, context.partition.pinned(track), at=max(at, context.telling.now))
    return fresh if track.contact_by is None else min(fresh, max(track.contact_by, context.telling.now))


def stood_in(track: DeskTrackRecord, responder_id: str, context: Context, *, at: datetime) -> dict[str, object]:
    """Until when somebody has a track that somebody trained should have, and when one of those is looked for."""
    catalogue = context.partition.pinned(track)
    entry, rule = context.partition.crowd.responders[responder_id].entry, catalogue.skills.stand_in
    if not stands_in(entry, track.dispatch, catalogue, at.date()):
        return NOBODY_STANDS_IN
    return {"stands_in_until": at + rule.hand_over_within, "relief_at": at + rule.look_every, "relieving": False}


def _bears(track: DeskTrackRecord, responder_id: str, context: Context) -> None:
    """What is hard to bear is counted for whoever took it."""
    partition, skills = context.partition, context.partition.pinned(track).skills
    if not is_hard(track.dispatch, partition.pinned(track)):
        return
    record = partition.crowd.responders[responder_id]
    latest = (*record.hard_cases, context.telling.now)[-skills.shift.at_most :]
    partition.save_responder(record.model_copy(update={"hard_cases": latest}), context.telling.step)
    for other in partition.asked_of(responder_id):  # at the limit they are asked about no other one
        asking = other.asking_of(responder_id)
        if asking and partition.excluded(other, context.telling.now).get(responder_id) == "exposure_limit":
            time_out(partition, other.dispatch.track_id, asking.number, context.telling, reason="exposure_limit")


def cover(track: DeskTrackRecord, responder_id: str, context: Context, command: Command) -> Verdict:
    """Somebody makes the next contact for the owner, who keeps the track."""
    covered = track.model_copy(
        update={"covered_by": responder_id, "covered_at": context.telling.now, "offers": (), "asked": ()}
    )
    saved = context.partition.save_track(covered, context.telling.step)
    context.telling.progress(
        "covered",
        saved,
        actor=command.actor,
        at=command.received_at,
        responder_id=responder_id,
        result="owner_away",
    )
    return Verdict(track.dispatch.track_id, saved.version)
