"""Who is reached? A drill sends a notice over each verified contact method and keeps who answered; it pages nobody and counts nowhere."""

from datetime import datetime

from schemas.commands import DrillStart, NoticeSeen, Receipt
from schemas.desk_records import DrillRecord, DrillRowRecord, DrillWay, ResponderRecord
from schemas.words import Band, NoticeKind, Refusal
from services.responders.context import Context
from services.responders.drills import FORGET_DRILL
from services.responders.state import Partition
from services.responders.telling import Telling
from services.rules import ids
from services.rules.answered import Verdict
from services.rules.deadlines import Deadline

AT_A_TIME = 50  # responders rung in one step, so that nothing else waits for a drill of a large desk


def start(command: DrillStart, context: Context) -> Verdict:
    """A supervisor tries whether everybody of a desk is reached, or one of them; they are rung a moment later."""
    partition = context.partition
    one = partition.crowd.responders.get(command.responder_id) if command.responder_id else None
    if command.responder_id is not None and (one is None or one.entry.desk_id != command.desk_id):
        return Verdict(command.drill_id, 0, Refusal.NOT_FOUND)
    if command.drill_id not in partition.drills.drills:
        drill = DrillRecord(
            drill_id=command.drill_id,
            desk_id=command.desk_id,
            by=command.actor,
            started_at=context.telling.now,
            version=1,
            only=command.responder_id,
        )
        partition.drills.save(drill, context.telling.step)
    return Verdict(command.drill_id, partition.drills.drills[command.drill_id].version)


def go_on(deadline: Deadline, partition: Partition, telling: Telling) -> None:
    """What falls due of a drill: the next responders, or that it was long ago."""
    if deadline.kind == FORGET_DRILL:
        partition.drills.forget(deadline.subject, telling.step)
    else:
        _ring_some(partition, deadline.subject, deadline.epoch, telling)


def _ring_some(partition: Partition, drill_id: str, version: int, telling: Telling) -> None:
    """Ring the next responders of a drill."""
    drill = partition.drills.drills.get(drill_id)
    if drill is None or drill.rung or drill.version != version:
        return
    left = sorted(
        who
        for who, record in partition.crowd.responders.items()
        if record.entry.desk_id == drill.desk_id and drill.only in (None, who) and who > (drill.rung_to or "")
    )
    for who in left[:AT_A_TIME]:
        _ring(partition, drill, partition.crowd.responders[who], telling)
    told = {"rung_to": left[:AT_A_TIME][-1] if left else drill.rung_to, "rung": len(left) <= AT_A_TIME}
    partition.drills.save(drill.model_copy(update={**told, "version": drill.version + 1}), telling.step)


def _ring(partition: Partition, drill: DrillRecord, record: ResponderRecord, telling: Telling) -> None:
    entry = record.entry
    ways = tuple(
        DrillWay(method=place, kind=method.kind) for place, method in enumerate(entry.methods) if method.verified
    )
    row = DrillRowRecord(
        drill_id=drill.drill_id, desk_id=drill.desk_id, responder_id=entry.responder_id, version=1, ways=ways
    )
    partition.drills.save_row(row, telling.step)
    for way in ways:
        notice_id = ids.drill_notice_id(drill.drill_id, entry.responder_id, way.method)
        telling.method_notice(
            NoticeKind.DRILL, entry, way.method, notice_id=notice_id, about=drill.drill_id, band=Band.P3
        )


def note_receipt(command: Receipt, context: Context) -> Verdict | None:
    """A provider took a drill's notice, or none did; `None` when it was no drill's."""
    fact = "told_at" if command.delivered else "failed_at"
    return _note(command.notice_id, fact, command.delivered_at, context)


def answer(command: NoticeSeen, context: Context) -> Verdict:
    """Somebody answers a drill, over the method that its notice came by."""
    found = context.partition.drills.asked_by(command.notice_id)
    if found is None or found[0].responder_id != command.responder_id:
        return Verdict(command.track_id, 0, Refusal.NOT_FOUND)
    noted = _note(command.notice_id, "answered_at", command.received_at, context)
    assert noted is not None, "its row was found"
    return noted


def _note(notice_id: str, fact: str, at: datetime, context: Context) -> Verdict | None:
    found = context.partition.drills.asked_by(notice_id)
    if found is None:
        return None
    row, way = found
    if getattr(way, fact) is None:
        noted = way.model_copy(update={fact: at})
        ways = tuple(noted if one.method == way.method else one for one in row.ways)
        row = row.model_copy(update={"ways": ways, "version": row.version + 1})
        context.partition.drills.save_row(row, context.telling.step)
    return Verdict(row.drill_id, context.partition.drills.drills[row.drill_id].version)
