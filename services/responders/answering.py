"""Commands to a desk: answers to offers, work on tracks, roster and presence. Each ends in one outcome."""

from collections.abc import Callable
from dataclasses import dataclass

from schemas.commands import (
    Command,
    DeskCommand,
    OfferCommand,
    PresenceSet,
    Receipt,
    ResponderPut,
    TrackAssign,
    TrackCommand,
)
from schemas.desk_records import DeskTrackRecord, ResponderRecord
from schemas.words import Band, Presence, Refusal, TrackState
from services.responders.matching import room_of
from services.responders.offering import offer_over
from services.responders.state import Partition
from services.responders.telling import SOURCE, Telling
from services.rules.answered import Outcomes, Verdict, answer_once
from services.rules.clocks import SPOKE
from services.rules.lifecycle import OPEN, OWNED, moved

WORDS = {"contacted": "contacted", "resume": "resumed", "done": "done"}


@dataclass(frozen=True, slots=True)
class Context:
    """What a command is carried out on; `verb` is the last part of its type."""

    partition: Partition
    telling: Telling
    verb: str


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
    if isinstance(command, PresenceSet):
        return command.responder_id
    assert isinstance(command, (OfferCommand, TrackCommand, TrackAssign, Receipt))
    return command.track_id


def _put_responder(command: ResponderPut, context: Context) -> Verdict:
    responder_id = command.entry.responder_id
    if command.entry.desk_id != command.desk_id:
        return Verdict(responder_id, 0, Refusal.WRONG_STATE)
    before = context.partition.responders.get(responder_id)
    version = before.version if before else 0
    if before is not None and before.entry.desk_id != command.desk_id:
        return Verdict(responder_id, version, Refusal.WRONG_STATE)  # one home desk
    if command.expected_version is not None and command.expected_version != version:
        return Verdict(responder_id, version, Refusal.STALE_VERSION)
    record = ResponderRecord(
        entry=command.entry,
        presence=before.presence if before else Presence.AWAY,
        idle_since=before.idle_since if before else context.telling.now,
        version=version + 1,
    )
    context.partition.save_responder(record, context.telling.step)
    return Verdict(responder_id, version + 1)


def _presence(command: PresenceSet, context: Context) -> Verdict:
    before = context.partition.responders.get(command.responder_id)
    if before is None:
        return Verdict(command.responder_id, 0, Refusal.NOT_FOUND)
    on_duty = command.presence is Presence.AVAILABLE
    if on_duty and not any(method.verified for method in before.entry.methods):
        return Verdict(command.responder_id, before.version, Refusal.NOT_ELIGIBLE)
    changed = before.model_copy(update={"presence": command.presence, "version": before.version + 1})
    context.partition.save_responder(changed, context.telling.step)
    return Verdict(command.responder_id, changed.version)


def _answer_offer(command: OfferCommand, context: Context) -> Verdict:
    track = context.partition.tracks.get(command.track_id)
    refused = _offer_refusal(track, command)
    if track is None or refused is not None:
        return Verdict(command.track_id, track.version if track else 0, refused)
    if context.verb == "accept":
        return _own(track, command.responder_id, context, command)
    saved = context.partition.save_track(offer_over(track, barred=command.responder_id), context.telling.step)
    context.telling.progress(
        "declined",
        saved,
        actor=command.actor,
        at=command.received_at,
        offer_id=command.offer_id,
        responder_id=command.responder_id,
        reason=command.reason,
    )
    return Verdict(command.track_id, saved.version)


def _offer_refusal(track: DeskTrackRecord | None, command: OfferCommand) -> Refusal | None:
    """Why an answer to an offer comes too late or from the wrong person."""
    if track is None:
        return Refusal.NOT_FOUND
    if _left(track, command):
        return Refusal.SUPERSEDED
    if track.state in OWNED and track.owner != command.responder_id:
        return Refusal.ALREADY_TAKEN
    if track.state is not TrackState.OFFERED or track.offer_id != command.offer_id:
        return Refusal.OFFER_OVER
    return Refusal.NOT_YOURS if track.offered_to != command.responder_id else None


def _own(track: DeskTrackRecord, responder_id: str, context: Context, command: Command) -> Verdict:
    owned = track.model_copy(
        update={
            "state": TrackState.ACCEPTED,
            "owner": responder_id,
            "accepted_at": command.received_at,
            "offered_until": None,
            "asked": (),
        }
    )
    saved = context.partition.save_track(owned, context.telling.step)
    context.telling.progress(
        "accepted",
        saved,
        actor=command.actor,
        at=command.received_at,
        offer_id=track.offer_id or saved.dispatch.track_id,
        responder_id=responder_id,
        reason=getattr(command, "reason", None),
    )
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
    saved = context.partition.save_track(offer_over(track, barred=command.responder_id), context.telling.step)
    context.telling.progress(
        "released", saved, actor=command.actor, responder_id=command.responder_id, reason=context.verb
    )
    return Verdict(command.track_id, saved.version)


def _assign(command: TrackAssign, context: Context) -> Verdict:
    partition = context.partition
    track, responder = partition.tracks.get(command.track_id), partition.responders.get(command.responder_id)
    if track is None or responder is None or track.state not in OPEN:
        return Verdict(command.track_id, track.version if track else 0, Refusal.NOT_FOUND)
    if track.owner == command.responder_id:
        return Verdict(command.track_id, track.version)
    if responder.entry.desk_id != track.dispatch.desk_id:
        return Verdict(command.track_id, track.version, Refusal.NOT_ELIGIBLE)
    if command.responder_id in partition.across(track.dispatch):
        return Verdict(command.track_id, track.version, Refusal.OPPOSITE_SIDES)
    if command.reason is None and partition.loads[command.responder_id] >= room_of(responder, Band.P3):
        return Verdict(command.track_id, track.version, Refusal.NOT_ELIGIBLE)
    if track.state is not TrackState.PENDING:
        holder = track.owner or track.offered_to
        track = partition.save_track(offer_over(track), context.telling.step)
        context.telling.progress("released", track, actor=command.actor, responder_id=holder, reason="assigned_by_hand")
    return _own(track, command.responder_id, context, command)


def _receipt(command: Receipt, context: Context) -> Verdict:
    """A provider took an offer's notice; the offer's own time runs on, so there is nothing to change."""
    track = context.partition.tracks.get(command.track_id)
    return Verdict(command.track_id, track.version if track else 0)


_HANDLERS: dict[type[Command], Callable[..., Verdict]] = {
    ResponderPut: _put_responder,
    PresenceSet: _presence,
    OfferCommand: _answer_offer,
    TrackCommand: _work,
    TrackAssign: _assign,
    Receipt: _receipt,
}
