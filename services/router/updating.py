"""Somebody tells more about a case: an agent who learned something, or a further report of the same thing."""

from functools import partial

from schemas.case_commands import CaseUpdate
from schemas.cases import ClosedSignal
from schemas.catalogue import Catalogue
from schemas.reports import ReportBody, ReportSubmitted
from schemas.words import Pillar, Refusal, Signal
from services.router.context import Context
from services.router.deciding import Explanations, News, take_in
from services.router.dispatching import end_track
from services.router.learning import facts_of, open_signals, remembered
from services.router.opening import arrived, first_and_newest
from services.router.standing import settle
from services.router.state import Partition
from services.router.timeline import Timeline
from services.router.tracking import lead_on
from services.rules.answered import Verdict
from services.rules.dated import nearness
from services.rules.detection import why_detected
from services.rules.duplicates import Judgement, keys_of
from services.rules.lifecycle import ENDED, OPEN
from services.rules.lowering import may_close

MOST_KEYS = 8


def update(command: CaseUpdate, context: Context, timeline: Timeline) -> Verdict:
    """Close signals, take in facts, let go of help that the victim does not want; in this order, each told."""
    case = timeline.case
    refused = _refusal(command, timeline, context.catalogue)
    if refused is not None:
        return context.refused(case, refused)
    for signal in command.closed_signals:
        _close_signal(timeline, signal, command)
    news = News(command.facts, command.received_at, dropped=command.dropped_codes)
    tell = partial(_tell_updated, timeline, command)
    take_in(timeline, news, partition=context.partition, catalogue=context.catalogue, tell=tell)
    known = facts_of(timeline.case).model_copy(update={"personal": command.facts.personal})
    _know_keys(timeline, keys_of(timeline.case.code, known, context.catalogue))
    for track in timeline.case.tracks:
        if track.pillar in command.declined and track.state in OPEN:
            end_track(
                timeline, track, "refused_by_victim", actor=command.actor, reason=command.reason or "refused_by_victim"
            )
    lead_on(timeline, context.catalogue)
    settle(timeline, context.catalogue)
    return context.done(timeline)


def _tell_updated(timeline: Timeline, command: CaseUpdate, explanations: Explanations) -> None:
    timeline.tell(
        "updated",
        command.actor,
        facts=remembered(command.facts),
        code=timeline.case.code,
        signals=timeline.case.signals,
        reason=command.reason,
        explanations=(*explanations, *why_detected(command.detected, timeline.case.catalogue)),
        personal=command.facts.personal,
    )


def attach(
    report: ReportSubmitted, judgement: Judgement, timeline: Timeline, *, partition: Partition, catalogue: Catalogue
) -> None:
    """A further report of the same thing joins its case: told there in full, it may raise the band. The caller saves the case."""
    found = why_detected(report.detected, timeline.case.catalogue)

    def tell(explanations: Explanations) -> None:
        timeline.tell(
            "report_attached",
            report.actor,
            report_id=report.report_id,
            source=report.source,
            channel=report.channel,
            partner_id=report.partner_id,
            received_at=report.received_at,
            facts=remembered(report.body),
            explanations=(judgement.explanation, *explanations, *found),
            personal=report.body.personal,
        )

    take_in(timeline, News(report.body, report.received_at), partition=partition, catalogue=catalogue, tell=tell)
    _know_keys(timeline, judgement.keys)
    case = timeline.case
    timeline.set(
        reports=first_and_newest(case.reports, (report.report_id,)),
        report_count=case.report_count + 1,
        last_report_at=max(report.received_at, case.last_report_at or case.received_at),
        arrivals=first_and_newest(case.arrivals, (arrived(report),)),
        campaign=case.campaign or report.campaign,
    )


def deadline_nears(timeline: Timeline, partition: Partition, catalogue: Catalogue) -> None:
    """So little is left until the attacker's deadline that the case is more urgent, though nobody told anything new (R5)."""
    deadline = timeline.case.deadline_at
    if deadline is None:
        return
    said = ReportBody(deadline_at=deadline.isoformat())

    def tell(explanations: Explanations) -> None:
        case = timeline.case
        timeline.tell(
            "updated",
            facts=said,
            code=case.code,
            signals=case.signals,
            reason="deadline_nears",
            explanations=explanations,
        )

    band = nearness(deadline, at=timeline.now, within=catalogue.incidents.deadlines)
    take_in(
        timeline,
        News(said, timeline.now, band=band or timeline.case.band),
        partition=partition,
        catalogue=catalogue,
        tell=tell,
    )


def _refusal(command: CaseUpdate, timeline: Timeline, catalogue: Catalogue) -> Refusal | None:
    case = timeline.case
    if case.state in ENDED:
        return Refusal.WRONG_STATE
    for signal in command.closed_signals:
        refused = may_close(signal, command.actor.role, command.reason, incidents=catalogue.incidents)
        if refused is not None:
            return refused
    left = {*open_signals(case)} - {*command.closed_signals}
    if Signal.SELF_HARM in left and Pillar.PSYCHOLOGICAL in command.declined:
        return Refusal.SAFETY_SIGNAL_OPEN  # never left alone
    return None


def _close_signal(timeline: Timeline, signal: Signal, command: CaseUpdate) -> None:
    if signal not in open_signals(timeline.case) or command.reason is None:
        return
    closed = ClosedSignal(signal=signal, at=timeline.now, by=command.actor.id, reason=command.reason)
    kept = tuple(one for one in timeline.case.closed_signals if one.signal is not signal)
    timeline.set(closed_signals=(*kept, closed))
    timeline.tell("signal_closed", command.actor, signal=signal, reason=command.reason)


def _know_keys(timeline: Timeline, keys: tuple[str, ...]) -> None:
    known = dict.fromkeys((*timeline.case.duplicate_keys, *keys))
    timeline.set(duplicate_keys=tuple(known)[-MOST_KEYS:])
