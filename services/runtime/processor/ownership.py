"""Which partitions are ours (DESIGN section 5.1): a static member subscribed to the state topic alone, that never reads a record."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor

from services.runtime.connection import client_options, stop_client
from services.runtime.exits import End
from services.runtime.settings import RuntimeSettings

Revoked = Callable[[], Awaitable[None]]
Assigned = Callable[[frozenset[int]], Awaitable[None]]

NEVER_MS = 2**31 - 1
POLL_MS = 1_000


class Ownership(ConsumerRebalanceListener):  # type: ignore[misc]
    """Membership of one process in its group. `revoked()` must return with no transaction in flight; `assigned(numbers)`
    follows with all that is ours now. Once lost, membership is never taken up again: the process ends, because a
    resumed zombie that rejoined under its static name would evict its successor."""

    def __init__(self, settings: RuntimeSettings, group: str, topic: str, end: End) -> None:
        self.held = False
        self._settings = settings
        self._topic = topic
        self._end = end
        self._revoked: Revoked | None = None
        self._assigned: Assigned | None = None
        self._log = structlog.get_logger().bind(group=group)
        session_ms = int(settings.session_seconds * 1000)
        self._consumer: Any = AIOKafkaConsumer(
            **client_options(settings, f"{group}-{settings.instance}"),
            group_id=group,
            group_instance_id=settings.instance,
            session_timeout_ms=session_ms,
            heartbeat_interval_ms=session_ms // 3,
            rebalance_timeout_ms=session_ms,
            max_poll_interval_ms=NEVER_MS,
            partition_assignment_strategy=(RangePartitionAssignor,),
            enable_auto_commit=False,
            # Only so that aiokafka finds some position before we give it one; nothing is ever read from there.
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=1_024,
        )

    async def start(self, revoked: Revoked, assigned: Assigned) -> None:
        """Joins the group; the callbacks follow."""
        self._revoked, self._assigned = revoked, assigned
        await self._consumer.start()
        coordinator = self._consumer._coordinator  # noqa: SLF001 - aiokafka would rejoin on its own and tell nobody
        forget = coordinator.reset_generation

        def lost() -> None:
            if self.held:
                self._end("membership_lost", None)
            forget()

        coordinator.reset_generation = lost
        self._consumer.subscribe([self._topic], listener=self)

    async def attend(self) -> None:
        """Runs for ever: brings errors of the membership to light. Raises what ended it."""
        while True:
            records = await self._consumer.getmany(timeout_ms=POLL_MS)
            assert not records, "the ownership consumer is paused and never reads"

    async def stop(self) -> None:
        """Leaves without telling: a static member's partitions wait for it to come back, for a session at most."""
        self.held = False
        await stop_client(self._consumer)

    async def on_partitions_revoked(self, revoked: list[TopicPartition]) -> None:
        """Called by aiokafka before it joins again."""
        if not revoked or self._revoked is None:
            return
        try:
            async with asyncio.timeout(self._settings.session_seconds):
                await self._revoked()
        except BaseException as problem:  # noqa: BLE001 - aiokafka would only log it
            self._end("revocation_failed", problem)

    async def on_partitions_assigned(self, assigned: list[TopicPartition]) -> None:
        """Called by aiokafka after it joined."""
        self._consumer.pause(*assigned)
        for place in assigned:
            self._consumer.seek(place, 0)
        self.held = True
        numbers = frozenset(place.partition for place in assigned)
        self._log.info("partitions.assigned", partitions=sorted(numbers))
        assert self._assigned is not None
        try:
            await self._assigned(numbers)
        except BaseException as problem:  # noqa: BLE001 - aiokafka would only log it
            self._end("assignment_failed", problem)
