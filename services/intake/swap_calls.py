"""Swaps of turns: one responder asks another of their desk, who accepts or declines; it counts from the acceptance on."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from schemas.rota_commands import RotaSwap
from schemas.rotas import Swap, SwapState
from services.intake.answering import deeds
from services.intake.at_desk import people_of, see_desk
from services.intake.bodies import body_of, takes
from services.intake.calling import IdempotencyKey, Responder, TheApi, command_id
from services.intake.rota_asks import SwapSaid
from services.intake.rota_calls import send
from services.rules import ids

ANSWERS: Mapping[str, SwapState] = {
    "accept": SwapState.ACCEPTED,
    "decline": SwapState.DECLINED,
    "withdraw": SwapState.WITHDRAWN,
}


def routes() -> APIRouter:
    """The calls of this module."""
    router = APIRouter(tags=["swaps"])
    add = deeds(router)
    swaps = "/v1/desks/{desk_id}/rota/swaps"
    add(swaps, ask, status_code=201, openapi_extra=takes(SwapSaid))
    for verb in ANSWERS:
        add(f"{swaps}/{{swap_id}}:{verb}", _answer_with(verb), name=f"{verb}_swap")
    return router


async def ask(
    api: TheApi,
    actor: Responder,
    desk_id: str,
    said: Annotated[SwapSaid, Depends(body_of(SwapSaid))],
    *,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Asks somebody of my desk to work instead of me. The id of the swap is the command's."""
    await see_desk(api, actor, desk_id)
    await people_of(api, desk_id, said.asked_of)
    made = command_id(api, actor, idempotency_key, "swap", desk_id)
    swap = Swap.model_validate({"swap_id": made, "asked_by": actor.id, **said.model_dump()})
    command = RotaSwap(
        command_id=made,
        actor=actor,
        received_at=api.now(),
        desk_id=desk_id,
        swap_id=made,
        responder_id=actor.id,
        state=SwapState.ASKED,
        swap=swap,
    )
    return await send(api, "rota_swap", command, body=said)


def _answer_with(verb: str) -> Callable[..., Awaitable[Response]]:
    async def answer(api: TheApi, actor: Responder, desk_id: str, swap_id: str) -> Response:
        await see_desk(api, actor, desk_id)
        command = RotaSwap(
            command_id=ids.derived("swap-command", swap_id, verb, actor.id),
            actor=actor,
            received_at=api.now(),
            desk_id=desk_id,
            swap_id=swap_id,
            responder_id=actor.id,
            state=ANSWERS[verb],
        )
        return await send(api, "rota_swap", command)

    answer.__doc__ = f"{verb.capitalize()} a swap. Saying it twice is saying it once."
    return answer
