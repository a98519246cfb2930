"""What did a partner send, and where does it go? One record of one of their doors becomes a report or a household command."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import ValidationError

from schemas import reports, topics
from schemas.base import Actor
from schemas.catalogue import Catalogue
from schemas.commands import HouseholdPut
from schemas.envelope import EnvelopeError, Received, decode, parse_strictly
from schemas.households import HouseholdBody, HouseholdSnapshot
from schemas.messages import wrong_type
from schemas.reports import ReportSubmitted
from schemas.topics import Topic
from schemas.words import Channel, DeadReason, Role
from services.intake.commanding import case_command
from services.rules import ids
from services.rules.admission import LARGEST_REPORT, Admitted, admit, event_of, report_of
from services.rules.machine import Message, Send

OLDEST = timedelta(days=90)

Accepted = Callable[[ReportSubmitted, Admitted, Topic], None]


@dataclass(frozen=True, slots=True)
class Door:
    """One in-topic of one partner: the topic a record arrived on is its sender's identity."""

    partner_id: str
    topic: Topic
    catalogue: Catalogue

    @property
    def urgent(self) -> bool:
        """Whether this is the partner's P0 lane."""
        return self.topic.name == topics.partner(self.partner_id).incidents_p0.name


def forward(door: Door, message: Message, now: datetime, accepted: Accepted | None = None) -> tuple[Send, ...]:
    """What the record becomes. `accepted` is told of each report admitted. Raises `EnvelopeError` for a bad record.

    Our receipt is the broker's append time; a record older than 90 days could repeat an id nobody remembers any more.
    """
    if now - message.appended_at > OLDEST:
        raise EnvelopeError(DeadReason.TOO_OLD, "the record is older than ids are remembered")
    envelope = decode(message.value, message.headers)
    if not envelope.source.startswith(f"urn:partner:{door.partner_id}:"):
        raise EnvelopeError(DeadReason.FALSE_SENDER, "the source is not the partner of this topic")
    if envelope.type not in door.topic.carries:
        raise EnvelopeError(DeadReason.UNKNOWN_TYPE, "no message of this type belongs on this topic")
    if envelope.type == reports.SUBMITTED:
        return (_report(door, envelope, message.appended_at, accepted),)
    return (_household(door, envelope, message.appended_at),)


def _report(door: Door, envelope: Received, received_at: datetime, accepted: Accepted | None) -> Send:
    admitted = admit(envelope.data, sender=door.partner_id, at=received_at, catalogue=door.catalogue)
    try:
        report = report_of(
            admitted,
            source=envelope.source,
            report_id=envelope.id,
            channel=Channel.PARTNER,
            actor=Actor(role=Role.PARTNER, id=door.partner_id),
            received_at=received_at,
            partner_id=door.partner_id,
        )
    except ValidationError:
        raise EnvelopeError(DeadReason.BROKEN_ENVELOPE, "id and source are at most 128 visible characters") from None
    lane, event = event_of(report, door.catalogue)
    if accepted is not None:
        accepted(report, admitted, lane)
    return Send(lane, report.household_id, report.household_id, event)


def _household(door: Door, envelope: Received, received_at: datetime) -> Send:
    snapshot = _snapshot(envelope.data)
    if snapshot.partner_id is not None and snapshot.partner_id != door.partner_id:
        raise EnvelopeError(DeadReason.FALSE_SENDER, "the household claims another partner than its topic")
    household_id = ids.household_id(door.partner_id, snapshot.reference)
    body = HouseholdBody.model_validate(snapshot.model_dump() | {"partner_id": door.partner_id})
    command = HouseholdPut(
        command_id=ids.derived("household-put", envelope.source, envelope.id),
        actor=Actor(role=Role.PARTNER, id=door.partner_id),
        received_at=received_at,
        answer=False,
        household_id=household_id,
        body=body,
    )
    return case_command("household_put", command, household_id)


def _snapshot(raw: bytes) -> HouseholdSnapshot:
    if len(raw) > LARGEST_REPORT:
        raise EnvelopeError(DeadReason.TOO_LARGE, f"a household is at most {LARGEST_REPORT} bytes")
    parse_strictly(raw)
    try:
        return HouseholdSnapshot.model_validate_json(raw, strict=True)
    except ValidationError as error:
        raise wrong_type(error) from None
