"""What a partition's state machine is (DESIGN section 4): messages and instants in, effects out; three drivers run the same machine."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from pydantic import BaseModel

from schemas.envelope import Event, Headers
from schemas.topics import Topic
from schemas.words import DeadReason


@dataclass(frozen=True, slots=True)
class Message:
    """One record as it was read: bytes are not decoded yet, so that a bad one can be kept whole.

    `appended_at` is the broker's append time (UTC); `topic` is the name on the bus.
    """

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    appended_at: datetime


@dataclass(frozen=True, slots=True)
class Letter:
    """Bytes sent on unchanged, with headers of their own: how a dead letter keeps its original."""

    value: bytes | None
    headers: Headers


class Send(NamedTuple):
    """One record to publish. The driver encodes it and derives the partition from `partition_by`."""

    topic: Topic
    key: str
    partition_by: str
    body: Event | Letter


class Save(NamedTuple):
    """One changelog record, written to the machine's own partition of a compacted topic; `None` is a tombstone."""

    topic: Topic
    key: str
    record: BaseModel | None


@dataclass(frozen=True, slots=True)
class Effects:
    """What one step wants done: all of it in one transaction, or none. Values, nothing is done yet."""

    sends: tuple[Send, ...] = ()
    saves: tuple[Save, ...] = ()

    def __add__(self, other: "Effects") -> "Effects":
        return Effects(self.sends + other.sends, self.saves + other.saves)


NOTHING = Effects()


class Machine(Protocol):
    """One partition's state machine: the households of a router partition, the desks of a responders partition.

    `restore` replays one changelog record (`None`: a tombstone) before anything else is called; `topic` is the name
    of the compacted topic it was read from. `reject` is called instead of `handle` for a record whose `handle` raised
    twice or that ended the process three times; it writes the dead letter and keeps the books whole. `fire` handles
    at most `limit` deadlines due at `now`, most urgent band first.
    """

    def restore(self, topic: str, key: str, record: bytes | None) -> None: ...
    def handle(self, message: Message, now: datetime) -> Effects: ...
    def reject(self, message: Message, reason: DeadReason, now: datetime) -> Effects: ...
    def next_due(self) -> datetime | None: ...
    def fire(self, now: datetime, limit: int) -> Effects: ...
    def digest(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Wiring:
    """Which topics a machine lives on. `inputs` is a sequence of tiers in the order they are read; a tier's topics take
    turns. The first tier is the P0 lane. `states` are its compacted topics: the first one is subscribed to for
    ownership and also keeps the positions. `urgent` are the inputs whose records get a transaction of their own;
    `stops` are the inputs that can stop a clock and are read up to their end before a deadline fires."""

    group: str
    inputs: Sequence[Sequence[Topic]]
    states: Sequence[Topic]
    urgent: frozenset[str]
    stops: frozenset[str]
