"""Notices: something a human must be told. Ids, codes and times only; the pager resolves the recipient to an address."""

from schemas.base import Code, Fact, Id, Instant
from schemas.words import Band, NoticeKind, Pillar

ISSUED = "eu.sameroof.notice.v1.issued"


class DeadLetterPlace(Fact):
    """Where a record lay that became a dead letter, and whose it was."""

    partner_id: Id | None = None
    topic: Code
    partition: int
    offset: int


class GapTold(Fact):
    """A gap: from when, until when if that is known, how many kinds of work nobody covers."""

    begins: Instant
    ends: Instant | None = None
    cells: int


class NoticeIssued(Fact):
    """One attempt to tell one recipient. `recipient` is a responder id or a post (`post:<name>`).

    `method_rank` is the place of the attempt in the recipient's own order: a person's rules for the band, a post's methods. A
    verification or a drill names the `method` itself, by its place in the roster; its case and track id are its own.

    `issuer_topic` and `issuer_key` say where receipts and acknowledgements go; `page_id` is shared by all attempts of a page.
    `count` is how many pages of a desk this one stands for, when there were too many to tell each.
    A page about a dead letter names its place in `dead_letter`; there is no case, so case and track id are the letter's id.
    One about a gap in a desk's coverage says how long it lasts, in `gap`; case and track id are then the gap's id.
    """

    notice_id: Id
    page_id: Id | None = None
    kind: NoticeKind
    recipient: Id
    band: Band
    attempt: int
    method_rank: int
    method: int | None = None
    issuer_topic: Id
    issuer_key: Id
    household_id: Id | None = None
    case_id: Id
    track_id: Id
    desk_id: Id
    pillar: Pillar
    offer_id: Id | None = None
    until: Instant | None = None
    count: int | None = None
    reason: Code
    at: Instant
    drill: bool = False
    dead_letter: DeadLetterPlace | None = None
    gap: GapTold | None = None
