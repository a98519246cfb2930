"""What on a partner's ordinary topic cannot wait for its turn? A scout reads ahead of the door and forwards that alone, at once.

The door forwards the same record again when it comes to it, under the same ids: the router counts a repetition.
"""

from dataclasses import dataclass
from datetime import datetime

from schemas import topics
from schemas.words import DeadReason
from services.intake.partner_records import Door, forward
from services.intake.rejecting import reject
from services.rules.machine import Message, Send
from services.rules.urgent_words import urgent_words

ESCAPED = b"\\u00"


@dataclass(frozen=True, slots=True)
class Scout:
    """Looks at every record of `door` and reads only those whose bytes could raise a report to P0."""

    door: Door

    def ahead(self, message: Message, now: datetime) -> tuple[Send, ...]:
        """The P0 report in the record, or nothing. Raises `EnvelopeError` for a bad record among those that were read."""
        if not self._may_matter(message.value or b""):
            return ()
        sends = forward(self.door, message, now)
        return tuple(send for send in sends if send.topic is topics.INCIDENTS_P0)

    def reject(self, message: Message, reason: DeadReason, now: datetime) -> tuple[Send, ...]:
        """Dead letter and page when the bad record may be about a life; the door sees to all others."""
        return reject(self.door, message, reason, now) if urgent_words(message.value, self.door.catalogue) else ()

    def _may_matter(self, raw: bytes) -> bool:
        return ESCAPED in raw or urgent_words(raw, self.door.catalogue) is not None
