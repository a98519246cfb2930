"""What a responder does: answer offers, work on their tracks, say whether they are there."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from schemas.base import Actor
from schemas.commands import CaseNote, NotePersonal, OfferCommand, PresenceSet, TrackCommand
from schemas.envelope import rfc3339
from schemas.rota_commands import Beat
from schemas.words import LinkKind, Role
from services.intake import case_queries, queries
from services.intake.access import Sight, owns, sealed_to, sight_of, track_of
from services.intake.answering import TAKEN, answered
from services.intake.asks import Contacted, PresenceSaid, Reason, TrackNote, Wait, Work
from services.intake.bodies import body_of, takes
from services.intake.calling import Api, IdempotencyKey, TheApi, command_id, etag, signed_in
from services.intake.commanding import case_command, desk_command
from services.intake.desk_views import OfferList, TrackView, offer_view, track_view
from services.intake.problems import Code, Problem
from services.intake.queries import TrackFound
from services.intake.timeline import NOTED, TOLD
from services.intake.views import Done
from services.intake.workshops_shown import workshops_with
from services.rules import ids

Responder = Annotated[Actor, Depends(signed_in(Role.RESPONDER))]
TrackReader = Annotated[Actor, Depends(signed_in(Role.RESPONDER, Role.SUPERVISOR))]
WhyBody = Annotated[Reason, Depends(body_of(Reason, optional=True))]
WORK: Mapping[str, type[Contacted | Wait | Work]] = {
    "contacted": Contacted,
    "wait": Wait,
    **dict.fromkeys(("resume", "done", "handover", "conflict"), Work),
}
Call = Callable[..., Awaitable[Response]]
OFFER_VERBS = ("accept", "decline")
NOTES_SHOWN = 1_000


def routes() -> APIRouter:
    """The calls of this module."""
    router = APIRouter(tags=["responders"])
    see = partial(router.add_api_route, methods=["GET"], response_model_exclude_none=True)
    tell = partial(
        router.add_api_route, methods=["POST"], response_model=Done, responses=TAKEN, response_model_exclude_none=True
    )
    track, offer = "/v1/tracks/{track_id}", "/v1/offers/{offer_id}"
    see("/v1/me/offers", offers, response_model=OfferList)
    tell("/v1/me/presence", presence, openapi_extra=takes(PresenceSaid))
    for verb in OFFER_VERBS:
        extra = takes(Reason, optional=True)
        tell(f"{offer}:{verb}", _answer_with(verb), name=f"{verb}_offer", openapi_extra=extra)
    see(track, read, response_model=TrackView)
    tell(track + "/notes", note, status_code=201, openapi_extra=takes(TrackNote))
    for verb, asked in WORK.items():
        extra = takes(asked, optional=asked is Work)
        tell(f"{track}:{verb}", _work_with(verb, asked), name=f"{verb}_track", openapi_extra=extra)
    return router


async def offers(api: TheApi, actor: Responder) -> OfferList:
    """What I am asked right now, the most urgent first."""
    found = await api.model.ask(queries.offers_to(actor.id, rfc3339(api.now())))
    return OfferList(offers=tuple(view for one in found if (view := offer_view(one, actor.id)) is not None))


def _answer_with(verb: str) -> Call:
    async def answer(api: TheApi, actor: Responder, offer_id: str, said: WhyBody) -> Response:
        found = await api.model.ask(queries.offer(offer_id))
        if found is None or found.responder_id != actor.id:
            raise Problem(Code.NOT_FOUND)  # only who was asked learns what became of an offer
        command = OfferCommand(
            command_id=ids.derived("offer-command", offer_id, verb, actor.id),
            actor=actor,
            received_at=api.now(),
            desk_id=found.desk_id,
            responder_id=actor.id,
            offer_id=offer_id,
            track_id=found.track_id,
            reason=said.reason,
        )
        return await answered(
            api, command, desk_command(verb, command, pillar=found.pillar, key=found.track_id), body=said
        )

    answer.__doc__ = f"{verb.capitalize()} an offer made to me. Saying it twice is saying it once."
    return answer


async def presence(
    api: TheApi,
    actor: Responder,
    said: Annotated[PresenceSaid, Depends(body_of(PresenceSaid))],
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Says whether work may be offered to me. Without `presence` it is a beat, which changes nothing but my being silent."""
    found = await api.model.ask(queries.responder(actor.id))
    if found is None:
        raise Problem(Code.NOT_FOUND, "you are in no desk's roster")
    pillar, record = found
    verb, model = ("presence", PresenceSet) if said.presence is not None else ("beat", Beat)
    command = model.model_validate(
        {
            "command_id": command_id(api, actor, idempotency_key, "presence"),
            "actor": actor,
            "received_at": api.now(),
            "desk_id": record.entry.desk_id,
            "responder_id": actor.id,
            **said.model_dump(),
        }
    )
    return await answered(api, command, desk_command(verb, command, pillar=pillar, key=actor.id), body=said)


async def read(api: TheApi, actor: TrackReader, track_id: str, response: Response) -> TrackView:
    """A track offered or assigned to me: what my pillar may see, of the case's newest 1,000 notes. Ends with the assignment."""
    found = await _track(api, track_id)
    sight = sight_of(found, actor)
    if sight is Sight.NOTHING:
        raise Problem(Code.NOT_FOUND)
    events = await api.model.ask(case_queries.telling(found.case.case_id, [NOTED, *TOLD], NOTES_SHOWN))
    for link in found.case.links:
        if link.kind is LinkKind.MERGED:  # what was told of a case that goes on in this one belongs to it
            events += await api.model.ask(case_queries.telling(link.case_id, TOLD, NOTES_SHOWN))
    view = track_view(found, sight, events)
    if sight is Sight.WORK:
        view = view.model_copy(update={"workshops": await api.model.ask(workshops_with(track_id))})
    response.headers["ETag"] = etag(view.version)
    return view


async def note(  # noqa: PLR0917 - FastAPI fills them by name
    api: TheApi,
    actor: Responder,
    track_id: str,
    said: Annotated[TrackNote, Depends(body_of(TrackNote))],
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Adds a note from my track; sealed, it is shown to my pillar only. Psychological notes are always sealed.

    With a `milestone` (`funds_stop_call`, `first_takedown_request`, ...) it also says that this promise of the track is kept.
    """
    found = await _own(api, track_id, actor)
    track = track_of(found)
    command = CaseNote(
        command_id=command_id(api, actor, idempotency_key, "note", track_id),
        actor=actor,
        received_at=api.now(),
        household_id=found.case.household_id,
        case_id=found.case.case_id,
        pillar=sealed_to(track.pillar, sealed=said.sealed),
        track_id=track_id,
        milestone=said.milestone,
        personal=NotePersonal(text=said.text),
    )
    send = case_command("note", command, found.case.household_id)
    return await answered(api, command, send, body=said, status=201)


def _work_with(verb: str, asked: type[Contacted | Wait | Work]) -> Call:
    async def work(  # noqa: PLR0917 - FastAPI fills them by name
        api: TheApi,
        actor: Responder,
        track_id: str,
        said: Annotated[Contacted | Wait | Work, Depends(body_of(asked, optional=asked is Work))],
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        found = await _track(api, track_id)
        if found.desk is None or actor.id not in (found.desk.owner, track_of(found).responder_id):
            raise Problem(Code.NOT_FOUND)
        dispatch = found.desk.dispatch
        command = TrackCommand(
            command_id=command_id(api, actor, idempotency_key, verb, track_id),
            actor=actor,
            received_at=api.now(),
            desk_id=dispatch.desk_id,
            responder_id=actor.id,
            track_id=track_id,
            result=said.result,
            next_contact_at=said.next_contact_at,
        )
        return await answered(
            api, command, desk_command(verb, command, pillar=dispatch.pillar, key=track_id), body=said
        )

    work.__doc__ = f"Says `{verb}` of my track."
    return work


async def _track(api: Api, track_id: str) -> TrackFound:
    found = await api.model.ask(queries.track(track_id))
    if found is None:
        raise Problem(Code.NOT_FOUND)
    return found


async def _own(api: Api, track_id: str, actor: Actor) -> TrackFound:
    found = await _track(api, track_id)
    if not owns(found, actor):
        raise Problem(Code.NOT_FOUND)
    return found
