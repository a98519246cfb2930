"""Feeds the read model from the bus; keeps going while the bus is away, and ends the process when its offsets make no sense."""

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError, OffsetOutOfRangeError

from schemas.topics import Cleanup, Topic, every_topic
from services.intake.folding import folds
from services.intake.metrics import IntakeMetrics
from services.intake.read_model import ReadModel
from services.intake.waiters import Waiters
from services.rules.machine import Message
from services.runtime.connection import client_options
from services.runtime.settings import RuntimeSettings

RETRY_BACKOFF_MS = 200
POLL_MS = 250
LONGEST_FETCH_MS = 40  # an empty long poll blocks the next fetch of every partition it leaves out
BATCH = 1_000
CONNECT_SECONDS = 10.0
LOOK_SECONDS = 1.0
KEEP_ALIVE_SECONDS = 60.0
RECONNECT_SECONDS = 0.5

log = structlog.get_logger()


class ReadModelRefused(Exception):
    """The read model's offsets are not those of this bus; the next start rebuilds it."""


class Follower:
    """One consumer without a group over every partition of the read model's topics."""

    def __init__(
        self,
        settings: RuntimeSettings,
        model: ReadModel,
        waiters: Waiters,
        *,
        metrics: IntakeMetrics,
        now: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._model = model
        self._waiters = waiters
        self._metrics = metrics
        self.now = now
        self._partitions = partitions_of(settings)
        self._ends: Mapping[TopicPartition, int] = {}
        self.caught_up = False
        self.bus_up = False

    async def run(self) -> None:
        """Follows until cancelled. Raises `ReadModelRefused` when only a rebuild helps."""
        while True:
            try:
                await self._follow()
            except (KafkaError, OSError, TimeoutError) as problem:
                log.warning("read_model.reconnecting", error=type(problem).__name__)
            self._see(up=False)
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _follow(self) -> None:
        options = client_options(self._settings, f"sameroof-read-model-{self._settings.instance}")
        options["retry_backoff_ms"] = RETRY_BACKOFF_MS
        consumer = AIOKafkaConsumer(
            **options,
            group_id=None,
            isolation_level="read_committed",
            auto_offset_reset="none",
            enable_auto_commit=False,
            fetch_max_wait_ms=LONGEST_FETCH_MS,
        )
        looking: asyncio.Task[None] | None = None
        try:
            await asyncio.wait_for(consumer.start(), CONNECT_SECONDS)
            await asyncio.wait_for(self._place(consumer), CONNECT_SECONDS)
            looking = asyncio.create_task(self._look(consumer))
            await self._read(consumer)
        except OffsetOutOfRangeError:
            await self._condemn("an offset is no longer on the bus")
        finally:
            if looking is not None:
                looking.cancel()
            with suppress(KafkaError, OSError, TimeoutError):
                await asyncio.wait_for(consumer.stop(), CONNECT_SECONDS)

    async def _place(self, consumer: AIOKafkaConsumer) -> None:
        """Puts every partition where the rows end; a log that was cut or replaced under them is refused."""
        consumer.assign(list(self._partitions))
        firsts = await consumer.beginning_offsets(list(self._partitions))
        self._ends = await consumer.end_offsets(list(self._partitions))
        for partition, topic in self._partitions.items():
            stored = self._model.positions.get((partition.topic, partition.partition))
            first, last = firsts[partition], self._ends[partition]
            cut = stored is not None and stored < first and topic.cleanup is Cleanup.COMPACT
            if cut or (stored is not None and stored > last):
                await self._condemn("the log is not the one the rows come from")
            consumer.seek(partition, max(first, stored or 0))
        self._see(up=True)

    async def _read(self, consumer: AIOKafkaConsumer) -> None:
        kept_alive = time.monotonic()
        while True:
            batches = await consumer.getmany(timeout_ms=POLL_MS, max_records=BATCH)
            messages = [message_of(record) for records in batches.values() for record in records]
            if messages:
                applied = await self._model.apply(messages, self.now())
                self._waiters.tell(applied.changes)
                for topic in applied.unreadable:
                    self._metrics.unreadable.labels(topic).inc()
            if not self.caught_up:
                self.caught_up = await _reached(consumer, self._ends)
            if time.monotonic() - kept_alive > KEEP_ALIVE_SECONDS:
                kept_alive = time.monotonic()
                await self._model.keep_alive(self.now())

    async def _look(self, consumer: AIOKafkaConsumer) -> None:
        """Once a second: is the bus there, and how far behind are we?"""
        while True:
            try:
                ends = await asyncio.wait_for(consumer.end_offsets(list(self._partitions)), LOOK_SECONDS * 2)
                behind = [ends[partition] - await consumer.position(partition) for partition in self._partitions]
                self._metrics.read_model_lag.set(sum(max(0, one) for one in behind))
                self._see(up=True)
            except (KafkaError, OSError, TimeoutError):
                self._see(up=False)
            await asyncio.sleep(LOOK_SECONDS)

    def _see(self, *, up: bool) -> None:
        if up != self.bus_up:
            log.info("bus.seen", state="up" if up else "down")
            self.bus_up = up
            self._waiters.wake_streams()
        self._metrics.bus_up.set(up)

    async def _condemn(self, why: str) -> None:
        await self._model.condemn()
        raise ReadModelRefused(why)


def partitions_of(settings: RuntimeSettings) -> dict[TopicPartition, Topic]:
    """Every partition of the read model's topics."""
    wanted = folds().keys()
    return {
        TopicPartition(topic.name, number): topic
        for topic in every_topic()
        if topic.name in wanted
        for number in range(settings.partitions(topic.sizing))
    }


def message_of(record: Any) -> Message:
    """An aiokafka record as the rules know it."""
    appended_at = datetime.fromtimestamp(record.timestamp / 1000, UTC)
    return Message(
        record.topic, record.partition, record.offset, record.key, record.value, tuple(record.headers), appended_at
    )


async def _reached(consumer: AIOKafkaConsumer, ends: Mapping[TopicPartition, int]) -> bool:
    for partition, end in ends.items():
        if await consumer.position(partition) < end:
            return False
    return True
