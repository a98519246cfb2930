"""The board's page, its sign-in, its stream. Read-only: a cookie opens these calls and no other."""

import hashlib
import hmac
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.responses import FileResponse, RedirectResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent

from services.intake.board_stream import feed
from services.intake.calling import CHALLENGE, Api, Credentials, TheApi, caller_of
from services.intake.problems import Code, Problem
from services.intake.tokens import Caller

STATIC = Path(__file__).with_name("static")
FILES = {"board.css": "text/css", "board.js": "text/javascript", "signin.js": "text/javascript"}
COOKIE = "sameroof_board"
SESSION = timedelta(hours=12)
HTML_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def routes() -> APIRouter:
    """The calls of this module."""
    router = APIRouter(tags=["board"])
    add = router.add_api_route
    add("/board", page, methods=["GET"], response_class=FileResponse, include_in_schema=False)
    add("/board/session", sign_in, methods=["POST"], status_code=204)
    add("/board/{name}", asset, methods=["GET"], response_class=FileResponse, include_in_schema=False)
    add("/v1/stream", stream, methods=["GET"], response_class=EventSourceResponse)
    return router


async def page(api: TheApi, request: Request, code: str | None = None) -> Response:
    """The board for whoever is signed in; else the sign-in page. A one-time code becomes a session and leaves the URL."""
    session = request.cookies.get(COOKIE)
    if session and await api.notebook.session_open(_digest(session), api.now()):
        return RedirectResponse("/board", 303) if code else _html("board.html")
    if code is not None and (opened := await _redeem(api, code)) is not None:
        answer = RedirectResponse(
            "/board", 303, headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
        )
        _set_cookie(answer, opened, SESSION, request)
        return answer
    return _html("signin.html", 401)


async def sign_in(api: TheApi, caller: Annotated[Caller, Depends(caller_of)], request: Request) -> Response:
    """Exchanges a bearer token for a session cookie, because EventSource sends no header."""
    life = min(SESSION, caller.expires_at - api.now())
    session = api.fresh_id()
    await api.notebook.open_session(_digest(session), api.now() + life)
    answer = Response(status_code=204)
    _set_cookie(answer, session, life, request)
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


async def board_reader(api: TheApi, request: Request, credentials: Credentials) -> datetime:
    """Until when the caller may read the board: by bearer token, or by the cookie of a session."""
    if credentials is not None:
        return (await caller_of(api, credentials)).expires_at
    session = request.cookies.get(COOKIE)
    if session is None or not await api.notebook.session_open(_digest(session), api.now()):
        raise Problem(Code.UNAUTHENTICATED, headers=CHALLENGE)
    return api.now() + SESSION


async def stream(
    api: TheApi,
    until: Annotated[datetime, Depends(board_reader)],
    last_event_id: Annotated[str | None, Header(alias="Last-Event-ID", max_length=4_000)] = None,
) -> AsyncIterator[ServerSentEvent]:
    """Server-Sent Events: `snapshot`, then `change`. An event's id resumes the stream on any replica."""
    api.metrics.streams.inc()
    try:
        async for event in feed(api, last_event_id, until):
            yield event
    finally:
        api.metrics.streams.dec()


async def _redeem(api: Api, code: str) -> str | None:
    """A session for the one-time code of a local stack; `None` for any other code, and for this one the second time."""
    expected = api.settings.board_code
    if expected is None or not api.settings.dev_issuer:
        return None
    if not hmac.compare_digest(code.encode(), expected.get_secret_value().encode()):
        return None
    session = api.fresh_id()
    opened = await api.notebook.open_session(_digest(session), api.now() + SESSION, code_digest=_digest(code))
    return session if opened else None


def _set_cookie(answer: Response, session: str, life: timedelta, request: Request) -> None:
    answer.set_cookie(
        COOKIE,
        session,
        max_age=int(life.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
        path="/",
    )


def _html(name: str, status: int = 200) -> Response:
    return FileResponse(STATIC / name, status_code=status, media_type="text/html; charset=utf-8", headers=HTML_HEADERS)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
