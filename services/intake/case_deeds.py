"""What agents and supervisors do to a case: each call is one command, judged by the router and answered with its outcome."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from schemas import case_commands as commands
from schemas.base import Actor
from schemas.cases import CaseRecord
from schemas.commands import CaseCommand, CaseRaise
from schemas.words import Refusal, Role
from services.intake import case_asks as asks
from services.intake import queries
from services.intake.answering import answered, deeds
from services.intake.asks import Ask, Raise
from services.intake.bodies import body_of, takes, told_in
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
from services.intake.closed_bodies import unknown_in_report
from services.intake.commanding import case_command
from services.intake.problems import Code, FieldError, Problem
from services.rules.detection import with_signals
from services.rules.lowering import may_close

Doer = Annotated[Actor, signed_in(Role.AGENT, Role.SUPERVISOR)]
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
    """Who may close a safety signal is judged as the router judges it, and refused in words. What says nothing is a mistake."""
    incidents = asking.api.catalogue.incidents
    for signal in said.closed_signals:
        refused = may_close(signal, asking.actor.role, said.reason, incidents=incidents)
        if refused is Refusal.NOT_ELIGIBLE:
            raise Problem(Code.FORBIDDEN, f"{signal} is closed by: {', '.join(incidents.signals[signal].closed_by)}")
        if refused is not None:
            raise _wrong("a reason is needed to close a signal", "#/reason")
    if said == asks.Update(reason=said.reason):
        raise _wrong("says nothing that is known here", "#")
    facts, detected = with_signals(said.facts)
    return await _as_said(asking, said) | {"facts": facts, "detected": detected}


async def _split(asking: Asking, said: asks.Split) -> Fields:
    known = asking.api.catalogue.incidents.codes
    if said.code not in known:
        raise _wrong("no such incident code", "#/code")
    for number, code in enumerate(said.secondary_codes):
        if code not in known:
            raise _wrong("no such incident code", f"#/secondary_codes/{number}")
    return await _as_said(asking, said)


async def _merge(asking: Asking, said: asks.Merge) -> Fields:
    other = await _other(asking, said.into_case_id, said.other_code_word, "#/into_case_id")
    return {"into_case_id": other.case_id, "into_household_id": other.household_id, "reason": said.reason}


async def _link(asking: Asking, said: asks.Link) -> Fields:
    other = await _other(asking, said.other_case_id, said.other_code_word, "#/other_case_id")
    named = {"other_case_id": other.case_id, "other_household_id": other.household_id}
    return named | {"kind": said.kind, "reason": said.reason}


async def _other(asking: Asking, case_id: str, code_word: str | None, pointer: str) -> CaseRecord:
    """The other case of a merge or link, by its own code word or else the one both share; which of the two is missing is said,
    not why."""
    try:
        return await find_case(asking.api, asking.actor, case_id, code_word or asking.code_word)
    except Problem as problem:
        raise Problem(
            problem.code, errors=[FieldError(detail="no such case, or not for you", pointer=pointer)]
        ) from None


async def _place(asking: Asking, said: asks.Place) -> Fields:
    if await asking.api.model.ask(queries.household(said.household_id)) is None:
        raise Problem(Code.NOT_FOUND, errors=[FieldError(detail="no such household", pointer="#/household_id")])
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
    add = deeds(router)
    for verb, deed in DEEDS.items():
        path = f"/v1/cases/{{case_id}}:{verb}"
        add(path, _call(verb, deed), name=f"{verb}_case", openapi_extra=takes(deed.takes))
    return router


def _call(verb: str, deed: Deed) -> Call:
    async def call(  # noqa: PLR0917 - FastAPI fills them by name
        request: Request,
        api: TheApi,
        actor: Doer,
        case_id: str,
        said: Annotated[Ask, Depends(body_of(deed.takes))],
        idempotency_key: IdempotencyKey = None,
        if_match: IfMatch = None,
        code_word: CodeWord = None,
    ) -> Response:
        version = required_version(if_match) if deed.guarded else expected_version(if_match)
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
        send = case_command(verb, command, case.household_id)
        return await answered(api, command, send, body=said, unknown=_unknown(request, api, said))

    call.__doc__ = deed.summary
    return call


def _unknown(request: Request, api: Api, said: Ask) -> tuple[str, ...]:
    """Where an update's facts, which are read as tolerantly as a report, name what nobody here knows."""
    if not isinstance(said, asks.Update):
        return ()
    facts = told_in(request).get("facts")
    return unknown_in_report(facts, said.facts, api.catalogue.incidents, place="#/facts")


def _wrong(detail: str, pointer: str) -> Problem:
    return Problem(Code.WRONG_TYPE, errors=[FieldError(detail=detail, pointer=pointer)])
