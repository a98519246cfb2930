"""Is a contact method somebody's own? A code is sent over it, and whoever says it back has proved it (the code itself is never here)."""

from datetime import timedelta

from schemas.commands import MethodVerified, MethodVerify
from schemas.desk_records import ResponderRecord, Verifying
from schemas.words import Band, NoticeKind, Refusal
from services.responders.context import Context
from services.rules import ids
from services.rules.answered import Verdict
from services.rules.reaching import NOTHING_TO_PROVE, with_verified

SENT_AGAIN_AFTER = timedelta(seconds=30)
GOOD_FOR = timedelta(minutes=15)


def verify(command: MethodVerify, context: Context) -> Verdict:
    """Send a code over a method that is not verified yet; asked again within half a minute, the one on its way is waited for."""
    record = context.partition.crowd.responders.get(command.responder_id)
    if record is None or command.method >= len(record.entry.methods):
        return Verdict(command.responder_id, 0, Refusal.NOT_FOUND)
    method, now = record.entry.methods[command.method], context.telling.now
    if method.verified or method.kind in NOTHING_TO_PROVE:
        return Verdict(command.responder_id, record.version, Refusal.WRONG_STATE)
    sent = next((one for one in record.verifying if one.method == command.method), None)
    if sent is not None and now < sent.at + SENT_AGAIN_AFTER:
        return Verdict(command.responder_id, record.version)
    cause = ids.derived("verification", command.responder_id, command.method, command.command_id)
    notice_id = ids.notice_id(cause, command.responder_id, 1)
    waits = Verifying(method=command.method, notice_id=notice_id, at=now)
    saved = _save(record, (*_without(record, command.method), waits), context)
    context.telling.method_notice(
        NoticeKind.VERIFICATION, saved.entry, command.method, notice_id=notice_id, about=cause, band=Band.P2
    )
    return Verdict(command.responder_id, saved.version)


def verified(command: MethodVerified, context: Context) -> Verdict:
    """The code of this notice was said back in time: the method is theirs. Whose shift has begun without one comes on duty by it."""
    record = context.partition.crowd.responders.get(command.responder_id)
    if record is None:
        return Verdict(command.responder_id, 0, Refusal.NOT_FOUND)
    sent = next((one for one in record.verifying if one.notice_id == command.notice_id), None)
    if sent is None or sent.method != command.method or command.received_at > sent.at + GOOD_FOR:
        return Verdict(command.responder_id, record.version, Refusal.WRONG_STATE)
    proved = record.model_copy(update={"entry": with_verified(record.entry, command.method)})
    saved = _save(proved, _without(record, command.method), context)
    context.partition.duty.look_soon(saved.entry.desk_id, context.telling.step, context.telling.now)
    return Verdict(command.responder_id, saved.version)


def _without(record: ResponderRecord, method: int) -> tuple[Verifying, ...]:
    return tuple(one for one in record.verifying if one.method != method)


def _save(record: ResponderRecord, verifying: tuple[Verifying, ...], context: Context) -> ResponderRecord:
    saved = record.model_copy(update={"verifying": verifying, "version": record.version + 1})
    context.partition.save_responder(saved, context.telling.step)
    return saved
