"""Group workshops: one session of a desk, many tracks. Planned, filled, held or cancelled; each change is one command to the desk."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from schemas.base import Actor, Id
from schemas.words import Role
from schemas.workshops import (
    MOST_TRACKS,
    WorkshopCancel,
    WorkshopCommand,
    WorkshopHeld,
    WorkshopPlan,
    WorkshopRecord,
    WorkshopTracks,
)
from services.intake import queries
from services.intake.answering import answered, deeds
from services.intake.asks import Ask, Instant, PlainCode
from services.intake.at_desk import AtDesk, people_of, see_desk
from services.intake.bodies import body_of, takes
from services.intake.calling import Api, DryRun, IdempotencyKey, IfMatch, TheApi, command_id, expected_version
from services.intake.commanding import desk_command
from services.intake.problems import Code, FieldError, Problem, wrong_fields
from services.intake.refusing import NOT_INVITED
from services.intake.workshops_shown import WorkshopList, expected, workshop, workshops_of
from services.rules import ids

Some = Annotated[tuple[Id, ...], Field(max_length=MOST_TRACKS)]

NOT_NAMED = "everybody who was invited either attended or missed it: name them all"


class WorkshopSaid(Ask):
    """When a workshop is, and who leads it (a responder themselves, unless they say so). As many seats as the desk has, unless fewer."""

    begins: Instant
    minutes: Annotated[int, Field(ge=15)]
    leader: Id | None = None
    seats: Annotated[int, Field(ge=2)] | None = None


class TracksSaid(Ask):
    """Tracks of the desk: all of them, or none when one cannot be."""

    tracks: Annotated[Some, Field(min_length=1)]


class HeldSaid(Ask):
    """Everybody who was invited either attended or missed it."""

    attended: Some = ()
    missed: Some = ()

    @model_validator(mode="after")
    def _either_attended_or_missed(self) -> "HeldSaid":
        if not {*self.attended}.isdisjoint(self.missed):
            raise PydanticCustomError("both", "a track attended or missed, not both")
        return self


class Cancelled(Ask):
    """Why a workshop does not take place."""

    reason: PlainCode


CHANGES: Mapping[str, tuple[type[Ask], type[WorkshopCommand], str]] = {
    "invite": (TracksSaid, WorkshopTracks, "Invites tracks that hold group workshops; their clocks run on."),
    "remove": (TracksSaid, WorkshopTracks, "Takes tracks out."),
    "held": (HeldSaid, WorkshopHeld, "Says who attended (a contact with each, when it began) and who missed it."),
    "cancel": (Cancelled, WorkshopCancel, "It does not take place."),
}


def routes() -> APIRouter:
    """The calls of this module."""
    router = APIRouter(tags=["workshops"])
    tell = deeds(router)
    desk = "/v1/desks/{desk_id}/workshops"
    tell(desk, plan, status_code=201, openapi_extra=takes(WorkshopSaid))
    router.add_api_route(desk, read, methods=["GET"], response_model=WorkshopList, response_model_exclude_none=True)
    for verb, (asked, _, _) in CHANGES.items():
        where = f"/v1/workshops/{{workshop_id}}:{verb}"
        tell(where, _change_with(verb), name=f"{verb}_workshop", openapi_extra=takes(asked))
    return router


async def read(api: TheApi, actor: AtDesk, desk_id: str) -> WorkshopList:
    """A desk's workshops, those to come first; a responder sees the tracks of those they lead, else their own alone."""
    await see_desk(api, actor, desk_id)
    reader = actor.id if actor.role is Role.RESPONDER else None
    return WorkshopList(workshops=await api.model.ask(workshops_of(desk_id, api.now(), reader=reader)))


async def plan(
    api: TheApi,
    actor: AtDesk,
    desk_id: str,
    said: Annotated[WorkshopSaid, Depends(body_of(WorkshopSaid))],
    *,
    dry_run: DryRun = False,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Plans a workshop. Its id is the answer's `subject`."""
    await see_desk(api, actor, desk_id)
    leader = said.leader or (actor.id if actor.role is Role.RESPONDER else None)
    if wrong := list(_wrong(api, said, leader)):
        raise wrong_fields(wrong)
    assert leader is not None, "it was checked"
    await people_of(api, desk_id, leader)
    made = command_id(api, actor, idempotency_key, "try_workshop" if dry_run else "workshop", desk_id)
    command = WorkshopPlan(
        command_id=made,
        actor=actor,
        received_at=api.now(),
        desk_id=desk_id,
        workshop_id=ids.derived("workshop", made),
        leader=leader,
        begins=said.begins,
        minutes=said.minutes,
        seats=said.seats or api.catalogue.work.workshops.seats,
        dry_run=dry_run,
    )
    return await _send(api, "plan", command, said, status=200 if dry_run else 201)


def _wrong(api: Api, said: WorkshopSaid, leader: str | None) -> list[FieldError]:
    limits = api.catalogue.work.workshops
    longest = limits.longest // timedelta(minutes=1)
    found = {
        "leader": "must be named by a supervisor" if leader is None else None,
        "minutes": f"must be at most {longest}" if said.minutes > longest else None,
        "seats": f"must be at most {limits.seats}" if (said.seats or 0) > limits.seats else None,
    }
    return [FieldError(detail=detail, pointer=f"#/{name}") for name, detail in found.items() if detail is not None]


def _change_with(verb: str) -> Callable[..., Awaitable[Response]]:
    asked, model, meant = CHANGES[verb]

    async def change(
        api: TheApi,
        actor: AtDesk,
        workshop_id: str,
        said: Annotated[Any, Depends(body_of(asked))],
        *,
        if_match: IfMatch = None,
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        found = await api.model.ask(workshop(workshop_id))
        if found is None:
            raise Problem(Code.NOT_FOUND)
        await see_desk(api, actor, found.desk_id)
        await _check(api, actor, found, said, invites=verb == "invite")
        about = {
            "command_id": command_id(api, actor, idempotency_key, f"workshop_{verb}", workshop_id),
            "actor": actor,
            "received_at": api.now(),
            "expected_version": expected_version(if_match),
            "desk_id": found.desk_id,
            "workshop_id": workshop_id,
        }
        return await _send(api, verb, model.model_validate(about | said.model_dump()), said)

    change.__doc__ = meant
    return change


async def _check(api: Api, actor: Actor, there: WorkshopRecord, said: Ask, *, invites: bool) -> None:
    """What is known to be wrong before the desk is asked. Raises `Problem`."""
    if isinstance(said, TracksSaid) and invites:
        await _refuse_who_must_not_meet(api, actor, there, said.tracks)
    if isinstance(said, HeldSaid) and await api.model.ask(expected(there.workshop_id)) - {*said.attended, *said.missed}:
        raise Problem(Code.WRONG_STATE, NOT_NAMED)


async def _refuse_who_must_not_meet(api: Api, actor: Actor, there: WorkshopRecord, tracks: tuple[str, ...]) -> None:
    """A case that became covert, or got a wall, while somebody had it is known here, and not yet at the desk. Raises `Problem`."""
    found = {one: await api.model.ask(queries.track(one)) for one in dict.fromkeys((*tracks, *there.invited))}
    cases = {one: track.case for one, track in found.items() if track is not None}
    if any(cases[one].covert for one in tracks if one in cases):
        raise Problem(Code.NOT_ELIGIBLE, NOT_INVITED)
    across = {other for case in cases.values() for other in case.walled_from}
    if any(case.case_id in across for case in cases.values()):
        raise Problem(Code.OPPOSITE_SIDES) if actor.role is Role.SUPERVISOR else Problem(Code.NOT_ELIGIBLE, NOT_INVITED)


async def _send(api: Api, verb: str, command: WorkshopCommand, said: Ask, *, status: int = 200) -> Response:
    send = desk_command(f"workshop_{verb}", command, key=command.workshop_id)
    return await answered(api, command, send, body=said, status=status)
