"""Households: read, replace whole under the version read, find; what they are entitled to."""

import re
from contextlib import suppress
from datetime import date
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from schemas.base import Actor
from schemas.commands import HouseholdPut
from schemas.households import HouseholdBody, HouseholdRecord
from schemas.words import Role
from services.intake import case_queries, queries
from services.intake.answering import answered, deeds
from services.intake.asks import HouseholdSearch, Uuid
from services.intake.bodies import body_of, takes
from services.intake.calling import (
    IdempotencyKey,
    IfMatch,
    IfNoneMatch,
    TheApi,
    command_id,
    etag,
    put_version,
    signed_in,
)
from services.intake.commanding import case_command
from services.intake.desk_views import HouseholdList, HouseholdView
from services.intake.entitlement_views import EntitlementsView, entitlements_view
from services.intake.household_faults import faults
from services.intake.problems import Code, Problem, wrong_fields

Reader = Annotated[Actor, signed_in(Role.AGENT, Role.SUPERVISOR)]
HouseholdId = Annotated[Uuid, Path(description="a UUID in lower case, chosen by whoever puts it first")]


def _day(value: object) -> date:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        with suppress(ValueError):
            return date.fromisoformat(value)
    raise PydanticCustomError("no_day", "a day is YYYY-MM-DD")


Day = Annotated[date, BeforeValidator(_day), Query(description="YYYY-MM-DD; today when left out")]


def routes() -> APIRouter:
    """The calls of this module."""
    router = APIRouter(tags=["households"])
    add = partial(router.add_api_route, response_model_exclude_none=True)
    one = "/v1/households/{household_id}"
    add(
        "/v1/households:search",
        search,
        methods=["POST"],
        response_model=HouseholdList,
        openapi_extra=takes(HouseholdSearch),
    )
    add(one, read, methods=["GET"], response_model=HouseholdView)
    deeds(router)(one, put, methods=["PUT"], openapi_extra=takes(HouseholdBody))
    add(one + "/entitlements", entitled, methods=["GET"], response_model=EntitlementsView)
    return router


async def search(
    api: TheApi, _: Reader, asked: Annotated[HouseholdSearch, Depends(body_of(HouseholdSearch))]
) -> HouseholdList:
    """Households by a partner's reference or by name; what is sought travels in the body, never in a URL."""
    if asked.reference is None and asked.name is None:
        raise Problem(Code.WRONG_TYPE, "search by reference or name")
    found, following = await api.model.ask(case_queries.households(asked))
    return HouseholdList(households=tuple(_view(one) for one in found), next=following)


async def read(api: TheApi, _: Reader, household_id: HouseholdId, response: Response) -> HouseholdView:
    """A household as last put; its ETag is what PUT needs."""
    found = await api.model.ask(queries.household(household_id))
    if found is None:
        raise Problem(Code.NOT_FOUND)
    response.headers["ETag"] = etag(found.version)
    return _view(found)


async def put(  # noqa: PLR0917 - FastAPI fills them by name
    api: TheApi,
    actor: Reader,
    household_id: HouseholdId,
    body: Annotated[HouseholdBody, Depends(body_of(HouseholdBody))],
    if_match: IfMatch = None,
    if_none_match: IfNoneMatch = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Replaces a household whole; `If-None-Match: *` (or `If-Match: "0"`) makes a new one. A field, day, relation or
    programme that does not exist is refused; a word that the household has already is kept."""
    known = await api.model.ask(queries.household(household_id))
    catalogue = await api.catalogue_for(household_id)
    wrong = list(faults(body, known.body if known else None, catalogue.programmes))
    if wrong:
        raise wrong_fields(wrong)
    command = HouseholdPut(
        command_id=command_id(api, actor, idempotency_key, "household", household_id),
        actor=actor,
        received_at=api.now(),
        expected_version=put_version(if_match, if_none_match),
        household_id=household_id,
        body=body,
    )
    return await answered(api, command, case_command("household_put", command, household_id), body=body)


async def entitled(api: TheApi, _: Reader, household_id: HouseholdId, at: Day | None = None) -> EntitlementsView:
    """What the household is entitled to on a day, across everything it holds. Amounts are what contracts say, not promises."""
    found = await api.model.ask(queries.household(household_id))
    if found is None:
        raise Problem(Code.NOT_FOUND)
    catalogue = await api.catalogue_for(household_id)
    today = api.now().astimezone(catalogue.programmes.clock_zone).date()
    return entitlements_view(found, at=at or today, catalogue=catalogue)


def _view(record: HouseholdRecord) -> HouseholdView:
    return HouseholdView(
        household_id=record.household_id, version=record.version, changed_at=record.changed_at, household=record.body
    )
