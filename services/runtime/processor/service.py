"""The processor as a service of the worker: membership, one task per owned partition, what operators see of them."""

import asyncio
from collections.abc import Iterable
from typing import Any

from mode import Service
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from schemas.topics import Topic, used_by
from services.rules.machine import Wiring
from services.runtime.agreement import agree
from services.runtime.health import Health
from services.runtime.processor.context import Context
from services.runtime.processor.ownership import Ownership
from services.runtime.processor.partition import Partition


class Processor(Service):
    """Runs the machines of the partitions this process owns."""

    def __init__(self, context: Context, health: Health, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._context = context
        self._partitions: dict[int, Partition] = {}
        self._first_assignment = True
        self._stopping = False
        self._ownership: Ownership | None = None
        self._attending: asyncio.Task[None] | None = None
        health.ready_if(self.not_ready)
        if context.settings.show_state:
            health.shows(self.snapshot)

    async def on_start(self) -> None:
        """Waits for the bus, however long, then joins. Raises `TopicsRefused`."""
        wiring = self._context.wiring
        await agree(self._context.settings, used_with(wiring), needed=wiring.states[0])
        await self._context.offsets.start()
        self._ownership = Ownership(self._context.settings, wiring.group, wiring.states[0].name, self._context.end)
        await self._ownership.start(self._revoked, self._assigned)
        self._attending = asyncio.create_task(self._attend(self._ownership), name="membership")

    async def on_stop(self) -> None:
        """Finishes the transactions in flight; leaves the membership to its session."""
        self._stopping = True
        if self._attending is not None:
            self._attending.cancel()
            await asyncio.gather(self._attending, return_exceptions=True)
        await asyncio.gather(*(partition.stop() for partition in self._partitions.values()))
        self._partitions.clear()
        if self._ownership is not None:
            await self._ownership.stop()
        await self._context.offsets.stop()
        self._context.flight.forget()

    def not_ready(self) -> str | None:
        """Why no work should be expected of this process, or None."""
        if self._ownership is None or not self._ownership.held:
            return "membership is not held"
        if waiting := [
            number for number, partition in self._partitions.items() if not partition.open and not partition.halted
        ]:
            return f"partitions {waiting} are being restored"
        return None

    async def snapshot(self) -> dict[str, Any]:
        """`{partition: {digest, positions}}` of the open partitions."""
        return {str(number): await partition.snapshot() for number, partition in sorted(self._partitions.items())}

    def lags(self) -> dict[int, dict[str, int]]:
        """Unread records by owned partition and topic."""
        return {number: partition.lags() for number, partition in self._partitions.items()}

    async def _attend(self, ownership: Ownership) -> None:
        try:
            await ownership.attend()
        except asyncio.CancelledError:
            raise
        except BaseException as problem:  # noqa: BLE001 - crash only
            self._context.end("membership_failed", problem)

    async def _revoked(self) -> None:
        """Before a rebalance: nothing is in flight when this returns. Memory is kept for what comes back to us."""
        partitions = list(self._partitions.values())
        kept = await asyncio.gather(*(partition.hold() for partition in partitions))
        for partition, keeps in zip(partitions, kept, strict=True):
            if not keeps and not partition.halted:
                del self._partitions[partition.number]

    async def _assigned(self, numbers: frozenset[int]) -> None:
        """After a rebalance: what went elsewhere is closed, what stayed goes on, what is new is opened."""
        if self._stopping:
            return
        gone = [self._partitions.pop(number) for number in set(self._partitions) - numbers]
        await asyncio.gather(*(partition.stop() for partition in gone))
        for number in sorted(numbers):
            if number in self._partitions:
                self._partitions[number].go_on()
            else:
                self._partitions[number] = Partition(self._context, number, after_exit=self._first_assignment)
        self._first_assignment = False


def used_with(wiring: Wiring) -> set[Topic]:
    """The topics of a wiring, and whatever else the contract lets the owner of its state write or read."""
    owner = wiring.states[0].producers[0]
    return {*(topic for tier in wiring.inputs for topic in tier), *wiring.states, *used_by(owner)}


class LagCollector(Collector):
    """The lag of every owned partition, computed when asked: a stuck loop cannot hide it."""

    def __init__(self, processor: Processor) -> None:
        self._processor = processor

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """One sample per owned partition and input topic."""
        lag = GaugeMetricFamily(
            "sameroof_input_lag_records", "Unread records (and markers) of an input", labels=["topic", "partition"]
        )
        for number, topics in self._processor.lags().items():
            for topic, records in topics.items():
                lag.add_metric([topic, str(number)], records)
        yield lag
