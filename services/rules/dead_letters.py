"""Dead letters: original bytes and headers, and why, under an id derived from where the record lay (RELIABILITY I11)."""

from datetime import datetime

from schemas.envelope import Headers, rfc3339
from schemas.topics import dead
from schemas.words import DeadReason
from services.rules.ids import derived
from services.rules.machine import Letter, Message, Send

PREFIX = "dead_"


def dead_letter_id(topic: str, partition: int, offset: int) -> str:
    """The one id of the dead letter of this record, however often it is written."""
    return derived("dead-letter", topic, partition, offset)


def dead_letter_headers(message: Message, reason: DeadReason, at: datetime) -> Headers:
    """The original headers, then ours; a replayed record's earlier `dead_` headers are replaced."""
    kept = tuple(header for header in message.headers if not header[0].startswith(PREFIX))
    ours = {
        "id": dead_letter_id(message.topic, message.partition, message.offset),
        "reason": reason.value,
        "topic": message.topic,
        "partition": str(message.partition),
        "offset": str(message.offset),
        "appended_at": rfc3339(message.appended_at),
        "at": rfc3339(at),
    }
    return kept + tuple((PREFIX + name, value.encode()) for name, value in ours.items())


def dead_letter(service: str, message: Message, reason: DeadReason, at: datetime) -> Send:
    """The record as a dead letter of `service`. Its key is the original one, or the letter's id where that is not text."""
    identity = dead_letter_id(message.topic, message.partition, message.offset)
    try:
        key = (message.key or b"").decode("utf-8") or identity
    except UnicodeDecodeError:
        key = identity
    return Send(dead(service), key, key, Letter(message.value, dead_letter_headers(message, reason, at)))
