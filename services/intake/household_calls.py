"""Households: read, replace whole under the version read, find."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from schemas.base import Actor
from schemas.commands import HouseholdPut
from schemas.households import HouseholdBody, HouseholdRecord
from schemas.words import Role
from services.intake import case_queries, queries
from services.intake.answering import TAKEN, answered
from services.intake.asks import HouseholdSearch
from services.intake.bodies import body_of, takes
from services.intake.calling import (
    IdempotencyKey,
    IfMatch,
    IfNoneMatch,
    TheApi,
    command_id,
    etag,
    required_version,
    signed_in,
)
from services.intake.commanding import case_command
from services.intake.desk_views import HouseholdList, HouseholdView
from services.intake.problems import Code, Problem
from services.intake.views import Done
from services.rules.ids import HOUSEHOLD_ID

Reader = Annotated[Actor, Depends(signed_in(Role.AGENT, Role.SUPERVISOR))]
HouseholdId = Annotated[
    str, Path(pattern=f"^{HOUSEHOLD_ID}$", description="a UUID in lower case, chosen by whoever puts it first")
]


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
    add(one, put, methods=["PUT"], response_model=Done, responses=TAKEN, openapi_extra=takes(HouseholdBody))
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
    """Replaces a household whole; `If-None-Match: *` (or `If-Match: "0"`) makes a new one."""
    command = HouseholdPut(
        command_id=command_id(api, actor, idempotency_key, "household", household_id),
        actor=actor,
        received_at=api.now(),
        expected_version=required_version(if_match, if_none_match),
        household_id=household_id,
        body=body,
    )
    return await answered(api, command, case_command("household_put", command, household_id), body=body)


def _view(record: HouseholdRecord) -> HouseholdView:
    return HouseholdView(
        household_id=record.household_id, version=record.version, changed_at=record.changed_at, household=record.body
    )
