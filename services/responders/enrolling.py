"""Who belongs to a desk, who is asked no more, which desk offers only a P0?"""

from schemas.commands import DeskPause, ResponderDrain, ResponderPut
from schemas.desk_records import DeskStateRecord, ResponderRecord
from schemas.words import Presence, Refusal
from services.responders.context import Context
from services.responders.declining import part
from services.responders.shifts import OFF_DUTY
from services.responders.watching import look_at_presence
from services.rules.answered import Verdict
from services.rules.reaching import reachable, same_method, still_proved


def put_responder(command: ResponderPut, context: Context) -> Verdict:
    """Enter or replace somebody in a roster; a responder has one home desk. Only they can prove a contact method to be theirs, and who
    has none that is proved any more is on duty no more."""
    responder_id = command.entry.responder_id
    if command.entry.desk_id != command.desk_id:
        return Verdict(responder_id, 0, Refusal.WRONG_STATE)
    before = context.partition.crowd.responders.get(responder_id)
    version = before.version if before else 0
    if before is not None and before.entry.desk_id != command.desk_id:
        return Verdict(responder_id, version, Refusal.WRONG_STATE)
    if command.expected_version is not None and command.expected_version != version:
        return Verdict(responder_id, version, Refusal.STALE_VERSION)
    entry = still_proved(command.entry, before.entry if before else None)
    if before is None:
        record = ResponderRecord(
            entry=entry, presence=Presence.AWAY, idle_since=context.telling.now, version=version + 1
        )
    else:
        waits = tuple(one for one in before.verifying if same_method(entry, before.entry, one.method))
        off_duty = {} if reachable(entry) else OFF_DUTY
        record = before.model_copy(update={"entry": entry, "verifying": waits, "version": version + 1, **off_duty})
    context.partition.save_responder(record, context.telling.step)
    home = command.entry.household_id
    if home is not None and (before is None or before.entry.household_id != home):
        part(responder_id, home, context, command)
    if before is not None and before.presence is not record.presence:
        look_at_presence(context.partition, responder_id, context.telling)
    context.partition.duty.look_soon(command.desk_id, context.telling.step, context.telling.now)
    context.partition.workshops.note_leader(responder_id)
    return Verdict(responder_id, version + 1)


def drain(command: ResponderDrain, context: Context) -> Verdict:
    """Ask somebody no more, or again; what they have stays theirs."""
    before = context.partition.crowd.responders.get(command.responder_id)
    if before is None or before.entry.desk_id != command.desk_id:
        return Verdict(command.responder_id, 0, Refusal.NOT_FOUND)
    if command.dry_run or before.drained is command.drained:
        return Verdict(command.responder_id, before.version)
    changed = before.model_copy(update={"drained": command.drained, "version": before.version + 1})
    context.partition.save_responder(changed, context.telling.step)
    return Verdict(command.responder_id, changed.version)


def pause(command: DeskPause, context: Context) -> Verdict:
    """A desk offers nothing but a P0, or everything again."""
    before = context.partition.desks.get(command.desk_id)
    version = before.version if before is not None else 0
    if command.dry_run or (before is not None and before.paused) is command.paused:
        return Verdict(command.desk_id, version)
    record = DeskStateRecord(
        desk_id=command.desk_id,
        paused=command.paused,
        reason=command.reason,
        by=command.actor.id,
        at=context.telling.now,
        version=version + 1,
    )
    context.partition.save_desk(record, context.telling.step)
    return Verdict(command.desk_id, record.version)
