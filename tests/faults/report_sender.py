"""Publishes seeded reports as intake would and logs each one the broker acknowledged: half of the evidence of a torture run.

A process of its own (`python -m tests.faults.report_sender <bootstrap> <log> <seed>`). A line `<n>` on its input asks for n more
reports, sent at 150 a second; one in twenty is a repetition of an earlier one. It says `ready` once the desks are staffed.
"""

import json
import random
import sys
import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any

from confluent_kafka import Producer
from pydantic import BaseModel

from schemas.base import Actor
from schemas.commands import PresenceSet, ResponderPut, command_type
from schemas.envelope import Event, encode
from schemas.reports import SUBMITTED, ReportBody, ReportSubmitted
from schemas.rosters import ContactMethod, RosterEntry
from schemas.topics import INCIDENTS, INCIDENTS_P0, desk_commands
from schemas.words import Channel, Pillar, Presence, Role
from tests.shipped import ABLE

SOURCE = "urn:sameroof:intake"
AGENT = Actor(role=Role.AGENT, id="agent-1")
HOUSEHOLDS = 1_500
RATE = 150
URGENT_CODE = "grooming_of_minor"
CODES = ("phishing", "account_takeover", "malware", "threat", "bank_fraud", "fake_profile", "ransomware", "doxxing")
ACKED_SECONDS = 120.0

Record = tuple[str, str, bytes, list[tuple[str, str | bytes | None]], dict[str, Any]]


class ReportSender:
    """Draws reports from a seed and publishes them; `log` is told of each acknowledgement and of nothing else."""

    def __init__(self, bootstrap: str, log: Callable[[dict[str, Any]], None], seed: int) -> None:
        self._log = log
        self._random = random.Random(seed)
        self._earlier: list[Record] = []
        self._number = 0
        self._producer = Producer(
            {
                "bootstrap.servers": bootstrap,
                "enable.idempotence": True,
                "partitioner": "murmur2_random",
                "linger.ms": 2,
                "message.timeout.ms": int(ACKED_SECONDS * 1000),
                "reconnect.backoff.max.ms": 500,
                "log_level": 0,
            }
        )

    def staff(self, *desks: str) -> None:
        """Puts one responder with room for everybody on each desk of the technical pillar."""
        for desk_id in desks:
            responder = f"responder-{desk_id}"
            method = ContactMethod(kind="log")
            entry = RosterEntry(responder_id=responder, desk_id=desk_id, capacity=10_000, methods=(method,), **ABLE)
            asked: dict[str, Any] = {
                "actor": AGENT,
                "received_at": datetime.now(UTC),
                "desk_id": desk_id,
                "answer": False,
            }
            put = ResponderPut(command_id=self._uuid(), entry=entry, **asked)
            present = PresenceSet(command_id=self._uuid(), responder_id=responder, presence=Presence.AVAILABLE, **asked)
            for verb, data in (("responder_put", put), ("presence", present)):
                value, headers = encode(self._event(command_type(verb), data, desk_id))
                topic = desk_commands(Pillar.TECHNICAL).name
                self._producer.produce(topic, value, key=desk_id, headers=list(headers))
        assert self._producer.flush(ACKED_SECONDS) == 0, "the roster was not acknowledged"

    def send(self) -> None:
        """Publishes one record; its acknowledgement is logged when it comes, and nothing is when it does not."""
        topic, key, value, headers, told = self._draw()

        def delivered(error: object, _: object) -> None:
            if error is None:
                self._log(told)

        self._producer.produce(topic, value, key=key, headers=headers, on_delivery=delivered)

    def wait(self, seconds: float) -> None:
        """Listens for acknowledgements."""
        self._producer.poll(seconds)

    def _draw(self) -> Record:
        if self._earlier and self._random.random() < 0.05:
            return self._random.choice(self._earlier)
        self._number += 1
        urgent = self._random.random() < 0.05
        body = ReportBody(
            code=URGENT_CODE if urgent else self._random.choice(CODES),
            country=self._random.choice(("BE", "FR")),
            drill=False,
        )
        household_id = f"household-{self._random.randrange(HOUSEHOLDS)}"
        report = ReportSubmitted(
            report_id=self._uuid(),
            source=SOURCE,
            body_digest=blake2b(body.model_dump_json().encode(), digest_size=16).hexdigest(),
            household_id=household_id,
            channel=Channel.AGENT,
            actor=AGENT,
            received_at=datetime.now(UTC),
            body=body,
        )
        value, headers = encode(self._event(SUBMITTED, report, household_id))
        topic = INCIDENTS_P0.name if urgent else INCIDENTS.name
        told = {"report_id": report.report_id, "source": SOURCE, "household_id": household_id, "lane": topic}
        self._earlier.append((topic, household_id, value, list(headers), told))
        return self._earlier[-1]

    def _event(self, type_: str, data: BaseModel, key: str) -> Event:
        return Event(id=self._uuid(), type=type_, source=SOURCE, time=datetime.now(UTC), data=data, partitionkey=key)

    def _uuid(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))


class _Asked:
    """How many reports are still to send; the input is read on the side."""

    def __init__(self) -> None:
        self._left = 0
        threading.Thread(target=self._read, daemon=True).start()

    def one(self) -> bool:
        """Takes one, if there is one."""
        if not self._left:
            return False
        self._left -= 1
        return True

    def _read(self) -> None:
        for line in sys.stdin:
            self._left += int(line)


def main() -> None:
    """Obeys its input until it ends."""
    bootstrap, log, seed = sys.argv[1:]
    with Path(log).open("a", buffering=1) as acknowledged:
        sender = ReportSender(bootstrap, lambda told: print(json.dumps(told), file=acknowledged), int(seed))
        sender.staff("technical-be", "technical-fr")
        print("ready", flush=True)
        asked = _Asked()
        while True:
            if asked.one():
                sender.send()
            sender.wait(1 / RATE)


if __name__ == "__main__":
    main()
