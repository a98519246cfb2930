"""How a command's call is answered: 200 with the version that shows it, or 202 with the place where its outcome will be."""

from collections.abc import Callable
from functools import partial
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from schemas.commands import Command
from schemas.outcomes import OutcomeDone, OutcomeRefused
from services.intake.calling import Api, etag
from services.intake.notebook import Request
from services.intake.problems import Code, Problem
from services.intake.refusing import problem_of_outcome
from services.intake.views import Accepted, Done
from services.rules.ids import short_hash
from services.rules.machine import Send

TAKEN: dict[int | str, dict[str, Any]] = {
    202: {"model": Accepted, "description": "Sent; the outcome will be at `Location`"}
}


def deeds(router: APIRouter) -> Callable[..., None]:
    """Adds calls to `router` that are one command each: a POST unless it says otherwise, answered as `answered` does."""
    return partial(
        router.add_api_route, methods=["POST"], response_model=Done, responses=TAKEN, response_model_exclude_none=True
    )


async def answered(
    api: Api,
    command: Command,
    send: Send,
    *,
    body: BaseModel | None = None,
    shown: str | None = None,
    status: int = 200,
    unknown: tuple[str, ...] = (),
) -> Response:
    """Carries a command out. `shown` is where the read model shows it, when that is not the outcome's own subject; `unknown` the
    places of the body that changed nothing.

    Raises `Problem`: the refusal, 422 for an idempotency key used with another body, 503 when the bus takes nothing.
    """
    digest = short_hash(type(command).__name__, body.model_dump_json() if body else "")
    request = Request(command.command_id, digest, None, None)
    noted = await api.notebook.take(request, command.received_at, sender=command.actor.id)
    if noted.digest != digest:
        raise Problem(Code.ID_CONFLICT)
    outcome = await api.commander.ask(command.command_id, send, shown)
    if isinstance(outcome, OutcomeRefused):
        raise problem_of_outcome(command, outcome)
    if outcome is None:
        return pending(command.command_id, unknown)
    return _done(command.command_id, outcome, status, unknown)


def _done(command_id: str, outcome: OutcomeDone, status: int, unknown: tuple[str, ...]) -> Response:
    done = Done(command_id=command_id, subject=outcome.subject, version=outcome.version, unknown_fields=unknown or None)
    told = done.model_dump(mode="json", exclude_none=True)
    return JSONResponse(told, status, headers={"ETag": etag(outcome.version)})


def pending(command_id: str, unknown: tuple[str, ...] = ()) -> Response:
    """202: sent, and not answered in time."""
    body = Accepted(command_id=command_id, unknown_fields=unknown or None).model_dump(mode="json", exclude_none=True)
    return JSONResponse(body, 202, headers={"Location": f"/v1/commands/{command_id}"})
