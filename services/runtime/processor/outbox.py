"""What a transaction will write: effects become batches per topic and partition before the transaction begins."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from schemas.envelope import Event, Headers, encode
from schemas.topics import Topic
from services.rules.machine import Effects, Send
from services.runtime.partitioning import partition_of

LARGEST_RECORD = 256 * 1024

Place = tuple[str, int]


class RecordTooLarge(ValueError):
    """A record of ours would exceed 256 KiB: our bug, found before anything was sent."""


@dataclass(slots=True)
class Outbox:
    """The batches of one transaction of the owner of `partition`. `counts` (partitions by topic) is shared and learnt."""

    producer: Any
    partition: int
    counts: dict[str, int]
    batches: dict[Place, list[Any]] = field(default_factory=dict)
    sent: dict[str, int] = field(default_factory=dict)
    _saves: dict[tuple[str, str], BaseModel | None] = field(default_factory=dict)

    async def add(self, effects: Effects) -> None:
        """Takes effects over. Only the last save of a key counts. Raises `RecordTooLarge`."""
        for save in effects.saves:
            self.save(save.topic, save.key, save.record)
        for send in effects.sends:
            count = self.counts.get(send.topic.name) or await self._learn(send.topic.name)
            value, headers = _bytes_of(send)
            place = (send.topic.name, partition_of(send.partition_by, count))
            self._append(place, send.key.encode(), value, headers)

    def save(self, topic: Topic, key: str, record: BaseModel | None) -> None:
        """Takes over one changelog record."""
        self._saves[(topic.name, key)] = record

    def seal(self) -> None:
        """Encodes the saves, each key once. Raises `RecordTooLarge`."""
        for (topic, key), record in self._saves.items():
            value = None if record is None else record.model_dump_json().encode()
            self._append((topic, self.partition), key.encode(), value, ())
        self._saves.clear()

    def last(self, place: Place, key: bytes, value: bytes) -> None:
        """Appends one record to `place` and makes sure its batch is the last one sent."""
        self._append(place, key, value, ())
        self.batches[place] = self.batches.pop(place)

    def _append(self, place: Place, key: bytes, value: bytes | None, headers: Headers) -> None:
        if len(key) + len(value or b"") + sum(len(name) + len(text) for name, text in headers) > LARGEST_RECORD:
            raise RecordTooLarge(place[0])
        there = self.batches.get(place)
        if there is None:
            there = self.batches[place] = [self.producer.create_batch()]
        if there[-1].append(timestamp=None, key=key, value=value, headers=list(headers)) is None:
            there.append(self.producer.create_batch())
            there[-1].append(timestamp=None, key=key, value=value, headers=list(headers))
        self.sent[place[0]] = self.sent.get(place[0], 0) + 1

    async def _learn(self, topic: str) -> int:
        count = len(await self.producer.partitions_for(topic))
        self.counts[topic] = count
        return count

    def in_order(self) -> Iterator[tuple[str, int, Any]]:
        """Every batch as (topic, partition, batch), in the order to send them."""
        return ((topic, partition, batch) for (topic, partition), batches in self.batches.items() for batch in batches)


def _bytes_of(send: Send) -> tuple[bytes | None, Headers]:
    body = send.body
    return encode(body) if isinstance(body, Event) else (body.value, body.headers)
