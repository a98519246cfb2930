"""May this caller see this desk, and who is there? What the calls about desks and their people have in common."""

from typing import Annotated

from schemas.base import Actor
from schemas.desk_records import ResponderRecord
from schemas.words import Role
from services.intake import responder_queries, rota_queries
from services.intake.calling import Api, signed_in
from services.intake.problems import Code, Problem
from services.rules.desks_of import desks_of

AtDesk = Annotated[Actor, signed_in(Role.SUPERVISOR, Role.RESPONDER)]
NOBODY = "nobody of this name in the desk's roster"
IN_NO_ROSTER = "you are in no desk's roster"


def known_desk(api: Api, desk_id: str) -> None:
    """Raises `Problem` (404) for a desk that is none."""
    if desk_id not in desks_of(api.catalogue):
        raise Problem(Code.NOT_FOUND)


async def people_of(api: Api, desk_id: str, *needed: str) -> frozenset[str]:
    """Who has their home at a desk. Raises `Problem`: 404 for no such desk, 422 when somebody `needed` is not there."""
    known_desk(api, desk_id)
    known = frozenset(await api.model.ask(rota_queries.roster(desk_id)))
    if any(who not in known for who in needed):
        raise Problem(Code.NOT_ELIGIBLE, NOBODY)
    return known


async def see_desk(api: Api, actor: Actor, desk_id: str) -> None:
    """Raises `Problem` (404) for a desk that is none, or not a responder's own."""
    known = await people_of(api, desk_id)
    if actor.role is Role.RESPONDER and actor.id not in known:
        raise Problem(Code.NOT_FOUND)


async def somebody(api: Api, responder_id: str, why: str | None = None) -> ResponderRecord:
    """A responder at their home desk. Raises `Problem` (404, with `why`) for one who is in no roster."""
    found = await api.model.ask(responder_queries.responder(responder_id))
    if found is None:
        raise Problem(Code.NOT_FOUND, why)
    return found
