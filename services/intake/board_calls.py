"""The board's page, its sessions, its stream. What else its cookie opens says so itself (`sessions.caller_at_board`)."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.responses import FileResponse, RedirectResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent

from schemas.base import Instant
from schemas.words import Role
from services.intake import sessions
from services.intake.board_stream import feed
from services.intake.calling import CHALLENGE, TheApi, caller_of
from services.intake.problems import Code, Problem
from services.intake.sessions import SessionCookie, by_cookie, caller_at_board
from services.intake.tokens import Caller
from services.intake.views import View

STATIC = Path(__file__).with_name("static")
SCRIPTS = ("board.js", "drawing.js", "acts.js", "offers.js", "queue.js", "signin.js")
FILES = {"board.css": "text/css", **dict.fromkeys(SCRIPTS, "text/javascript")}
AtBoard = Annotated[Caller, Depends(caller_at_board)]
HTML_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class SessionView(View):
    """Who is signed in at the board, until when, and what a change by their cookie must carry."""

    subject: str
    roles: tuple[Role, ...]
    until: Instant
    csrf: str


def routes() -> APIRouter:
    """The calls of this module."""
    router = APIRouter(tags=["board"])
    add = router.add_api_route
    add("/board", page, methods=["GET"], response_class=FileResponse, include_in_schema=False)
    add("/board/session", sign_in, methods=["POST"], status_code=204)
    add("/board/session", session, methods=["GET"], response_model=SessionView)
    add("/board/session", sign_out, methods=["DELETE"], status_code=204)
    add("/board/{name}", asset, methods=["GET"], response_class=FileResponse, include_in_schema=False)
    add("/v1/stream", stream, methods=["GET"], response_class=EventSourceResponse)
    return router


async def page(api: TheApi, request: Request, code: str | None = None) -> Response:
    """The board for whoever is signed in; else the sign-in page. A one-time code becomes a session and leaves the URL."""
    if await sessions.whose(api, request.cookies.get(sessions.COOKIE)) is not None:
        return RedirectResponse("/board", 303) if code else _html("board.html")
    if code is not None and (opened := await sessions.redeem(api, code)) is not None:
        answer = RedirectResponse(
            "/board", 303, headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
        )
        sessions.set_cookie(answer, opened, sessions.LONGEST, request)
        return answer
    return _html("signin.html", 401)


async def sign_in(api: TheApi, caller: Annotated[Caller, Depends(caller_of)], request: Request) -> Response:
    """Exchanges a bearer token for a session cookie, because EventSource sends no header."""
    opened, life = await sessions.open_for(api, sessions.a_person(caller))
    answer = Response(status_code=204)
    sessions.set_cookie(answer, opened, life, request)
    return answer


async def session(api: TheApi, cookie: SessionCookie, response: Response) -> SessionView:
    """Whose session the cookie is, and the header a change by it needs."""
    caller = await sessions.whose(api, cookie)
    if cookie is None or caller is None:
        raise Problem(Code.UNAUTHENTICATED, headers=CHALLENGE)
    response.headers["Cache-Control"] = "no-store"
    csrf = sessions.csrf_of(cookie)
    return SessionView(subject=caller.subject, roles=tuple(sorted(caller.roles)), until=caller.expires_at, csrf=csrf)


async def sign_out(api: TheApi, _: AtBoard, cookie: SessionCookie, request: Request) -> Response:
    """Ends the session of the cookie, everywhere it was copied to."""
    if cookie is not None:
        await sessions.end(api, cookie)
    answer = Response(status_code=204)
    sessions.set_cookie(answer, "", timedelta(0), request)
    return answer


async def asset(name: str) -> Response:
    """The page's own style and script."""
    if name not in FILES:
        raise Problem(Code.NOT_FOUND)
    return FileResponse(
        STATIC / name,
        media_type=FILES[name],
        headers={"X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache"},
    )


async def _onlooker(caller: AtBoard) -> Caller:
    return sessions.a_person(caller)


async def stream(
    api: TheApi,
    caller: Annotated[Caller, Depends(_onlooker)],
    cookie: SessionCookie,
    shared: Annotated[bool, Depends(by_cookie)],
    *,
    last_event_id: Annotated[str | None, Header(alias="Last-Event-ID", max_length=4_000)] = None,
) -> AsyncIterator[ServerSentEvent]:
    """Server-Sent Events: `snapshot`, then `change`. An event's id resumes the stream on any replica."""
    api.metrics.streams.inc()
    try:
        async for event in feed(api, last_event_id, caller.expires_at):
            if shared and await sessions.whose(api, cookie) is None:
                break  # signed out meanwhile: who holds the line learns no more
            yield event
    finally:
        api.metrics.streams.dec()


def _html(name: str, status: int = 200) -> Response:
    return FileResponse(STATIC / name, status_code=status, media_type="text/html; charset=utf-8", headers=HTML_HEADERS)
