"""What if one case is two problems? Part of it becomes a case of its own, with the reports that told of it; both know of each other."""

from schemas.case_commands import CaseSplit
from schemas.cases import Arrived, CaseRecord
from schemas.catalogue import Catalogue
from schemas.reports import ReportPersonal, ReportSubmitted
from schemas.words import Channel, LinkKind, Refusal
from services.router.context import Context
from services.router.deciding import decide_again
from services.router.joining import add_link
from services.router.learning import facts_of
from services.router.opening import Opening, open_case
from services.router.placing import ask_what_it_holds
from services.router.timeline import SOURCE, Timeline
from services.rules import ids
from services.rules.answered import Verdict
from services.rules.duplicates import Judgement
from services.rules.lifecycle import ENDED
from services.rules.triage import triage


def split(command: CaseSplit, context: Context, timeline: Timeline) -> Verdict:
    """`command.code`, what goes with it and these reports become a case of their own; safety signals stay with both."""
    case = timeline.case
    moved = tuple(one for one in case.arrivals if one.report_id in command.reports)
    refused = _refusal(command, case, moved, context.catalogue)
    if refused is not None:
        return context.refused(case, refused)
    fresh = _open(command, moved, context, case)
    timeline.case = case = context.partition.cases[case.case_id]  # a wall may have gone up between the two
    _leave_behind(timeline, fresh.case, command, {one.report_id for one in moved})
    decide_again(timeline, case, at=command.received_at, partition=context.partition, catalogue=context.catalogue)
    timeline.save(context.partition)
    fresh.save(context.partition)
    if fresh.case.placed is not None and fresh.case.placed.body is None:
        ask_what_it_holds(fresh.case, fresh.case.placed, context)  # what the whole was answered is not for the part
    context.partition.count(context.step, opened=1, open=1)
    for one in moved:
        pair = ids.short_hash(one.source, one.report_id)
        context.partition.repoint(case.household_id, pair, fresh.case.case_id, context.step)
    return Verdict(fresh.case.case_id, fresh.case.version)


def _refusal(command: CaseSplit, case: CaseRecord, moved: tuple[Arrived, ...], catalogue: Catalogue) -> Refusal | None:
    """A part is made of codes the case has, or of reports: with those an agent may say what they are about."""
    if case.state in ENDED:
        return Refusal.WRONG_STATE
    named = {command.code, *command.secondary_codes}
    known = catalogue.incidents.codes.keys() if moved else {case.code, *case.secondary_codes}
    if len(moved) < len(set(command.reports)) or not named <= known:
        return Refusal.NOT_FOUND
    nothing_left = len(moved) == len(case.arrivals) if moved else case.code in named
    return Refusal.NOTHING_LEFT if nothing_left else None


def _leave_behind(timeline: Timeline, fresh: CaseRecord, command: CaseSplit, reports: set[str]) -> None:
    """The case without what went to the new one."""
    case = timeline.case
    codes = {command.code, *command.secondary_codes}
    timeline.set(
        secondary_codes=tuple(code for code in case.secondary_codes if code not in codes),
        arrivals=tuple(one for one in case.arrivals if one.report_id not in reports),
        reports=tuple(one for one in case.reports if one not in reports),
        report_count=case.report_count - len(reports),
    )
    add_link(timeline, fresh, LinkKind.SPLIT)
    timeline.tell(
        "split",
        command.actor,
        into_case_id=fresh.case_id,
        code=command.code,
        reports=sorted(reports),
        reason=command.reason,
    )


def _open(command: CaseSplit, moved: tuple[Arrived, ...], context: Context, case: CaseRecord) -> Timeline:
    report = _told_anew(command, moved, case)
    opening = Opening(
        case_id=ids.derived("split-case", case.case_id, command.command_id),
        report=report,
        decision=triage(report.body, received_at=report.received_at, catalogue=context.catalogue),
        judgement=Judgement(),
        split_from=case,
    )
    fresh = open_case(
        opening, context.partition, context.step, now=context.now, cause=context.cause, catalogue=context.catalogue
    )
    if moved:
        reports = tuple(one.report_id for one in moved)
        fresh.set(arrivals=moved, reports=reports, report_count=len(reports))
    return fresh


def _told_anew(command: CaseSplit, moved: tuple[Arrived, ...], case: CaseRecord) -> ReportSubmitted:
    """What the new case's report would have said: all that is known, under its own code, received now."""
    personal = ReportPersonal(safe_contact=case.personal.safe_contact, code_word=case.personal.code_word)
    known = {
        "code": command.code,
        "secondary_codes": command.secondary_codes,
        "personal": personal,
        "drill": case.drill,
    }
    known |= {"country": case.country, "language": case.language}
    first = moved[0] if moved else Arrived(report_id=command.command_id, source=SOURCE)
    return ReportSubmitted(
        report_id=first.report_id,
        source=first.source,
        body_digest=ids.short_hash(command.command_id),
        household_id=case.household_id,
        provisional=case.provisional,
        channel=Channel.PARTNER if first.partner_id else Channel.AGENT,
        partner_id=first.partner_id,
        actor=command.actor,
        received_at=command.received_at,
        campaign=case.campaign,
        body=facts_of(case).model_copy(update=known | {"partner_reference": first.partner_reference}),
    )
