"""May this caller see this case? A covert one is found by its reference alone, plus its code word where one was agreed on; every look at
one is logged."""

import hmac
from typing import Annotated

import structlog
from fastapi import Header

from schemas.base import Actor
from schemas.case_commands import CaseLookedUp
from schemas.cases import CaseRecord
from services.intake import queries
from services.intake.bus import BusUnavailable
from services.intake.calling import Api
from services.intake.commanding import case_command
from services.intake.problems import Code, Problem

TELL_SECONDS = 0.5

CodeWord = Annotated[
    str | None,
    Header(
        alias="Sameroof-Code-Word",
        max_length=400,
        description="agreed with the victim; needed for a covert case that has one",
    ),
]
log = structlog.get_logger()


async def find_case(api: Api, actor: Actor, case_id: str, code_word: str | None) -> CaseRecord:
    """A case by its reference. Raises `Problem` (404), the same for a wrong code word as for no case at all. One that was merged
    is as covert as the case it goes on in: what is done to it is done there.

    Hits and misses on a covert case are logged; a miss is told on the case too, so that whoever works on it knows.
    """
    case = await api.model.ask(queries.case(case_id))
    if case is None:
        raise Problem(Code.NOT_FOUND)
    going_on = await _where_it_goes_on(api, case)
    guarded = going_on if going_on.covert else case
    if not guarded.covert:
        return case
    found = says(code_word, guarded.personal.agreed_word)
    log.info("restricted_case.read" if found else "restricted_case.missed", case_id=case.case_id, actor_id=actor.id)
    api.metrics.covert_looks.labels("hit" if found else "miss").inc()
    if not found:
        await _tell(api, actor, guarded)
        raise Problem(Code.NOT_FOUND)
    return case


async def _where_it_goes_on(api: Api, case: CaseRecord) -> CaseRecord:
    """The case itself, or the one that it was merged into, however often."""
    while case.merged_into is not None:
        following = await api.model.ask(queries.case(case.merged_into))
        if following is None:
            break
        case = following
    return case


def says(header: str | None, agreed: str | None) -> bool:
    """Whether the header is the code word agreed on, in any case and spacing; a case without one needs none."""
    if agreed is None:
        return True
    return header is not None and hmac.compare_digest(_plain(_decoded(header)), _plain(agreed))


def _plain(word: str) -> bytes:
    return " ".join(word.casefold().split()).encode()


def _decoded(header: str) -> str:
    """Headers arrive as Latin-1; clients that write UTF-8 are read as such."""
    try:
        return header.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return header


async def _tell(api: Api, actor: Actor, case: CaseRecord) -> None:
    command = CaseLookedUp(
        command_id=api.fresh_id(),
        actor=actor,
        received_at=api.now(),
        answer=False,
        household_id=case.household_id,
        case_id=case.case_id,
        found=False,
    )
    try:
        await api.bus.publish(case_command("looked_up", command, case.household_id), within=TELL_SECONDS)
    except BusUnavailable:
        log.warning("restricted_case.miss_not_told", case_id=case.case_id)
