"""Rotas: who works when, who is on duty, what nobody covers, how good it is. Each change is one command to its desk."""

from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from schemas.base import Actor
from schemas.commands import DeskCommand
from schemas.envelope import rfc3339
from schemas.rota_commands import RotaLeave, RotaOverride, RotaPut
from schemas.rotas import YEARS, Layer, Leave, Override, RotaRecord
from services.intake import rota_queries
from services.intake.answering import answered, deeds
from services.intake.asks import Ask, Instant
from services.intake.at_desk import NOBODY, AtDesk, known_desk, people_of, see_desk
from services.intake.bodies import body_of, takes
from services.intake.calling import (
    Api,
    IdempotencyKey,
    IfMatch,
    IfNoneMatch,
    Supervisor,
    TheApi,
    command_id,
    etag,
    put_version,
)
from services.intake.commanding import desk_command
from services.intake.problems import Code, FieldError, Problem, wrong_fields
from services.intake.rota_asks import LeaveSaid, OverrideSaid, RotaBody
from services.intake.rota_views import (
    Coverage,
    OnDuty,
    QualityView,
    RotaView,
    coverage_of,
    desk_on_duty,
    quality_view,
    rota_view,
)
from services.rules.desks_of import desks_of
from services.rules.rota import spans
from services.rules.rota_quality import quality_of

At = Annotated[Instant | None, Query(description="an instant, RFC 3339; now unless given")]
OneDesk = Annotated[str | None, Query(description="this desk alone; every desk unless given")]
FARTHEST = timedelta(days=366)


def routes() -> APIRouter:
    """The calls of this module."""
    router = APIRouter(tags=["rotas"])
    add = partial(router.add_api_route, response_model_exclude_none=True)
    change = deeds(router)
    rota = "/v1/desks/{desk_id}/rota"
    add(rota, read, methods=["GET"], response_model=RotaView)
    change(rota, put, methods=["PUT"], openapi_extra=takes(RotaBody))
    for where, ask, made, dropped in (
        ("overrides", OverrideSaid, override, no_override),
        ("leave", LeaveSaid, leave, no_leave),
    ):
        change(f"{rota}/{where}", made, status_code=201, openapi_extra=takes(ask))
        change(f"{rota}/{where}/{{change_id}}", dropped, methods=["DELETE"])
    add(f"{rota}/quality", quality, methods=["GET"], response_model=QualityView)
    add("/v1/on-duty", on_duty, methods=["GET"], response_model=OnDuty)
    add("/v1/coverage", coverage, methods=["GET"], response_model=Coverage)
    return router


async def read(api: TheApi, actor: AtDesk, desk_id: str, response: Response) -> RotaView:
    """A desk's rota, to supervisors and to who works there; its ETag is what PUT needs."""
    await see_desk(api, actor, desk_id)
    found = await api.model.ask(rota_queries.rota(desk_id))
    if found is None:
        raise Problem(Code.NOT_FOUND, "this desk has no rota yet")
    response.headers["ETag"] = etag(found.version)
    return rota_view(found)


async def put(  # noqa: PLR0917 - FastAPI fills them by name
    api: TheApi,
    actor: Supervisor,
    desk_id: str,
    body: Annotated[RotaBody, Depends(body_of(RotaBody))],
    if_match: IfMatch = None,
    if_none_match: IfNoneMatch = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Replaces a desk's layers; `If-None-Match: *` (or `If-Match: "0"`) makes its first rota. Overrides, swaps and leave stay."""
    known = await people_of(api, desk_id)
    if wrong := list(strangers(body.layers, known)):
        raise wrong_fields(wrong)
    version = put_version(if_match, if_none_match)
    command = new_layers(api, actor, idempotency_key, desk_id, layers=body.layers, version=version)
    return await send(api, "rota_put", command, body=body)


async def override(
    api: TheApi,
    actor: Supervisor,
    desk_id: str,
    said: Annotated[OverrideSaid, Depends(body_of(OverrideSaid))],
    *,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Somebody of the desk works instead of somebody else, or of whoever it is. The id of the override is the command's."""
    await people_of(api, desk_id, said.who)
    about = _about(api, actor, desk_id, idempotency_key, "override")
    made = Override.model_validate({"override_id": about["command_id"], **said.model_dump()})
    return await send(
        api, "rota_override", RotaOverride(**about, override_id=made.override_id, override=made), body=said
    )


async def no_override(api: TheApi, actor: Supervisor, desk_id: str, change_id: str) -> Response:
    """Takes an override back."""
    await people_of(api, desk_id)
    about = _about(api, actor, desk_id, None)
    return await send(api, "rota_override", RotaOverride(**about, override_id=change_id, cancel=True))


async def leave(
    api: TheApi,
    actor: Supervisor,
    desk_id: str,
    said: Annotated[LeaveSaid, Depends(body_of(LeaveSaid))],
    *,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Somebody of the desk is not there, whatever the rota says. The id of the leave is the command's."""
    await people_of(api, desk_id, said.responder_id)
    about = _about(api, actor, desk_id, idempotency_key, "leave")
    made = Leave.model_validate({"leave_id": about["command_id"], **said.model_dump()})
    return await send(api, "rota_leave", RotaLeave(**about, leave_id=made.leave_id, leave=made), body=said)


async def no_leave(api: TheApi, actor: Supervisor, desk_id: str, change_id: str) -> Response:
    """Takes somebody's leave back."""
    await people_of(api, desk_id)
    about = _about(api, actor, desk_id, None)
    return await send(api, "rota_leave", RotaLeave(**about, leave_id=change_id, cancel=True))


async def quality(api: TheApi, _: Supervisor, desk_id: str, *, begins: At = None, ends: At = None) -> QualityView:
    """How good a desk's rota is: what nobody covers, how evenly hours are shared, who works too long or rests too little."""
    known = await people_of(api, desk_id)
    rota = await api.model.ask(rota_queries.rota(desk_id)) or RotaRecord(desk_id=desk_id, version=0)
    start = begins or api.now()
    end = ends or start + api.catalogue.work.ahead.look
    if not start < end <= start + FARTHEST or start.year not in YEARS:
        raise wrong_fields([FieldError(detail="must be later, within a year", pointer="#/query/ends")])
    people = {who for layer in rota.layers for who in layer.people} & known
    judged = quality_of(spans(rota, start, end), people, api.catalogue.work.humane, begins=start, ends=end)
    return quality_view(desk_id, judged, begins=start, ends=end)


async def on_duty(api: TheApi, _: Supervisor, *, at: At = None, desk_id: OneDesk = None) -> OnDuty:
    """Who is on duty at every desk or at one, now or at another instant; a seat nobody sits on says why."""
    now = api.now()
    moment = at or now
    if abs(moment - now) > FARTHEST:
        raise wrong_fields([FieldError(detail="must be within a year", pointer="#/query/at")])
    found = []
    for one in asked_for(api, desk_id):
        rota, roster = await api.model.ask(rota_queries.rota(one)), await api.model.ask(rota_queries.roster(one))
        found.append(desk_on_duty(one, rota, roster, moment, now=at is None))
    return OnDuty(at=moment, desks=tuple(found))


async def coverage(api: TheApi, _: Supervisor, *, until: At = None, desk_id: OneDesk = None) -> Coverage:
    """What nobody is able to take, by skill, language and clearance, from now until an instant (as far as desks look ahead)."""
    now = api.now()
    farthest = now + api.catalogue.work.ahead.look
    end = min(until or farthest, farthest)
    gaps = await api.model.ask(rota_queries.gaps(rfc3339(end)))
    desks = []
    for one in asked_for(api, desk_id):
        rota = await api.model.ask(rota_queries.rota(one))
        desks.append(coverage_of(one, rota, gaps, api.catalogue, now=now))
    return Coverage(until=end, desks=tuple(desks))


# --------------------------------------------------------------------------------------------------- what calls share
def asked_for(api: Api, desk_id: str | None) -> Iterable[str]:
    """Every desk, or one. Raises `Problem` (404)."""
    if desk_id is None:
        return desks_of(api.catalogue)
    known_desk(api, desk_id)
    return (desk_id,)


def strangers(layers: tuple[Layer, ...], known: frozenset[str]) -> list[FieldError]:
    """People in layers whom the desk's roster does not know: a typing error would be a gap."""
    return [
        FieldError(detail=NOBODY, pointer=f"#/layers/{number}/people/{place}")
        for number, layer in enumerate(layers)
        for place, who in enumerate(layer.people)
        if who not in known
    ]


def new_layers(
    api: Api, actor: Actor, key: str | None, desk_id: str, *, layers: tuple[Layer, ...], version: int
) -> RotaPut:
    """The command that replaces a desk's layers."""
    about = _about(api, actor, desk_id, key, "rota")
    return RotaPut(**about, expected_version=version, layers=layers)


def _about(api: Api, actor: Actor, desk_id: str, key: str | None, *what: str) -> dict[str, Any]:
    made = command_id(api, actor, key, *what, desk_id)
    return {"command_id": made, "actor": actor, "received_at": api.now(), "desk_id": desk_id}


async def send(api: Api, verb: str, command: DeskCommand, *, body: Ask | None = None) -> Response:
    """A command to a desk, and its answer."""
    status = 201 if body is not None and verb in {"rota_override", "rota_leave", "rota_swap"} else 200
    return await answered(api, command, desk_command(verb, command, key=command.desk_id), body=body, status=status)
