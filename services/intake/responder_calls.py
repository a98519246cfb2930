"""What a responder is asked and has, how they answer, whether they are there."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from schemas.commands import NoticeSeen, OfferCommand, PresenceSet
from schemas.envelope import rfc3339
from schemas.rota_commands import Beat
from schemas.words import Role
from services.intake import queries, responder_queries
from services.intake.access import may_know
from services.intake.answering import answered, deeds
from services.intake.asks import PresenceSaid, Reason
from services.intake.at_desk import IN_NO_ROSTER, somebody
from services.intake.bodies import body_of, takes
from services.intake.calling import Api, IdempotencyKey, Responder, TheApi, command_id
from services.intake.commanding import desk_command
from services.intake.desk_views import OfferList, offer_view
from services.intake.held_views import HeldList, held_view
from services.intake.problems import Code, Problem
from services.intake.responder_queries import OfferFound
from services.intake.sessions import by_cookie, caller_at_board
from services.intake.voices import Speaker, Voice, speaking
from services.rules import ids

AtBoard = Annotated[Voice, speaking(Role.RESPONDER, who=caller_at_board)]
WhyBody = Annotated[Reason, Depends(body_of(Reason, optional=True))]
Call = Callable[..., Awaitable[Response]]
OFFER_VERBS = ("accept", "decline")


def routes() -> APIRouter:
    """The calls of this module."""
    router = APIRouter(tags=["responders"])
    see = partial(router.add_api_route, methods=["GET"], response_model_exclude_none=True)
    tell = deeds(router)
    see("/v1/me/offers", offers, response_model=OfferList)
    see("/v1/me/tracks", held, response_model=HeldList)
    tell("/v1/me/presence", presence, openapi_extra=takes(PresenceSaid))
    for verb in OFFER_VERBS:
        extra = takes(Reason, optional=True)
        tell(f"/v1/offers/{{offer_id}}:{verb}", _answer_with(verb), name=f"{verb}_offer", openapi_extra=extra)
    tell("/v1/offers/{offer_id}:seen", seen)
    return router


async def offers(api: TheApi, voice: AtBoard, shared: Annotated[bool, Depends(by_cookie)]) -> OfferList:
    """What I am asked right now, the most urgent first; an organisation's system is told what each of its people is asked.

    The board's cookie shows no covert case and no drill.
    """
    found = await api.model.ask(responder_queries.offers_to(voice.people, rfc3339(api.now())))
    known = [(who, one) for who, one in found if may_know(voice, one.dispatch.walled_from)]
    views = (offer_view(one, who) for who, one in known if not (shared and (one.dispatch.covert or one.dispatch.drill)))
    return OfferList(offers=tuple(view for view in views if view is not None))


async def held(api: TheApi, voice: Speaker) -> HeldList:
    """What I have, the most urgent first; an organisation's system is told what all of its people have."""
    found = await api.model.ask(responder_queries.held_by(voice.people))
    return HeldList(tracks=tuple(held_view(one) for one in found if may_know(voice, one.dispatch.walled_from)))


def _answer_with(verb: str) -> Call:
    async def answer(api: TheApi, voice: AtBoard, offer_id: str, said: WhyBody) -> Response:
        found, actor = await _made_to(voice, api, offer_id), voice.actor
        command = OfferCommand(
            command_id=ids.derived("offer-command", offer_id, verb, actor.id),
            actor=actor,
            received_at=api.now(),
            desk_id=found.desk_id,
            responder_id=found.responder_id,
            offer_id=offer_id,
            track_id=found.track_id,
            reason=said.reason,
        )
        return await answered(api, command, desk_command(verb, command, key=found.track_id), body=said)

    answer.__doc__ = f"{verb.capitalize()} an offer made to me. Saying it twice is saying it once."
    return answer


async def seen(api: TheApi, voice: Speaker, offer_id: str) -> Response:
    """Says that I know of an offer made to me: I am rung no more about it, and still have to answer."""
    found = await _made_to(voice, api, offer_id)
    command = NoticeSeen(
        command_id=ids.derived("seen-command", offer_id, voice.actor.id),
        actor=voice.actor,
        received_at=api.now(),
        desk_id=found.desk_id,
        responder_id=found.responder_id,
        notice_id=ids.notice_id(offer_id, found.responder_id, 1),
        track_id=found.track_id,
        offer_id=offer_id,
    )
    return await answered(api, command, desk_command("seen", command, key=found.track_id))


async def _made_to(voice: Voice, api: Api, offer_id: str) -> OfferFound:
    """Only who was asked learns what became of an offer. Raises `Problem` (404)."""
    found = await api.model.ask(responder_queries.offer(offer_id))
    if found is None or found.responder_id not in voice.people:
        raise Problem(Code.NOT_FOUND)
    about = await api.model.ask(queries.track(found.track_id))
    if about is not None and not may_know(voice, about.case.walled_from):
        raise Problem(Code.NOT_FOUND)
    return found


async def presence(
    api: TheApi,
    actor: Responder,
    said: Annotated[PresenceSaid, Depends(body_of(PresenceSaid))],
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Says whether work may be offered to me. Without `presence` it is a beat, which changes nothing but my being silent."""
    record = await somebody(api, actor.id, IN_NO_ROSTER)
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
    return await answered(api, command, desk_command(verb, command, key=actor.id), body=said)
