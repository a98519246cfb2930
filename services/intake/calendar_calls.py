"""Rotas as `text/calendar`, for a desk or a person: the shifts of the last week and the next 60 days, gaps included."""

from datetime import timedelta
from functools import partial
from typing import Any

from fastapi import APIRouter, Response

from schemas.rotas import RotaRecord
from services.intake import rota_queries
from services.intake.at_desk import AtDesk, see_desk, somebody
from services.intake.calling import Api, Responder, Supervisor, TheApi
from services.intake.rota_calendar import calendar_of
from services.rules.rota import Span, spans

CALENDAR = "text/calendar"
BACK, AHEAD = timedelta(days=7), timedelta(days=60)


def routes() -> APIRouter:
    """The calls of this module."""
    router = APIRouter(tags=["calendars"])
    gives: dict[int | str, dict[str, Any]] = {200: {"content": {CALENDAR: {"schema": {"type": "string"}}}}}
    see = partial(router.add_api_route, methods=["GET"], response_class=Response, responses=gives)
    see("/v1/desks/{desk_id}/rota.ics", desk_calendar)
    see("/v1/responders/{responder_id}/rota.ics", person_calendar)
    see("/v1/me/rota.ics", my_calendar)
    return router


async def desk_calendar(api: TheApi, actor: AtDesk, desk_id: str) -> Response:
    """A desk's shifts of the last week and the next 60 days, gaps included."""
    await see_desk(api, actor, desk_id)
    return _calendar(api, desk_id, await _shifts(api, desk_id))


async def person_calendar(api: TheApi, _: Supervisor, responder_id: str) -> Response:
    """Somebody's shifts of the last week and the next 60 days."""
    return await _of_person(api, responder_id)


async def my_calendar(api: TheApi, actor: Responder) -> Response:
    """My shifts of the last week and the next 60 days."""
    return await _of_person(api, actor.id)


async def _of_person(api: Api, who: str) -> Response:
    desk_id = (await somebody(api, who)).entry.desk_id
    return _calendar(api, desk_id, [one for one in await _shifts(api, desk_id) if one.who == who])


async def _shifts(api: Api, desk_id: str) -> list[Span]:
    rota = await api.model.ask(rota_queries.rota(desk_id)) or RotaRecord(desk_id=desk_id, version=0)
    return spans(rota, api.now() - BACK, api.now() + AHEAD)


def _calendar(api: Api, desk_id: str, shifts: list[Span]) -> Response:
    return Response(calendar_of(desk_id, shifts, now=api.now()), media_type=CALENDAR)
