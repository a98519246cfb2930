"""Commands to a desk: answers to offers, work on tracks, roster and presence. Each ends in one outcome."""

from collections.abc import Callable

from schemas.commands import (
    Command,
    DeskCommand,
    DeskPause,
    DrillStart,
    MethodVerified,
    MethodVerify,
    NoticeSeen,
    OfferCommand,
    PresenceSet,
    Receipt,
    ResponderDrain,
    ResponderPut,
    TrackAssign,
    TrackCommand,
)
from schemas.desk_records import DeskTrackRecord, ResponderRecord
from schemas.rota_commands import Beat, PageSeen
from schemas.words import Refusal, TrackState
from schemas.workshops import WorkshopCommand
from services.responders.context import Context
from services.responders.declining import decline
from services.responders.drilling import start
from services.responders.enrolling import drain, pause, put_responder
from services.responders.gap_pages import see_page
from services.responders.meeting import WORKSHOP_HANDLERS
from services.responders.offering import offer_over
from services.responders.owning import cover, own
from services.responders.ringing import note_receipt, see
from services.responders.rotas import ROTA_HANDLERS, subject_of
from services.responders.shifts import beat, set_presence
from services.responders.standing_in import relieve
from services.responders.telling import SOURCE
from services.responders.verifying import verified, verify
from services.responders.working import left, work
from services.rules.answered import Outcomes, Verdict, answer_once
from services.rules.lifecycle import OPEN, OWNED
from services.rules.needs import has_room, is_hard, lacks, needs_of


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
    if isinstance(command, PresenceSet | Beat | ResponderDrain | MethodVerify | MethodVerified):
        return command.responder_id
    if isinstance(command, PageSeen):
        return command.page_id
    if isinstance(command, tuple(ROTA_HANDLERS)):
        assert isinstance(command, DeskCommand), "a rota is a desk's"
        return subject_of(command.desk_id)
    if isinstance(command, DeskPause):
        return command.desk_id
    if isinstance(command, DrillStart):
        return command.drill_id
    if isinstance(command, WorkshopCommand):
        return command.workshop_id
    assert isinstance(command, (OfferCommand, TrackCommand, TrackAssign, Receipt, NoticeSeen))
    return command.track_id


def _answer_offer(command: OfferCommand, context: Context) -> Verdict:
    track = context.partition.tracks.get(command.track_id)
    refused = _offer_refusal(track, command)
    if track is None or refused is not None:
        return Verdict(command.track_id, track.version if track else 0, refused)
    if context.verb == "accept":
        if track.relieving:
            return relieve(track, context, command)
        if track.state in OWNED:
            return cover(track, command.responder_id, context, command)
        return own(track, command.responder_id, context, command, offer_id=command.offer_id)
    decline(track, command.offer_id, context, command, who=command.responder_id, reason=command.reason)
    return Verdict(command.track_id, context.partition.tracks[command.track_id].version)


def _offer_refusal(track: DeskTrackRecord | None, command: OfferCommand) -> Refusal | None:
    """Why an answer to an offer comes too late or from the wrong person."""
    if track is None:
        return Refusal.NOT_FOUND
    if left(track, command):
        return Refusal.SUPERSEDED
    asking = track.asking(command.offer_id)
    if asking is None:
        taken = track.state in OWNED and track.owner != command.responder_id
        return Refusal.ALREADY_TAKEN if taken else Refusal.OFFER_OVER
    return Refusal.NOT_YOURS if asking.responder_id != command.responder_id else None


def _assign(command: TrackAssign, context: Context) -> Verdict:
    partition = context.partition
    track, record = partition.tracks.get(command.track_id), partition.crowd.responders.get(command.responder_id)
    if track is None or record is None or track.state not in OPEN:
        return Verdict(command.track_id, track.version if track else 0, Refusal.NOT_FOUND)
    refused = None if track.owner == command.responder_id else _assign_refusal(track, record, command, context)
    if refused is not None or command.dry_run or track.owner == command.responder_id:
        return Verdict(command.track_id, track.version, refused)
    if track.state is not TrackState.PENDING:
        holder = track.owner or track.offers[0].responder_id
        track = partition.save_track(offer_over(track), context.telling.step)
        context.telling.progress("released", track, actor=command.actor, responder_id=holder, reason="assigned_by_hand")
    return own(track, command.responder_id, context, command)


def _assign_refusal(
    track: DeskTrackRecord, record: ResponderRecord, command: TrackAssign, context: Context
) -> Refusal | None:
    """Why a human may not give a track to somebody: never across a wall or a conflict nor without the clearance, only with a reason beyond
    what they can carry or bear, or without the skill or the language."""
    partition = context.partition
    if command.only_waiting and track.state in OWNED:
        return Refusal.ALREADY_TAKEN
    if record.entry.desk_id != track.dispatch.desk_id:
        return Refusal.NOT_ELIGIBLE
    if command.responder_id in partition.across(track.dispatch):
        return Refusal.OPPOSITE_SIDES
    if command.responder_id in partition.crowd.knows(track.dispatch.household_id):
        return Refusal.NOT_ELIGIBLE
    load = partition.crowd.load[command.responder_id] - (track.weight if track.asking_of(command.responder_id) else 0)
    fits = has_room(load, track.weight, partition.crowd.capacity(record, track.dispatch.band))
    catalogue = partition.pinned(track)
    hard = is_hard(track.dispatch, catalogue)
    enough = hard and partition.crowd.bears(command.responder_id, catalogue.skills.shift, context.telling.now)
    lacking = lacks(
        record.entry, needs_of(track.dispatch, len(catalogue.work.search), catalogue), context.telling.now.date()
    )
    if lacking == "no_clearance":
        return Refusal.NOT_ELIGIBLE
    return None if (fits and not enough and lacking is None) or command.reason is not None else Refusal.NOT_ELIGIBLE


_HANDLERS: dict[type[Command], Callable[..., Verdict]] = {
    ResponderPut: put_responder,
    PresenceSet: set_presence,
    ResponderDrain: drain,
    DeskPause: pause,
    OfferCommand: _answer_offer,
    TrackCommand: work,
    TrackAssign: _assign,
    Receipt: note_receipt,
    Beat: beat,
    PageSeen: see_page,
    NoticeSeen: see,
    MethodVerify: verify,
    MethodVerified: verified,
    DrillStart: start,
    **ROTA_HANDLERS,
    **WORKSHOP_HANDLERS,
}
