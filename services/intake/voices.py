"""Who speaks as a responder? Somebody for themselves, or an outside organisation's own system for all of its people (DOMAIN section 9)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Security

from schemas.base import Actor
from schemas.words import Role
from services.intake.calling import TheApi, caller_of, throttle
from services.intake.problems import Code, Problem
from services.intake.responder_queries import people_of
from services.intake.tokens import Caller


@dataclass(frozen=True, slots=True)
class Voice:
    """`people` are the responders it speaks for: the caller, or everybody in the roster under the token's `organisation`."""

    actor: Actor
    people: frozenset[str]
    organisation: str | None = None


def speaking(*roles: Role, who: Callable[..., Awaitable[Caller]] = caller_of) -> Any:
    """A dependency: the caller (`who` finds them) in the first of `roles` they have. An organisation speaks as a responder only."""

    async def voice(api: TheApi, caller: Annotated[Caller, Depends(who)]) -> Voice:
        if caller.organisation is not None and Role.RESPONDER in caller.roles & {*roles}:
            throttle(api, caller.subject)
            people = await api.model.ask(people_of(caller.organisation))
            return Voice(Actor(role=Role.RESPONDER, id=caller.subject), people, caller.organisation)
        actor = caller.acting_as(roles)
        if actor is None:
            raise Problem(Code.FORBIDDEN)
        throttle(api, caller.subject)
        return Voice(actor, frozenset({actor.id} if actor.role is Role.RESPONDER else ()))

    return Security(voice, scopes=[*roles])


Speaker = Annotated[Voice, speaking(Role.RESPONDER)]
