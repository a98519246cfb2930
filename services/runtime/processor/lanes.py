"""The inputs of one partition: each topic has its own consumer, so that unread records of one never keep another unfetched."""

import asyncio
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import OffsetOutOfRangeError

from services.rules.machine import Message, Wiring
from services.runtime.clock import Clock
from services.runtime.connection import client_options, stop_client
from services.runtime.processor.exits import PartitionHalted
from services.runtime.processor.flight import topic_code
from services.runtime.settings import RuntimeSettings

PLENTY = 3_000
CHUNK = 250
POLL_MS = 1_000

EPOCH = datetime.fromtimestamp(0, UTC)


class Lane:
    """One input topic of one partition: read ahead into `waiting` until there are `PLENTY` records.

    `failed` holds what ended the reading; the loop looks there, since it is woken for it.
    """

    def __init__(self, consumer: Any, topic: str, partition: int, *, urgent: bool, wake: asyncio.Event) -> None:
        self.topic = topic
        self.urgent = urgent
        self.code = topic_code(topic)
        self.waiting: deque[Any] = deque()
        self.failed: BaseException | None = None
        self._consumer = consumer
        self._place = TopicPartition(topic, partition)
        self._read_to = 0
        self._append_ms = -1
        self._appended_at = EPOCH
        self._wake = wake
        self._room = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def open(self, position: int) -> None:
        """Starts reading at `position`."""
        await self._consumer.start()
        self._consumer.assign([self._place])
        self._consumer.seek(self._place, position)
        self._read_to = position
        self._task = asyncio.create_task(self._read(), name=f"read {self.topic}-{self._place.partition}")

    async def close(self) -> None:
        """Ends the reading."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await stop_client(self._consumer)

    def take(self, clock: Clock) -> Message:
        """The next record as machines know it; only call it when `waiting` is not empty."""
        record = self.waiting.popleft()
        if len(self.waiting) == PLENTY - 1:
            self._room.set()
        if record.timestamp != self._append_ms:
            self._append_ms, self._appended_at = record.timestamp, clock.shifted(record.timestamp)
        return Message(
            record.topic, record.partition, record.offset, record.key, record.value, record.headers, self._appended_at
        )

    @property
    def position(self) -> int:
        """The next offset to handle: everything before it was taken, or is no record (markers, aborted ones)."""
        return self.waiting[0].offset if self.waiting else self._read_to

    async def refresh(self) -> None:
        """Notices markers and aborted records the consumer passed since it last brought a record."""
        if not self.waiting and self.failed is None:
            self._read_to = await self._consumer.position(self._place)

    def lag(self) -> int:
        """Records (and markers) between the position and the end last seen."""
        return max(0, (self._consumer.highwater(self._place) or 0) - self.position)

    async def _read(self) -> None:
        try:
            while True:
                fetched = await self._consumer.getmany(timeout_ms=POLL_MS, max_records=CHUNK)
                for records in fetched.values():
                    self.waiting.extend(records)
                self._read_to = await self._consumer.position(self._place)
                if fetched:
                    self._wake.set()
                if len(self.waiting) >= PLENTY:
                    self._room.clear()
                    await self._room.wait()
        except asyncio.CancelledError:
            raise
        except OffsetOutOfRangeError:
            self.failed = PartitionHalted("position_outside_log", self.topic)
        except BaseException as problem:  # noqa: BLE001 - the loop raises it again and ends the process
            self.failed = problem
        self._wake.set()


class Inputs:
    """All lanes of one partition, in the order of the wiring's tiers."""

    def __init__(self, settings: RuntimeSettings, wiring: Wiring, partition: int) -> None:
        self.wake = asyncio.Event()
        self.tiers = [
            [
                Lane(_consumer(settings), topic.name, partition, urgent=topic.name in wiring.urgent, wake=self.wake)
                for topic in tier
            ]
            for tier in wiring.inputs
        ]
        stops = [number for number, tier in enumerate(self.tiers) for lane in tier if lane.topic in wiring.stops]
        self._until_stops = max(stops, default=-1) + 1

    def __iter__(self) -> Iterator[Lane]:
        return (lane for tier in self.tiers for lane in tier)

    async def open(self, positions: dict[str, int]) -> None:
        """Starts all lanes."""
        await asyncio.gather(*(lane.open(positions[lane.topic]) for lane in self))

    async def close(self) -> None:
        """Ends all lanes."""
        await asyncio.gather(*(lane.close() for lane in self), return_exceptions=True)

    def next_lane(self, *, only_until_stops: bool = False) -> Lane | None:
        """The first lane with a record waiting; a tier's lanes take turns. Raises what ended a lane."""
        for tier in self.tiers[: self._until_stops] if only_until_stops else self.tiers:
            for lane in tier:
                if lane.failed is not None:
                    raise lane.failed
                if lane.waiting:
                    if len(tier) > 1:
                        tier.append(tier.pop(tier.index(lane)))
                    return lane
        return None

    def waiting(self) -> int:
        """How many records wait in all lanes."""
        return sum(len(lane.waiting) for lane in self)

    async def reached(self, ends: dict[str, int]) -> bool:
        """Whether every topic in `ends` was handled up to its offset there."""
        for lane in self:
            if lane.topic in ends:
                await lane.refresh()
                if lane.position < ends[lane.topic]:
                    return False
        return True


def _consumer(settings: RuntimeSettings) -> Any:
    return AIOKafkaConsumer(
        **client_options(settings, "sameroof-input"),
        group_id=None,
        isolation_level="read_committed",
        auto_offset_reset="none",
        enable_auto_commit=False,
        fetch_max_wait_ms=500,
        check_crcs=True,
    )
