"""The API process, a page sink and tokens, around the product's own processes: what a caller of Sameroof has."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2

from tests.stage.fleet import Member, free_port, stop_all, wait_until
from tests.stage.product import Product

ROOT = Path(__file__).parents[2]
SECRET = "shared-by-api-and-sink"
BOARD_CODE = "one-time-code"


@dataclass
class Door:
    """The running API and everything a caller needs to reach it."""

    product: Product
    url: str
    home: Path
    sink_url: str
    issued: dict[str, Any]
    member: Member

    def token(self, role: str, subject: str | None = None) -> str:
        """A token of the dev issuer."""
        if subject is None:
            return str(self.issued["tokens"][role])
        printed = issue(self.home / "issuer", "--subject", subject, "--role", role)
        return str(printed["tokens"][subject])

    def client(self, role: str, subject: str | None = None) -> httpx2.Client:
        """A caller of one role."""
        headers = {"Authorization": f"Bearer {self.token(role, subject)}"}
        return httpx2.Client(base_url=self.url, headers=headers, timeout=10.0)

    def pages(self) -> list[dict[str, Any]]:
        """What the sink has taken."""
        return [json.loads(line) for line in httpx2.get(self.sink_url).text.splitlines()]

    def metric(self, line: str) -> float:
        """One sample of the operations port; 0 when it is not there."""
        _, text = self.member.get("/metrics")
        return next((float(one.rpartition(" ")[2]) for one in text.splitlines() if one.rpartition(" ")[0] == line), 0.0)

    def start(self) -> Member:
        """Starts the API process (again)."""
        self.member = start_api(self.product, self)
        return self.member


def issue(folder: Path, *arguments: str) -> dict[str, Any]:
    """What the dev issuer prints."""
    command = [sys.executable, "-m", "services.runtime.devissuer", "--dir", str(folder), *arguments]
    env = {**os.environ, "SAMEROOF_DEV_ISSUER": "1"}
    printed = subprocess.run(command, env=env, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    told: dict[str, Any] = json.loads(printed)
    return told


def start_api(product: Product, door: Door) -> Member:
    """The API process; not ready yet."""
    return product.start("api-0", "services.intake", "api", **settings_of(door))


def start_bare(product: Product, door: Door, **changed: str) -> Member:
    """The API process without a parent that starts it again, on a port and in a folder of its own."""
    given = settings_of(door) | {"http_port": str(free_port()), "state_dir": str(door.home / "bare")} | changed
    env = product.environment | {f"SAMEROOF_{name.upper()}": value for name, value in given.items()}
    member = Member("api-bare", [sys.executable, "-m", "services.intake", "api"], env, door.home / "bare.log").start()
    product.members.append(member)
    return member


def settings_of(door: Door) -> dict[str, str]:
    """The API's settings."""
    return {
        "http_port": door.url.rpartition(":")[2],
        "state_dir": str(door.home / "state"),
        "jwks": door.issued["jwks"],
        "issuer": door.issued["issuer"],
        "audience": door.issued["audience"],
        "dev_issuer": "1",
        "board_code": BOARD_CODE,
        "page_sink_url": door.sink_url,
        "webhook_secret": SECRET,
        "dead_man_seconds": "3",
    }


@contextmanager
def door(product: Product, home: Path) -> Iterator[Door]:
    """A sink and the API, ready; the sink is stopped last."""
    port, sink_port = free_port(), free_port()
    command = [sys.executable, "-m", "deploy.local.sink", "--port", str(sink_port), "--file", str(home / "sink.jsonl")]
    sink = Member("sink", command, {"SAMEROOF_WEBHOOK_SECRET": SECRET}, home / "sink.log").start()
    try:
        issued, sink_url = issue(home / "issuer"), f"http://127.0.0.1:{sink_port}/"
        opened = Door(product, f"http://127.0.0.1:{port}", home, sink_url, issued, sink)
        wait_until("the sink listens", lambda: _listens(sink_url))
        opened.start().wait_ready()
        yield opened
    finally:
        stop_all(product.members)
        sink.stop()


def _listens(url: str) -> bool:
    try:
        return httpx2.get(url).status_code == 200
    except httpx2.TransportError:
        return False


def post(client: httpx2.Client, body: object, key: str) -> httpx2.Response:
    """One report, sent once."""
    return client.post("/v1/incidents", json=body, headers={"Idempotency-Key": key})


def settled(client: httpx2.Client, body: object, key: str) -> httpx2.Response:
    """One report, sent under its key until its case is the answer: on a busy machine the first answer may be 202 or 503."""
    answers: list[httpx2.Response] = []

    def answered() -> bool:
        answers.append(post(client, body, key))
        return answers[-1].status_code not in {202, 503}

    wait_until(f"an answer for {key}", answered)
    return answers[-1]


def tell(client: httpx2.Client, method: str, path: str, **said: Any) -> httpx2.Response:
    """One command, repeated under one key until its outcome is the answer."""
    headers = {"Idempotency-Key": str(uuid4()), **said.pop("headers", {})}
    answers: list[httpx2.Response] = []

    def answered() -> bool:
        answers.append(client.request(method, path, headers=headers, **said))
        return answers[-1].status_code not in {202, 503}

    wait_until(f"an answer to {method} {path}", answered)
    return answers[-1]
