"""What a machine does with a record it cannot use: a dead letter, and a page when it came on a P0 lane (RELIABILITY I6, I11)."""

from datetime import datetime

from schemas.words import DeadReason
from services.rules.dead_letters import dead_letter, dead_letter_id
from services.rules.machine import Message
from services.rules.paging import page_of_bad_record
from services.rules.step import Step


def reject_into(step: Step, service: str, message: Message, *, reason: DeadReason, now: datetime, urgent: bool) -> None:
    """Dead-letter `message` for `service`; `urgent` also pages the sink."""
    step.pass_on(dead_letter(service, message, reason, now))
    if not urgent:
        return
    identity = dead_letter_id(message.topic, message.partition, message.offset)
    step.issue(page_of_bad_record(identity, reason=reason, at=now), f"urn:sameroof:{service}", cause=None)
