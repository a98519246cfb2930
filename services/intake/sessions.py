"""Who is at the board? A cookie stands for a token that was verified; a change also needs a header that no other site can know."""

import hashlib
import hmac
from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Header, Request, Response
from fastapi.security import APIKeyCookie

from schemas.words import Role
from services.intake.calling import CHALLENGE, Api, Credentials, TheApi, caller_of
from services.intake.problems import Code, Problem
from services.intake.tokens import Caller
from services.runtime.devissuer import ISSUER

COOKIE = "sameroof_board"
HEADER = "Sameroof-CSRF"
LONGEST = timedelta(hours=12)
READS = ("GET", "HEAD")
OF_CODES = "dev-supervisor"  # the subject of the dev issuer's own supervisor token

SessionCookie = Annotated[
    str | None,
    Depends(
        APIKeyCookie(name=COOKIE, auto_error=False, description="a session of the board, from POST /board/session")
    ),
]
CsrfHeader = Annotated[
    str | None,
    Header(alias=HEADER, description="`csrf` of GET /board/session: needed for a change by the board's cookie alone"),
]


async def caller_at_board(
    api: TheApi, request: Request, credentials: Credentials, session: SessionCookie, *, csrf: CsrfHeader = None
) -> Caller:
    """Who calls, by bearer token or by the board's cookie; a change by cookie needs its session's header. 401, 403.

    The header is the synchronizer token of OWASP's cheat sheet; no site but ours can read it, nor send it without our leave.
    """
    if credentials is not None:
        return await caller_of(api, credentials)
    caller = await whose(api, session)
    if session is None or caller is None:
        raise Problem(Code.UNAUTHENTICATED, headers=CHALLENGE)
    if request.method not in READS and not hmac.compare_digest(csrf_of(session).encode(), (csrf or "").encode()):
        raise Problem(Code.CSRF_REFUSED)
    return caller


def a_person(caller: Caller) -> Caller:
    """The caller, who is no organisation's system: a board shows what is not of its people. Raises `Problem` (403)."""
    if caller.organisation is not None:
        raise Problem(Code.FORBIDDEN)
    return caller


async def by_cookie(credentials: Credentials) -> bool:
    """Whether the call comes from the board, which everybody in the room may see."""
    return credentials is None


async def whose(api: Api, session: str | None) -> Caller | None:
    """Who opened this session; `None` when it is over or unknown, or its issuer is no longer believed here."""
    issuer = api.settings.issuer
    if session is None or (issuer == ISSUER and not api.settings.dev_issuer):
        return None
    return await api.notebook.session(_digest(session), issuer, api.now())


async def open_for(api: Api, caller: Caller) -> tuple[str, timedelta]:
    """A session of this caller and how long it lasts: never longer than their token."""
    assert caller.organisation is None, "a session is a person's"
    until = min(api.now() + LONGEST, caller.expires_at)
    session = api.fresh_id()
    await api.notebook.open_session(_digest(session), api.settings.issuer, Caller(caller.subject, caller.roles, until))
    return session, until - api.now()


async def redeem(api: Api, code: str) -> str | None:
    """A supervisor's session for the one-time code of a local stack; `None` for any other code, and for this one the second time."""
    expected = api.settings.board_code
    if expected is None or not api.settings.dev_issuer or api.settings.issuer != ISSUER:
        return None
    if not hmac.compare_digest(code.encode(), expected.get_secret_value().encode()):
        return None
    session = api.fresh_id()
    caller = Caller(OF_CODES, frozenset({Role.SUPERVISOR}), api.now() + LONGEST)
    opened = await api.notebook.open_session(_digest(session), ISSUER, caller, code_digest=_digest(code))
    return session if opened else None


async def end(api: Api, session: str) -> None:
    """Ends a session."""
    await api.notebook.end_session(_digest(session))


def csrf_of(session: str) -> str:
    """What a change by this session must repeat: made of the cookie that no script can read, and kept nowhere."""
    return hmac.new(session.encode(), HEADER.encode(), hashlib.sha256).hexdigest()


def set_cookie(answer: Response, session: str, life: timedelta, request: Request) -> None:
    """Gives the browser its session, or with no life left takes it back."""
    answer.set_cookie(
        COOKIE,
        session,
        max_age=int(life.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
        path="/",
    )


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
