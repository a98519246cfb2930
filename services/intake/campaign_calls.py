"""Campaigns: many reports of one attack at once, one case per household; an employer or partner is told counts only."""

import asyncio
import json
from collections import Counter
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from schemas.base import Actor, Id
from schemas.campaigns import Campaign
from schemas.cases import CaseRecord
from schemas.envelope import EnvelopeError, parse_strictly
from schemas.reports import ReportBody
from schemas.words import Band, CaseState, Role
from services.intake import case_queries
from services.intake.asks import Ask
from services.intake.bodies import parse, raw_body, takes
from services.intake.calling import Api, IdempotencyKey, TheApi, read_key, signed_in, throttle
from services.intake.notebook import Request as Taken
from services.intake.problems import Code, FieldError, Problem, problem_of
from services.intake.reporting import CHANNEL, Coming, coming_of, send, take
from services.intake.views import View
from services.rules import ids
from services.rules.admission import Admitted, admit

MOST_REPORTS = 100
Agent = Annotated[Actor, signed_in(Role.AGENT, Role.SUPERVISOR, limited=False)]
Looker = Annotated[Actor, signed_in(Role.AGENT, Role.SUPERVISOR, Role.PARTNER)]


class Bulk(Ask):
    """Reports of one attack. `campaign_id` adds to a known campaign; `sponsor_id`: the organisation that may see its counts."""

    reports: Annotated[tuple[ReportBody, ...], Field(min_length=1, max_length=MOST_REPORTS)]
    campaign_id: Id | None = None
    sponsor_id: Id | None = None


class BulkReport(View):
    """What became of one report, in the order sent; `pending`: its outcome will be at `/v1/commands/{report_id}`."""

    report_id: str
    household_id: str
    state: Literal["done", "pending", "refused"]
    case_id: str | None = None
    band: Band | None = None
    reason: str | None = None


class CampaignAnswer(View):
    """A campaign and its reports."""

    campaign_id: str
    reports: tuple[BulkReport, ...]


class CampaignView(View):
    """How many cases a campaign has; a sponsor is told the number alone, and only of a group large enough."""

    campaign_id: str
    cases: int | None = None
    by_code: dict[str, int] | None = None
    by_band: dict[str, int] | None = None
    by_state: dict[str, int] | None = None


def routes() -> APIRouter:
    """The calls of this module."""
    router = APIRouter(tags=["campaigns"])
    add = partial(router.add_api_route, response_model_exclude_none=True)
    pending: dict[int | str, dict[str, Any]] = {202: {"model": CampaignAnswer, "description": "Some are on their way"}}
    add(
        "/v1/incidents:bulk",
        submit,
        methods=["POST"],
        status_code=201,
        response_model=CampaignAnswer,
        responses=pending,
        openapi_extra=takes(Bulk),
    )
    add("/v1/campaigns/{campaign_id}", read, methods=["GET"], response_model=CampaignView)
    return router


async def submit(api: TheApi, actor: Agent, request: Request, idempotency_key: IdempotencyKey = None) -> Response:
    """Report one attack on many households: every report is admitted, or none is. The same key and body again are the same reports."""
    key = read_key(idempotency_key)
    if key is None:
        raise Problem(Code.IDEMPOTENCY_KEY_REQUIRED)
    raw = await raw_body(request)
    said = parse(raw, Bulk)
    admitted = _admitted(api, parse_strictly(raw)["reports"])
    campaign = await _campaign(api, said, actor, key)
    coming = [
        await coming_of(
            api, one, actor, report_id=ids.derived("report", actor.id, key, "bulk", number), campaign=campaign
        )
        for number, one in enumerate(admitted)
    ]
    if all(one.page.band is not Band.P0 for one in coming):
        throttle(api, actor.id)  # a P0 is never throttled
    await _same_as_before(api, actor, key, raw)
    for one in coming:
        await take(api, one)
    reports = await _send_all(api, coming, key)
    answer = CampaignAnswer(campaign_id=campaign.campaign_id, reports=reports)
    status = 202 if any(one.state == "pending" for one in reports) else 201
    headers = {"Location": f"/v1/campaigns/{campaign.campaign_id}"}
    return JSONResponse(answer.model_dump(mode="json", exclude_none=True), status, headers=headers)


async def read(api: TheApi, actor: Looker, campaign_id: str) -> CampaignView:
    """A campaign's counts, merged cases once. A partner sees those of its own campaigns only."""
    cases = await api.model.ask(case_queries.of_campaign(campaign_id))
    if not cases:
        raise Problem(Code.NOT_FOUND)
    counted = [case for case in cases if case.state is not CaseState.MERGED]
    if actor.role is not Role.PARTNER:
        return CampaignView(
            campaign_id=campaign_id,
            cases=len(counted),
            by_code=Counter(str(case.code) for case in counted),
            by_band=Counter(str(case.band) for case in counted),
            by_state=Counter(str(case.state) for case in counted),
        )
    if all(case.campaign is None or case.campaign.sponsor_id != actor.id for case in cases):
        raise Problem(Code.NOT_FOUND)
    enough = len(counted) >= api.catalogue.cases.smallest_group
    return CampaignView(campaign_id=campaign_id, cases=len(counted) if enough else None)


def _admitted(api: Api, reports: list[Any]) -> list[Admitted]:
    """Each report by the verdict of every other door; the places of what is wrong are inside `reports`."""
    found = []
    for number, one in enumerate(reports):
        try:
            text = json.dumps(one, ensure_ascii=False).encode()
            found.append(admit(text, sender=None, at=api.now(), catalogue=api.catalogue))
        except (EnvelopeError, UnicodeEncodeError) as refused:
            api.metrics.rejected.labels(CHANNEL, getattr(refused, "reason", Code.BROKEN_JSON)).inc()
            raise _inside(refused, number) from None
    return found


def _inside(refused: Exception, number: int) -> Problem:
    if not isinstance(refused, EnvelopeError):
        return Problem(Code.BROKEN_JSON)
    problem = problem_of(refused)
    places = problem.body.errors or [FieldError(detail=problem.body.title, pointer="#")]
    within = [one.model_copy(update={"pointer": f"#/reports/{number}{one.pointer[1:]}"}) for one in places]
    return Problem(problem.code, errors=within)


async def _campaign(api: Api, said: Bulk, actor: Actor, key: str) -> Campaign:
    if said.campaign_id is None:
        return Campaign(campaign_id=ids.derived("campaign", actor.id, key), sponsor_id=said.sponsor_id)
    known = await api.model.ask(case_queries.of_campaign(said.campaign_id))
    first = next((case.campaign for case in known if case.campaign is not None), None)
    if first is None:
        raise Problem(Code.NOT_FOUND)
    return first


async def _same_as_before(api: Api, actor: Actor, key: str, raw: bytes) -> None:
    digest = ids.short_hash(raw.decode("utf-8"))
    request = Taken(ids.derived("bulk", actor.id, key), digest, None, None)
    noted = await api.notebook.take(request, api.now(), sender=actor.id)
    if noted.digest != digest:
        raise Problem(Code.ID_CONFLICT)


async def _send_all(api: Api, coming: list[Coming], key: str) -> tuple[BulkReport, ...]:
    """All at once, so that together they wait no longer than one; a bus that takes nothing makes the whole call a 503."""
    ended = await asyncio.gather(*(send(api, one) for one in coming), return_exceptions=True)
    for one in ended:
        if isinstance(one, Problem) and one.code is Code.BUS_UNAVAILABLE:
            raise Problem(one.code, headers=one.headers, extra={"idempotency_key": key})
        if isinstance(one, BaseException) and not isinstance(one, Problem):
            raise one
    return tuple(_told(each, end) for each, end in zip(coming, ended, strict=True))


def _told(coming: Coming, ended: CaseRecord | BaseException | None) -> BulkReport:
    report = coming.report
    told: dict[str, Any] = {"report_id": report.report_id, "household_id": report.household_id}
    if isinstance(ended, CaseRecord):
        return BulkReport(**told, state="done", case_id=ended.case_id, band=ended.band)
    reason = ended.code if isinstance(ended, Problem) else None
    return BulkReport(**told, state="refused" if reason else "pending", reason=reason)
