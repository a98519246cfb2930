"""A desk pages about itself alone: a gap in its coverage, told to its duty lead, then to the sink, until somebody has seen it."""

from datetime import datetime

from schemas.commands import Receipt
from schemas.gaps import GapRecord
from schemas.notices import GapTold, NoticeIssued
from schemas.rota_commands import PageSeen
from schemas.words import Band, NoticeKind, Refusal
from services.responders.context import Context
from services.responders.state import Partition
from services.responders.telling import Telling, of_desk
from services.rules import ids
from services.rules.answered import Verdict
from services.rules.desks_of import duty_lead_of
from services.rules.ladder import SINK, repeat_of


def raise_page(gap: GapRecord, band: Band, partition: Partition, telling: Telling) -> None:
    """A page about a gap; the one before, about the same gap, ends with it."""
    page = {
        "page_id": ids.derived("gap-page", gap.gap_id, gap.told),
        "band": band,
        "raised_at": telling.now,
        "delivered_at": None,
        "attempt": 0,
        "acknowledged_at": None,
        "acknowledged_by": None,
    }
    _tell(gap.model_copy(update=page), partition, telling)


def page_later(gap: GapRecord, at: datetime, partition: Partition, telling: Telling) -> None:
    """A page about a gap, unless it is filled by then; the one before ends at once."""
    nothing_yet = dict.fromkeys(
        ("page_id", "recipient", "raised_at", "delivered_at", "acknowledged_at", "acknowledged_by")
    )
    later = {**nothing_yet, "attempt": 0, "next_at": at}
    partition.duty.save_gap(gap.model_copy(update=later), telling.step)


def page_again(gap_id: str, attempt: int, partition: Partition, telling: Telling) -> None:
    """Nobody has seen a page in time: the next one is told; nothing happens when it is seen, or the gap filled."""
    gap = partition.duty.gaps.get(gap_id)
    if gap is None or gap.next_at is None or gap.attempt != attempt or gap.next_at > telling.now:
        return
    if gap.page_id is None and gap.band is not None:
        raise_page(gap, gap.band, partition, telling)
    else:
        _tell(gap, partition, telling)


def _tell(gap: GapRecord, partition: Partition, telling: Telling) -> None:
    attempt = gap.attempt + 1
    recipient = duty_lead_of(gap.desk_id) if attempt == 1 else SINK
    saved = _told(gap.model_copy(update={"attempt": attempt}), recipient, partition, telling)
    telling.notice(
        NoticeIssued(
            **of_desk(saved.desk_id, saved.gap_id),
            notice_id=_notice_id(saved),
            page_id=saved.page_id,
            kind=NoticeKind.PAGE,
            recipient=recipient,
            band=saved.band or Band.P0,
            attempt=attempt,
            method_rank=0,
            until=saved.begins,
            reason=f"gap_{saved.reasons[0]}",
            at=telling.now,
            gap=GapTold(begins=saved.begins, ends=saved.ends, cells=len(saved.cells)),
        )
    )


def _told(gap: GapRecord, recipient: str, partition: Partition, telling: Telling) -> GapRecord:
    """Somebody is told. The sink is told again once the gap is there; until then the next warning does that."""
    assert gap.band is not None, "a page has a band"
    again = recipient != SINK or gap.begins <= telling.now
    next_at = telling.now + repeat_of(gap.band, partition.in_force.catalogue) if again else None
    told = {"recipient": recipient, "next_at": next_at}
    return partition.duty.save_gap(gap.model_copy(update=told), telling.step)


def note_receipt(command: Receipt, context: Context) -> Verdict:
    """A provider took a page; or nobody could be reached by it, so the pager has given it to the sink: it stands there from now on, and
    is not told twice."""
    duty, telling = context.partition.duty, context.telling
    gap = duty.gaps[command.track_id]
    latest = gap.page_id is not None and command.notice_id == _notice_id(gap)
    if latest and command.delivered and gap.delivered_at is None:
        gap = duty.save_gap(gap.model_copy(update={"delivered_at": command.delivered_at}), telling.step)
    elif latest and not command.delivered and gap.recipient != SINK and gap.acknowledged_at is None:
        gap = _told(gap, SINK, context.partition, telling)
    return Verdict(gap.gap_id, gap.version)


def _notice_id(gap: GapRecord) -> str:
    assert gap.page_id is not None, "what is told about a gap is a page"
    assert gap.recipient is not None, "somebody is told"
    return ids.notice_id(gap.page_id, gap.recipient, gap.attempt)


def see_page(command: PageSeen, context: Context) -> Verdict:
    """Somebody has seen a page: it climbs no further. Of a page that ended meanwhile there is nothing left to see."""
    duty = context.partition.duty
    gap = next((one for one in duty.gaps_of(command.desk_id) if one.page_id == command.page_id), None)
    if gap is None:
        return Verdict(command.page_id, 0, Refusal.NOT_FOUND)
    if gap.acknowledged_at is not None:
        return Verdict(gap.gap_id, gap.version)
    seen = {"acknowledged_at": command.received_at, "acknowledged_by": command.actor, "next_at": None}
    return Verdict(gap.gap_id, duty.save_gap(gap.model_copy(update=seen), context.telling.step).version)
