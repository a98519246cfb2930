"""Takes waiting records through the machine, in order of the lanes, as many as one transaction may hold."""

import asyncio
import time
from datetime import datetime

from schemas.words import DeadReason
from services.rules.machine import Effects, Message
from services.runtime.processor.context import Context
from services.runtime.processor.exits import HandlerRaised
from services.runtime.processor.lanes import Lane
from services.runtime.processor.opening import Opened
from services.runtime.processor.outbox import Outbox
from services.runtime.processor.standing import Suspicion, verdict

HANDLING_SECONDS = 0.02
SLICE_SECONDS = 0.004
MOST_RECORDS = 2_000

Done = tuple[Effects, Message | None]


class Handling:
    """One transaction's worth of records: `done` in the order handled, their effects in the outbox."""

    def __init__(self, context: Context, opened: Opened, suspicion: Suspicion, outbox: Outbox) -> None:
        self.done: list[Done] = []
        self.outbox = outbox
        self._context = context
        self._opened = opened
        self._standing = opened.standing
        self._suspicion = suspicion

    async def take(self, *, only_until_stops: bool) -> None:
        """Handles for at most 20 ms, giving way every 4 ms; an urgent record is one by itself. Raises `HandlerRaised`."""
        until = time.perf_counter() + HANDLING_SECONDS
        while lane := self._opened.inputs.next_lane(only_until_stops=only_until_stops):
            if lane.urgent and self.done:
                return
            most = 1 if lane.urgent else self._standing.most(lane.topic, MOST_RECORDS) - len(self.done)
            self._some(lane, most)
            if (
                lane.urgent
                or time.perf_counter() > until
                or len(self.done) >= self._standing.most(lane.topic, MOST_RECORDS)
            ):
                return
            if self._next_is_suspect(lane):
                return
            await asyncio.sleep(0)

    def alone(self, lane: Lane, *, attempts_left: bool) -> None:
        """Handles, or rejects, the one record at the head of a lane."""
        spot = (lane.topic, lane.waiting[0].offset)
        reason = verdict(spot, self._suspicion, attempts_left=attempts_left)
        message = lane.take(self._context.clock)
        self._context.flight.enter(self._opened.partition, lane.code, message.offset)
        try:
            self._one(message, reason)
        finally:
            self._context.flight.leave()
        self._standing.passed(lane.topic, lane.position)

    def _some(self, lane: Lane, most: int) -> None:
        """Records of one lane for one slice; nothing else runs meanwhile, so no other lane can fill."""
        until = time.perf_counter() + SLICE_SECONDS
        flight, clock, partition = self._context.flight, self._context.clock, self._opened.partition
        try:
            while lane.waiting and most > 0 and not self._next_is_suspect(lane):
                message = lane.take(clock)
                flight.enter(partition, lane.code, message.offset)
                self._one(message, None)
                most -= 1
                if time.perf_counter() > until:
                    break
        finally:
            flight.leave()
        self._standing.passed(lane.topic, lane.position)

    def _next_is_suspect(self, lane: Lane) -> bool:
        return bool(lane.waiting) and self._standing.alone((lane.topic, lane.waiting[0].offset))

    def _one(self, message: Message, reason: DeadReason | None) -> None:
        now = self._standing.instant(self._context.clock.now())
        try:
            effects = self._decide(message, reason, now)
            self.outbox.add(effects)
        except Exception as problem:
            raise HandlerRaised(message.topic, message.offset) from problem
        self.done.append((effects, message))

    def _decide(self, message: Message, reason: DeadReason | None, now: datetime) -> Effects:
        if reason is None:
            return self._opened.machine.handle(message, now)
        self._context.metrics.rejected.labels(message.topic, reason.value).inc()
        return self._opened.machine.reject(message, reason, now)
