"""What agents and supervisors ask about cases, and tell them."""

from functools import partial
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Query, Response

from schemas.base import Actor
from schemas.commands import CaseNote, NotePersonal
from schemas.words import Role
from services.intake import case_queries, queries
from services.intake.answering import answered, deeds
from services.intake.asks import CaseSearch, Note
from services.intake.bodies import body_of, takes
from services.intake.calling import IdempotencyKey, TheApi, command_id, etag, signed_in
from services.intake.case_access import CodeWord, find_case
from services.intake.case_views import CaseList, CaseView, case_view
from services.intake.commanding import case_command
from services.intake.problems import Code, Problem
from services.intake.timeline import EXPLAINED, decisions_of, entry_of
from services.intake.views import CommandView, ExplanationView, Timeline

log = structlog.get_logger()
READERS = (Role.AGENT, Role.SUPERVISOR)
LOOKED_AT = 5_000
Reader = Annotated[Actor, signed_in(*READERS)]
Anybody = Annotated[Actor, signed_in(*READERS, Role.RESPONDER)]


def routes() -> APIRouter:
    """The calls of this module."""
    router = APIRouter(tags=["cases"])
    add = partial(router.add_api_route, response_model_exclude_none=True)
    one = "/v1/cases/{case_id}"
    add("/v1/cases:search", search, methods=["POST"], response_model=CaseList, openapi_extra=takes(CaseSearch))
    add(one, read, methods=["GET"], response_model=CaseView)
    add(one + "/timeline", timeline, methods=["GET"], response_model=Timeline)
    add(one + "/explanation", explanation, methods=["GET"], response_model=ExplanationView)
    deeds(router)(one + "/notes", note, status_code=201, openapi_extra=takes(Note))
    add("/v1/commands/{command_id}", command, methods=["GET"], response_model=CommandView)
    return router


async def search(api: TheApi, _: Reader, asked: Annotated[CaseSearch, Depends(body_of(CaseSearch))]) -> CaseList:
    """Cases by facts, newest first; covert cases are never found by searching."""
    found, following = await api.model.ask(case_queries.search(asked))
    return CaseList(cases=tuple(case_view(one) for one in found), next=following)


async def read(api: TheApi, actor: Reader, case_id: str, response: Response, *, code_word: CodeWord = None) -> CaseView:
    """A case with its tracks, clocks and pages."""
    case = await find_case(api, actor, case_id, code_word)
    response.headers["ETag"] = etag(case.version)
    return case_view(case)


async def timeline(
    api: TheApi,
    actor: Reader,
    case_id: str,
    *,
    code_word: CodeWord = None,
    after: Annotated[str | None, Query(max_length=40, description="`next` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 200,
) -> Timeline:
    """Every fact of a case, oldest first. Psychological notes come sealed."""
    case = await find_case(api, actor, case_id, code_word)
    events, following = await api.model.ask(case_queries.events(case.case_id, after, limit))
    return Timeline(case_id=case_id, entries=tuple(entry_of(one, reader=None) for one in events), next=following)


async def explanation(api: TheApi, actor: Reader, case_id: str, *, code_word: CodeWord = None) -> ExplanationView:
    """Every decision on a case, in words and as data, each decided again from what was asked by the release it was made under:
    every difference from what is stored is shown. What a human decided, and each promise that was broken, is told as it was
    recorded. On a very long case, the first decisions and the newest."""
    case = await find_case(api, actor, case_id, code_word)
    events = await api.model.ask(case_queries.telling(case.case_id, EXPLAINED, LOOKED_AT))
    decisions = decisions_of(events, api.releases, pinned=case.catalogue)
    differs = any(one.differences for decision in decisions for one in decision.explanations)
    return ExplanationView(case_id=case_id, catalogue=case.catalogue, differs=differs, decisions=decisions)


async def note(  # noqa: PLR0917 - FastAPI fills them by name
    api: TheApi,
    actor: Reader,
    case_id: str,
    said: Annotated[Note, Depends(body_of(Note))],
    idempotency_key: IdempotencyKey = None,
    code_word: CodeWord = None,
) -> Response:
    """Adds a note to the timeline."""
    case = await find_case(api, actor, case_id, code_word)
    command = CaseNote(
        command_id=command_id(api, actor, idempotency_key, "note", case_id),
        actor=actor,
        received_at=api.now(),
        household_id=case.household_id,
        case_id=case_id,
        personal=NotePersonal(text=said.text),
    )
    return await answered(api, command, case_command("note", command, case.household_id), body=said, status=201)


async def command(api: TheApi, actor: Anybody, command_id: str) -> CommandView:
    """How a command ended. `pending` while this replica took the command and knows no outcome.

    Agents and supervisors may read every case by its id, and an outcome says less. A responder reads the outcome of
    their own commands, on the replica that took one (the same call again makes any replica that); others are not found.
    """
    if actor.role is Role.RESPONDER and not await api.notebook.took_from(command_id, actor.id):
        raise Problem(Code.NOT_FOUND)
    found = await api.model.ask(queries.outcome(command_id))
    if found is None:
        if not await api.notebook.knows(command_id):
            raise Problem(Code.NOT_FOUND)
        return CommandView(command_id=command_id, state="pending")
    case = await api.model.ask(queries.case(found.subject))
    return CommandView(
        command_id=command_id,
        state="refused" if found.reason else "done",
        subject=found.subject,
        version=found.version,
        reason=found.reason,
        case_id=case.case_id if case else None,
    )
