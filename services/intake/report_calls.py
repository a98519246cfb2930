"""`POST /v1/incidents`: a report comes in; its sender learns the case at once, or where to look for it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse

from schemas.base import Actor
from schemas.envelope import EnvelopeError
from schemas.notices import NoticeIssued
from schemas.outcomes import OutcomeRefused
from schemas.reports import ReportBody, ReportSubmitted
from schemas.words import Band, Channel, Role
from services.intake import queries
from services.intake.answering import pending
from services.intake.bodies import raw_body, takes
from services.intake.calling import Api, IdempotencyKey, TheApi, etag, read_key, signed_in, throttle
from services.intake.commanding import SOURCE
from services.intake.dead_man import watch_over
from services.intake.notebook import Request as Taken
from services.intake.problems import Code, Problem, problem_of, problem_of_refusal
from services.intake.views import Accepted, ReportAnswer, report_answer
from services.rules import ids
from services.rules.admission import Admitted, admit, event_of, report_of
from services.rules.machine import Send
from services.rules.paging import page_of_report
from services.rules.triage import triage

CHANNEL = Channel.AGENT
Agent = Annotated[Actor, Depends(signed_in(Role.AGENT, Role.SUPERVISOR, limited=False))]


def routes() -> APIRouter:
    """The calls of this module."""
    router = APIRouter(tags=["reports"])
    router.add_api_route(
        "/v1/incidents",
        submit,
        methods=["POST"],
        status_code=201,
        response_model=ReportAnswer,
        response_model_exclude_none=True,
        responses={202: {"model": Accepted, "description": "Taken; the outcome will be at `Location`"}},
        openapi_extra=takes(ReportBody),
    )
    return router


@dataclass(frozen=True, slots=True)
class Coming:
    """A report on its way: as it is sent, and the page that a P0 may need."""

    report: ReportSubmitted
    send: Send
    page: NoticeIssued
    covert: bool
    unknown_fields: int

    @property
    def pages(self) -> bool:
        """Whether a human is paged when nobody takes it; a drill pages nobody."""
        return self.page.band is Band.P0 and not self.report.body.drill


async def submit(api: TheApi, actor: Agent, request: Request, idempotency_key: IdempotencyKey = None) -> Response:
    """Report an incident. The same key and body again give the same answer, however the first try ended."""
    key = read_key(idempotency_key)
    if key is None:
        raise Problem(Code.IDEMPOTENCY_KEY_REQUIRED)
    coming = await _coming(api, await _admitted(api, request), actor, key)
    if coming.page.band is not Band.P0:
        throttle(api, actor.id)  # a P0 is never throttled
    answered = await _take(api, coming)
    if answered is not None:
        return _created(ReportAnswer.model_validate_json(answered))
    try:
        return await _send(api, coming)
    except Problem as problem:
        raise await _with_key(api, problem, coming, key) from None


async def _coming(api: Api, admitted: Admitted, actor: Actor, key: str) -> Coming:
    report = report_of(
        admitted,
        source=SOURCE,
        report_id=ids.derived("report", actor.id, key),
        channel=CHANNEL,
        actor=actor,
        received_at=api.now(),
        answer=True,
    )
    lane, event = event_of(report, api.catalogue)
    covert = triage(report.body, received_at=report.received_at, catalogue=api.catalogue).covert
    send = Send(lane, report.household_id, event.partitionkey, event)
    household = None if report.provisional else await api.model.ask(queries.household(report.household_id))
    page = page_of_report(report, api.catalogue, household=household.body if household else None)
    return Coming(report, send, page, covert, admitted.unknown_fields)


async def _admitted(api: Api, request: Request) -> Admitted:
    try:
        raw = await raw_body(request)
        admitted = admit(raw, sender=None, at=api.now())
    except EnvelopeError as refused:
        api.metrics.rejected.labels(CHANNEL, refused.reason).inc()
        raise problem_of(refused) from None
    except Problem as problem:
        api.metrics.rejected.labels(CHANNEL, problem.code).inc()
        raise
    return admitted


async def _take(api: Api, coming: Coming) -> bytes | None:
    """Notes the report before it is sent. Its first answer when it was given already; `Problem` (422) for another body."""
    report = coming.report
    known = await api.model.ask(queries.report(report.source, report.report_id))
    if known is not None and known.household_id != report.household_id:
        raise Problem(Code.ID_CONFLICT)
    due = report.received_at + timedelta(seconds=api.settings.dead_man_seconds)
    watch = watch_over(report, coming.page, coming.send, due=due, covert=coming.covert) if coming.pages else None
    noted = Taken(report.report_id, report.body_digest, report.household_id, None)
    taken = await api.notebook.take(noted, report.received_at, sender=report.actor.id, watch=watch)
    if (taken.digest, taken.household_id) != (report.body_digest, report.household_id):
        raise Problem(Code.ID_CONFLICT)
    return taken.answer


async def _send(api: Api, coming: Coming) -> Response:
    report = coming.report
    outcome = await api.commander.ask(report.report_id, coming.send)
    await api.notebook.landed(report.report_id)
    _count(api, coming)
    if isinstance(outcome, OutcomeRefused):
        raise problem_of_refusal(outcome.reason)
    case = None if outcome is None else await api.model.ask(queries.case(outcome.subject))
    if case is None:
        return pending(report.report_id)
    answer = report_answer(case)
    await api.notebook.answered(report.report_id, answer.model_dump_json(exclude_none=True).encode())
    return _created(answer)


def _count(api: Api, coming: Coming) -> None:
    api.metrics.received.labels(CHANNEL, coming.page.band).inc()
    api.metrics.unknown_fields.labels(CHANNEL).inc(coming.unknown_fields)
    for flag in coming.report.flags:
        api.metrics.flagged.labels(CHANNEL, flag).inc()


async def _with_key(api: Api, problem: Problem, coming: Coming, key: str) -> Problem:
    """A 503 repeats the key, and for a P0 names the page that goes out instead."""
    if problem.code is not Code.BUS_UNAVAILABLE:
        return problem
    if coming.pages:
        await api.dead_man.page_now(coming.report.report_id)
    extra = {"idempotency_key": key, "page_id": coming.page.page_id if coming.pages else None}
    return Problem(problem.code, headers=problem.headers, extra=extra)


def _created(answer: ReportAnswer) -> Response:
    headers = {"Location": f"/v1/cases/{answer.case_id}", "ETag": etag(answer.version)}
    return JSONResponse(answer.model_dump(mode="json", exclude_none=True), 201, headers=headers)
