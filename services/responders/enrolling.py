"""Who belongs to a desk, and who is there? Entries of the roster, and what responders say of themselves."""

from schemas.commands import DeskPause, PresenceSet, ResponderDrain, ResponderPut
from schemas.desk_records import DeskStateRecord, ResponderRecord
from schemas.words import Presence, Refusal
from services.responders.context import Context
from services.responders.declining import part
from services.responders.watching import look_at_presence
from services.rules.answered import Verdict


def put_responder(command: ResponderPut, context: Context) -> Verdict:
    """Enter or replace somebody in a roster; a responder has one home desk."""
    responder_id = command.entry.responder_id
    if command.entry.desk_id != command.desk_id:
        return Verdict(responder_id, 0, Refusal.WRONG_STATE)
    before = context.partition.crowd.responders.get(responder_id)
    version = before.version if before else 0
    if before is not None and before.entry.desk_id != command.desk_id:
        return Verdict(responder_id, version, Refusal.WRONG_STATE)
    if command.expected_version is not None and command.expected_version != version:
        return Verdict(responder_id, version, Refusal.STALE_VERSION)
    if before is None:
        record = ResponderRecord(
            entry=command.entry, presence=Presence.AWAY, idle_since=context.telling.now, version=version + 1
        )
    else:
        record = before.model_copy(update={"entry": command.entry, "version": version + 1})
    context.partition.save_responder(record, context.telling.step)
    home = command.entry.household_id
    if home is not None and (before is None or before.entry.household_id != home):
        part(responder_id, home, context, command)
    return Verdict(responder_id, version + 1)


def set_presence(command: PresenceSet, context: Context) -> Verdict:
    """Somebody comes, goes, or is busy; nobody is on duty without a verified way to be reached."""
    before = context.partition.crowd.responders.get(command.responder_id)
    if before is None:
        return Verdict(command.responder_id, 0, Refusal.NOT_FOUND)
    on_duty = command.presence is not Presence.AWAY
    if on_duty and not any(method.verified for method in before.entry.methods):
        return Verdict(command.responder_id, before.version, Refusal.NOT_ELIGIBLE)
    changed = before.model_copy(update={"presence": command.presence, "version": before.version + 1})
    context.partition.save_responder(changed, context.telling.step)
    look_at_presence(context.partition, command.responder_id, context.telling)
    return Verdict(command.responder_id, changed.version)


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
