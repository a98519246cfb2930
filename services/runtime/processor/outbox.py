"""What a transaction will write: effects become batches per topic and partition before the transaction begins."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from schemas.envelope import Event, Headers, encode
from schemas.topics import Sizing, Topic
from services.rules.machine import Effects, Save
from services.runtime.partitioning import partition_of

LARGEST_RECORD = 256 * 1024
_SURELY_SMALL = LARGEST_RECORD - 32 * 1024

Place = tuple[str, int]


class RecordTooLarge(ValueError):
    """A record of ours would exceed 256 KiB: our bug, found before anything was sent."""


@dataclass(slots=True)
class Outbox:
    """The batches of one transaction of the owner of `partition`; `count` tells how many partitions a sizing has."""

    producer: Any
    partition: int
    count: Callable[[Sizing], int]
    batches: dict[Place, list[Any]] = field(default_factory=dict)
    _saves: dict[tuple[str, str], Save] = field(default_factory=dict)

    def add(self, effects: Effects) -> None:
        """Takes effects over; only the last save of a key counts. Raises `RecordTooLarge`."""
        for save in effects.saves:
            self._saves[(save.topic.name, save.key)] = save
        for send in effects.sends:
            topic, body = send.topic, send.body
            place = (topic.name, partition_of(send.partition_by, self.count(topic.sizing)))
            if isinstance(body, Event):
                self._append(place, send.key.encode(), *encode(body))
            else:  # somebody else's bytes: they came over this broker, so they fit it
                self._put(place, send.key.encode(), body.value, body.headers)

    def seal(self, home: Topic, key: str, positions: BaseModel) -> None:
        """Encodes the saves, each key once, and the positions in the batch that is sent last. Raises `RecordTooLarge`."""
        for (topic, name), save in self._saves.items():
            value = None if save.record is None else save.record.model_dump_json().encode()
            self._append((topic, self.partition), name.encode(), value, ())
        self._saves.clear()
        place = (home.name, self.partition)
        self._append(place, key.encode(), positions.model_dump_json().encode(), ())
        self.batches[place] = self.batches.pop(place)

    def in_order(self) -> Iterator[tuple[str, int, Any]]:
        """Every batch as (topic, partition, batch), in the order to send them."""
        return ((topic, partition, batch) for (topic, partition), batches in self.batches.items() for batch in batches)

    def _append(self, place: Place, key: bytes, value: bytes | None, headers: Headers) -> None:
        if value is not None and len(value) > _SURELY_SMALL:
            _check(place, key, value, headers)
        self._put(place, key, value, headers)

    def _put(self, place: Place, key: bytes, value: bytes | None, headers: Headers) -> None:
        there = self.batches.get(place)
        if there is None:
            there = self.batches[place] = [self.producer.create_batch()]
        if there[-1].append(timestamp=None, key=key, value=value, headers=list(headers)) is None:
            there.append(self.producer.create_batch())
            there[-1].append(timestamp=None, key=key, value=value, headers=list(headers))


def _check(place: Place, key: bytes, value: bytes, headers: Headers) -> None:
    if len(key) + len(value) + sum(len(name) + len(text) for name, text in headers) > LARGEST_RECORD:
        raise RecordTooLarge(place[0])
