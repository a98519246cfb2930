"""The page about a record that became a dead letter: there is no case, so a human gets partner, topic and offset (DESIGN section 8)."""

from datetime import datetime

from schemas import notices, topics
from schemas.envelope import Event
from schemas.notices import DeadLetterPlace, NoticeIssued
from schemas.words import Band, NoticeKind, Pillar
from services.rules import ids
from services.rules.dead_letters import dead_letter_id
from services.rules.ladder import SINK
from services.rules.machine import Message, Send

OPERATIONS = "ops"


def dead_letter_notice(
    message: Message, *, reason: str, at: datetime, desk_id: str, pillar: Pillar, partner_id: str | None = None
) -> NoticeIssued:
    """The notice to the sink about `message`; `pillar` and `desk_id` are those its words suggest. The same however often it is made."""
    letter = dead_letter_id(message.topic, message.partition, message.offset)
    page = ids.page_id(letter, "dead_letter")
    return NoticeIssued(
        notice_id=ids.notice_id(page, SINK, 1),
        page_id=page,
        kind=NoticeKind.PAGE,
        recipient=SINK,
        band=Band.P0,
        attempt=1,
        method_rank=0,
        issuer_topic=topics.COMMANDS.name,
        issuer_key=OPERATIONS,
        case_id=letter,
        track_id=letter,
        desk_id=desk_id,
        pillar=pillar,
        reason=reason,
        at=at,
        dead_letter=DeadLetterPlace(
            partner_id=partner_id, topic=message.topic, partition=message.partition, offset=message.offset
        ),
    )


def dead_letter_page(notice: NoticeIssued, *, source: str) -> Send:
    """That notice on its way to the pager."""
    event = Event(
        id=notice.notice_id,
        type=notices.ISSUED,
        source=source,
        time=notice.at,
        data=notice,
        partitionkey=notice.recipient,
        causationid=notice.case_id,
    )
    return Send(topics.NOTICES_TOPIC, notice.recipient, notice.recipient, event)
