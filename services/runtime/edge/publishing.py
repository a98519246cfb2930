"""Sends records in groups and waits until every one is acknowledged; anything else ends the process."""

import asyncio
from collections.abc import Awaitable, Iterable
from typing import Any

from schemas.envelope import Event, Headers, encode
from services.rules.machine import Send
from services.runtime.edge.application import EdgeApp
from services.runtime.partitioning import partition_of
from services.runtime.processor.exits import End

DELIVERED_WITHIN_SECONDS = 20.0


class Publisher:
    """Publishes through the app's idempotent producer. One failed delivery leaves that producer unusable, hence `end`."""

    def __init__(self, app: EdgeApp, end: End) -> None:
        self._app = app
        self._end = end
        self._counts: dict[str, int] = {}

    async def publish(self, sends: Iterable[Send]) -> None:
        """Returns once all of `sends` are in the log of all in-sync replicas; otherwise the process ends."""
        try:
            async with asyncio.timeout(DELIVERED_WITHIN_SECONDS):
                for delivery in [await self._send(send) for send in sends]:
                    await delivery
        except Exception as problem:  # noqa: BLE001 - whatever it is: nothing of this group may be settled
            self._end("delivery_failed", problem)

    async def _send(self, send: Send) -> Awaitable[Any]:
        value, headers = _bytes_of(send)
        count = self._counts.get(send.topic.name) or await self._learn(send.topic.name)
        return await self._app.producer.send(
            send.topic.name,
            send.key.encode(),
            value,
            partition_of(send.partition_by, count),
            None,
            list(headers),
        )

    async def _learn(self, topic: str) -> int:
        producer: Any = self._app.producer
        count = len(await producer._producer.partitions_for(topic))  # noqa: SLF001 - faust does not offer it
        self._counts[topic] = count
        return count


def _bytes_of(send: Send) -> tuple[bytes | None, Headers]:
    return encode(send.body) if isinstance(send.body, Event) else (send.body.value, send.body.headers)
