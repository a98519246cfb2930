"""The pager on a real broker with providers as processes of their own: what its tests start, issue and read."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from schemas import desk_records, notices, topics
from schemas.commands import Receipt
from schemas.envelope import Event, encode
from schemas.messages import read
from schemas.notices import NoticeIssued
from schemas.rosters import RosterEntry
from schemas.words import Pillar, Presence
from tests.stage.dumps import dump
from tests.stage.fleet import Member, free_port, stop_all
from tests.stage.product import Product

SECRET = "a secret of this test"
LINKS = "what links are made of, in tests only"
PUBLIC_URL = "https://sameroof.example"
ISSUERS = ("commands", "commands.legal")


@dataclass
class Provider:
    """A process at the other end, and the file of what it has taken."""

    module: str
    file: Path
    port: int = field(default_factory=free_port)
    popen: subprocess.Popen[bytes] | None = None

    def start(self) -> "Provider":
        """Starts it."""
        self.popen = subprocess.Popen([sys.executable, "-m", self.module, str(self.port), str(self.file)])
        return self

    def stop(self) -> None:
        """Ends it."""
        if self.popen is not None:
            self.popen.kill()
            self.popen.wait()

    def taken(self) -> list[dict[str, Any]]:
        """What it has taken, in order."""
        return [json.loads(line) for line in self.file.read_text().splitlines()] if self.file.exists() else []

    def url(self, path: str = "/sink") -> str:
        """Where it takes webhooks."""
        return f"http://127.0.0.1:{self.port}{path}"


@dataclass
class Paged:
    """The product's topics, a webhook sink, a mail server, and the pagers started so far."""

    town: Product
    sink: Provider
    mail: Provider

    def pager(self, **settings: str) -> Member:
        """A pager, the only one running; it may not be ready yet."""
        stop_all(self.town.members)
        env = self.town.environment | {
            "SAMEROOF_PAGE_SINK_URL": self.sink.url(),
            "SAMEROOF_WEBHOOK_SECRET": SECRET,
            "SAMEROOF_LINK_SECRET": LINKS,
            "SAMEROOF_PUBLIC_URL": PUBLIC_URL,
            "SAMEROOF_SMTP_HOST": "127.0.0.1",
            "SAMEROOF_SMTP_PORT": str(self.mail.port),
            "SAMEROOF_SMTP_SECURITY": "none",
            "SAMEROOF_SMTP_SENDER": "desk@sameroof.example",
        }
        env |= {f"SAMEROOF_{name.upper()}": value for name, value in settings.items()}
        member = Member("pager-0", [sys.executable, "-m", "services.pager"], env, self.town.logs / "pager.log").start()
        self.town.members[:] = [member]
        return member

    def enrol(self, entry: RosterEntry) -> None:
        """A responder in their desk's changelog, as the desk writes it."""
        now = datetime.now(UTC)
        kept = desk_records.ResponderRecord(entry=entry, presence=Presence.AVAILABLE, idle_since=now, version=1)
        record: tuple[str, bytes, dict[str, bytes]] = (
            f"responder/{entry.responder_id}",
            kept.model_dump_json().encode(),
            {},
        )
        self.town.publish(topics.desks(Pillar(entry.desk_id.partition("-")[0])), [record])

    def issue(self, *issued: NoticeIssued) -> None:
        """Notices on the bus, in order."""
        records = []
        for one in issued:
            value, headers = encode(
                Event(one.notice_id, notices.ISSUED, "urn:sameroof:responders", one.at, one, one.recipient)
            )
            records.append((one.recipient, value, dict(headers)))
        self.town.publish(topics.NOTICES_TOPIC, records)

    def receipts(self) -> list[Receipt]:
        """Every receipt there is."""
        records = [record for topic in ISSUERS for record in dump(self.town.broker.bootstrap_servers, topic)]
        found = [read(record.value, tuple(record.headers.items())).data for record in records]
        return [one for one in found if isinstance(one, Receipt)]

    def told(self) -> list[dict[str, Any]]:
        """Every notice the sink has taken, each with the key of the message it came in."""
        return [
            {**notice, "key": message["key"], "path": message["path"]}
            for message in self.sink.taken()
            for notice in message["body"].get("notices", [message["body"]])
        ]


@contextmanager
def paged(town: Product) -> Iterator[Paged]:
    """With both providers running."""
    sink = Provider("tests.stage.sink_process", town.logs / "sink.jsonl").start()
    mail = Provider("tests.stage.mail_process", town.logs / "mail.jsonl").start()
    try:
        yield Paged(town, sink, mail)
    finally:
        sink.stop()
        mail.stop()


def notice(name: str, recipient: str, **facts: object) -> NoticeIssued:
    """A notice a desk issues; its id is made of its name."""
    told = {
        "notice_id": str(uuid5(NAMESPACE_URL, name)),
        "kind": "offer",
        "recipient": recipient,
        "band": "P2",
        "attempt": 1,
        "method_rank": 0,
        "issuer_topic": "commands.legal",
        "issuer_key": "legal-fr",
        "case_id": "case-1",
        "track_id": "track-1",
        "desk_id": "legal-fr",
        "pillar": "legal",
        "reason": "offer",
        "at": datetime.now(UTC),
    }
    return NoticeIssued.model_validate(told | facts)


def entry(responder: str, *methods: tuple[str, str], **said: Any) -> RosterEntry:
    """A roster entry with these verified methods: kind and address."""
    told = {
        "responder_id": responder,
        "desk_id": "legal-fr",
        "methods": [{"kind": kind} for kind, _ in methods],
        "personal": {"addresses": [address for _, address in methods]},
    }
    return RosterEntry.model_validate(told | said)
