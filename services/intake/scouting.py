"""What on a partner's ordinary topic cannot wait for its turn? A scout reads ahead of the door and forwards that alone, at once.

The door forwards the same record again when it comes to it, under the same ids: the router counts a repetition.
"""

from dataclasses import dataclass
from datetime import datetime

from schemas import topics
from schemas.envelope import EnvelopeError
from schemas.words import DeadReason
from services.intake.partner_records import Door, forward
from services.intake.rejecting import page
from services.rules.machine import Message, Send
from services.rules.urgent_words import urgent_words

ESCAPED = b"\\u00"


@dataclass(frozen=True, slots=True)
class Scout:
    """Looks at every record of `door` and reads only those whose bytes could raise a report to P0."""

    door: Door

    def ahead(self, message: Message, now: datetime) -> tuple[Send, ...]:
        """The P0 report in the record, or the page about a bad record that may be about a life; mostly nothing."""
        if not self._may_matter(message.value or b""):
            return ()
        try:
            sends = forward(self.door, message, now)
        except EnvelopeError:
            return page(self.door, message, now)
        return tuple(send for send in sends if send.topic is topics.INCIDENTS_P0)

    @staticmethod
    def reject(message: Message, reason: DeadReason, now: datetime) -> tuple[Send, ...]:  # noqa: ARG004 - a Forwarding's
        """Nothing: dead letters are the door's."""
        return ()

    def _may_matter(self, raw: bytes) -> bool:
        return ESCAPED in raw or any(
            urgent_words(raw, one) is not None for one in (self.door.catalogue, *self.door.others)
        )
