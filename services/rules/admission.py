"""May this report in? One verdict for every door, HTTP or bus (RELIABILITY, Bad input)."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ValidationError

from schemas import reports, topics
from schemas.base import Actor
from schemas.catalogue import Catalogue
from schemas.catalogue.asked import AnswerType
from schemas.catalogue.incidents import Incidents
from schemas.envelope import EnvelopeError, Event, WrongPlace, parse_strictly
from schemas.messages import wrong_places, wrong_type
from schemas.reports import Detected, ReportBody, ReportSubmitted
from schemas.topics import Topic
from schemas.words import Band, Channel, DeadReason, Flag
from services.rules import ids
from services.rules.claimed_times import read_claimed
from services.rules.detection import with_signals
from services.rules.triage import urgency

LARGEST_REPORT = 48 * 1024
HOUSEHOLD_ID = re.compile(ids.HOUSEHOLD_ID)
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"))
CLAIMED = ("happened_at", "discovered_at", "deadline_at", "paid_at")


@dataclass(frozen=True, slots=True)
class Admitted:
    """A report body that may in, with remarks; `digest` tells a retry from an id conflict, `detected` what its free text added."""

    body: ReportBody
    detected: tuple[Detected, ...]
    flags: tuple[Flag, ...]
    digest: str
    unknown_fields: int


def admit(raw: bytes, *, sender: str | None, at: datetime, catalogue: Catalogue) -> Admitted:
    """The verdict on a report's JSON. `sender` is the partner whose door it came through, `None` for our own agents.

    Unknown fields and facts, unknown codes and impossible times are accepted and flagged; safety signals are also looked for in
    the free text, which may add one and removes none. Raises `EnvelopeError` for the rest.
    """
    if len(raw) > LARGEST_REPORT:
        raise EnvelopeError(DeadReason.TOO_LARGE, f"a report is at most {LARGEST_REPORT} bytes")
    document = parse_strictly(raw)
    try:
        body = ReportBody.model_validate_json(raw, strict=True)
    except ValidationError as error:
        raise wrong_type(error) from None
    if body.partner_id is not None and body.partner_id != sender:
        raise EnvelopeError(DeadReason.FALSE_SENDER, "the report claims another sender than its door")
    if not (body.code or body.signals or (body.personal.free_text or "").strip()):
        raise EnvelopeError(DeadReason.EMPTY_REPORT, "a report needs a code, a signal or free text")
    if body.household_id is not None and HOUSEHOLD_ID.fullmatch(body.household_id) is None:
        raise wrong_places([WrongPlace("/household_id", "not_a_uuid")])  # it becomes a key on the bus
    unknown = _unknown_fields(document, ReportBody) + _unknown_facts(body, catalogue.incidents)
    flags = {read_claimed(claimed, received_at=at).flag for claimed in _claimed(body, catalogue.incidents)} - {None}
    if unknown:
        flags.add(Flag.UNKNOWN_FIELD)
    digest = ids.short_hash(_CANONICAL.encode(document))
    return Admitted(*with_signals(body), tuple(sorted(flag for flag in flags if flag)), digest, unknown)


def _unknown_facts(body: ReportBody, incidents: Incidents) -> int:
    """Facts nobody declared, and facts on the wrong side of `personal`."""
    known = incidents.facts
    return sum(name not in known or known[name].type is AnswerType.PERSONAL for name in body.facts) + sum(
        name not in known or known[name].type is not AnswerType.PERSONAL for name in body.personal.facts
    )


def _claimed(body: ReportBody, incidents: Incidents) -> Iterator[str | None]:
    """Every claimed time of a report: its own fields, and its facts of that type."""
    for name in CLAIMED:
        yield getattr(body, name)
    for name, fact in body.facts.items():
        asked = incidents.facts.get(name)
        if asked is not None and asked.type is AnswerType.INSTANT and isinstance(fact, str):
            yield fact


def _unknown_fields(document: Mapping[str, Any], model: type[BaseModel]) -> int:
    count = 0
    for name, content in document.items():
        field = model.model_fields.get(name)
        if field is None:
            count += 1
        elif (
            isinstance(content, dict) and isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
        ):
            count += _unknown_fields(content, field.annotation)
    return count


def report_of(
    admitted: Admitted,
    *,
    source: str,
    report_id: str,
    channel: Channel,
    actor: Actor,
    received_at: datetime,
    partner_id: str | None = None,
    answer: bool = False,
) -> ReportSubmitted:
    """The report as it goes on the bus. Its household: an agent's choice, the partner's reference, else a provisional one."""
    household = _named_household(admitted.body, channel, partner_id)
    return ReportSubmitted(
        report_id=report_id,
        source=source,
        body_digest=admitted.digest,
        household_id=household or ids.provisional_household_id(source, report_id),
        provisional=household is None,
        channel=channel,
        partner_id=partner_id,
        actor=actor,
        received_at=received_at,
        flags=admitted.flags,
        detected=admitted.detected,
        answer=answer,
        body=admitted.body,
    )


def _named_household(body: ReportBody, channel: Channel, partner_id: str | None) -> str | None:
    if channel is Channel.PARTNER and partner_id is not None and body.household_reference is not None:
        return ids.household_id(partner_id, body.household_reference)
    return body.household_id if channel is Channel.AGENT else None


def event_of(
    report: ReportSubmitted, catalogue: Catalogue, *, others: Sequence[Catalogue] = (), band: Band | None = None
) -> tuple[Topic, Event]:
    """Lane and event of a report: P0 whenever an empty case would be P0, by the same triage the router runs.

    `others` are releases by which the router may decide instead: in doubt upwards. `band` is what `catalogue` says, when known.
    """
    body, at = report.body, report.received_at
    bands = (urgency(body, received_at=at, catalogue=one) for one in (*([] if band else [catalogue]), *others))
    urgent = band is Band.P0 or any(one is Band.P0 for one in bands)
    lane = topics.INCIDENTS_P0 if urgent else topics.INCIDENTS
    event = Event(
        id=ids.derived("report-event", report.source, report.report_id),
        type=reports.SUBMITTED,
        source="urn:sameroof:intake",
        time=report.received_at,
        data=report,
        partitionkey=report.household_id,
        correlationid=ids.case_id(report.household_id, report.source, report.report_id),
    )
    return lane, event
