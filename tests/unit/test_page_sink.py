"""What the page sink takes, keeps and shows."""

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from deploy.local import sink

SECRET = b"between pager and sink"
PAGE = {"notice_id": "n1", "page_id": "p1", "kind": "page", "recipient": "sink", "band": "P0", "track_id": "t1"}


@dataclass(frozen=True)
class Sink:
    url: str
    file: Path

    def post(self, body: bytes, *, key: str = "n1", secret: bytes = SECRET, at: float | None = None) -> int:
        """The status a delivery is answered with."""
        seconds = int(time.time() if at is None else at)
        proof = hmac.new(secret, f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
        headers = {"Sameroof-Signature": f"t={seconds},v1={proof}", "Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        try:
            with urlopen(Request(self.url, data=body, headers=headers), timeout=5) as answer:
                return int(answer.status)
        except HTTPError as refused:
            with refused:
                return refused.code

    def pages(self) -> list[dict[str, str]]:
        with urlopen(self.url, timeout=5) as answer:
            return [json.loads(line) for line in answer.read().splitlines()]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Sink]:
    file = tmp_path / "pages.jsonl"
    with sink.serve(0, file, SECRET) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield Sink(f"http://127.0.0.1:{server.server_port}/notices", file)
        server.shutdown()
        thread.join()


def test_a_signed_page_is_shown_with_all_it_said_and_when_it_came(running: Sink) -> None:
    assert running.post(json.dumps(PAGE).encode()) == 201
    (shown,) = running.pages()
    assert {name: shown[name] for name in PAGE} == PAGE
    assert shown["at"] == shown["received_at"]


def test_the_time_a_page_claims_is_kept_beside_the_time_it_came(running: Sink) -> None:
    running.post(json.dumps({**PAGE, "at": "2026-01-01T00:00:00Z"}).encode())
    (shown,) = running.pages()
    assert shown["at"] == "2026-01-01T00:00:00Z"
    assert shown["received_at"] != shown["at"]


def test_a_repeated_delivery_is_acknowledged_and_kept_once(running: Sink) -> None:
    body = json.dumps(PAGE).encode()
    assert [running.post(body), running.post(body)] == [201, 200]
    assert len(running.pages()) == 1


@pytest.mark.parametrize(
    ("how", "status"),
    [
        ({"secret": b"somebody else's"}, 401),
        ({"at": 1_000_000_000.0}, 401),
        ({"key": ""}, 400),
        ({"body": b"[1]"}, 400),
        ({"body": b"{"}, 400),
        ({"body": b" " * (sink.LARGEST_BYTES + 1)}, 413),
    ],
    ids=["wrong secret", "stale", "no key", "no object", "no JSON", "too large"],
)
def test_what_is_not_a_signed_notice_is_refused_and_not_kept(
    running: Sink, how: dict[str, object], status: int
) -> None:
    arguments = {"body": json.dumps(PAGE).encode(), **how}
    assert running.post(**arguments) == status  # type: ignore[arg-type]
    assert running.pages() == []


def test_a_sink_that_starts_again_still_knows_what_it_received(running: Sink) -> None:
    running.post(json.dumps(PAGE).encode())
    with sink.serve(0, running.file, SECRET) as again:
        received = again.received
        assert json.loads(received.lines())["page_id"] == "p1"
        assert not received.take("n1", PAGE, "now")
