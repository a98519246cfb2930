"""What topics hold, read_committed, through another Kafka client than the product's; kept in a file, it can be judged again."""

import json
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

WANTED = re.compile(
    r"incidents(\.p0)?|case\.events|cases|router\.state|progress|notices|commands(\.\w+)?|dispatch\.\w+(\.p0)?|desks\.\w+|\w+\.dead"
)
_ANSWER_SECONDS = 10.0
_QUIET_SECONDS = 15.0


@dataclass(frozen=True)
class Record:
    """One committed record. `at_ms` is the broker's append time; bytes that are not UTF-8 keep their escapes."""

    topic: str
    partition: int
    offset: int
    at_ms: int
    key: str | None
    headers: dict[str, str]
    value: str | None

    @cached_property
    def data(self) -> dict[str, Any]:
        """The value as a JSON object; empty for anything else."""
        try:
            found = json.loads(self.value or "{}")
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def fact(self) -> str:
        """The last word of the event's type: `opened`, `taken`, `offered`."""
        return self.headers.get("ce_type", "").rpartition(".")[2]


@dataclass(frozen=True)
class Dump:
    """Every record of the topics judged, in offset order within a partition, and what the page sink received."""

    records: tuple[Record, ...]
    received: tuple[dict[str, Any], ...]

    def of(self, pattern: str) -> Iterator[Record]:
        """The records of the topics whose whole name matches."""
        wanted = re.compile(pattern)
        return (one for one in self.records if wanted.fullmatch(one.topic))

    def latest(self, pattern: str) -> list[Record]:
        """Of each key of a partition the newest record, tombstones left out: what a compacted topic says now."""
        newest = {(one.topic, one.partition, one.key): one for one in self.of(pattern)}
        return [one for one in newest.values() if one.value is not None]


def take(bootstrap_servers: str, received: Iterable[dict[str, Any]]) -> Dump:
    """Reads every wanted topic from its beginning to its end. Raises KafkaException, or TimeoutError when the broker is silent."""
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap_servers,
            "group.id": "demo-verdict",  # never joined: partitions are assigned by hand
            "isolation.level": "read_committed",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "auto.offset.reset": "error",
            "fetch.wait.max.ms": 20,
        }
    )
    try:
        places = _places(consumer)
        consumer.assign(places)
        return Dump(tuple(_until_the_end(consumer, places)), tuple(received))
    finally:
        consumer.close()


def reports_on(bootstrap_servers: str) -> int:
    """How many records the topics of reports hold, about; 0 on a fresh stack."""
    consumer = Consumer({"bootstrap.servers": bootstrap_servers, "group.id": "demo-verdict"})
    try:
        marks = [
            consumer.get_watermark_offsets(TopicPartition(name, partition), timeout=_ANSWER_SECONDS)
            for name, found in consumer.list_topics(timeout=_ANSWER_SECONDS).topics.items()
            if name in {"incidents", "incidents.p0"}
            for partition in found.partitions
        ]
        return sum(high - low for low, high in marks)
    finally:
        consumer.close()


def _places(consumer: Consumer) -> list[TopicPartition]:
    topics = consumer.list_topics(timeout=_ANSWER_SECONDS).topics
    places = [
        TopicPartition(name, partition)
        for name, found in sorted(topics.items())
        if WANTED.fullmatch(name)
        for partition in found.partitions
    ]
    for place in places:
        place.offset = consumer.get_watermark_offsets(place, timeout=_ANSWER_SECONDS)[0]
    return places


def _until_the_end(consumer: Consumer, places: Iterable[TopicPartition]) -> Iterator[Record]:
    """Until each place has said once that its end is reached; one that grows meanwhile says so again."""
    unfinished = {(place.topic, place.partition) for place in places}
    heard = time.monotonic()
    while unfinished:
        for message in consumer.consume(1_000, timeout=0.2):
            heard = time.monotonic()
            error = message.error()
            if error is None:
                yield record_of(message)
            elif error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 - the client has no public name for it
                unfinished.discard((str(message.topic()), message.partition() or 0))
            else:
                raise KafkaException(error)
        if time.monotonic() - heard > _QUIET_SECONDS:
            raise TimeoutError(f"the broker says nothing about {min(unfinished)}; is a transaction left open?")


def record_of(message: Message) -> Record:
    """A message that is no error, as a record."""
    headers = {str(header[0]): _text(header[1]) or "" for header in message.headers() or ()}
    topic, partition, offset = message.topic(), message.partition(), message.offset()
    assert topic is not None
    assert partition is not None
    assert offset is not None
    return Record(
        topic, partition, offset, message.timestamp()[1], _text(message.key()), headers, _text(message.value())
    )


def _text(raw: bytes | str | None) -> str | None:
    return raw.decode("utf-8", "surrogateescape") if isinstance(raw, bytes) else raw


def save(dump: Dump, file: Path) -> None:
    """One JSON line per record, then one per notice received; for its owner's eyes only, reports are in it."""
    file.touch(mode=0o600)
    with file.open("w", encoding="ascii") as out:
        for record in dump.records:
            out.write(json.dumps({"record": asdict(record)}) + "\n")
        for notice in dump.received:
            out.write(json.dumps({"received": notice}) + "\n")


def load(file: Path) -> Dump:
    """What `save` wrote."""
    records: list[Record] = []
    received: list[dict[str, Any]] = []
    for line in file.read_text("ascii").splitlines():
        entry = json.loads(line)
        if "record" in entry:
            records.append(Record(**entry["record"]))
        else:
            received.append(entry["received"])
    return Dump(tuple(records), tuple(received))
