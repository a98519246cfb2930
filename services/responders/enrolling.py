"""Who belongs to a desk? Entries of its roster."""

from schemas.commands import ResponderPut
from schemas.desk_records import ResponderRecord
from schemas.words import Presence, Refusal
from services.responders.context import Context
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
    context.partition.duty.look_soon(command.desk_id, context.telling.step, context.telling.now)
    return Verdict(responder_id, version + 1)
