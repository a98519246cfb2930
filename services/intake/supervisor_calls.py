"""What supervisors see and decide now: desks, queues, rosters, assignments, pages."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from schemas.base import Actor
from schemas.commands import PageAcknowledge, ResponderPut, TrackAssign
from schemas.desk_records import DeskTrackRecord
from schemas.rosters import RosterEntry
from schemas.rota_commands import PageSeen
from schemas.words import Role
from services.intake import board, queries, responder_queries
from services.intake.answering import answered, deeds
from services.intake.asks import Assign, RosterBody
from services.intake.at_desk import known_desk, somebody
from services.intake.bodies import body_of, takes
from services.intake.calling import (
    Api,
    DryRun,
    IdempotencyKey,
    IfMatch,
    IfNoneMatch,
    Supervisor,
    TheApi,
    command_id,
    etag,
    put_version,
    signed_in,
)
from services.intake.candidates import CandidateList, able_to_take
from services.intake.commanding import case_command, desk_command
from services.intake.desk_views import DeskList, PageList, Queue, ResponderView
from services.intake.problems import Code, FieldError, Problem, wrong_fields
from services.intake.roster_faults import OF_DIGITS, faults, is_of_digits
from services.intake.sessions import caller_at_board
from services.rules import ids
from services.rules.desks_of import desks_of

AtBoard = Annotated[Actor, signed_in(Role.SUPERVISOR, who=caller_at_board)]
OpaqueId = Annotated[
    str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._~-]{0,63}$", description="opaque; never a phone or policy number")
]
Limit = Annotated[int, Query(ge=1, le=200)]
Cursor = Annotated[str | None, Query(max_length=400, description="`next` of the page before")]

OF_LETTER = "a page about a dead letter ends when the letter is replayed or dropped"


def routes() -> APIRouter:
    """The calls of this module."""
    router = APIRouter(tags=["supervisors"])
    see = partial(router.add_api_route, methods=["GET"], response_model_exclude_none=True)
    tell = deeds(router)
    one = "/v1/responders/{responder_id}"
    see("/v1/desks", desks, response_model=DeskList)
    see("/v1/desks/{desk_id}/queue", queue, response_model=Queue)
    see(one, responder, response_model=ResponderView)
    tell(one, put_responder, methods=["PUT"], openapi_extra=takes(RosterBody))
    tell("/v1/tracks/{track_id}:assign", assign, openapi_extra=takes(Assign))
    see("/v1/tracks/{track_id}/candidates", candidates, response_model=CandidateList)
    see("/v1/pages", pages, response_model=PageList)
    tell("/v1/pages/{page_id}:acknowledge", acknowledge)
    return router


async def desks(api: TheApi, _: Supervisor) -> DeskList:
    """Every desk: who waits since when, who is on duty, what is due next. Covert cases and drills are not counted."""
    return DeskList(desks=tuple(await api.model.ask(board.desks(desks_of(api.catalogue)))))


async def queue(api: TheApi, _: AtBoard, desk_id: str, *, after: Cursor = None, limit: Limit = 50) -> Queue:
    """A desk's open tracks, most urgent first."""
    known_desk(api, desk_id)
    return await api.model.ask(board.queue(desk_id, after, limit, api.now()))


async def responder(api: TheApi, _: Supervisor, responder_id: OpaqueId, response: Response) -> ResponderView:
    """A responder's entry, presence and load; its ETag is what PUT needs."""
    record = await somebody(api, responder_id)
    response.headers["ETag"] = etag(record.version)
    load = await api.model.ask(responder_queries.load_of(record))
    return ResponderView(
        responder_id=responder_id,
        version=record.version,
        presence=record.presence,
        silent=record.silent,
        drained=record.drained,
        on_shift_since=record.shift_began,
        load=load,
        entry=record.entry,
    )


async def put_responder(  # noqa: PLR0917 - FastAPI fills them by name
    api: TheApi,
    actor: Supervisor,
    responder_id: OpaqueId,
    body: Annotated[RosterBody, Depends(body_of(RosterBody))],
    if_match: IfMatch = None,
    if_none_match: IfNoneMatch = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Enters or replaces a responder at their home desk; `If-None-Match: *` (or `If-Match: "0"`) enters a new one."""
    _refuse_what_cannot_work(api, responder_id, body)
    home = await api.model.ask(responder_queries.responder(responder_id))
    if home is not None and home.entry.desk_id != body.desk_id:
        raise Problem(Code.WRONG_STATE, "a responder has one home desk")
    entry = RosterEntry.model_validate({"responder_id": responder_id, **body.model_dump()})
    command = ResponderPut(
        command_id=command_id(api, actor, idempotency_key, "responder", responder_id),
        actor=actor,
        received_at=api.now(),
        expected_version=put_version(if_match, if_none_match),
        desk_id=body.desk_id,
        entry=entry,
    )
    send = desk_command("responder_put", command, key=responder_id)
    return await answered(api, command, send, body=body)


def _refuse_what_cannot_work(api: Api, responder_id: str, body: RosterBody) -> None:
    if is_of_digits(responder_id):
        raise Problem(Code.WRONG_TYPE, OF_DIGITS)
    wrong = list(faults(body, api.catalogue.skills))
    desks = desks_of(api.catalogue)
    if body.desk_id not in desks:
        wrong.append(FieldError(detail=f"no such desk; there are {', '.join(desks)}", pointer="#/desk_id"))
    if wrong:
        raise wrong_fields(wrong)


async def assign(
    api: TheApi,
    actor: AtBoard,
    track_id: str,
    said: Annotated[Assign, Depends(body_of(Assign))],
    *,
    dry_run: DryRun = False,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Gives a track to a responder of its desk, whoever had it; a reason is needed to exceed their capacity."""
    desk_id = (await _at_its_desk(api, track_id)).dispatch.desk_id
    command = TrackAssign(
        command_id=command_id(api, actor, idempotency_key, "try_assign" if dry_run else "assign", track_id),
        actor=actor,
        received_at=api.now(),
        desk_id=desk_id,
        track_id=track_id,
        responder_id=said.responder_id,
        reason=said.reason,
        dry_run=dry_run,
        only_waiting=said.only_waiting,
    )
    return await answered(api, command, desk_command("assign", command, key=track_id), body=said)


async def candidates(api: TheApi, _: AtBoard, track_id: str) -> CandidateList:
    """Who of the track's desk is able to take it, those with room first: for the choice of `:assign`, which judges anew."""
    track = await _at_its_desk(api, track_id)
    release = api.releases.find(track.dispatch.catalogue) or api.catalogue
    return await api.model.ask(able_to_take(track, release, api.now()))


async def _at_its_desk(api: Api, track_id: str) -> DeskTrackRecord:
    found = await api.model.ask(queries.track(track_id))
    if found is None or found.desk is None:
        raise Problem(Code.NOT_FOUND)
    return found.desk


async def pages(api: TheApi, _: Supervisor, *, after: Cursor = None, limit: Limit = 50) -> PageList:
    """Pages nobody has acknowledged, the oldest first."""
    return await api.model.ask(board.pages(after, limit))


async def acknowledge(api: TheApi, actor: AtBoard, page_id: str) -> Response:
    """Says that a human has seen a page. Saying it twice is saying it once. One about a dead letter stays: 409."""
    found = await api.model.ask(queries.page(page_id))
    if found is None:
        raise Problem(Code.NOT_FOUND)
    said = {
        "command_id": ids.derived("acknowledge-command", page_id, actor.id),
        "actor": actor,
        "received_at": api.now(),
    }
    if found.gap_of is not None:
        seen = PageSeen.model_validate({**said, "desk_id": found.gap_of, "page_id": page_id})
        send = desk_command("page_acknowledge", seen, key=found.gap_of)
        return await answered(api, seen, send)
    if found.household_id is None:
        raise Problem(Code.WRONG_STATE, OF_LETTER)
    command = PageAcknowledge.model_validate({**said, "household_id": found.household_id, "page_id": page_id})
    send = case_command("acknowledge", command, found.household_id)
    return await answered(api, command, send, shown=found.case_id)
