"""Where a partition's processor has read to: the only truth about it, one record in the same transaction as its effects."""

from pydantic import Field

from schemas.base import Instant, Record, RecordPart

STATE_VERSION = 1
POSITIONS_KEY = "positions"


class Attempt(RecordPart):
    """A record the process may not survive: `count` times it was about to be handled and never was committed."""

    offset: int
    count: int


class PositionsRecord(Record):
    """Next offset to read of each input topic of one partition, and what its next owner must know.

    `highest_now` is the latest instant ever given to the machine; `opened` holds where inputs with unread records
    stood when the partition was last opened: still there at the next opening means that nothing got past them.
    """

    partition: int
    inputs: dict[str, int]
    highest_now: Instant | None = None
    opened: dict[str, int] = Field(default_factory=dict)
    attempts: dict[str, Attempt] = Field(default_factory=dict)
