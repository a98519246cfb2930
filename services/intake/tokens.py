"""Who is calling? OIDC bearer tokens against a JWKS whose cached keys survive its outage; algorithms are pinned."""

import asyncio
import json
import re
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from schemas.base import Actor
from schemas.words import Role
from services.runtime.devissuer import KEY_PREFIX

ALGORITHMS = ("ES256", "RS256", "PS256", "EdDSA")
TYPES = ("at+jwt", "application/at+jwt", "jwt")
LEEWAY_SECONDS = 30
LONGEST_SUBJECT = 128
CODE = re.compile(r"[a-z0-9_]{1,64}")
REFRESH_SECONDS = 300.0
UNKNOWN_KEY_SECONDS = 5.0
FETCH_SECONDS = 5.0


class Unauthenticated(Exception):
    """No token, or one that proves nothing; says why in our words."""


class KeysRefused(Exception):
    """The key set cannot be used: private or symmetric keys, or the dev issuer's without the opt-in."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A verified token: its subject (opaque), its roles, when it ends; `organisation`: the outside one whose people it speaks for."""

    subject: str
    roles: frozenset[Role]
    expires_at: datetime
    organisation: str | None = None

    def acting_as(self, allowed: tuple[Role, ...]) -> Actor | None:
        """The actor of a call open to `allowed`, in that order; `None` when no role fits, or it is an organisation's."""
        if self.organisation is not None:
            return None
        role = next((one for one in allowed if one in self.roles), None)
        return None if role is None else Actor(role=role, id=self.subject)


@dataclass(frozen=True, slots=True)
class TokenRules:
    """What a token must say."""

    issuer: str
    audience: str


def keys_of(document: Any, *, dev_issuer: bool) -> KeySet:
    """The public keys in a JWKS document. Raises `KeysRefused`."""
    entries = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
        raise KeysRefused("the key set is not a JWKS document")
    if any(entry.get("kty") == "oct" or "d" in entry for entry in entries):
        raise KeysRefused("the key set holds secrets")
    if not dev_issuer and any(str(entry.get("kid", "")).startswith(KEY_PREFIX) for entry in entries):
        raise KeysRefused("the dev issuer's keys need SAMEROOF_DEV_ISSUER=1")
    try:
        return KeySet.import_key_set({"keys": entries})
    except (JoseError, ValueError, KeyError, TypeError):
        raise KeysRefused("the key set cannot be read") from None


def verify(token: str, keys: KeySet, rules: TokenRules, now: datetime) -> Caller:
    """The caller behind `token`. Raises `Unauthenticated`, or `InvalidKeyIdError` when its key is not among `keys`."""
    registry = jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": rules.issuer},
        aud={"essential": True, "value": rules.audience},
        exp={"essential": True},
        sub={"essential": True},
    )
    try:
        decoded = jwt.decode(token, keys, algorithms=list(ALGORITHMS))
        registry.validate(decoded.claims)
    except InvalidKeyIdError:
        raise
    except (JoseError, ValueError, TypeError, KeyError):
        raise Unauthenticated("the token is not valid") from None
    if str(decoded.header.get("typ", "jwt")).lower() not in TYPES:
        raise Unauthenticated("the token is no access token")
    return _caller(decoded.claims)


def _caller(claims: dict[str, Any]) -> Caller:
    subject = claims["sub"]
    if not 0 < len(subject) <= LONGEST_SUBJECT or not all("!" <= letter <= "~" for letter in subject):
        raise Unauthenticated("the token's subject is not an opaque id")
    named = claims.get("roles", [])
    if not isinstance(named, list):
        raise Unauthenticated("the token's roles are not a list")
    roles = frozenset(Role(name) for name in named if name in Role.__members__.values() and name != Role.SERVICE)
    organisation = claims.get("organisation")
    if organisation is not None and not (isinstance(organisation, str) and CODE.fullmatch(organisation)):
        raise Unauthenticated("the token's organisation is not a code")
    return Caller(subject, roles, datetime.fromtimestamp(claims["exp"], UTC), organisation)


class KeyStore:
    """The issuer's keys: read from a file or URL, refreshed now and then and on an unknown key id, kept when the source is away."""

    def __init__(self, source: str, *, dev_issuer: bool, monotonic: Callable[[], float]) -> None:
        self._source = source
        self._dev_issuer = dev_issuer
        self._monotonic = monotonic
        self._keys: KeySet | None = None
        self._tried_at = float("-inf")
        self._lock = asyncio.Lock()
        self._refreshing: asyncio.Task[None] | None = None

    @property
    def ready(self) -> bool:
        """Whether tokens can be verified."""
        return self._keys is not None

    async def refresh(self) -> None:
        """Reads the source again. Raises `KeysRefused`, `OSError` or `ValueError`; the keys held so far stay."""
        self._tried_at = self._monotonic()
        document = await asyncio.to_thread(_read, self._source)
        self._keys = keys_of(document, dev_issuer=self._dev_issuer)

    async def caller(self, token: str, rules: TokenRules, now: datetime) -> Caller:
        """The caller behind `token`. Raises `Unauthenticated`. Only a token of an unknown key ever waits for the source."""
        if self._keys is None:
            await self._refresh_if(older_than=UNKNOWN_KEY_SECONDS)
        elif self._refreshing is None and self._older_than(REFRESH_SECONDS):
            self._refreshing = asyncio.create_task(self._refresh_if(older_than=REFRESH_SECONDS))
            self._refreshing.add_done_callback(self._refreshed)
        try:
            return self._verify(token, rules, now)
        except InvalidKeyIdError:
            await self._refresh_if(older_than=UNKNOWN_KEY_SECONDS)
        try:
            return self._verify(token, rules, now)
        except InvalidKeyIdError:
            raise Unauthenticated("the token's key is not known") from None

    def _verify(self, token: str, rules: TokenRules, now: datetime) -> Caller:
        if self._keys is None:
            raise Unauthenticated("no keys to verify tokens with yet")
        return verify(token, self._keys, rules, now)

    def _older_than(self, seconds: float) -> bool:
        return self._monotonic() - self._tried_at >= seconds

    def _refreshed(self, _: "asyncio.Task[None]") -> None:
        self._refreshing = None

    async def _refresh_if(self, *, older_than: float) -> None:
        async with self._lock:
            if not self._older_than(older_than):
                return
            try:
                await self.refresh()
            except (OSError, ValueError, KeysRefused):
                return  # the keys held so far stay; readiness says so when there are none


def _read(source: str) -> Any:
    if source.startswith(("https://", "http://")):
        with urllib.request.urlopen(source, timeout=FETCH_SECONDS) as answer:  # noqa: S310 - the scheme is checked above
            return json.loads(answer.read(1_000_000))
    return json.loads(Path(source).read_bytes())
