"""What a partner is told on its `.cases` topic: status of its own cases, and what we refused and why."""

from schemas.base import Code, Fact, Id, Instant
from schemas.words import DeadReason

UPDATED = "eu.sameroof.partner_case.v1.updated"
REJECTED = "eu.sameroof.rejection.v1.raised"


class PartnerCaseUpdated(Fact):
    """Their reference, our case id, status and times; never code, band, pillar or text."""

    partner_reference: Id | None = None
    case_id: Id
    status: Code
    expected_resolution: Instant | None = None
    changed_at: Instant


class RejectionRaised(Fact):
    """A record of theirs ended as a dead letter."""

    topic: Code
    partition: int
    offset: int
    reason: DeadReason
