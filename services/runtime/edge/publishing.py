"""Sends records in groups and waits until every one is acknowledged; anything else ends the process."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, cast

from schemas.envelope import Event, Headers, encode
from schemas.topics import Sizing
from services.rules.machine import Send
from services.runtime.edge.application import EdgeApp
from services.runtime.exits import End
from services.runtime.partitioning import partition_of

DELIVERED_WITHIN_SECONDS = 20.0

Delivery = Awaitable[Any]


class Publisher:
    """Publishes through the app's idempotent producer. One failed delivery leaves that producer unusable, hence `end`.

    Records of a group travel in batches made here: one future for each batch costs half of one for each record. `count` tells
    how many partitions topics of a sizing have.
    """

    def __init__(self, app: EdgeApp, count: Callable[[Sizing], int], end: End) -> None:
        self._app = app
        self._end = end
        self._count = count
        # aiokafka charges each turn of waiting for a partition with all the turns before it: among two hundred callers at
        # once most fail within a second. So they hand their batches over one after the other.
        self._turn = asyncio.Lock()

    async def send(self, sends: Iterable[Send]) -> list[Delivery]:
        """Hands `sends` over, in order within each partition; returns their deliveries, to be given to `delivered`."""
        try:
            async with asyncio.timeout(DELIVERED_WITHIN_SECONDS):
                batches = self._batches(sends)
                async with self._turn:
                    return [
                        await self._producer.send_batch(batch, topic, partition=partition)
                        for (topic, partition), made in batches.items()
                        for batch in made
                    ]
        except Exception as problem:  # noqa: BLE001 - whatever it is: nothing of this group may be settled
            self._end("send_failed", problem)

    async def delivered(self, deliveries: Iterable[Delivery]) -> None:
        """Returns once all are in the log of all in-sync replicas; otherwise the process ends."""
        try:
            async with asyncio.timeout(DELIVERED_WITHIN_SECONDS):
                for delivery in deliveries:
                    await delivery
        except Exception as problem:  # noqa: BLE001 - the same
            self._end("delivery_failed", problem)

    def _batches(self, sends: Iterable[Send]) -> dict[tuple[str, int], list[Any]]:
        batches: dict[tuple[str, int], list[Any]] = {}
        for send in sends:
            value, headers = _bytes_of(send)
            partition = partition_of(send.partition_by, self._count(send.topic.sizing))
            there = batches.setdefault((send.topic.name, partition), [])
            record = {"timestamp": None, "key": send.key.encode(), "value": value, "headers": list(headers)}
            if not there or there[-1].append(**record) is None:
                there.append(self._producer.create_batch())
                there[-1].append(**record)
        return batches

    @property
    def _producer(self) -> Any:
        """aiokafka's producer inside Faust's, which offers no batches."""
        return cast("Any", self._app.producer)._producer  # noqa: SLF001


def _bytes_of(send: Send) -> tuple[bytes | None, Headers]:
    return encode(send.body) if isinstance(send.body, Event) else (send.body.value, send.body.headers)
