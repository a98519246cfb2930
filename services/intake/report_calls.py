"""`POST /v1/incidents`: a report comes in; its sender learns the case at once, or where to look for it."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from schemas.base import Actor
from schemas.envelope import EnvelopeError, parse_strictly
from schemas.reports import ReportBody
from schemas.words import Band, Role
from services.intake import first_minutes
from services.intake.bodies import raw_body, takes
from services.intake.calling import Api, IdempotencyKey, TheApi, etag, read_key, signed_in, throttle
from services.intake.closed_bodies import unknown_in_report
from services.intake.problems import Code, Problem, problem_of
from services.intake.report_views import ReportAccepted, ReportAnswer, report_accepted, report_answer
from services.intake.reporting import CHANNEL, Coming, coming_of, send, take
from services.rules import ids
from services.rules.admission import Admitted, admit

Agent = Annotated[Actor, signed_in(Role.AGENT, Role.SUPERVISOR, limited=False)]


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
        responses={202: {"model": ReportAccepted, "description": "Taken; the outcome will be at `Location`"}},
        openapi_extra=takes(ReportBody),
    )
    return router


async def submit(api: TheApi, actor: Agent, request: Request, idempotency_key: IdempotencyKey = None) -> Response:
    """Report an incident. The same key and body again give the same answer, however the first try ended."""
    key = read_key(idempotency_key)
    if key is None:
        raise Problem(Code.IDEMPOTENCY_KEY_REQUIRED)
    raw, admitted = await _admitted(api, request)
    unknown = unknown_in_report(parse_strictly(raw), admitted.body, api.catalogue.incidents)
    coming = await coming_of(api, admitted, actor, report_id=ids.derived("report", actor.id, key))
    if coming.page.band is not Band.P0:
        throttle(api, actor.id)  # a P0 is never throttled
    answered = await take(api, coming)
    if answered is not None:
        return _created(ReportAnswer.model_validate_json(answered))
    try:
        return await _send(api, coming, unknown)
    except Problem as problem:
        raise _with_key(problem, coming, key) from None


async def _admitted(api: Api, request: Request) -> tuple[bytes, Admitted]:
    try:
        raw = await raw_body(request)
        admitted = admit(raw, sender=None, at=api.now(), catalogue=api.catalogue)
    except EnvelopeError as refused:
        api.metrics.rejected.labels(CHANNEL, refused.reason).inc()
        raise problem_of(refused) from None
    except Problem as problem:
        api.metrics.rejected.labels(CHANNEL, problem.code).inc()
        raise
    return raw, admitted


async def _send(api: Api, coming: Coming, unknown: tuple[str, ...]) -> Response:
    report = coming.report
    case = await send(api, coming)
    if case is None:
        return _accepted(coming, unknown)
    advice = first_minutes.of_case(case, report.body, coming.household, releases=api.releases)
    answer = report_answer(case, advice, unknown)
    await api.notebook.answered(report.report_id, answer.model_dump_json(exclude_none=True).encode())
    return _created(answer)


def _with_key(problem: Problem, coming: Coming, key: str) -> Problem:
    """A 503 repeats the key, and for a P0 names the page that goes out instead."""
    if problem.code is not Code.BUS_UNAVAILABLE:
        return problem
    extra = {"idempotency_key": key, "page_id": coming.page.page_id if coming.pages else None}
    return Problem(problem.code, headers=problem.headers, extra=extra)


def _accepted(coming: Coming, unknown: tuple[str, ...]) -> Response:
    """202: where the outcome will be, and what can be done meanwhile."""
    report = coming.report
    advice = first_minutes.of_report(report.body, coming.decision, coming.household, catalogue=coming.catalogue)
    body = report_accepted(report.report_id, advice, unknown).model_dump(mode="json", exclude_none=True)
    return JSONResponse(body, 202, headers={"Location": f"/v1/commands/{report.report_id}"})


def _created(answer: ReportAnswer) -> Response:
    headers = {"Location": f"/v1/cases/{answer.case_id}", "ETag": etag(answer.version)}
    return JSONResponse(answer.model_dump(mode="json", exclude_none=True), 201, headers=headers)
