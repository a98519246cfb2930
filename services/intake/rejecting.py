"""What happens to a partner's record we cannot use: one dead letter, word to the partner, and a page when a life may be in it."""

from datetime import datetime

from schemas import partners, topics
from schemas.envelope import Event
from schemas.partners import RejectionRaised
from schemas.words import DeadReason, Pillar
from services.intake.commanding import SOURCE
from services.intake.partner_records import Door
from services.rules import ids
from services.rules.dead_letter_page import dead_letter_notice, dead_letter_page
from services.rules.dead_letters import dead_letter, dead_letter_id
from services.rules.machine import Message, Send
from services.rules.urgent_words import Urgent, urgent_words


def reject(door: Door, message: Message, reason: DeadReason, now: datetime) -> tuple[Send, ...]:
    """Dead letter and rejection; on the P0 lane, or when the bytes hold a P0 word, a page to the sink as well."""
    return (
        dead_letter("intake", message, reason, now),
        _rejection(door, message, reason, now),
        *page(door, message, now),
    )


def page(door: Door, message: Message, now: datetime) -> tuple[Send, ...]:
    """The page about a record nobody can read; empty unless a life may be in it. The same id whenever it is asked for."""
    urgent = urgent_words(message.value, door.catalogue)
    if urgent is None and door.urgent:
        urgent = Urgent("p0_lane", Pillar.PSYCHOLOGICAL)
    return () if urgent is None else (_page(door, message, urgent, now),)


def _rejection(door: Door, message: Message, reason: DeadReason, now: datetime) -> Send:
    letter = dead_letter_id(message.topic, message.partition, message.offset)
    raised = RejectionRaised(topic=message.topic, partition=message.partition, offset=message.offset, reason=reason)
    event = Event(
        id=ids.derived("rejection", letter),
        type=partners.REJECTED,
        source=SOURCE,
        time=now,
        data=raised,
        partitionkey=letter,
    )
    return Send(topics.partner(door.partner_id).cases, letter, letter, event)


def _page(door: Door, message: Message, urgent: Urgent, now: datetime) -> Send:
    notice = dead_letter_notice(
        message,
        reason=f"dead_letter.{urgent.word}",
        at=now,
        desk_id=f"{urgent.pillar}-{door.catalogue.desks.fallback}",
        pillar=urgent.pillar,
        partner_id=door.partner_id,
    )
    return dead_letter_page(notice, source=SOURCE)
