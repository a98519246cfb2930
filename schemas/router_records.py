"""The router's small records (`router.state`): ids seen, commands answered, pages told together, the two books."""

from schemas.base import Actor, Code, Id, Instant, Record, RecordPart
from schemas.words import Band, Pillar


class Seen(RecordPart):
    """One report already attached: 16 bytes of its (source, id) pair and of its body, as hex."""

    pair: Code
    body: Code
    case_id: Id
    at: Instant


class SeenRecord(Record):
    """Reports of one household received on one day, key `seen/<household_id>/<yyyymmdd>`, then `<yyyymmdd>.2` and so on; kept 90 days."""

    household_id: Id
    seen: tuple[Seen, ...]


class Answer(RecordPart):
    """How a command ended, kept 7 days so that a retry gets the same answer; `body` (32 hex digits) tells one from a conflict."""

    command_id: Id
    at: Instant
    subject: Id
    version: int
    refused: Code | None = None
    body: Code | None = None


class AnsweredRecord(Record):
    """Commands answered for one subject, key `answered/<subject>`."""

    answers: tuple[Answer, ...]


class BooksRecord(Record):
    """The two books of a partition, key `books`: `read = attached + repeated + dead_lettered`, `opened = open + closed + merged`."""

    read: int = 0
    attached: int = 0
    repeated: int = 0
    dead_lettered: int = 0
    opened: int = 0
    open: int = 0
    closed: int = 0
    merged: int = 0


class PageWindowRecord(Record):
    """How many pages one post got in the minute that began at `since`, key `page_window/<post>`."""

    since: Instant
    count: int


class PageGroupRecord(Record):
    """Pages of P2 and P3 to one post about tracks of one desk, told as one page with a count, key `page_group/<page_id>`.

    `case_id` and `track_id` are one of them. It is told at `next_at` (first when its minute is over), then climbs to the sink,
    until somebody acknowledges it or none of them waits any more.
    """

    recipient: Id
    household_id: Id
    case_id: Id
    track_id: Id
    desk_id: Id
    pillar: Pillar
    band: Band
    count: int
    attempt: int = 0
    next_at: Instant | None = None
    acknowledged_at: Instant | None = None
    acknowledged_by: Actor | None = None


class PagedRecord(Record):
    """A page that intake sent before we had the case, key `paged/<case_id>`; it is taken over when the case opens."""

    page_id: Id
    track_id: Id
    recipient: Code
    reason: Code
    raised_at: Instant
    delivered_at: Instant | None = None
