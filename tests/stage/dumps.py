"""What a topic holds, read_committed, by a Kafka client that is not ours: evidence that no bug of ours can colour."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

QUIET_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Kept:
    """One committed record."""

    topic: str
    partition: int
    offset: int
    key: str | None
    value: bytes | None
    headers: dict[str, bytes]
    append_ms: int


def dump(bootstrap: str, *topics: str, whole: bool = True) -> list[Kept]:
    """Every committed record of these topics, in order within each partition.

    A commit is answered before it can be read: `whole` waits until transactions that were ending have ended.
    """
    consumer = _consumer(bootstrap, "read_committed")
    try:
        places = [place for topic in topics for place in _places(consumer, topic)]
        wanted = {(place.topic, place.partition): 0 for place in places}
        if whole:
            wanted = {(topic, partition): end for topic in topics for partition, end in ends(bootstrap, topic).items()}
        consumer.assign(places)
        return list(_until(consumer, wanted))
    finally:
        consumer.close()


def ends(bootstrap: str, topic: str) -> dict[int, int]:
    """The high watermark of each partition."""
    consumer = _consumer(bootstrap, "read_uncommitted")
    try:
        return {place.partition: _watermarks(consumer, place)[1] for place in _places(consumer, topic)}
    finally:
        consumer.close()


def _consumer(bootstrap: str, isolation: str) -> Consumer:
    return Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "dump",
            "isolation.level": isolation,
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "auto.offset.reset": "error",
            "fetch.wait.max.ms": 50,
        }
    )


def _places(consumer: Consumer, topic: str) -> list[TopicPartition]:
    found = consumer.list_topics(topic, timeout=QUIET_SECONDS).topics[topic]
    places = [TopicPartition(topic, partition, 0) for partition in found.partitions]
    for place in places:
        place.offset = _watermarks(consumer, place)[0]
    return places


def _watermarks(consumer: Consumer, place: TopicPartition) -> tuple[int, int]:
    """First offset and high watermark; a topic just made has no leader for a moment."""
    until = time.monotonic() + QUIET_SECONDS
    while True:
        try:
            found: tuple[int, int] = consumer.get_watermark_offsets(place, timeout=QUIET_SECONDS)
        except KafkaException as problem:
            if time.monotonic() > until or not problem.args[0].retriable():
                raise
            time.sleep(0.05)
        else:
            return found


def _until(consumer: Consumer, wanted: dict[tuple[str, int], int]) -> Iterator[Kept]:
    while wanted:
        message = consumer.poll(QUIET_SECONDS)
        if message is None:
            raise TimeoutError("the broker says nothing; is a transaction left open?")
        error = message.error()
        if error is None:
            yield _kept(message)
        elif error.code() != KafkaError._PARTITION_EOF:
            raise KafkaException(error)
        elif (message.offset() or 0) >= wanted.get(_place(message), 0):
            wanted.pop(_place(message), None)


def _place(message: Any) -> tuple[str, int]:
    return message.topic(), message.partition()


def _kept(message: Any) -> Kept:
    key = message.key()
    return Kept(
        message.topic(),
        message.partition(),
        message.offset(),
        None if key is None else key.decode(),
        message.value(),
        dict(message.headers() or ()),
        message.timestamp()[1],
    )
