"""One owned partition over time: opened, run, reopened when a handler raised, halted when a human is needed."""

import asyncio
import time
from typing import Any

import structlog

from services.runtime.processor.context import Context
from services.runtime.processor.deadlines import Deadlines, Setback
from services.runtime.processor.exits import HandlerRaised, PartitionHalted, TimersRaised
from services.runtime.processor.loop import Loop
from services.runtime.processor.opening import open_partition
from services.runtime.processor.standing import Suspicion


class Partition:
    """The task of one owned partition number. `halted` is the reason code when it stopped for good."""

    def __init__(self, context: Context, number: int, *, after_exit: bool) -> None:
        self.number = number
        self.halted: str | None = None
        self._context = context
        self._after_exit = after_exit
        self._stopping = False
        self._suspicion = Suspicion()
        self._setback = Setback()
        self._loop: Loop | None = None
        self._task = asyncio.create_task(self._run(), name=f"partition {number}")
        self._log = structlog.get_logger().bind(group=context.wiring.group, partition=number)

    @property
    def open(self) -> bool:
        """Whether it is restored and runs (or is held for a moment)."""
        return self._loop is not None

    async def hold(self) -> bool:
        """Finishes the transaction in flight and begins no other. False when there was nothing to keep: an opening is
        given up instead, since what it read may be stale by the time it would end."""
        if self._loop is None:
            await self.stop()
            return False
        await self._loop.hold()
        return True

    def go_on(self) -> None:
        """Ends a hold. Whoever else had the partition meanwhile has fenced our producer, so memory is still the truth
        if the next transaction commits, and the process ends if it does not."""
        if self._loop is not None:
            self._loop.go_on()

    async def stop(self) -> None:
        """Finishes the transaction in flight and closes the clients."""
        self._stopping = True
        if self._loop is None:
            self._task.cancel()
        else:
            await self._loop.stop()
        await asyncio.gather(self._task, return_exceptions=True)

    async def snapshot(self) -> dict[str, Any]:
        """`{digest, positions}` between two transactions, or `{halted}`; empty while it opens."""
        if self._loop is not None:
            return await self._loop.snapshot()
        return {"halted": self.halted} if self.halted else {}

    def lags(self) -> dict[str, int]:
        """Unread records by input topic; empty while it opens."""
        return {} if self._loop is None else self._loop.lags()

    async def _run(self) -> None:
        try:
            while await self._once():
                pass
        except asyncio.CancelledError as cancelled:
            if not self._stopping:  # a client's own cancellation must not leave a partition that nobody runs
                self._context.end("partition_cancelled", cancelled)
            raise
        except PartitionHalted as halted:
            self.halted = halted.reason
            self._context.metrics.halted.labels(self.number, halted.reason).set(1)
            self._log.critical("partition.halted", reason=halted.reason, topic=halted.topic, exc_info=halted.__cause__)
        except BaseException as problem:  # noqa: BLE001 - crash only: whatever it was, its outcome is not known
            self._context.end("partition_failed", problem)

    async def _once(self) -> bool:
        """Opens and runs the partition once. True when it must be opened again."""
        began = time.monotonic()
        opened = await open_partition(self._context, self.number, after_exit=self._after_exit)
        self._after_exit = False
        try:
            loop = Loop(self._context, opened, self._suspicion, Deadlines(self._context, opened, self._setback))
            self._context.clock.refuse_if_apart(await loop.first_transaction())
            self._context.metrics.restore_seconds.labels(self.number).set(time.monotonic() - began)
            self._log.info("partition.opened", seconds=round(time.monotonic() - began, 3))
            self._loop = loop
            await loop.run()
        except HandlerRaised as raised:
            self._log.error("handler.raised", topic=raised.topic, offset=raised.offset, exc_info=raised.__cause__)
            if not self._suspicion.note((raised.topic, raised.offset)):
                raise PartitionHalted("reject_raised", raised.topic) from raised.__cause__
            return self._again()
        except TimersRaised as raised:
            self._setback.again()
            self._context.metrics.timers_failing.labels(self.number).set(1)
            self._log.critical("timers.raised", attempt=self._setback.count, exc_info=raised.__cause__)
            return self._again()
        finally:
            self._loop = None
            await opened.close()
        return False

    def _again(self) -> bool:
        self._context.metrics.reopened.labels(self.number).inc()
        return True
