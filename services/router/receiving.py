"""What becomes of a report? A case of its own, one more arrival of a known one, or a dead letter when its id was used for another."""

from dataclasses import dataclass
from datetime import datetime

from schemas import topics
from schemas.catalogue import Catalogue
from schemas.messages import Typed
from schemas.reports import ReportSubmitted
from schemas.router_records import Seen
from schemas.words import DeadReason, Refusal, Signal
from services.router.joining import add_link
from services.router.opening import Opening, open_case
from services.router.state import Partition
from services.router.timeline import SOURCE, Timeline
from services.router.updating import attach
from services.rules import ids
from services.rules.answered import Outcomes, Verdict
from services.rules.duplicates import Judgement, Told, judge, keys_of
from services.rules.machine import Message
from services.rules.rejecting import reject_into
from services.rules.sides import Side
from services.rules.step import Step
from services.rules.triage import Triage, triage


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
    case_id = seen.case_id if seen else ids.case_id(*_pair_of(report))
    if case_id not in partition.cases:
        verdict = _first(report, pair, case_id, arrival)
    elif seen is not None and seen.body == report.body_digest:
        verdict = _again(report, seen, arrival)
    else:
        verdict = _conflict(case_id, report, arrival)
    if report.answer:
        repeated = seen is not None and verdict.refused is None
        Outcomes(SOURCE, arrival.step, arrival.now, arrival.cause).tell(report.report_id, verdict, repeated=repeated)


def _pair_of(report: ReportSubmitted) -> tuple[str, str, str]:
    return report.household_id, report.source, report.report_id


def _first(report: ReportSubmitted, pair: str, case_id: str, arrival: Arrival) -> Verdict:
    partition, step, now = arrival.partition, arrival.step, arrival.now
    decision = triage(report.body, received_at=report.received_at, catalogue=arrival.catalogue)
    judgement = _judge(report, decision, arrival)
    if judgement.attach_to is not None:
        timeline = Timeline(judgement.attach_to, step, now=now, cause=arrival.cause)
        attach(report, judgement, timeline, partition=partition, catalogue=partition.pinned(judgement.attach_to))
        partition.count(step, read=1, attached=1)
    else:
        timeline = _open(Opening(case_id, report, decision, judgement), arrival)
        partition.count(step, read=1, attached=1, opened=1, open=1)
    timeline.save(partition)
    seen = Seen(pair=pair, body=report.body_digest, case_id=timeline.case.case_id, at=now)
    partition.remember(report.household_id, seen, step)
    return Verdict(timeline.case.case_id, timeline.case.version)


def _judge(report: ReportSubmitted, decision: Triage, arrival: Arrival) -> Judgement:
    """Whether the household already told of this; of the cases that share a key only, and mostly there is none."""
    keys = keys_of(decision.code, report.body, arrival.catalogue)
    if not keys:
        return Judgement()
    body = report.body
    side = Side(body.victim_member_id, body.offender_member_id, Signal.SAME_ROOF_OFFENDER in decision.signals)
    told = Told(decision.code, body, side, decision.covert, report.received_at)
    return judge(told, keys, arrival.partition.sharing(report.household_id, keys), arrival.catalogue)


def _open(opening: Opening, arrival: Arrival) -> Timeline:
    """A case of its own; the cases it is related to know of it, and it of them."""
    partition, step, now = arrival.partition, arrival.step, arrival.now
    timeline = open_case(opening, partition, step, now=now, cause=arrival.cause, catalogue=arrival.catalogue)
    why = opening.judgement.explanation
    for other, kind in opening.judgement.related:
        there = Timeline(partition.cases[other.case_id], step, now=now, cause=arrival.cause)
        add_link(there, timeline.case, kind, because=why)
        there.save(partition)
        add_link(timeline, other, kind, because=why)
    return timeline


def _again(report: ReportSubmitted, seen: Seen, arrival: Arrival) -> Verdict:
    case = arrival.partition.find(seen.case_id)
    assert case is not None, "a case is never forgotten before the ids of its reports"
    timeline = Timeline(case, arrival.step, now=arrival.now, cause=arrival.cause)
    timeline.tell("report_repeated", report.actor, report_id=report.report_id, source=report.source)
    timeline.save(arrival.partition)
    arrival.partition.count(arrival.step, read=1, repeated=1)
    return Verdict(case.case_id, timeline.case.version)


def _conflict(case_id: str, report: ReportSubmitted, arrival: Arrival) -> Verdict:
    """An id already used for something else, perhaps so long ago that only its case remembers: the first one stands."""
    urgent = arrival.message.topic == topics.INCIDENTS_P0.name and not report.body.drill
    reject_into(arrival.step, "router", arrival.message, reason=DeadReason.ID_CONFLICT, now=arrival.now, urgent=urgent)
    arrival.partition.count(arrival.step, read=1, dead_lettered=1)
    return Verdict(case_id, arrival.partition.cases[case_id].version, Refusal.ID_CONFLICT)
