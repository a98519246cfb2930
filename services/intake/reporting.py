"""How does an agent's report travel to the router? Noted with the watch over it, then sent; a bus that is down pages for a P0."""

from dataclasses import dataclass
from datetime import timedelta

from schemas.base import Actor
from schemas.campaigns import Campaign
from schemas.cases import CaseRecord
from schemas.catalogue import Catalogue
from schemas.households import HouseholdBody
from schemas.notices import NoticeIssued
from schemas.outcomes import OutcomeRefused
from schemas.reports import ReportSubmitted
from schemas.words import Band, Channel
from services.intake import queries
from services.intake.calling import Api
from services.intake.commanding import SOURCE
from services.intake.dead_man import watch_over
from services.intake.notebook import Request as Taken
from services.intake.problems import Code, Problem, problem_of_refusal
from services.rules.admission import Admitted, event_of, report_of
from services.rules.machine import Send
from services.rules.paging import page_of_report
from services.rules.triage import Triage, triage

CHANNEL = Channel.AGENT


@dataclass(frozen=True, slots=True)
class Coming:
    """A report on its way: as it is sent, and the page that a P0 may need."""

    report: ReportSubmitted
    send: Send
    page: NoticeIssued
    decision: Triage
    household: HouseholdBody | None
    catalogue: Catalogue
    unknown_fields: int

    @property
    def pages(self) -> bool:
        """Whether a human is paged when nobody takes it; a drill pages nobody."""
        return self.page.band is Band.P0 and not self.report.body.drill


async def coming_of(
    api: Api, admitted: Admitted, actor: Actor, *, report_id: str, campaign: Campaign | None = None
) -> Coming:
    """A report that was admitted, with everything that is decided about it before it is sent."""
    report = report_of(
        admitted,
        source=SOURCE,
        report_id=report_id,
        channel=CHANNEL,
        actor=actor,
        received_at=api.now(),
        answer=True,
    )
    report = report.model_copy(update={"campaign": campaign})
    catalogue = await api.catalogue_for(report.household_id)
    decision = triage(report.body, received_at=report.received_at, catalogue=catalogue)
    lane, event = event_of(report, catalogue, band=decision.band)
    send = Send(lane, report.household_id, event.partitionkey, event)
    known = None if report.provisional else await api.model.ask(queries.household(report.household_id))
    household = known.body if known else None
    page = page_of_report(report, decision, catalogue, household=household)
    return Coming(report, send, page, decision, household, catalogue, admitted.unknown_fields)


async def take(api: Api, coming: Coming) -> bytes | None:
    """Notes the report before it is sent. Its first answer when it was given already; `Problem` (422) for another body."""
    report = coming.report
    known = await api.model.ask(queries.report(report.source, report.report_id))
    if known is not None and known.household_id != report.household_id:
        raise Problem(Code.ID_CONFLICT)
    due = report.received_at + timedelta(seconds=api.settings.dead_man_seconds)
    watch = (
        watch_over(report, coming.page, coming.send, due=due, covert=coming.decision.covert) if coming.pages else None
    )
    noted = Taken(report.report_id, report.body_digest, report.household_id, None)
    taken = await api.notebook.take(noted, report.received_at, sender=report.actor.id, watch=watch)
    if (taken.digest, taken.household_id) != (report.body_digest, report.household_id):
        raise Problem(Code.ID_CONFLICT)
    return taken.answer


async def send(api: Api, coming: Coming) -> CaseRecord | None:
    """Sends a report; its case, or `None` when that is not there in time.

    Raises `Problem`: the refusal, or 503 when the bus takes nothing; then a P0's page goes out instead.
    """
    report = coming.report
    try:
        outcome = await api.commander.ask(report.report_id, coming.send)
    except Problem as problem:
        if problem.code is Code.BUS_UNAVAILABLE and coming.pages:
            await api.dead_man.page_now(report.report_id)
        raise
    await api.notebook.landed(report.report_id)
    _count(api, coming)
    if isinstance(outcome, OutcomeRefused):
        raise problem_of_refusal(outcome.reason)
    return None if outcome is None else await api.model.ask(queries.case(outcome.subject))


def _count(api: Api, coming: Coming) -> None:
    api.metrics.received.labels(CHANNEL, coming.page.band).inc()
    api.metrics.unknown_fields.labels(CHANNEL).inc(coming.unknown_fields)
    for flag in coming.report.flags:
        api.metrics.flagged.labels(CHANNEL, flag).inc()
