"""Partner telcos, a process of its own: publishes the other half of the mixed reports with librdkafka, not with our client."""

import json
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from confluent_kafka import KafkaError, Message, Producer

from deploy.local.demo.plays import Play, asked
from deploy.local.demo.reporting import changed
from deploy.local.demo.reports import Draft
from deploy.local.demo.sendlog import SendLog, Sent
from deploy.local.demo.stackfile import Stack

REPORT = "eu.sameroof.report.v1.submitted"
HOUSEHOLD = "eu.sameroof.household.v1.snapshot"
_FLUSH_SECONDS = 30.0
# What no JSON reader takes; the second has a duplicate key, a way to smuggle another code.
_BROKEN = (b'{"code": "phishing", ', b'{"code": "phishing", "code": "malicious_calls"}')


def source_of(partner_id: str) -> str:
    """The event source of a partner's system."""
    return f"urn:partner:{partner_id}:crm"


def headers(partner_id: str, identity: str, type_: str) -> list[tuple[str, str | bytes | None]]:
    """CloudEvents attributes in binary mode."""
    attributes = {"specversion": "1.0", "id": identity, "source": source_of(partner_id), "type": type_}
    return [
        *((f"ce_{name}", what.encode()) for name, what in attributes.items()),
        ("content-type", b"application/json"),
    ]


@dataclass(frozen=True)
class Partners:
    """All partners of the town behind one producer: idempotent, acknowledged by all replicas."""

    stack: Stack
    log: SendLog
    producer: Producer

    def send(self, draft: Draft) -> None:
        """A report through its partner's door, urgent ones through the door for P0."""
        self._report(draft, draft.body, "report")
        if draft.again == "repeat":
            self._report(draft, draft.body, "repeat")
        elif draft.again == "conflict":
            self._report(draft, changed(draft.body), "conflict")

    def send_broken(self) -> None:
        """What is no report: it must become a dead letter and disturb nobody."""
        partner_id = min(self.stack.partners)
        for number, value in enumerate(_BROKEN):
            door = self._doors(partner_id)["incidents"]
            self._publish(door, partner_id, f"broken-{number}", value=value, kind="broken")

    def _report(self, draft: Draft, body: Mapping[str, Any], kind: str) -> None:
        assert draft.partner_id is not None
        door = self._doors(draft.partner_id)["incidents_p0" if draft.urgent else "incidents"]
        self._publish(door, draft.partner_id, draft.report_id, value=json.dumps(body).encode(), kind=kind)

    def _doors(self, partner_id: str) -> Mapping[str, str]:
        return self.stack.partners[partner_id]

    def _publish(self, topic: str, partner_id: str, identity: str, *, value: bytes, kind: str) -> None:
        now = datetime.now(UTC).isoformat()
        sent = Sent("partner", identity, "crowd", acked=False, attempts=1, sent_at=now, kind=kind)
        sent = replace(sent, source=source_of(partner_id), topic=topic)

        def delivered(failed: KafkaError | None, message: Message) -> None:
            answered_at = datetime.now(UTC).isoformat()
            self.log.write(
                replace(
                    sent,
                    acked=failed is None,
                    answered_at=answered_at,
                    partition=message.partition(),
                    offset=message.offset() if failed is None else None,
                )
            )

        self.producer.produce(
            topic, value, identity, headers=headers(partner_id, identity, REPORT), on_delivery=delivered
        )


def producer(stack: Stack) -> Producer:
    """What a careful partner uses."""
    return Producer(
        {
            "bootstrap.servers": stack.bootstrap_servers,
            "client.id": "demo-partners",
            "enable.idempotence": True,
            "acks": "all",
            "linger.ms": 5,
        }
    )


def send_all(play: Play, log: SendLog) -> int:
    """Every report of a partner at its time; how many were not acknowledged in the end."""
    stack = play.stack
    partners = Partners(stack, log, producer(stack))
    began = time.monotonic()
    partners.send_broken()
    for due, draft in play.crowd(stack):
        if draft.partner_id is not None:
            while (left := began + due - time.monotonic()) > 0:
                partners.producer.poll(min(left, 0.1))  # delivery reports come in here
            partners.send(draft)
    return partners.producer.flush(_FLUSH_SECONDS)


def main() -> int:
    """Publishes, then ends."""
    play = asked("deploy.local.demo.partner")
    log = SendLog(play.logs, "partners")
    unsent = send_all(play, log)
    log.close()
    return 1 if unsent else 0


if __name__ == "__main__":
    sys.exit(main())
