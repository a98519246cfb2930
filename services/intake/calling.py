"""What every call has at hand: the process's parts, who calls, and the headers that make calls safe to repeat."""

import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Header, Query, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from schemas.base import Actor
from schemas.catalogue import Catalogue, Releases
from schemas.topics import Sizing
from schemas.words import Role
from services.intake.bus import Bus
from services.intake.commander import Commander
from services.intake.dead_man import DeadMan
from services.intake.following import Follower
from services.intake.limits import Limits
from services.intake.metrics import IntakeMetrics
from services.intake.notebook import Notebook
from services.intake.problems import Code, Problem
from services.intake.read_model import ReadModel
from services.intake.releases_shown import release_at
from services.intake.settings import ApiSettings
from services.intake.tokens import Caller, KeyStore, TokenRules, Unauthenticated
from services.intake.waiters import Waiters
from services.rules import ids
from services.runtime.partitioning import partition_of

BEARER = HTTPBearer(auto_error=False, description="OIDC access token with at least one of the roles named at a call")
CHALLENGE = {"WWW-Authenticate": "Bearer"}
KEY = re.compile(r'"?([\x21\x23-\x7e]{1,128})"?')
READ = "needs If-Match with the version you read"
TAG = re.compile(r'(?:W/)?"(\d{1,18})"')


@dataclass(slots=True)
class Stopping:
    """Set once when the process drains: streams end, the rest finishes."""

    now: bool = False


@dataclass(frozen=True, slots=True)
class Api:
    """The parts of the API process. `fresh_id` makes an id for a call that brings no key of its own."""

    settings: ApiSettings
    releases: Releases
    now: Callable[[], datetime]
    fresh_id: Callable[[], str]
    keys: KeyStore
    bus: Bus
    model: ReadModel
    waiters: Waiters
    follower: Follower
    commander: Commander
    notebook: Notebook
    dead_man: DeadMan
    limits: Limits
    metrics: IntakeMetrics
    stopping: Stopping = field(default_factory=Stopping)

    @property
    def catalogue(self) -> Catalogue:
        """The release this process began with; what is decided for a household asks `catalogue_for` instead."""
        return self.releases.own

    async def catalogue_for(self, household_id: str) -> Catalogue:
        """The release by which the router decides a household's new cases, as far as the read model knows."""
        partition = partition_of(household_id, self.settings.partitions(Sizing.HOUSEHOLD))
        release = await self.model.ask(release_at(partition))
        return self.releases.find(release or "") or self.releases.own

    @property
    def token_rules(self) -> TokenRules:
        """What a token must say here."""
        return TokenRules(self.settings.issuer, self.settings.audience)


def the_api(request: Request) -> Api:
    """The parts behind a request."""
    api: Api = request.app.state.api
    return api


TheApi = Annotated[Api, Depends(the_api)]
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)]


async def caller_of(api: TheApi, credentials: Credentials) -> Caller:
    """Who calls. Raises `Problem` (401)."""
    if credentials is None:
        raise Problem(Code.UNAUTHENTICATED, headers=CHALLENGE)
    try:
        return await api.keys.caller(credentials.credentials, api.token_rules, api.now())
    except Unauthenticated as refused:
        raise Problem(Code.UNAUTHENTICATED, str(refused), headers=CHALLENGE) from None


def signed_in(*roles: Role, limited: bool = True, who: Callable[..., Awaitable[Caller]] = caller_of) -> Any:
    """A dependency: the caller (`who` finds them) as an actor in the first of `roles` they have. 401, 403, and 429 unless not `limited`.
    Its scopes are how the OpenAPI document knows the roles."""

    async def actor(api: TheApi, caller: Annotated[Caller, Depends(who)]) -> Actor:
        acting = caller.acting_as(roles)
        if acting is None:
            raise Problem(Code.FORBIDDEN)
        if limited:
            throttle(api, caller.subject)
        return acting

    return Security(actor, scopes=[*roles])


Responder = Annotated[Actor, signed_in(Role.RESPONDER)]
Supervisor = Annotated[Actor, signed_in(Role.SUPERVISOR)]


def throttle(api: Api, subject: str) -> None:
    """Counts a call of `subject`. Raises `Problem` (429) when there were too many."""
    wait = api.limits.take(subject, time.monotonic())
    if wait > 0:
        api.metrics.throttled.inc()
        raise Problem(Code.TOO_MANY_REQUESTS, headers={"Retry-After": str(max(1, round(wait)))})


IdempotencyKey = Annotated[
    str | None,
    Header(alias="Idempotency-Key", description="kept 7 days: same key and body, same answer; other body, 422"),
]
IfMatch = Annotated[str | None, Header(alias="If-Match", description='the version read, as in ETag: "3"')]
IfNoneMatch = Annotated[str | None, Header(alias="If-None-Match", description="`*`: only if it does not exist yet")]
DryRun = Annotated[bool, Query(description="says how it would end, and changes nothing")]


def read_key(header: str | None) -> str | None:
    """An idempotency key, quoted or bare. Raises `Problem` for one nobody could repeat."""
    if header is None:
        return None
    match = KEY.fullmatch(header.strip())
    if match is None:
        raise Problem(Code.MALFORMED_REQUEST, "Idempotency-Key is 1 to 128 printable characters")
    return match[1]


def command_id(api: Api, actor: Actor, header: str | None, *what: str) -> str:
    """The id of a command: from the caller's key, so that a retry repeats it, else a fresh one."""
    key = read_key(header)
    return api.fresh_id() if key is None else ids.derived("command", actor.id, key, *what)


def expected_version(if_match: str | None, if_none_match: str | None = None) -> int | None:
    """The version a caller saw; 0 when it must not exist yet, `None` when they do not care. Raises `Problem` (400)."""
    if if_none_match is not None and if_none_match.strip() == "*":
        return 0
    if if_match is None or if_match.strip() == "*":
        return None
    match = TAG.fullmatch(if_match.strip())
    if match is None:
        raise Problem(Code.MALFORMED_REQUEST, 'If-Match is a version in quotes, as in ETag: "3"')
    return int(match[1])


def required_version(if_match: str | None) -> int:
    """Like `expected_version`, for calls that harm when their author saw an older one. Raises `Problem` (428) without one."""
    return _named(expected_version(if_match), READ)


def put_version(if_match: str | None, if_none_match: str | None) -> int:
    """Like `required_version`, for calls that replace a whole record or make a new one."""
    return _named(expected_version(if_match, if_none_match), f"{READ}, or If-None-Match: * for a new one")


def _named(version: int | None, needed: str) -> int:
    if version is None:
        raise Problem(Code.VERSION_REQUIRED, needed)
    return version


def etag(version: int) -> str:
    """A version as an entity tag."""
    return f'"{version}"'
