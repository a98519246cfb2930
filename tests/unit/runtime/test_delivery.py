"""An attempt that cannot succeed says so by a code, raises nothing, and shows no address."""

from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from schemas.notices import NoticeIssued
from services.rules.parcels import Parcel
from services.runtime.clock import Clock
from services.runtime.delivery import Deliverer, Means, Method
from services.runtime.mailing import MailServer
from tests.stage.fleet import free_port

ADDRESS = "canary@example.org"
NOTICE = NoticeIssued.model_validate({
    "notice_id": "n", "kind": "offer", "recipient": "r-1", "band": "P1", "attempt": 1, "method_rank": 0,
    "issuer_topic": "commands", "issuer_key": "h", "case_id": "c", "track_id": "t", "desk_id": "legal-fr",
    "pillar": "legal", "reason": "offer", "at": datetime(2026, 1, 1, tzinfo=UTC),
})  # fmt: skip


def means() -> Means:
    server = MailServer("127.0.0.1", free_port(), "desk@example.org", "none")
    return Means(webhook_secret=SecretStr("of this test"), mail=server)


@pytest.mark.parametrize(
    ("given", "method", "ends"),
    [
        (means(), Method("smtp", ADDRESS), ("unreachable", False)),
        (means(), Method("smtp", f"{ADDRESS}\r\nBcc: everybody@example.org"), ("invalid_address", True)),
        (means(), Method("webhook", f"http://127.0.0.1:{free_port()}/canary"), ("unreachable", False)),
        (means(), Method("webhook", "http://canary:port/"), ("invalid_address", True)),
        (Means(), Method("webhook", "http://canary/"), ("not_configured", True)),
        (Means(), Method("smtp", ADDRESS), ("not_configured", True)),
        (means(), Method("pigeon", "canary"), ("not_configured", True)),
    ],
)
async def test_what_cannot_be_delivered_ends_with_a_code(
    given: Means,
    method: Method,
    ends: tuple[str, bool],
    caplog: pytest.LogCaptureFixture,
) -> None:
    deliverer = Deliverer(given, Clock())
    ended = await deliverer.deliver(Parcel((NOTICE,)), method)
    await deliverer.close()
    assert (ended.delivered, (ended.reason, ended.final)) == (False, ends)
    assert "canary" not in f"{ended} {method!r} {caplog.text}"
