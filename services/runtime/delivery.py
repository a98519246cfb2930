"""Delivers a notice to a human: as a line of our log, or as a signed webhook. One attempt, bounded in time, its result a value.

The pager's own module; intake uses it for the sink alone when the bus is down (DESIGN sections 3 and 8).
"""

import hashlib
import hmac
import json
from dataclasses import dataclass, field

import aiohttp
import structlog
from pydantic import SecretStr

from schemas.envelope import rfc3339
from schemas.notices import NoticeIssued
from services.runtime.clock import Clock

LOG = "log"
WEBHOOK = "webhook"
WITHIN_SECONDS = 3.0
_TRY_AGAIN = frozenset({408, 409, 425, 429})


@dataclass(frozen=True, slots=True)
class Method:
    """One way to reach a recipient: `log`, or `webhook` with the address to post to (personal data, never logged)."""

    kind: str
    address: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Delivered:
    """How an attempt ended. `reason` is a code; `final` says that the same attempt would fail again."""

    method: str
    delivered: bool
    reason: str
    final: bool = False


class Deliverer:
    """Makes attempts. Connections are not limited here, so that no attempt ever waits for another's; callers bound their number."""

    def __init__(self, secret: SecretStr | None, clock: Clock) -> None:
        self._secret = secret.get_secret_value().encode() if secret else None
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None

    async def deliver(self, notice: NoticeIssued, method: Method, *, handed_over: str | None = None) -> Delivered:
        """One attempt, three seconds at most; raises nothing. `handed_over` says why the sink gets another's notice."""
        if method.kind == LOG:
            return self._log(notice, handed_over)
        if method.kind != WEBHOOK or method.address is None or self._secret is None:
            return Delivered(method.kind, delivered=False, reason="not_configured", final=True)
        body = body_of(notice, handed_over)
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": notice.notice_id,
            "Sameroof-Signature": signature(self._secret, int(self._clock.now().timestamp()), body),
        }
        try:
            async with self._connected().post(
                method.address, data=body, headers=headers, allow_redirects=False
            ) as answer:
                return _judge(answer.status)
        except TimeoutError:
            return Delivered(WEBHOOK, delivered=False, reason="timeout")
        except aiohttp.InvalidURL:
            return Delivered(WEBHOOK, delivered=False, reason="invalid_address", final=True)
        except (aiohttp.ClientError, OSError):
            return Delivered(WEBHOOK, delivered=False, reason="unreachable")

    async def close(self) -> None:
        """Closes the connections."""
        if self._session is not None:
            await self._session.close()

    def _connected(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=30)
            self._session = aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(WITHIN_SECONDS))
        return self._session

    def _log(self, notice: NoticeIssued, handed_over: str | None) -> Delivered:
        told = json.loads(body_of(notice, handed_over))
        known = ("notice_id", "page_id", "kind", "recipient", "band", "track_id", "case_id", "desk_id", "reason")
        structlog.get_logger().warning("notice.delivered", sink=LOG, **{name: told[name] for name in known})
        return Delivered(LOG, delivered=True, reason="logged")


def body_of(notice: NoticeIssued, handed_over: str | None = None) -> bytes:
    """The JSON a recipient's system gets: ids and codes only. A notice handed over goes to the sink and names who was meant."""
    told: dict[str, object] = {
        "notice_id": notice.notice_id,
        "page_id": notice.page_id,
        "kind": notice.kind,
        "recipient": notice.recipient,
        "band": notice.band,
        "track_id": notice.track_id,
        "case_id": notice.case_id,
        "desk_id": notice.desk_id,
        "reason": notice.reason,
        "at": rfc3339(notice.at),
        "offer_id": notice.offer_id,
        "until": rfc3339(notice.until) if notice.until else None,
        "drill": notice.drill,
    }
    if notice.count is not None:
        told["count"] = notice.count
    if handed_over is not None:
        told |= {"recipient": "post:sink", "meant_for": notice.recipient, "handed_over": handed_over}
    if notice.dead_letter is not None:
        told["dead_letter"] = notice.dead_letter.model_dump(mode="json")
    return json.dumps(told).encode()


def signature(secret: bytes, seconds: int, body: bytes) -> str:
    """The `Sameroof-Signature` header: the unix second of sending, and the HMAC-SHA256 of `<second>.<body>` in hex."""
    digest = hmac.new(secret, f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"


def _judge(status: int) -> Delivered:
    if 200 <= status < 300:
        return Delivered(WEBHOOK, delivered=True, reason="accepted")
    refused = 400 <= status < 500 and status not in _TRY_AGAIN
    return Delivered(WEBHOOK, delivered=False, reason=f"status_{status}", final=refused)
