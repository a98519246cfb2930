"""One transaction: outputs, changelog and position become visible together, or the process ends not knowing."""

import asyncio
import time
from typing import Any

from schemas.positions import POSITIONS_KEY
from services.runtime.processor.context import Context
from services.runtime.processor.opening import Opened
from services.runtime.processor.outbox import Outbox

COMMIT_SECONDS = 8.0


class Transactions:
    """Commits outboxes of one opened partition, one after the other."""

    def __init__(self, context: Context, opened: Opened) -> None:
        self._context = context
        self._opened = opened
        self.committed_at = time.monotonic()

    def outbox(self) -> Outbox:
        """An empty outbox."""
        return Outbox(self._opened.producer, self._opened.partition, self._context.settings.partitions)

    def seal(self, outbox: Outbox) -> None:
        """Completes an outbox with the standing as it is now."""
        outbox.seal(self._context.wiring.states[0], POSITIONS_KEY, self._opened.standing.record())

    async def commit_standing(self) -> int:
        """Commits the standing alone; the broker's append time in milliseconds. No crash point."""
        outbox = self.outbox()
        self.seal(outbox)
        return await self.commit(outbox, quiet=True)

    async def commit(self, outbox: Outbox, *, quiet: bool = False) -> int:
        """Sends a sealed outbox, awaits every delivery, commits; the append time of the position in milliseconds. Any
        error or a delay of 8 s is for the caller to end the process with; nothing is repeated. `quiet` ones are no
        crash points."""
        began = time.perf_counter()
        async with asyncio.timeout(COMMIT_SECONDS):
            await self._opened.producer.begin_transaction()
            append_ms = await self._send(outbox, quiet=quiet)
            self._hit("before_commit", quiet=quiet)
            await self._opened.producer.commit_transaction()
        self._hit("after_commit", quiet=quiet)
        self._context.metrics.transaction_seconds.observe(time.perf_counter() - began)
        self.committed_at = time.monotonic()
        return append_ms

    async def _send(self, outbox: Outbox, *, quiet: bool) -> int:
        producer = self._opened.producer
        self._hit("after_begin", quiet=quiet)
        futures: list[Any] = []
        batches = list(outbox.in_order())
        for number, (topic, partition, batch) in enumerate(batches, start=1):
            if number == len(batches):
                self._hit("before_position", quiet=quiet)
            futures.append(await producer.send_batch(batch, topic, partition=partition))
            if number == 1 and self._context.points.point == "between_sends":
                await futures[0]
                self._hit("between_sends", quiet=quiet)
        # Each future by itself: aiokafka commits although a batch failed that nobody looked at.
        delivered = [await future for future in futures]
        self._hit("after_position", quiet=quiet)
        return int(delivered[-1].timestamp)

    def _hit(self, point: str, *, quiet: bool) -> None:
        if not quiet:
            self._context.points.hit(point)
