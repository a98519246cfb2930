"""Where logs begin and end, asked on a connection of its own: one with a long poll on it would answer only after the poll."""

import asyncio
from collections.abc import Iterable
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from services.runtime.connection import client_options, stop_client
from services.runtime.settings import RuntimeSettings


class Offsets:
    """Log start, high watermark and last stable offset by topic, for one partition number at a time."""

    def __init__(self, settings: RuntimeSettings) -> None:
        self._settings = settings
        self._all: Any = None
        self._stable: Any = None

    async def start(self) -> None:
        """Connects."""
        options = client_options(self._settings, "sameroof-offsets")
        self._all = AIOKafkaConsumer(**options, group_id=None, isolation_level="read_uncommitted")
        self._stable = AIOKafkaConsumer(**options, group_id=None, isolation_level="read_committed")
        await asyncio.gather(self._all.start(), self._stable.start())

    async def stop(self) -> None:
        """Disconnects; may be called without a start."""
        clients = [client for client in (self._all, self._stable) if client is not None]
        await asyncio.gather(*(stop_client(client) for client in clients))

    async def starts(self, topics: Iterable[str], partition: int) -> dict[str, int]:
        """First offset still in each log."""
        return _by_topic(await self._all.beginning_offsets(_places(topics, partition)))

    async def high_watermarks(self, topics: Iterable[str], partition: int) -> dict[str, int]:
        """End of each log, open transactions included."""
        return _by_topic(await self._all.end_offsets(_places(topics, partition)))

    async def stable_ends(self, topics: Iterable[str], partition: int) -> dict[str, int]:
        """End of what a read_committed reader can read now."""
        return _by_topic(await self._stable.end_offsets(_places(topics, partition)))


def _places(topics: Iterable[str], partition: int) -> list[TopicPartition]:
    return [TopicPartition(topic, partition) for topic in topics]


def _by_topic(found: dict[TopicPartition, int]) -> dict[str, int]:
    return {place.topic: offset for place, offset in found.items()}
