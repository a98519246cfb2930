"""How people are reached: contact methods proved by a code said back, drills."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from schemas.commands import DrillStart, MethodVerified, MethodVerify, NoticeSeen
from services.intake.answering import answered, deeds
from services.intake.asks import DrillAnswer, DrillOf, SaidBack
from services.intake.at_desk import IN_NO_ROSTER, known_desk, somebody
from services.intake.bodies import body_of, takes
from services.intake.calling import IdempotencyKey, Responder, Supervisor, TheApi, command_id
from services.intake.commanding import desk_command
from services.intake.problems import Code, FieldError, Problem, wrong_fields
from services.intake.reach_queries import drill
from services.intake.reach_views import DrillView, MethodList, drill_view, methods_view
from services.rules import ids
from services.rules.codes import is_spoken

Place = Annotated[int, Path(ge=0, le=7, description="its place in your roster entry, from 0")]
NOT_SENT = "no code is on its way over this method"
NOT_THAT = "not the code that was sent over this method"


def routes() -> APIRouter:
    """The calls of this module."""
    router = APIRouter(tags=["reach"])
    see = partial(router.add_api_route, methods=["GET"], response_model_exclude_none=True)
    tell = deeds(router)
    mine, drills = "/v1/me/methods", "/v1/desks/{desk_id}/drills"
    see(mine, methods, response_model=MethodList)
    tell(mine + "/{method}:verify", verify)
    tell(mine + "/{method}:confirm", confirm, openapi_extra=takes(SaidBack))
    tell("/v1/me/drills/{drill_id}:answer", answer_drill, openapi_extra=takes(DrillAnswer))
    tell(drills, start_drill, status_code=201, openapi_extra=takes(DrillOf, optional=True))
    see(drills + "/{drill_id}", read_drill, response_model=DrillView)
    return router


async def methods(api: TheApi, actor: Responder) -> MethodList:
    """My contact methods, and which of them are proved to be mine."""
    return methods_view(await somebody(api, actor.id, IN_NO_ROSTER))


async def verify(api: TheApi, actor: Responder, method: Place, idempotency_key: IdempotencyKey = None) -> Response:
    """Has a code sent over one of my contact methods, good for 15 minutes; asked again within 30 seconds, none is sent."""
    record = await somebody(api, actor.id, IN_NO_ROSTER)
    command = MethodVerify(
        command_id=command_id(api, actor, idempotency_key, "verify", str(method)),
        actor=actor,
        received_at=api.now(),
        desk_id=record.entry.desk_id,
        responder_id=actor.id,
        method=method,
    )
    return await answered(api, command, desk_command("verify_method", command, key=actor.id))


async def confirm(
    api: TheApi, actor: Responder, method: Place, said: Annotated[SaidBack, Depends(body_of(SaidBack))]
) -> Response:
    """Says back the code that came over one of my contact methods: from now on I am reached by it."""
    record = await somebody(api, actor.id, IN_NO_ROSTER)
    sent = next((one for one in record.verifying if one.method == method), None)
    secret = api.settings.link_secret
    if sent is None or secret is None:
        raise Problem(Code.WRONG_STATE, NOT_SENT)
    if not is_spoken(secret.get_secret_value().encode(), sent.notice_id, said.code):
        raise wrong_fields([FieldError(detail=NOT_THAT, pointer="#/code")])
    command = MethodVerified(
        command_id=ids.derived("method-verified", sent.notice_id),
        actor=actor,
        received_at=api.now(),
        desk_id=record.entry.desk_id,
        responder_id=actor.id,
        method=method,
        notice_id=sent.notice_id,
    )
    return await answered(api, command, desk_command("method_verified", command, key=actor.id))


async def answer_drill(
    api: TheApi, actor: Responder, drill_id: str, said: Annotated[DrillAnswer, Depends(body_of(DrillAnswer))]
) -> Response:
    """Answers a drill whose notice came over this contact method of mine."""
    found = await api.model.ask(drill(drill_id))
    if found is None:
        raise Problem(Code.NOT_FOUND)
    command = NoticeSeen(
        command_id=ids.derived("drill-answer", drill_id, actor.id, said.method),
        actor=actor,
        received_at=api.now(),
        desk_id=found.drill.desk_id,
        responder_id=actor.id,
        notice_id=ids.drill_notice_id(drill_id, actor.id, said.method),
        track_id=drill_id,
        method=said.method,
    )
    return await answered(api, command, desk_command("seen", command, key=drill_id), body=said)


async def start_drill(  # noqa: PLR0917 - FastAPI fills them by name
    api: TheApi,
    actor: Supervisor,
    desk_id: str,
    said: Annotated[DrillOf, Depends(body_of(DrillOf, optional=True))],
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Tries every verified contact method of everybody of a desk, or of one responder. It pages nobody and counts nowhere."""
    known_desk(api, desk_id)
    asked = command_id(api, actor, idempotency_key, "drill", desk_id)
    command = DrillStart(
        command_id=asked,
        actor=actor,
        received_at=api.now(),
        desk_id=desk_id,
        drill_id=ids.derived("drill", asked),
        responder_id=said.responder_id,
    )
    send = desk_command("drill", command, key=command.drill_id)
    return await answered(api, command, send, body=said, status=201)


async def read_drill(api: TheApi, _: Supervisor, desk_id: str, drill_id: str) -> DrillView:
    """Who answered a drill, and who did not; kept 90 days."""
    found = await api.model.ask(drill(drill_id))
    if found is None or found.drill.desk_id != desk_id:
        raise Problem(Code.NOT_FOUND)
    return drill_view(found)
