"""Gateways of a product on a real broker, and a partner that publishes to them."""

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pytest
from confluent_kafka import KafkaException, Producer

from deploy.local.kafka import Broker
from schemas import topics
from schemas.messages import read
from schemas.reports import ReportSubmitted
from tests.stage.dumps import dump
from tests.stage.fleet import Member, wait_until
from tests.stage.product import PARTNER, Product, product

DOORS = topics.partner(PARTNER)


@pytest.fixture
def town(broker: Broker, tmp_path: Path) -> Iterator[Product]:
    """A product without processes whose topics can be read."""
    with product(broker, tmp_path) as running:
        wait_until("the topics just made have leaders", lambda: has_leaders(running))
        yield running


def has_leaders(town: Product) -> bool:
    with suppress(KafkaException):
        dead_ids(town)
        forwarded(town)
        return True
    return False


def gateway(town: Product, **settings: str) -> Member:
    """One without a parent, so that its end can be seen."""
    env = town.environment | {f"SAMEROOF_{name.upper()}": value for name, value in settings.items()}
    command = [sys.executable, "-m", "services.intake", "gateway"]
    member = Member("gateway-0", command, env, town.logs / f"gateway-{len(town.members)}.log").start()
    town.members.append(member)
    return member


def publish(town: Product, topic: topics.Topic, bodies: dict[str, bytes]) -> None:
    """Bodies by report id, by another Kafka client than ours."""
    servers = town.broker.bootstrap_servers
    producer = Producer({"bootstrap.servers": servers, "linger.ms": 20, "queue.buffering.max.messages": 1_000_000})
    for identity, body in bodies.items():
        headers: dict[str, str | bytes | None] = {
            "ce_specversion": b"1.0",
            "ce_id": identity,
            "ce_source": f"urn:partner:{PARTNER}:crm",
            "ce_type": "eu.sameroof.report.v1.submitted",
            "content-type": b"application/json",
        }
        producer.produce(topic.name, body, key=identity, headers=headers)
        producer.poll(0)
    assert producer.flush(30) == 0


def forwarded(town: Product, *lanes: str) -> Counter[str]:
    """How often each report was forwarded."""
    kept = dump(town.broker.bootstrap_servers, *(lanes or ("incidents", "incidents.p0")))
    found = [read(record.value, tuple(record.headers.items())).data for record in kept]
    return Counter(report.report_id for report in found if isinstance(report, ReportSubmitted))


def dead_ids(town: Product) -> list[str]:
    return [record.headers["dead_id"].decode() for record in dump(town.broker.bootstrap_servers, "intake.dead")]


def mixed(count: int) -> tuple[dict[str, bytes], int]:
    """Reports by id, one in ten of them bad; and how many those are."""
    ids = [uuid4().hex for _ in range(count)]
    return {one: b'{"code":' if n % 10 == 0 else b'{"code":"phishing"}' for n, one in enumerate(ids)}, count // 10
