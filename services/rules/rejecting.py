"""What a machine does with a record it cannot use: a dead letter, and a page when it came on a P0 lane (RELIABILITY I6, I11)."""

from datetime import datetime

from schemas.words import DeadReason, Pillar
from services.rules.dead_letter_page import dead_letter_notice
from services.rules.dead_letters import dead_letter
from services.rules.machine import Message
from services.rules.step import Step


def reject_into(step: Step, service: str, message: Message, *, reason: DeadReason, now: datetime, urgent: bool) -> None:
    """Dead-letter `message` for `service`; `urgent` also pages the sink."""
    step.pass_on(dead_letter(service, message, reason, now))
    if not urgent:
        return
    notice = dead_letter_notice(message, reason=reason, at=now, desk_id="none", pillar=Pillar.TECHNICAL)
    step.issue(notice, f"urn:sameroof:{service}", cause=None)
