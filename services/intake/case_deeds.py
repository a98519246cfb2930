"""What agents and supervisors do to a case: each call is one command, judged by the router and answered with its outcome."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from schemas import case_commands as commands
from schemas.base import Actor
from schemas.cases import CaseRecord
from schemas.commands import CaseCommand, CaseRaise
from schemas.words import Role
from services.intake import case_asks as asks
from services.intake import queries
from services.intake.answering import TAKEN, answered
from services.intake.asks import Ask, Raise
from services.intake.bodies import body_of, takes
from services.intake.calling import (
    Api,
    IdempotencyKey,
    IfMatch,
    TheApi,
    command_id,
    expected_version,
    required_version,
    signed_in,
)
from services.intake.case_access import CodeWord, find_case
from services.intake.commanding import case_command
from services.intake.problems import Code, FieldError, Problem
from services.intake.views import Done
from services.rules.detection import with_signals

Doer = Annotated[Actor, Depends(signed_in(Role.AGENT, Role.SUPERVISOR))]
Call = Callable[..., Awaitable[Response]]
Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asking:
    """A deed being asked for: by whom, of which case, and the code word they gave."""

    api: Api
    actor: Actor
    case: CaseRecord
    code_word: str | None


async def _as_said(_: Asking, said: Ask) -> Fields:
    return {name: getattr(said, name) for name in type(said).model_fields}


async def _update(asking: Asking, said: asks.Update) -> Fields:
    """Who may close a safety signal is data: refused here by role, and by the router."""
    signals = asking.api.catalogue.incidents.signals
    if any(asking.actor.role not in signals[signal].closed_by for signal in said.closed_signals):
        raise Problem(Code.FORBIDDEN)
    if said.closed_signals and said.reason is None:
        raise _wrong("a reason is needed to close a signal", "#/reason")
    facts, detected = with_signals(said.facts)
    return await _as_said(asking, said) | {"facts": facts, "detected": detected}


async def _split(asking: Asking, said: asks.Split) -> Fields:
    if said.code not in asking.api.catalogue.incidents.codes:
        raise _wrong("no such incident code", "#/code")
    return await _as_said(asking, said)


async def _merge(asking: Asking, said: asks.Merge) -> Fields:
    other = await find_case(asking.api, asking.actor, said.into_case_id, asking.code_word)
    return {"into_case_id": other.case_id, "into_household_id": other.household_id, "reason": said.reason}


async def _link(asking: Asking, said: asks.Link) -> Fields:
    other = await find_case(asking.api, asking.actor, said.other_case_id, asking.code_word)
    named = {"other_case_id": other.case_id, "other_household_id": other.household_id}
    return named | {"kind": said.kind, "reason": said.reason}


async def _place(asking: Asking, said: asks.Place) -> Fields:
    if await asking.api.model.ask(queries.household(said.household_id)) is None:
        raise Problem(Code.NOT_FOUND)
    return {"real_household_id": said.household_id}


@dataclass(frozen=True, slots=True)
class Deed:
    """One call: what it takes, the command it becomes, and whether its author must name the version they saw."""

    takes: type[Ask]
    command: type[CaseCommand]
    summary: str
    fields: Callable[..., Awaitable[Fields]] = _as_said
    guarded: bool = False


DEEDS = {
    "update": Deed(asks.Update, commands.CaseUpdate, "Tells what became known; band, coverage and tracks follow.", _update),
    "raise": Deed(Raise, CaseRaise, "Raises the band; never refused for a stale version."),
    "lower": Deed(asks.Lower, commands.CaseLower, "Lowers the band while no safety signal is open.", guarded=True),
    "close": Deed(asks.Close, commands.CaseClose, "Ends a case.", guarded=True),
    "reopen": Deed(asks.Reopen, commands.CaseReopen, "Takes an ended case up again."),
    "merge": Deed(asks.Merge, commands.CaseMerge, "Lets a case go on in another of its household.", _merge, guarded=True),
    "split": Deed(asks.Split, commands.CaseSplit, "Makes part of a case a case of its own.", _split, guarded=True),
    "link": Deed(asks.Link, commands.CaseLink, "Says how two cases of a household have to do with each other.", _link),
    "reroute": Deed(asks.Reroute, commands.CaseReroute, "Sends a track to another region's desk."),
    "place": Deed(asks.Place, commands.CasePlace, "Says whose case a caller's is whom nobody could place.", _place),
}  # fmt: skip


def routes() -> APIRouter:
    """The calls of this module."""
    router = APIRouter(tags=["cases"])
    add = partial(
        router.add_api_route, methods=["POST"], response_model=Done, responses=TAKEN, response_model_exclude_none=True
    )
    for verb, deed in DEEDS.items():
        path = f"/v1/cases/{{case_id}}:{verb}"
        add(path, _call(verb, deed), name=f"{verb}_case", openapi_extra=takes(deed.takes))
    return router


def _call(verb: str, deed: Deed) -> Call:
    async def call(  # noqa: PLR0917 - FastAPI fills them by name
        api: TheApi,
        actor: Doer,
        case_id: str,
        said: Annotated[Ask, Depends(body_of(deed.takes))],
        idempotency_key: IdempotencyKey = None,
        if_match: IfMatch = None,
        code_word: CodeWord = None,
    ) -> Response:
        version = required_version(if_match, None) if deed.guarded else expected_version(if_match)
        case = await find_case(api, actor, case_id, code_word)
        fields = await deed.fields(Asking(api, actor, case, code_word), said)
        command = deed.command.model_validate(
            {
                "command_id": command_id(api, actor, idempotency_key, verb, case_id),
                "actor": actor,
                "received_at": api.now(),
                "expected_version": version,
                "household_id": case.household_id,
                "case_id": case_id,
                **fields,
            }
        )
        return await answered(api, command, case_command(verb, command, case.household_id), body=said)

    call.__doc__ = deed.summary
    return call


def _wrong(detail: str, pointer: str) -> Problem:
    return Problem(Code.WRONG_TYPE, errors=[FieldError(detail=detail, pointer=pointer)])
