"""The loop of one opened partition (DESIGN section 5.3): deadlines and records in turn, each round one transaction."""

import asyncio
import time
from datetime import datetime
from typing import Any

from schemas.words import DeadReason
from services.rules.machine import NOTHING, Effects, Message
from services.runtime.processor.context import Context
from services.runtime.processor.deadlines import Deadlines
from services.runtime.processor.exits import HandlerRaised
from services.runtime.processor.lanes import Lane, message_of
from services.runtime.processor.opening import Opened
from services.runtime.processor.outbox import Outbox
from services.runtime.processor.standing import Suspicion, verdict
from services.runtime.processor.transaction import Transactions

HANDLING_SECONDS = 0.02
SLICE_SECONDS = 0.004
MOST_RECORDS = 500
GATHER_SECONDS = 0.01
ENOUGH_WITHOUT_GATHERING = 50
LONGEST_IDLE_SECONDS = 0.25
WAITING_IDLE_SECONDS = 0.005
POSITION_EVERY_SECONDS = 60.0

Done = tuple[Effects, Message | None, datetime]


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
        self._going = asyncio.Event()
        self._going.set()
        self._quiet = asyncio.Lock()
        self._stopping = False

    async def first_transaction(self) -> int:
        """Proves the ownership by committing the standing; its append time in milliseconds."""
        return await self._transactions.commit(self._transactions.outbox(), quiet=True)

    async def run(self) -> None:
        """Until `stop`. Raises `HandlerRaised`, `TimersRaised` or `PartitionHalted` with nothing half done; any other
        error means that the outcome is not known."""
        while not self._stopping:
            if not self._going.is_set():
                await self._going.wait()
                continue
            async with self._quiet:
                busy = await self._deadlines_round() | await self._records_round()
            if not busy:
                await self._idle()

    async def hold(self) -> None:
        """Returns when no transaction is in flight and none will begin before `go_on`."""
        self._going.clear()
        self._inputs.wake.set()
        async with self._quiet:
            pass

    def go_on(self) -> None:
        """Ends a `hold`."""
        self._going.set()

    async def stop(self) -> None:
        """Ends `run` after the transaction in flight."""
        self._stopping = True
        await self.hold()
        self._going.set()

    async def snapshot(self) -> dict[str, Any]:
        """Digest and positions between two transactions, when both belong together."""
        async with self._quiet:
            return {"digest": self._opened.machine.digest(), "positions": dict(self._standing.inputs)}

    async def _deadlines_round(self) -> bool:
        now = await self._deadlines.ready()
        if now is None:
            return False
        effects = self._deadlines.fire(now)
        if effects is NOTHING or not (effects.sends or effects.saves):
            await asyncio.sleep(0)
            return True
        outbox = self._transactions.outbox()
        await outbox.add(effects)
        outbox.seal()
        await self._commit(outbox, [(effects, None, now)])
        return True

    async def _records_round(self) -> bool:
        lane = self._inputs.next_lane(only_until_stops=self._deadlines.waiting)
        if lane is None:
            return await self._keep_position()
        if not (lane.urgent or self._deadlines.waiting or self._alone(lane)):
            await self._gather()
        self._context.points.hit("after_poll")
        outbox, done = await self._handle_some()
        self._context.points.hit("after_handle")
        await self._commit(outbox, done)
        return True

    async def _gather(self) -> None:
        """Lets a few more records come before paying for a transaction; not when an urgent one is there."""
        until = time.monotonic() + GATHER_SECONDS
        while (left := until - time.monotonic()) > 0 and self._inputs.waiting() < ENOUGH_WITHOUT_GATHERING:
            lane = self._inputs.next_lane()
            if self._stopping or not self._going.is_set() or (lane is not None and lane.urgent):
                return
            await self._sleep(left)

    async def _handle_some(self) -> tuple[Outbox, list[Done]]:
        outbox, done = self._transactions.outbox(), list[Done]()
        began = since = time.perf_counter()
        while lane := self._inputs.next_lane(only_until_stops=self._deadlines.waiting):
            alone = lane.urgent or self._alone(lane)
            if done and alone:
                break
            done.append(await self._handle(lane, outbox))
            now = time.perf_counter()
            if alone or now - began > HANDLING_SECONDS or len(done) >= self._standing.most(lane.topic, MOST_RECORDS):
                break
            if now - since > SLICE_SECONDS:
                await asyncio.sleep(0)
                since = time.perf_counter()
        self._seal(outbox, done)
        return outbox, done

    def _alone(self, lane: Lane) -> bool:
        return bool(self._suspicion.raised) or self._standing.alone((lane.topic, lane.waiting[0].offset))

    async def _handle(self, lane: Lane, outbox: Outbox) -> Done:
        spot = (lane.topic, lane.waiting[0].offset)
        attempts_left = True
        if self._standing.alone(spot):
            attempts_left = self._standing.attempt(spot)
            await self._transactions.commit(self._transactions.outbox(), quiet=True)
        message = message_of(lane.take(), self._context.clock.shifted)
        now = self._standing.instant(self._context.clock.now())
        reason = verdict(spot, self._suspicion, attempts_left=attempts_left)
        self._context.flight.enter(self._opened.partition, lane.code, spot[1])
        try:
            effects = self._decide(message, reason, now)
            await outbox.add(effects)
        except Exception as problem:
            raise HandlerRaised(*spot) from problem
        finally:
            self._context.flight.leave()
        self._standing.passed(lane.topic, lane.position)
        return effects, message, now

    def _decide(self, message: Message, reason: DeadReason | None, now: datetime) -> Effects:
        machine = self._opened.machine
        if reason is None:
            return machine.handle(message, now)
        self._context.metrics.rejected.labels(message.topic, reason.value).inc()
        return machine.reject(message, reason, now)

    def _seal(self, outbox: Outbox, done: list[Done]) -> None:
        try:
            outbox.seal()
        except Exception as problem:
            _, message, _ = done[-1]
            assert message is not None
            raise HandlerRaised(message.topic, message.offset) from problem

    async def _commit(self, outbox: Outbox, done: list[Done]) -> None:
        await self._transactions.commit(outbox)
        self._standing.committed(message.topic for _, message, _ in done if message is not None)
        for effects, message, now in done:
            self._context.observe(effects, message, now)
            if message is not None:
                self._context.metrics.handled.labels(message.topic).inc()
                if self._suspicion.raised or self._suspicion.condemned:
                    self._suspicion.forget((message.topic, message.offset))
        for topic, count in outbox.sent.items():
            self._context.metrics.sent.labels(topic).inc(count)

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
            await self._transactions.commit(self._transactions.outbox(), quiet=True)
        return moved

    async def _idle(self) -> None:
        longest = WAITING_IDLE_SECONDS if self._deadlines.waiting else LONGEST_IDLE_SECONDS
        await self._sleep(
            max(0.001, self._deadlines.seconds_to_next(longest)) if not self._deadlines.waiting else longest
        )

    async def _sleep(self, seconds: float) -> None:
        """Until a record comes, at most so long."""
        self._inputs.wake.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._inputs.wake.wait()
        except TimeoutError:
            return
