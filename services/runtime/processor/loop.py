"""The loop of one opened partition (DESIGN section 5.3): deadlines and records in turn, each round one transaction.

While a transaction is on its way the next one's records are handled, so that the machine and the broker work at the same
time; it begins when the one before is committed, and its positions were sealed when its last record was handled.
"""

import asyncio
import time
from collections import Counter
from typing import Any

from services.runtime.processor.context import Context
from services.runtime.processor.deadlines import Deadlines
from services.runtime.processor.exits import HandlerRaised
from services.runtime.processor.handling import Done, Handling
from services.runtime.processor.lanes import Lane
from services.runtime.processor.opening import Opened
from services.runtime.processor.outbox import Outbox
from services.runtime.processor.standing import Suspicion
from services.runtime.processor.transaction import Transactions

GATHER_SECONDS = 0.01
ENOUGH_WITHOUT_GATHERING = 50
WORTH_OVERLAPPING = 200
LONGEST_IDLE_SECONDS = 0.25
WAITING_IDLE_SECONDS = 0.005
POSITION_EVERY_SECONDS = 60.0


class Loop:
    """Runs one opened partition until told to stop; can be held between two transactions."""

    def __init__(self, context: Context, opened: Opened, suspicion: Suspicion, deadlines: Deadlines) -> None:
        self._context = context
        self._opened = opened
        self._inputs = opened.inputs
        self._standing = opened.standing
        self._suspicion = suspicion
        self._deadlines = deadlines
        self._transactions = Transactions(context, opened)
        self._flying: asyncio.Task[None] | None = None
        self._going = asyncio.Event()
        self._going.set()
        self._quiet = asyncio.Lock()
        self._stopping = False

    async def first_transaction(self) -> int:
        """Proves the ownership by committing the standing; its append time in milliseconds."""
        return await self._transactions.commit_standing()

    async def run(self) -> None:
        """Until `stop`. Raises `HandlerRaised`, `TimersRaised` or `PartitionHalted` with nothing half done; any other
        error means that the outcome is not known."""
        try:
            while not self._stopping:
                await self._going.wait()
                async with self._quiet:
                    busy = await self._deadlines_round() | await self._records_round()
                if not busy:
                    await self._settle()
                    await self._idle()
        finally:
            await self._settle()

    async def hold(self) -> None:
        """Returns when no transaction is in flight and none will begin before `go_on`."""
        self._going.clear()
        self._inputs.wake.set()
        async with self._quiet:
            await self._settle()

    def go_on(self) -> None:
        """Ends a `hold`."""
        self._going.set()

    async def stop(self) -> None:
        """Ends `run` after the transaction in flight."""
        self._stopping = True
        await self.hold()
        self._going.set()

    async def snapshot(self) -> dict[str, Any]:
        """Digest and positions between two transactions, when both belong together and are committed."""
        async with self._quiet:
            await self._settle()
            return {"digest": self._opened.machine.digest(), "positions": dict(self._standing.inputs)}

    def lags(self) -> dict[str, int]:
        """Unread records by input topic."""
        return {lane.topic: lane.lag() for lane in self._inputs}

    async def _deadlines_round(self) -> bool:
        now = await self._deadlines.ready()
        if now is None or self._stopping:
            return False
        effects = self._deadlines.fire(now)
        handling = self._handling()
        handling.outbox.add(effects)
        if effects.sends or effects.saves:
            self._transactions.seal(handling.outbox)
            await self._launch(handling.outbox, [(effects, None)])
        return True

    async def _records_round(self) -> bool:
        if self._stopping or (lane := self._next_lane()) is None:
            return await self._keep_position()
        handling = self._handling()
        if self._alone(lane):
            await self._attempt(lane, handling)
        else:
            await self._gather(lane)
            self._context.points.hit("after_poll")
            await handling.take(only_until_stops=self._deadlines.waiting)
        self._context.points.hit("after_handle")
        self._seal(handling)
        await self._launch(handling.outbox, handling.done)
        return True

    async def _attempt(self, lane: Lane, handling: Handling) -> None:
        """A record that may raise, or end the process: nothing else is in flight, and the attempt is counted first."""
        await self._settle()
        spot = (lane.topic, lane.waiting[0].offset)
        attempts_left = True
        if self._standing.alone(spot):
            attempts_left = self._standing.attempt(spot)
            await self._transactions.commit_standing()
        self._context.points.hit("after_poll")
        handling.alone(lane, attempts_left=attempts_left)

    def _alone(self, lane: Lane) -> bool:
        return bool(self._suspicion.raised) or self._standing.alone((lane.topic, lane.waiting[0].offset))

    async def _gather(self, lane: Lane) -> None:
        """Lets a few more records come before paying for a transaction; not when an urgent one is there."""
        if self._flying is not None and self._inputs.waiting() < WORTH_OVERLAPPING:
            await self._settle()
            return
        until = time.monotonic() + GATHER_SECONDS
        while (left := until - time.monotonic()) > 0 and self._inputs.waiting() < ENOUGH_WITHOUT_GATHERING:
            first = self._next_lane() or lane
            if self._stopping or not self._going.is_set() or first.urgent or self._deadlines.waiting:
                return
            await self._sleep(left)

    def _handling(self) -> Handling:
        return Handling(self._context, self._opened, self._suspicion, self._transactions.outbox())

    def _next_lane(self) -> Lane | None:
        return self._inputs.next_lane(only_until_stops=self._deadlines.waiting)

    def _seal(self, handling: Handling) -> None:
        try:
            self._transactions.seal(handling.outbox)
        except Exception as problem:
            _, message = handling.done[-1]
            assert message is not None
            raise HandlerRaised(message.topic, message.offset) from problem

    async def _launch(self, outbox: Outbox, done: list[Done]) -> None:
        """Begins the transaction of a sealed outbox once the one before is committed."""
        await self._settle()
        self._flying = asyncio.create_task(self._fly(outbox, done), name="transaction")

    async def _settle(self) -> None:
        """Returns when no transaction is in flight. Raises what became of the last one."""
        flying = self._flying
        if flying is not None:
            await flying
            if self._flying is flying:
                self._flying = None

    async def _fly(self, outbox: Outbox, done: list[Done]) -> None:
        await self._transactions.commit(outbox)
        handled: Counter[str] = Counter()
        for effects, message in done:
            self._context.observe(effects)
            if message is not None:
                handled[message.topic] += 1
                if self._suspicion.raised:
                    self._suspicion.forget((message.topic, message.offset))
        self._standing.committed(handled)
        for topic, count in handled.items():
            self._context.metrics.handled.labels(topic).inc(count)
        for topic, _, batch in outbox.in_order():
            self._context.metrics.sent.labels(topic).inc(batch.record_count())

    async def _keep_position(self) -> bool:
        """Commits a position that moved over markers alone, so that retention never overtakes an idle input's."""
        if time.monotonic() - self._transactions.committed_at < POSITION_EVERY_SECONDS:
            return False
        moved = False
        for lane in self._inputs:
            await lane.refresh()
            moved |= self._standing.inputs[lane.topic] != lane.position
            self._standing.inputs[lane.topic] = lane.position
        if moved:
            await self._settle()
            await self._transactions.commit_standing()
        return moved

    async def _idle(self) -> None:
        self._inputs.wake.clear()
        if self._inputs.waiting() and not self._deadlines.waiting:
            return  # came while the last transaction was settled
        if self._deadlines.waiting:
            await self._sleep(WAITING_IDLE_SECONDS)
        else:
            await self._sleep(max(0.001, self._deadlines.seconds_to_next(LONGEST_IDLE_SECONDS)))

    async def _sleep(self, seconds: float) -> None:
        """Until a record comes, at most so long."""
        self._inputs.wake.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._inputs.wake.wait()
        except TimeoutError:
            return
