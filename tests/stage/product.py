"""The product's own processes on a broker of their own, and what a test may put on their topics."""

import asyncio
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from confluent_kafka import Consumer, Producer, TopicPartition

from deploy.local.kafka import Broker
from schemas import topics
from schemas.base import Actor
from schemas.catalogue import HERE
from schemas.commands import PresenceSet, ResponderPut, command_type
from schemas.envelope import Event, encode
from schemas.rosters import ContactMethod, RosterEntry
from schemas.topics import Topic
from schemas.words import Pillar, Presence, Role
from services.runtime.partitioning import partition_of
from services.runtime.settings import RuntimeSettings
from services.runtime.topics import create_or_verify
from tests.shipped import ABLE
from tests.stage.fleet import Member, stop_all

HOUSEHOLD_PARTITIONS, DESK_PARTITIONS = 4, 2
PARTNER = "telco"
SUPERVISOR = Actor(role=Role.SUPERVISOR, id="supervisor-1")


@dataclass
class Product:
    """A broker with all topics, and the processes started on it so far; `catalogue` is the folder of another one than the shipped."""

    broker: Broker
    logs: Path
    catalogue: Path = HERE
    members: list[Member] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """The settings every process shares."""
        return {
            "SAMEROOF_KAFKA_BOOTSTRAP_SERVERS": self.broker.bootstrap_servers,
            "SAMEROOF_HOUSEHOLD_PARTITIONS": str(HOUSEHOLD_PARTITIONS),
            "SAMEROOF_DESK_PARTITIONS": str(DESK_PARTITIONS),
            "SAMEROOF_REPLICATION": "1",
            "SAMEROOF_PARTNERS": PARTNER,
            "SAMEROOF_CATALOGUE": str(self.catalogue),
        }

    def start(self, name: str, *module: str, **settings: str) -> Member:
        """Start `python -m <module>` under the name; it may not be ready yet."""
        env = self.environment | {f"SAMEROOF_{key.upper()}": value for key, value in settings.items()}
        command = [sys.executable, "-m", *module]
        member = Member(name, command, env, self.logs / f"{name}.log", supervised=True).start()
        self.members.append(member)
        return member

    def start_core(self, *pillars: Pillar) -> dict[str, Member]:
        """The router and these pillars' desks, ready."""
        started = {"router": self.start("router-0", "services.router")}
        for pillar in pillars:
            started[pillar] = self.start(f"{pillar}-0", "services.responders", pillar=pillar)
        for member in started.values():
            member.wait_ready()
        return started

    def publish(self, topic: Topic, records: Iterable[tuple[str, bytes, dict[str, bytes]]]) -> None:
        """Append records `(partition key, value, headers)`; returns when the broker has them all."""
        producer = Producer({"bootstrap.servers": self.broker.bootstrap_servers, "linger.ms": 20, "acks": "all"})
        count = HOUSEHOLD_PARTITIONS if topic.sizing is topics.Sizing.HOUSEHOLD else DESK_PARTITIONS
        for key, value, headers in records:
            place = partition_of(key, count)
            while True:
                try:
                    producer.produce(topic.name, value, key.encode(), partition=place, headers=list(headers.items()))
                    break
                except BufferError:
                    producer.poll(0.05)
        assert producer.flush(30) == 0

    def send(self, topic: Topic, event: Event) -> None:
        """Append one of our own events."""
        value, headers = encode(event)
        self.publish(topic, [(event.partitionkey, value, dict(headers))])

    def on_duty(self, responder: str, desk: str, *, capacity: int = 3) -> None:
        """A responder in a desk's roster, available."""
        now = datetime.now(UTC)
        entry = RosterEntry(
            responder_id=responder, desk_id=desk, capacity=capacity, methods=(ContactMethod(kind="log"),), **ABLE
        )
        common = {"actor": SUPERVISOR, "received_at": now, "desk_id": desk}
        put = ResponderPut.model_validate({**common, "command_id": f"put-{responder}", "entry": entry})
        available = {"command_id": f"on-{responder}", "responder_id": responder, "presence": Presence.AVAILABLE}
        come = PresenceSet.model_validate({**common, **available})
        topic = topics.desk_commands(Pillar(desk.partition("-")[0]))
        for verb, command in (("responder_put", put), ("presence", come)):
            self.send(topic, Event(command.command_id, command_type(verb), "urn:sameroof:intake", now, command, desk))


@contextmanager
def product(broker: Broker, logs: Path, catalogue: Path = HERE) -> Iterator[Product]:
    """Topics made, processes stopped afterwards."""
    running = Product(broker, logs, catalogue)
    settings = RuntimeSettings(
        kafka_bootstrap_servers=broker.bootstrap_servers,
        household_partitions=HOUSEHOLD_PARTITIONS,
        desk_partitions=DESK_PARTITIONS,
        replication=1,
    )
    asyncio.run(create_or_verify(settings, topics.every_topic([PARTNER])))
    try:
        yield running
    finally:
        stop_all(running.members)


class Watch:
    """Reads a topic's new committed records as they become readable, by a client that is not ours."""

    def __init__(self, broker: Broker, *names: str) -> None:
        self.consumer = Consumer({
            "bootstrap.servers": broker.bootstrap_servers,
            "group.id": "watch",
            "isolation.level": "read_committed",
            "enable.auto.commit": False,
            "fetch.wait.max.ms": 500,
        })  # fmt: skip
        places = [
            TopicPartition(name, number, self.consumer.get_watermark_offsets(TopicPartition(name, number))[1])
            for name in names
            for number in self.consumer.list_topics(name).topics[name].partitions
        ]
        self.consumer.assign(places)

    def first(self, wanted: bytes, seconds: float) -> float:
        """When (wall clock, s) a record whose value contains `wanted` was first readable."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            record = self.consumer.poll(0.05)
            if record is not None and record.error() is None and wanted in (record.value() or b""):
                return time.time()
        raise AssertionError(f"not readable within {seconds} s")

    def close(self) -> None:
        """Let go of the broker."""
        self.consumer.close()


def same_id(name: str) -> str:
    """An id for a test's own thing."""
    return str(uuid5(NAMESPACE_URL, name))
