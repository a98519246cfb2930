"""What an owner does with a track: contacts, waits, is done, gives it back. Every sign of life moves when we are to be heard of."""

from schemas.commands import DeskCommand, TrackCommand
from schemas.desk_records import DeskTrackRecord
from schemas.words import Refusal, TrackState
from services.responders.context import Context
from services.responders.declining import give_back, part
from services.responders.offering import NOBODY_STANDS_IN
from services.responders.watching import next_contact_by
from services.rules.answered import Verdict
from services.rules.clocks import SPOKE
from services.rules.desks_of import duty_lead_of
from services.rules.lifecycle import OWNED, moved

WORDS = {"contacted": "contacted", "resume": "resumed", "done": "done"}


def left(track: DeskTrackRecord, command: DeskCommand) -> bool:
    """Whether the track has left this desk, perhaps for another one that shares its record."""
    return track.state is TrackState.WITHDRAWN or track.dispatch.desk_id != command.desk_id


def work(command: TrackCommand, context: Context) -> Verdict:
    """Carry out what the owner of a track says; who covers for them says only how a contact ended."""
    track = context.partition.tracks.get(command.track_id)
    if track is None:
        return Verdict(command.track_id, 0, Refusal.NOT_FOUND)
    if left(track, command):
        return Verdict(command.track_id, track.version, Refusal.SUPERSEDED)
    covers = track.covered_by == command.responder_id and context.verb == "contacted"
    if track.state not in OWNED or not (covers or track.owner == command.responder_id):
        return Verdict(command.track_id, track.version, Refusal.NOT_YOURS)
    return go_on_with(track, command, context)


def go_on_with(track: DeskTrackRecord, command: TrackCommand, context: Context) -> Verdict:
    """Carry out what somebody who may says of a track."""
    if context.verb in ("handover", "conflict"):
        return _give_back(track, command, context)
    event = WORDS.get(context.verb) or ("waiting_third_party" if command.result == "third_party" else "waiting_victim")
    after = moved(track.state, event)
    if after is None:
        return Verdict(command.track_id, track.version, Refusal.WRONG_STATE)
    saved = context.partition.save_track(_after(track, after, command, context), context.telling.step)
    if after is TrackState.DONE:
        _wants_a_talk(saved, context)
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


def _after(track: DeskTrackRecord, state: TrackState, command: TrackCommand, context: Context) -> DeskTrackRecord:
    reached = context.verb == "contacted" and command.result in SPOKE
    fields: dict[str, object] = {"state": state}
    if reached:
        fields |= {"spoke_at": command.received_at, "covering": False, "covered_by": None}
        fields |= {} if track.relieving else {"offers": ()}
    if state is TrackState.DONE:
        return track.model_copy(
            update={
                **fields,
                "ended_at": context.telling.now,
                "contact_by": None,
                "offers": (),
                "covering": False,
                "covered_by": None,
                **NOBODY_STANDS_IN,
            }
        )
    after = track.model_copy(update=fields)
    due = next_contact_by(
        after, context.partition.pinned(track), at=command.received_at, promised=command.next_contact_at
    )
    return after.model_copy(update={"contact_by": due})


def _wants_a_talk(track: DeskTrackRecord, context: Context) -> None:
    """After the most urgent somebody talks with whoever had it (DOMAIN section 7): the duty lead is told so."""
    if track.dispatch.band in context.partition.pinned(track).skills.shift.talk_after and not track.dispatch.drill:
        context.telling.reminder(track, duty_lead_of(track.dispatch.desk_id), reason="talk_with_responder")


def _give_back(track: DeskTrackRecord, command: TrackCommand, context: Context) -> Verdict:
    """Handed over, or given up because its owner knows somebody: then they never work for that household again."""
    who = command.responder_id
    if context.verb == "conflict":
        _declare_conflict(track, command, context)
        part(who, track.dispatch.household_id, context, command)
    else:
        give_back(track, who, context, command, reason=context.verb)
    _wants_a_talk(track, context)
    return Verdict(command.track_id, context.partition.tracks[command.track_id].version)


def _declare_conflict(track: DeskTrackRecord, command: TrackCommand, context: Context) -> None:
    record = context.partition.crowd.responders[command.responder_id]
    household = track.dispatch.household_id
    if household not in record.conflicts:
        known = record.model_copy(update={"conflicts": (*record.conflicts, household), "version": record.version + 1})
        context.partition.save_responder(known, context.telling.step)
        context.partition.workshops.note_leader(command.responder_id)
