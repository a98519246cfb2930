"""Forwards the records of one topic: decide, publish, wait for every delivery, and only then settle."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from schemas.envelope import EnvelopeError
from schemas.words import DeadReason
from services.rules.machine import Message, Send
from services.runtime.clock import Clock
from services.runtime.edge.arrivals import Arrival
from services.runtime.edge.metrics import EdgeMetrics
from services.runtime.edge.publishing import Delivery, Publisher
from services.runtime.exits import CrashPoints, End

LARGEST_GROUP = 500
GROUPS_UNDER_WAY = 3
LOOP_SECONDS = 0.002
GIVEN_WAY_SECONDS = 0.05
POINTS = ("before_forward", "after_forward")

Sends = tuple[Send, ...]


@dataclass(frozen=True, slots=True)
class Forwarding:
    """What a topic's records become. `decide` raises `EnvelopeError` for a bad record; both are pure.

    `reject` is asked for the dead letter (and what goes with it) of a record that `decide` refused or raised on.
    While `gives_way` says so nothing more of the topic is forwarded: work that matters more has the processor to itself.
    """

    decide: Callable[[Message, datetime], Sends]
    reject: Callable[[Message, DeadReason, datetime], Sends]
    gives_way: Callable[[], bool] = lambda: False


@dataclass(frozen=True, slots=True)
class Means:
    """What forwarders of one process share."""

    clock: Clock
    metrics: EdgeMetrics
    end: End
    points: CrashPoints


class Forwarder:
    """One topic's queue and its one task. A group is what gathered meanwhile, at most 500; the next is decided while it is delivered.

    Groups are sent in order and `GROUPS_UNDER_WAY` bounds how many are not delivered yet.
    """

    def __init__(self, group: str, forwarding: Forwarding, publisher: Publisher, means: Means) -> None:
        self._group = group
        self._forwarding = forwarding
        self._publisher = publisher
        self._means = means
        self._waiting: deque[Arrival] = deque()
        self._some = asyncio.Event()
        self._room = asyncio.Semaphore(GROUPS_UNDER_WAY)

    def take(self, arrival: Arrival) -> None:
        """Queues one record; the transport bounds how many."""
        self._waiting.append(arrival)
        self._some.set()

    async def run(self) -> None:
        """Forwards group after group until cancelled; ends the process on anything unforeseen."""
        async with asyncio.TaskGroup() as under_way:
            while True:
                await self._some.wait()
                await self._room.acquire()
                while self._forwarding.gives_way():  # noqa: ASYNC110 - how far the other is behind can only be asked
                    await asyncio.sleep(GIVEN_WAY_SECONDS)
                group = [self._waiting.popleft() for _ in range(min(LARGEST_GROUP, len(self._waiting)))]
                if not self._waiting:
                    self._some.clear()
                try:
                    deliveries = await self._send(group)
                except Exception as problem:  # noqa: BLE001 - a bug of ours: nothing of this group may be settled
                    self._means.end("forwarding_raised", problem)
                under_way.create_task(self._settle(group, deliveries))

    async def _send(self, group: list[Arrival]) -> list[Delivery]:
        sends: list[Send] = []
        breath = time.monotonic() + LOOP_SECONDS
        for arrival in group:
            sends.extend(self._become(arrival.message))
            if time.monotonic() > breath:
                await asyncio.sleep(0)
                breath = time.monotonic() + LOOP_SECONDS
        self._means.points.hit("before_forward")
        return await self._publisher.send(sends)

    async def _settle(self, group: list[Arrival], deliveries: list[Delivery]) -> None:
        await self._publisher.delivered(deliveries)
        self._means.points.hit("after_forward")
        now = self._means.clock.now()
        for arrival in group:
            arrival.settle()
        self._count(group, now)
        self._room.release()

    def _become(self, message: Message) -> Sends:
        now = self._means.clock.now()
        try:
            return self._forwarding.decide(message, now)
        except EnvelopeError as refused:
            reason = refused.reason
        except Exception as problem:  # noqa: BLE001 - our bug, but the record must not be lost nor its neighbours wait
            place = {"topic": message.topic, "partition": message.partition, "offset": message.offset}
            structlog.get_logger().error("edge.handler_failed", **place, exc_info=problem)
            reason = DeadReason.HANDLER_FAILED
        self._means.metrics.dead.labels(self._group, message.topic, reason.value).inc()
        return self._forwarding.reject(message, reason, now)

    def _count(self, group: list[Arrival], now: datetime) -> None:
        oldest, metrics = group[0].message, self._means.metrics
        metrics.settled.labels(self._group, oldest.topic).inc(len(group))
        metrics.settle_seconds.labels(self._group, oldest.topic).observe((now - oldest.appended_at).total_seconds())
