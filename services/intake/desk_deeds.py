"""What supervisors do to desks, to people and to many tracks at once: each can be tried (`?dry_run=true`) without changing anything."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from schemas.base import Actor
from schemas.case_commands import CaseReroute
from schemas.commands import DeskPause, ResponderDrain
from schemas.outcomes import OutcomeDone, OutcomeRefused
from schemas.words import Pillar
from services.intake import queries
from services.intake.access import track_of
from services.intake.answering import answered, deeds
from services.intake.asks import Ask, PlainCode
from services.intake.at_desk import known_desk, somebody
from services.intake.bodies import body_of, takes
from services.intake.calling import Api, DryRun, IdempotencyKey, Supervisor, TheApi, command_id
from services.intake.commanding import case_command, desk_command
from services.intake.problems import Code, FieldError, Problem
from services.intake.queries import TrackFound
from services.intake.refusing import problem_of_outcome
from services.intake.supervisor_calls import OpaqueId
from services.intake.views import View
from services.rules.lifecycle import OPEN

MOST_MOVED = 100


class Because(Ask):
    """Why a desk is paused or taken up again."""

    reason: PlainCode


class Drain(Ask):
    """Why somebody is asked no more (or, with `drained` false, again)."""

    reason: PlainCode
    drained: bool = True


class Move(Ask):
    """Tracks that go to the desk of their pillar in another region."""

    tracks: Annotated[tuple[str, ...], Field(min_length=1, max_length=MOST_MOVED)]
    region: PlainCode
    reason: PlainCode


class Moved(View):
    """What became of one track: `moved`, `sent` (no answer yet, ask `/v1/commands/{id}`), `would_move`, or why not."""

    track_id: str
    result: Literal["moved", "sent", "would_move", "refused"]
    command_id: str | None = None
    detail: str | None = None


class MovedAll(View):
    """What became of each track, in the order asked."""

    tracks: tuple[Moved, ...]


def routes() -> APIRouter:
    """The calls of this module."""
    router = APIRouter(tags=["supervisors"])
    tell = deeds(router)
    for verb, paused in (("pause", True), ("resume", False)):
        tell(f"/v1/desks/{{desk_id}}:{verb}", _pause_with(paused), name=f"{verb}_desk", openapi_extra=takes(Because))
    tell("/v1/responders/{responder_id}:drain", drain, openapi_extra=takes(Drain))
    router.add_api_route(
        "/v1/tracks:move",
        move,
        methods=["POST"],
        response_model=MovedAll,
        response_model_exclude_none=True,
        openapi_extra=takes(Move),
    )
    return router


def _pause_with(paused: bool):  # type: ignore[no-untyped-def]  # noqa: FBT001
    async def pause(
        api: TheApi,
        actor: Supervisor,
        desk_id: str,
        said: Annotated[Because, Depends(body_of(Because))],
        *,
        dry_run: DryRun = False,
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        known_desk(api, desk_id)
        command = DeskPause(
            command_id=command_id(api, actor, idempotency_key, "pause", f"{desk_id}/{paused}/{dry_run}"),
            actor=actor,
            received_at=api.now(),
            desk_id=desk_id,
            paused=paused,
            reason=said.reason,
            dry_run=dry_run,
        )
        send = desk_command("desk_pause", command, key=desk_id)
        return await answered(api, command, send, body=said)

    pause.__doc__ = (
        "A desk offers nothing but a P0 until it is resumed." if paused else "A desk offers everything again."
    )
    return pause


async def drain(
    api: TheApi,
    actor: Supervisor,
    responder_id: OpaqueId,
    said: Annotated[Drain, Depends(body_of(Drain))],
    *,
    dry_run: DryRun = False,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Somebody keeps what they have and is asked no more, until `drained` is said to be false."""
    record = await somebody(api, responder_id)
    command = ResponderDrain(
        command_id=command_id(api, actor, idempotency_key, "drain", f"{responder_id}/{dry_run}"),
        actor=actor,
        received_at=api.now(),
        desk_id=record.entry.desk_id,
        responder_id=responder_id,
        drained=said.drained,
        reason=said.reason,
        dry_run=dry_run,
    )
    send = desk_command("responder_drain", command, key=responder_id)
    return await answered(api, command, send, body=said)


async def move(
    api: TheApi,
    actor: Supervisor,
    said: Annotated[Move, Depends(body_of(Move))],
    *,
    dry_run: DryRun = False,
    idempotency_key: IdempotencyKey = None,
) -> MovedAll:
    """Sends tracks to another region's desks, one after the other; what cannot go is named, and keeps no other from going."""
    regions = api.catalogue.desks.regions
    if said.region not in regions:
        detail = f"no such region; there are {', '.join(regions)}"
        raise Problem(Code.WRONG_TYPE, errors=[FieldError(detail=detail, pointer="#/region")])
    results = []
    for track_id in dict.fromkeys(said.tracks):
        found = await api.model.ask(queries.track(track_id))
        why_not = _why_not(found, said.region)
        if found is None or why_not is not None:
            results.append(Moved(track_id=track_id, result="refused", detail=why_not))
        elif dry_run:
            results.append(Moved(track_id=track_id, result="would_move"))
        else:
            results.append(await _move(api, actor, found, said, key=idempotency_key))
    return MovedAll(tracks=tuple(results))


def _why_not(found: TrackFound | None, region: str) -> str | None:
    if found is None:
        return "there is no such track"
    track = track_of(found)
    if track.state not in OPEN:
        return "the track has ended"
    return "it is there already" if track.desk_id == f"{track.pillar}-{region}" else None


async def _move(api: Api, actor: Actor, found: TrackFound, said: Move, *, key: str | None) -> Moved:
    case, pillar = found.case, Pillar(track_of(found).pillar)
    command = CaseReroute(
        command_id=command_id(api, actor, key, "move", found.track_id),
        actor=actor,
        received_at=api.now(),
        household_id=case.household_id,
        case_id=case.case_id,
        pillar=pillar,
        region=said.region,
        reason=said.reason,
    )
    outcome = await api.commander.ask(command.command_id, case_command("reroute", command, case.household_id), None)
    if isinstance(outcome, OutcomeRefused):
        told = problem_of_outcome(command, outcome).body
        return Moved(
            track_id=found.track_id, result="refused", command_id=command.command_id, detail=told.detail or told.title
        )
    done = isinstance(outcome, OutcomeDone)
    return Moved(track_id=found.track_id, result="moved" if done else "sent", command_id=command.command_id)
