"""Keeps the rosters current: reads `desks.*` whole before the first delivery, then follows; no group, committed records only."""

import asyncio

from aiokafka import AIOKafkaConsumer, TopicPartition
from mode import Service

from schemas.topics import Sizing
from services.pager.rosters import PILLARS, Rosters
from services.runtime.connection import client_options
from services.runtime.exits import End
from services.runtime.settings import RuntimeSettings

START_WITHIN_SECONDS = 50.0
POLL_MS = 500
STALE_AFTER_SECONDS = 30.0


class RosterFollower(Service):
    """A service of the worker. Starting takes until the rosters are read; any error of Kafka ends the process."""

    abstract = False

    def __init__(self, settings: RuntimeSettings, rosters: Rosters, *, end: End) -> None:
        super().__init__()
        self._settings = settings
        self._rosters = rosters
        self._end = end
        self._consumer: AIOKafkaConsumer | None = None

    async def on_start(self) -> None:
        """Reads everything there is."""
        options = client_options(self._settings, f"sameroof-pager-{self._settings.instance}")
        self._consumer = AIOKafkaConsumer(
            **options, group_id=None, isolation_level="read_committed", auto_offset_reset="earliest"
        )
        try:
            async with asyncio.timeout(START_WITHIN_SECONDS):
                await self._consumer.start()
                await self._catch_up(self._consumer)
        except Exception as problem:  # noqa: BLE001 - without rosters nobody can be told
            self._end("rosters_unreadable", problem)

    async def on_stop(self) -> None:
        """Stops reading."""
        if self._consumer is not None:
            await self._consumer.stop()

    async def _catch_up(self, consumer: AIOKafkaConsumer) -> None:
        numbers = range(self._settings.partitions(Sizing.DESK))
        partitions = [TopicPartition(topic, number) for topic in PILLARS for number in numbers]
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        await consumer.seek_to_beginning()
        while any([await consumer.position(place) < end for place, end in ends.items()]):
            await self._read(consumer)

    @Service.task
    async def _follow(self) -> None:
        assert self._consumer is not None
        try:
            while not self.should_stop:
                await self._read(self._consumer)
        except Exception as problem:  # noqa: BLE001 - rosters that no longer change must not be used
            self._end("rosters_not_followed", problem)

    async def _read(self, consumer: AIOKafkaConsumer) -> None:
        batches = await asyncio.wait_for(consumer.getmany(timeout_ms=POLL_MS), STALE_AFTER_SECONDS)
        for place, records in batches.items():
            for record in records:
                self._rosters.restore(place.topic, (record.key or b"").decode("utf-8", "replace"), record.value)
