"""Delivers notices to a human: as a line of our log, a signed webhook, or a mail. One attempt, bounded in time, its result a value.

The pager's own module; intake uses it for the sink alone when the bus is down (DESIGN sections 3 and 8).
"""

import asyncio
import hashlib
import hmac
from dataclasses import dataclass, field

import aiohttp
import structlog
from pydantic import SecretStr

from services.rules.parcels import Links, Parcel
from services.runtime.clock import Clock
from services.runtime.mailing import SMTP, MailServer, mail_of, send
from services.runtime.settings import SinkSettings

LOG = "log"
WEBHOOK = "webhook"
WITHIN_SECONDS = 3.0
_TRY_AGAIN = frozenset({408, 409, 425, 429})
_LOGGED = ("notice_id", "page_id", "kind", "band", "track_id", "case_id", "desk_id", "reason")


@dataclass(frozen=True, slots=True)
class Method:
    """One way to reach a recipient: `log`, or `webhook` or `smtp` with its address (personal data, never logged); `language` is theirs."""

    kind: str
    address: str | None = field(default=None, repr=False)
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Delivered:
    """How an attempt ended. `reason` is a code; `final` says that the same attempt would fail again."""

    method: str
    delivered: bool
    reason: str
    final: bool = False


@dataclass(frozen=True, slots=True)
class Means:
    """What messages are signed with, what their links are made of, where mail is handed in; what is missing cannot be used."""

    webhook_secret: SecretStr | None = None
    links: Links | None = None
    mail: MailServer | None = None


def means_of(settings: SinkSettings, mail: MailServer | None = None) -> Means:
    """The means that a process's settings give it; no links without both a secret and a place they lead to."""
    secret, url = settings.link_secret, settings.public_url
    links = Links(secret.get_secret_value().encode(), url.rstrip("/")) if secret and url else None
    return Means(settings.webhook_secret, links, mail)


class Deliverer:
    """Makes attempts. Connections are not limited here, so that no attempt ever waits for another's; callers bound their number."""

    def __init__(self, means: Means, clock: Clock) -> None:
        self._means = means
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None

    async def deliver(self, parcel: Parcel, method: Method) -> Delivered:
        """One attempt, three seconds at most; raises nothing."""
        if method.kind == LOG:
            return _log(parcel)
        if method.kind == WEBHOOK and method.address is not None and self._means.webhook_secret is not None:
            return await self._post(parcel, method.address, self._means.webhook_secret.get_secret_value().encode())
        if method.kind == SMTP and method.address is not None and self._means.mail is not None:
            return await self._mail(parcel, method, method.address, self._means.mail)
        return Delivered(method.kind, delivered=False, reason="not_configured", final=True)

    async def close(self) -> None:
        """Closes the connections."""
        if self._session is not None:
            await self._session.close()

    async def _post(self, parcel: Parcel, url: str, secret: bytes) -> Delivered:
        body = parcel.body(self._means.links)
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": parcel.key,
            "Sameroof-Signature": signature(secret, int(self._clock.now().timestamp()), body),
        }
        try:
            async with self._connected().post(url, data=body, headers=headers, allow_redirects=False) as answer:
                return _judge(WEBHOOK, answer.status)
        except TimeoutError:
            return Delivered(WEBHOOK, delivered=False, reason="timeout")
        except aiohttp.InvalidURL:
            return Delivered(WEBHOOK, delivered=False, reason="invalid_address", final=True)
        except (aiohttp.ClientError, OSError):
            return Delivered(WEBHOOK, delivered=False, reason="unreachable")

    async def _mail(self, parcel: Parcel, method: Method, address: str, server: MailServer) -> Delivered:
        problem: str | None
        try:
            mail = mail_of(parcel, address, server, links=self._means.links, language=method.language)
            async with asyncio.timeout(WITHIN_SECONDS):
                problem = await send(mail, server, within=WITHIN_SECONDS)
        except TimeoutError:
            problem = "timeout"
        except (ValueError, LookupError):  # what the parser of headers makes of an address that is none
            problem = "invalid_address"
        if problem is None:
            return Delivered(SMTP, delivered=True, reason="accepted")
        final = problem.startswith("status_5") or problem == "invalid_address"
        return Delivered(SMTP, delivered=False, reason=problem, final=final)

    def _connected(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=30)
            self._session = aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(WITHIN_SECONDS))
        return self._session


def signature(secret: bytes, seconds: int, body: bytes) -> str:
    """The `Sameroof-Signature` header: the unix second of sending, and the HMAC-SHA256 of `<second>.<body>` in hex."""
    digest = hmac.new(secret, f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"


def _log(parcel: Parcel) -> Delivered:
    """A line each, without link or code: what a log knows, many can read."""
    for notice in parcel.notices:
        told = notice.model_dump(mode="json", include=set(_LOGGED))
        structlog.get_logger().warning("notice.delivered", sink=LOG, **told)
    return Delivered(LOG, delivered=True, reason="logged")


def _judge(method: str, status: int) -> Delivered:
    if 200 <= status < 300:
        return Delivered(method, delivered=True, reason="accepted")
    refused = 400 <= status < 500 and status not in _TRY_AGAIN
    return Delivered(method, delivered=False, reason=f"status_{status}", final=refused)
