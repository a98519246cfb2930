"""Commands to a desk: answers to offers, work on tracks, roster and presence. Each ends in one outcome."""

from collections.abc import Callable

from schemas.commands import (
    Command,
    DeskCommand,
    DrillStart,
    MethodVerified,
    MethodVerify,
    NoticeSeen,
    OfferCommand,
    PresenceSet,
    Receipt,
    ResponderPut,
    TrackAssign,
    TrackCommand,
)
from schemas.desk_records import DeskTrackRecord, ResponderRecord
from schemas.words import Refusal, TrackState
from services.responders.context import Context
from services.responders.drilling import start
from services.responders.enrolling import put_responder, set_presence
from services.responders.offering import ask, offer_over, searched_anew, through_interpreter, without
from services.responders.ringing import note_receipt, see
from services.responders.setting_aside import make_room
from services.responders.state import Partition
from services.responders.telling import SOURCE
from services.responders.verifying import verified, verify
from services.rules.answered import Outcomes, Verdict, answer_once
from services.rules.clocks import SPOKE
from services.rules.lifecycle import OPEN, OWNED, moved

WORDS = {"contacted": "contacted", "resume": "resumed", "done": "done"}


def answer(command: Command, context: Context) -> None:
    """Carry out a command, or give the answer it got the first time."""
    telling = context.telling
    answer_once(
        command,
        _subject_of(command),
        answers=context.partition.answers,
        outcomes_to=Outcomes(SOURCE, telling.step, telling.now, telling.cause),
        carry_out=lambda: _HANDLERS[type(command)](command, context),
    )


def _subject_of(command: Command) -> str:
    if isinstance(command, ResponderPut):
        return command.entry.responder_id
    if isinstance(command, (PresenceSet, MethodVerify, MethodVerified)):
        return command.responder_id
    if isinstance(command, DrillStart):
        return command.drill_id
    assert isinstance(command, (OfferCommand, TrackCommand, TrackAssign, Receipt, NoticeSeen))
    return command.track_id


def _answer_offer(command: OfferCommand, context: Context) -> Verdict:
    track = context.partition.tracks.get(command.track_id)
    refused = _offer_refusal(track, command)
    if track is None or refused is not None:
        return Verdict(command.track_id, track.version if track else 0, refused)
    if context.verb == "accept":
        return own(track, command.responder_id, context, command, offer_id=command.offer_id)
    declined = without(track, command.offer_id, barred=command.responder_id)
    saved = context.partition.save_track(declined, context.telling.step)
    context.telling.progress(
        "declined",
        saved,
        actor=command.actor,
        at=command.received_at,
        offer_id=command.offer_id,
        responder_id=command.responder_id,
        reason=command.reason,
        pending=len(saved.offers),
    )
    ask(context.partition, saved, context.telling)
    return Verdict(command.track_id, context.partition.tracks[command.track_id].version)


def _offer_refusal(track: DeskTrackRecord | None, command: OfferCommand) -> Refusal | None:
    """Why an answer to an offer comes too late or from the wrong person."""
    if track is None:
        return Refusal.NOT_FOUND
    if _left(track, command):
        return Refusal.SUPERSEDED
    if track.state in OWNED and track.owner != command.responder_id:
        return Refusal.ALREADY_TAKEN
    asking = track.asking(command.offer_id)
    if asking is None:
        return Refusal.OFFER_OVER
    return Refusal.NOT_YOURS if asking.responder_id != command.responder_id else None


def own(
    track: DeskTrackRecord, responder_id: str, context: Context, command: Command, *, offer_id: str | None = None
) -> Verdict:
    """Somebody has the track from now on; nobody else is asked about it any more, and what may wait for a P0 is set aside."""
    interpreter = through_interpreter(track, responder_id, context.partition)
    owned = track.model_copy(
        update={
            "state": TrackState.ACCEPTED,
            "owner": responder_id,
            "offer_id": offer_id,
            "accepted_at": command.received_at,
            "offers": (),
            "asked": (),
            "interpreter": interpreter,
        }
    )
    saved = context.partition.save_track(owned, context.telling.step)
    context.telling.progress(
        "accepted",
        saved,
        actor=command.actor,
        at=command.received_at,
        offer_id=offer_id or saved.dispatch.track_id,
        responder_id=responder_id,
        reason=getattr(command, "reason", None),
        interpreter=interpreter,
    )
    make_room(saved, context.partition, context.telling)
    return Verdict(track.dispatch.track_id, saved.version)


def _left(track: DeskTrackRecord, command: DeskCommand) -> bool:
    """Whether the track has left this desk, perhaps for another one that shares its record."""
    return track.state is TrackState.WITHDRAWN or track.dispatch.desk_id != command.desk_id


def _work(command: TrackCommand, context: Context) -> Verdict:
    track = context.partition.tracks.get(command.track_id)
    if track is None:
        return Verdict(command.track_id, 0, Refusal.NOT_FOUND)
    if _left(track, command):
        return Verdict(command.track_id, track.version, Refusal.SUPERSEDED)
    if track.owner != command.responder_id or track.state not in OWNED:
        return Verdict(command.track_id, track.version, Refusal.NOT_YOURS)
    if context.verb in ("handover", "conflict"):
        return _give_back(track, command, context)
    event = WORDS.get(context.verb) or ("waiting_third_party" if command.result == "third_party" else "waiting_victim")
    after = moved(track.state, event)
    if after is None:
        return Verdict(command.track_id, track.version, Refusal.WRONG_STATE)
    ended = context.telling.now if after is TrackState.DONE else None
    reached = context.verb == "contacted" and command.result in SPOKE
    fields = {"state": after, "ended_at": ended, "spoke_at": command.received_at if reached else track.spoke_at}
    saved = context.partition.save_track(track.model_copy(update=fields), context.telling.step)
    context.telling.progress(
        "waiting" if context.verb == "wait" else event,
        saved,
        actor=command.actor,
        at=command.received_at,
        responder_id=command.responder_id,
        result=command.result,
        next_contact_at=command.next_contact_at,
    )
    return Verdict(command.track_id, saved.version)


def _give_back(track: DeskTrackRecord, command: TrackCommand, context: Context) -> Verdict:
    """Handed over, or given up because its owner knows somebody: then they never work for that household again."""
    if context.verb == "conflict":
        _declare_conflict(track, command, context)
    waiting = searched_anew(offer_over(track, barred=command.responder_id), context.telling.now)
    saved = context.partition.save_track(waiting, context.telling.step)
    context.telling.progress(
        "released", saved, actor=command.actor, responder_id=command.responder_id, reason=context.verb
    )
    ask(context.partition, saved, context.telling)
    return Verdict(command.track_id, context.partition.tracks[command.track_id].version)


def _declare_conflict(track: DeskTrackRecord, command: TrackCommand, context: Context) -> None:
    record = context.partition.crowd.responders[command.responder_id]
    household = track.dispatch.household_id
    if household not in record.conflicts:
        known = record.model_copy(update={"conflicts": (*record.conflicts, household), "version": record.version + 1})
        context.partition.save_responder(known, context.telling.step)


def _assign(command: TrackAssign, context: Context) -> Verdict:
    partition = context.partition
    track, record = partition.tracks.get(command.track_id), partition.crowd.responders.get(command.responder_id)
    if track is None or record is None or track.state not in OPEN:
        return Verdict(command.track_id, track.version if track else 0, Refusal.NOT_FOUND)
    if track.owner == command.responder_id:
        return Verdict(command.track_id, track.version)
    refused = _assign_refusal(track, record, command, partition)
    if refused is not None:
        return Verdict(command.track_id, track.version, refused)
    if track.state is not TrackState.PENDING:
        holder = track.owner or track.offers[0].responder_id
        track = partition.save_track(offer_over(track), context.telling.step)
        context.telling.progress("released", track, actor=command.actor, responder_id=holder, reason="assigned_by_hand")
    return own(track, command.responder_id, context, command)


def _assign_refusal(
    track: DeskTrackRecord, record: ResponderRecord, command: TrackAssign, partition: Partition
) -> Refusal | None:
    """Why a human may not give a track to somebody: never across a wall or a conflict, only with a reason beyond what they can carry."""
    if record.entry.desk_id != track.dispatch.desk_id:
        return Refusal.NOT_ELIGIBLE
    if command.responder_id in partition.across(track.dispatch):
        return Refusal.OPPOSITE_SIDES
    if command.responder_id in partition.crowd.knows(track.dispatch.household_id):
        return Refusal.NOT_ELIGIBLE
    full = partition.crowd.load[command.responder_id] >= record.entry.capacity
    return Refusal.NOT_ELIGIBLE if command.reason is None and full else None


_HANDLERS: dict[type[Command], Callable[..., Verdict]] = {
    ResponderPut: put_responder,
    PresenceSet: set_presence,
    OfferCommand: _answer_offer,
    TrackCommand: _work,
    TrackAssign: _assign,
    Receipt: note_receipt,
    NoticeSeen: see,
    MethodVerify: verify,
    MethodVerified: verified,
    DrillStart: start,
}
