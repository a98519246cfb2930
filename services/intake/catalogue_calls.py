"""The catalogue: which release decides where, what is in it, and the choice of another one."""

import asyncio
import time
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import JSONResponse

from schemas import topics
from schemas.active_release import CHOICE_KEY, CatalogueChoose
from schemas.base import Actor
from schemas.topics import Sizing
from schemas.words import Pillar, Role
from services.intake import releases_shown
from services.intake.answering import answered, deeds
from services.intake.asks import ReleaseChoice
from services.intake.bodies import body_of, takes
from services.intake.calling import Api, IdempotencyKey, IfMatch, TheApi, command_id, etag, required_version, signed_in
from services.intake.commander import ANSWER_SECONDS
from services.intake.commanding import case_command
from services.intake.folding_releases import subject_of
from services.intake.problems import Code, Problem
from services.intake.releases_shown import CatalogueState
from services.intake.views import Accepted
from services.runtime.partitioning import key_of_each_partition

Reader = Annotated[Actor, signed_in(Role.AGENT, Role.SUPERVISOR, Role.OPERATOR)]
Chooser = Annotated[Actor, signed_in(Role.SUPERVISOR, Role.OPERATOR)]
Release = Annotated[str | None, Query(pattern="^[0-9a-f]{16}$", description="another release than the active one")]


def routes() -> APIRouter:
    """The calls of this module."""
    router = APIRouter(tags=["catalogue"])
    router.add_api_route("/v1/catalogue", catalogue, methods=["GET"], response_model=dict[str, Any])
    deeds(router)("/v1/catalogue/active", choose, methods=["PUT"], openapi_extra=takes(ReleaseChoice))
    return router


async def catalogue(api: TheApi, _: Reader, response: Response, *, release: Release = None) -> dict[str, Any]:
    """The active release (or the one asked for), where it decides, and which others there are. Its ETag is what PUT needs."""
    state = await _state(api)
    found = api.releases.find(release or state.release)
    if found is None and release is not None:
        raise Problem(Code.NOT_FOUND)
    response.headers["ETag"] = etag(state.number)
    content = (found or api.releases.own).model_dump(mode="json")
    return {**content, "active": state.model_dump(mode="json", exclude_none=True), "releases": api.releases.versions}


async def choose(  # noqa: PLR0917 - FastAPI fills them by name
    api: TheApi,
    actor: Chooser,
    said: Annotated[ReleaseChoice, Depends(body_of(ReleaseChoice))],
    if_match: IfMatch = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Makes a release the active one: each partition switches at one position of its commands; open cases keep theirs.

    200 once every partition has switched; 202 while some have not, with the place that shows which.
    """
    version = required_version(if_match)
    if api.releases.find(said.release) is None:
        raise Problem(Code.UNKNOWN_RELEASE)
    command = CatalogueChoose(
        command_id=command_id(api, actor, idempotency_key, "catalogue"),
        actor=actor,
        received_at=api.now(),
        expected_version=version,
        release=said.release,
        household_keys=key_of_each_partition(CHOICE_KEY, api.settings.partitions(Sizing.HOUSEHOLD)),
        desk_keys=key_of_each_partition(CHOICE_KEY, api.settings.partitions(Sizing.DESK)),
    )
    send = case_command("catalogue_choose", command, CHOICE_KEY)
    taken = await answered(api, command, send, body=said, shown=CHOICE_KEY)
    if taken.status_code != 200 or await _everywhere(api, command.release):
        return taken
    body = Accepted(command_id=command.command_id).model_dump()
    return JSONResponse(body, 202, headers={"Location": "/v1/catalogue"})


async def _state(api: Api) -> CatalogueState:
    return await api.model.ask(releases_shown.state(api.releases.own.version, _places(api)))


def _places(api: Api) -> list[tuple[str, int]]:
    """Every partition that decides by a release: where its record lies."""
    routers = [(topics.ROUTER_STATE.name, one) for one in range(api.settings.partitions(Sizing.HOUSEHOLD))]
    count = range(api.settings.partitions(Sizing.DESK))
    return routers + [(topics.desks(pillar).name, one) for pillar in Pillar for one in count]


async def _everywhere(api: Api, release: str) -> bool:
    """Whether, within the time a caller should wait, every partition has followed the latest choice of this release."""
    until = time.monotonic() + ANSWER_SECONDS
    state = await _state(api)
    if state.release != release:
        return True  # somebody chose again since: this choice is history
    try:
        for place in _places(api):
            with api.waiters.version(subject_of(*place), state.number) as reached:
                if await api.model.ask(releases_shown.number_at(*place)) < state.number:
                    async with asyncio.timeout(max(0.0, until - time.monotonic())):
                        await reached
    except TimeoutError:
        return False
    return True
