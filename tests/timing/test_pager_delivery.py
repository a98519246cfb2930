"""Has the human been told? The pager on a real broker, its webhook taken by a provider that can fail."""

import hashlib
import hmac
import http.server
import json
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from deploy.local.kafka import provide
from schemas import desk_records, notices, topics
from schemas.commands import Receipt
from schemas.envelope import Event
from schemas.messages import read
from schemas.notices import NoticeIssued
from schemas.rosters import ContactMethod, RosterEntry, RosterPersonal
from schemas.words import Pillar, Presence
from services.runtime.exits import EXIT_CRASH_POINT
from tests.stage.dumps import dump
from tests.stage.fleet import Member, free_port, stop_all, wait_until
from tests.stage.product import Product, product

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(120)]
SECRET = "a secret of this test"


class Provider:
    """A webhook's other end: takes notices, or answers what it is told to, by path."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.answers: dict[str, int] = {}
        self.attempts: list[str] = []
        self.port = free_port()
        self._server: http.server.ThreadingHTTPServer | None = None

    def url(self, path: str = "/sink") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def start(self) -> None:
        provider = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                if provider._server is None:  # a connection kept from before it stopped
                    self.close_connection = True
                    return
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = provider.receive(self.path, dict(self.headers.items()), body)
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def receive(self, path: str, headers: dict[str, str], body: bytes) -> int:
        seconds, signed = (part.partition("=")[2] for part in headers["Sameroof-Signature"].split(","))
        wanted = hmac.new(SECRET.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
        assert hmac.compare_digest(signed, wanted)
        assert abs(time.time() - int(seconds)) < 30
        told = json.loads(body)
        each = told.get("notices", [told])
        self.attempts += [notice["notice_id"] for notice in each]
        status = self.answers.get(path, 200)
        if status == 200:
            seen = {"key": headers["Idempotency-Key"], "path": path, "taken_at": time.time(), "together": len(each)}
            self.taken += [{**notice, **seen} for notice in each]
        return status

    def of(self, notice_id: str) -> list[dict[str, Any]]:
        return [notice for notice in self.taken if notice["notice_id"] == notice_id]


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    made = Provider()
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    broker = provide()
    try:
        with product(broker, tmp_path_factory.mktemp("pager")) as running:
            yield running
    finally:
        broker.close()


def running(town: Product, provider: Provider) -> Member:
    """The pager of the tests before, or a new one."""
    alive = [member for member in town.members if member.popen is not None and member.popen.poll() is None]
    return alive[0] if alive else pager(town, provider).wait_ready()


def pager(town: Product, provider: Provider, **settings: str) -> Member:
    env = town.environment | {"SAMEROOF_PAGE_SINK_URL": provider.url(), "SAMEROOF_WEBHOOK_SECRET": SECRET}
    env |= {f"SAMEROOF_{name.upper()}": value for name, value in settings.items()}
    stop_all(town.members)
    log = town.logs / f"pager-{len(town.members)}.log"
    member = Member("pager-0", [sys.executable, "-m", "services.pager"], env, log).start()
    town.members.append(member)
    return member


def notice(recipient: str = "post:duty-lead-legal-fr", **facts: object) -> NoticeIssued:
    told = {
        "notice_id": uuid4().hex,
        "page_id": uuid4().hex,
        "kind": "page",
        "recipient": recipient,
        "band": "P1",
        "attempt": 1,
        "method_rank": 0,
        "issuer_topic": "commands",
        "issuer_key": "household-1",
        "case_id": "case-1",
        "track_id": "track-1",
        "desk_id": "legal-fr",
        "pillar": "legal",
        "reason": "acknowledge",
        "at": datetime.now(UTC),
    }
    return NoticeIssued.model_validate(told | facts)


def issue(town: Product, *issued: NoticeIssued) -> None:
    for one in issued:
        event = Event(one.notice_id, notices.ISSUED, "urn:sameroof:router", one.at, one, one.recipient)
        town.send(topics.NOTICES_TOPIC, event)


def enrol(town: Product, responder: str, *addresses: str, pillar: Pillar = Pillar.LEGAL) -> None:
    """A responder in a desk's changelog, as the desk writes it."""
    methods = tuple(ContactMethod(kind="webhook") for _ in addresses) or (ContactMethod(kind="log"),)
    personal = RosterPersonal(name="somebody", addresses=addresses)
    entry = RosterEntry(responder_id=responder, desk_id=f"{pillar}-fr", methods=methods, personal=personal)
    now = datetime.now(UTC)
    record = desk_records.ResponderRecord(entry=entry, presence=Presence.AVAILABLE, idle_since=now, version=1)
    town.publish(topics.desks(pillar), [(f"responder/{responder}", record.model_dump_json().encode(), {})])


def receipts(town: Product, notice_id: str, topic: str = "commands") -> list[Receipt]:
    found = [
        read(record.value, tuple(record.headers.items())).data for record in dump(town.broker.bootstrap_servers, topic)
    ]
    return [one for one in found if isinstance(one, Receipt) and one.notice_id == notice_id]


# --------------------------------------------------------------------------------------------------------- delivered


def test_a_notice_reaches_its_recipient_signed_and_its_issuer_gets_a_receipt(town: Product, provider: Provider) -> None:
    responder = f"r-{uuid4().hex}"
    enrol(town, responder, provider.url("/first"), provider.url("/second"))
    running(town, provider)
    offer = notice(
        responder, kind="offer", method_rank=1, issuer_topic="commands.legal", issuer_key="legal-fr", offer_id="offer-1"
    )
    issue(town, offer)
    wait_until("it is delivered", lambda: provider.of(offer.notice_id))
    (taken,) = provider.of(offer.notice_id)
    assert (taken["path"], taken["key"]) == ("/second", offer.notice_id)
    shown = {name: taken[name] for name in ("recipient", "kind", "band", "track_id", "case_id", "desk_id", "reason")}
    assert shown == offer.model_dump(mode="json", include=set(shown))
    wait_until("the desk has its receipt", lambda: receipts(town, offer.notice_id, "commands.legal"))
    (receipt,) = receipts(town, offer.notice_id, "commands.legal")
    assert (receipt.delivered, receipt.method, receipt.issuer_key) == (True, "webhook", "legal-fr")


def test_a_notice_asked_for_again_after_it_was_told_rings_nobody_a_second_time(
    town: Product, provider: Provider
) -> None:
    running(town, provider)
    asked_twice, after = notice(), notice()
    issue(town, asked_twice)
    wait_until("it is delivered", lambda: provider.of(asked_twice.notice_id))
    issue(town, asked_twice)
    issue(town, after)
    wait_until("the next one is delivered", lambda: provider.of(after.notice_id))
    assert provider.attempts.count(asked_twice.notice_id) == 1


def test_a_roster_that_changes_is_followed(town: Product, provider: Provider) -> None:
    running(town, provider)
    responder = f"r-{uuid4().hex}"
    enrol(town, responder, provider.url("/late"))
    first = notice(responder)
    issue(town, first)
    wait_until("it is delivered", lambda: provider.of(first.notice_id))
    enrol(town, responder, provider.url("/moved"))
    wait_until("notices follow", lambda: told_at(town, provider, responder) == "/moved")
    assert provider.of(first.notice_id)[0]["path"] == "/late"


def told_at(town: Product, provider: Provider, responder: str) -> str:
    one = notice(responder)
    issue(town, one)
    wait_until("it is delivered", lambda: provider.of(one.notice_id))
    return str(provider.of(one.notice_id)[0]["path"])


# ------------------------------------------------------------------------------------------------------ never silence


@pytest.mark.parametrize("recipient", ["r-nobody", "post:nowhere"])
def test_a_recipient_nobody_knows_means_the_sink_with_a_reason(
    town: Product, provider: Provider, recipient: str
) -> None:
    running(town, provider)
    lost = notice(recipient)
    issue(town, lost)
    wait_until("the sink has it", lambda: provider.of(lost.notice_id))
    (taken,) = provider.of(lost.notice_id)
    assert (taken["recipient"], taken["meant_for"], taken["handed_over"]) == (
        "post:sink",
        recipient,
        "unknown_recipient",
    )
    wait_until("the issuer knows both", lambda: len(receipts(town, lost.notice_id)) == 2)
    assert [receipt.delivered for receipt in receipts(town, lost.notice_id)] == [False, True]


def test_a_provider_that_refuses_for_good_hands_its_notice_to_the_sink_at_once(
    town: Product, provider: Provider
) -> None:
    responder = f"r-{uuid4().hex}"
    enrol(town, responder, provider.url("/gone"))
    provider.answers["/gone"] = 410
    running(town, provider)
    refused = notice(responder)
    issue(town, refused)
    wait_until("the sink has it", lambda: provider.of(refused.notice_id), seconds=5)
    assert provider.of(refused.notice_id)[0]["handed_over"] == "method_failed"


def test_a_notice_nobody_can_read_is_one_dead_letter_and_a_page_to_the_sink(town: Product, provider: Provider) -> None:
    running(town, provider)
    known = len(dump(town.broker.bootstrap_servers, "pager.dead"))
    town.publish(topics.NOTICES_TOPIC, [("post:sink", b"{", {"content-type": b"application/json"})])
    wait_until("it is dead", lambda: len(dump(town.broker.bootstrap_servers, "pager.dead")) == known + 1)
    wait_until("the sink is told", lambda: any(one.get("dead_letter") for one in provider.taken))
    good = notice()
    issue(town, good)
    wait_until("its neighbour is delivered", lambda: provider.of(good.notice_id))


def test_a_drill_reaches_nobody(town: Product, provider: Provider) -> None:
    running(town, provider)
    drill, real = notice(drill=True), notice()
    issue(town, drill, real)
    wait_until(
        "the issuer has both receipts", lambda: receipts(town, drill.notice_id) and receipts(town, real.notice_id)
    )
    assert receipts(town, drill.notice_id)[0].method == "log"
    assert provider.of(drill.notice_id) == []


# ---------------------------------------------------------------------------------------------------- providers fail


def test_an_address_that_is_down_holds_up_nobody_else_and_loses_nothing(town: Product, provider: Provider) -> None:
    responder = f"r-{uuid4().hex}"
    enrol(town, responder, provider.url("/down"))
    provider.answers["/down"] = 503
    member = running(town, provider)
    stuck = [notice(responder) for _ in range(100)]
    issue(town, *stuck)
    wait_until("they are being tried", lambda: len(set(provider.attempts) & {one.notice_id for one in stuck}) == 100)
    urgent = notice(band="P0")
    issue(town, urgent)
    wait_until("the P0 is delivered", lambda: provider.of(urgent.notice_id), seconds=5)
    waited = provider.of(urgent.notice_id)[0]["taken_at"] - urgent.at.timestamp()
    print(f"\n  P0 behind 100 notices to an address that is down: {waited * 1000:.0f} ms")
    assert waited < 2.0
    member.kill()
    provider.answers.clear()
    pager(town, provider)
    wait_until("all are delivered after a restart", lambda: all(provider.of(one.notice_id) for one in stuck))


def test_while_every_webhook_is_down_nothing_counts_as_told(town: Product, provider: Provider) -> None:
    member = running(town, provider)
    provider.stop()
    waiting = notice(band="P0")
    issue(town, waiting)
    wait_until("several attempts have failed", lambda: failed_attempts(member) >= 3)
    assert receipts(town, waiting.notice_id) == []
    provider.start()
    wait_until("it is delivered", lambda: provider.of(waiting.notice_id), seconds=10)
    wait_until("the issuer knows", lambda: receipts(town, waiting.notice_id))


def failed_attempts(member: Member) -> float:
    shown = member.get("/metrics")[1].splitlines()
    return sum(
        float(line.rpartition(" ")[2]) for line in shown if line.startswith("sameroof_notice_attempts_failed_total")
    )


def test_a_pager_that_dies_before_its_receipt_tells_again_under_the_same_key(town: Product, provider: Provider) -> None:
    told = notice(band="P0")
    dying = pager(town, provider, crash_at="after_delivery")
    dying.wait_ready()
    issue(town, told)
    assert dying.ended() == EXIT_CRASH_POINT
    assert len(provider.of(told.notice_id)) == 1
    assert receipts(town, told.notice_id) == []
    pager(town, provider)
    wait_until("the issuer has its receipt", lambda: receipts(town, told.notice_id))
    assert {one["key"] for one in provider.of(told.notice_id)} == {told.notice_id}
    assert len(provider.of(told.notice_id)) == 2
