"""What becomes of a report? A case of its own, one more arrival of a known one, or a dead letter when its id was used for another."""

from dataclasses import dataclass
from datetime import datetime

from schemas import topics
from schemas.catalogue import Catalogue
from schemas.messages import Typed
from schemas.reports import ReportSubmitted
from schemas.router_records import Seen
from schemas.words import DeadReason, Refusal
from services.router.opening import open_case
from services.router.state import Partition
from services.router.timeline import SOURCE, Timeline
from services.rules import ids
from services.rules.answered import Outcomes, Verdict
from services.rules.machine import Message
from services.rules.rejecting import reject_into
from services.rules.step import Step


@dataclass(frozen=True, slots=True)
class Arrival:
    """A report's record as it arrived, what it meets, and the step that takes it in."""

    typed: Typed
    message: Message
    step: Step
    now: datetime
    partition: Partition
    catalogue: Catalogue

    @property
    def cause(self) -> str:
        """The id of the report's event."""
        return self.typed.envelope.id


def receive(report: ReportSubmitted, arrival: Arrival) -> None:
    """Take a report in, exactly once, and tell its sender if it waits."""
    partition = arrival.partition
    pair = ids.short_hash(report.source, report.report_id)
    seen = partition.find_seen(report.household_id, pair)
    case_id = seen.case_id if seen else ids.case_id(report.household_id, report.source, report.report_id)
    if case_id not in partition.cases:
        verdict = _first(report, pair, arrival)
    elif seen is not None and seen.body == report.body_digest:
        verdict = _again(report, seen, arrival)
    else:
        verdict = _conflict(case_id, report, arrival)
    if report.answer:
        repeated = seen is not None and verdict.refused is None
        Outcomes(SOURCE, arrival.step, arrival.now, arrival.cause).tell(report.report_id, verdict, repeated=repeated)


def _first(report: ReportSubmitted, pair: str, arrival: Arrival) -> Verdict:
    partition, step, now = arrival.partition, arrival.step, arrival.now
    case = open_case(report, partition, step, now=now, cause=arrival.cause, catalogue=arrival.catalogue)
    seen = Seen(pair=pair, body=report.body_digest, case_id=case.case_id, at=now)
    partition.remember(report.household_id, seen, step)
    partition.count(step, read=1, attached=1, opened=1, open=1)
    return Verdict(case.case_id, case.version)


def _again(report: ReportSubmitted, seen: Seen, arrival: Arrival) -> Verdict:
    case = arrival.partition.cases[seen.case_id]
    timeline = Timeline(case, arrival.step, now=arrival.now, cause=arrival.cause)
    timeline.tell("report_repeated", report.actor, report_id=report.report_id, source=report.source)
    timeline.save(arrival.partition)
    arrival.partition.count(arrival.step, read=1, repeated=1)
    return Verdict(seen.case_id, timeline.case.version)


def _conflict(case_id: str, report: ReportSubmitted, arrival: Arrival) -> Verdict:
    """An id already used for something else, perhaps so long ago that only its case remembers: the first one stands."""
    urgent = arrival.message.topic == topics.INCIDENTS_P0.name and not report.body.drill
    reject_into(arrival.step, "router", arrival.message, reason=DeadReason.ID_CONFLICT, now=arrival.now, urgent=urgent)
    arrival.partition.count(arrival.step, read=1, dead_lettered=1)
    return Verdict(case_id, arrival.partition.cases[case_id].version, Refusal.ID_CONFLICT)
