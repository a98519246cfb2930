"""Tells people: P0 never behind another, what else comes for one person in one message, until somebody's provider has taken it."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass

import structlog

from schemas.notices import NoticeIssued
from schemas.words import NoticeKind
from services.pager.bundling import MOST_TOGETHER, Bundles, is_bundled
from services.pager.metrics import PagerMetrics
from services.pager.reading import notice_in
from services.pager.receipts import receipt
from services.pager.recipients import Directory, Route
from services.pager.retrying import ROSTER_MAY_LAG_SECONDS, Schedule, Undertaking
from services.pager.standing import Standing
from services.rules.machine import Send
from services.runtime.clock import Clock
from services.runtime.delivery import LOG, Deliverer, Method
from services.runtime.edge.arrivals import Arrival
from services.runtime.edge.publishing import Publisher
from services.runtime.exits import CrashPoints, End

POINTS = ("after_delivery",)
ROSTER_RECHECK_SECONDS = 0.1
BUNDLE_RECHECK_SECONDS = 0.05
AT_ONCE = {True: 64, False: 16}  # attempts at one address at a time, urgent or not


@dataclass(frozen=True)
class Means:
    """What telling needs from outside."""

    directory: Directory
    deliverer: Deliverer
    publisher: Publisher
    metrics: PagerMetrics
    clock: Clock
    points: CrashPoints
    end: End


class Teller:
    """The notices this process is telling; one read twice is told once and settles both records."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._standing = Standing()
        self._bundles = Bundles()
        self._schedule = Schedule()
        self._woken = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._room: dict[tuple[str | None, bool], asyncio.Semaphore] = {}

    def take(self, arrival: Arrival) -> None:
        """Starts to tell one notice, at once unless it may wait a second for others to the same person."""
        self._start(self._begin(arrival))

    async def run(self) -> None:
        """Starts what is complete, and what falls due again, until cancelled."""
        try:
            while True:
                for bundle in self._bundles.complete(self._means.clock.now(), time.monotonic()):
                    self._tell_together(bundle)
                for undertaking in self._schedule.due(time.monotonic()):
                    self._start(self._attempt(undertaking))
                self._woken.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), self._wait_seconds())
        finally:
            await self._means.deliverer.close()

    def _wait_seconds(self) -> float | None:
        due = self._schedule.next_due
        waits = [BUNDLE_RECHECK_SECONDS] if len(self._bundles) else []
        return min([*waits, *([] if due is None else [max(0.0, due - time.monotonic())])], default=None)

    async def _begin(self, arrival: Arrival) -> None:
        message, means = arrival.message, self._means
        read = notice_in(message, means.directory.catalogue, means.clock.now())
        notice, waits = read.notice, is_bundled(read.notice)
        known = self._standing.knows(notice, arrival)
        if not known:
            span = self._bundles.span_of(notice, message.partition, message.appended_at, time.monotonic())
            self._standing.begin(notice, arrival, span)
            means.metrics.telling.labels(notice.band.value).inc()
        if not known and waits:
            self._bundles.add(notice, message.partition)
        self._woken.set()
        if read.dead_letter is not None:
            await self._publish([read.dead_letter])
        if not known and not waits:
            await self._attempt(Undertaking((notice,), since=time.monotonic()))

    def _tell_together(self, bundle: Sequence[NoticeIssued]) -> None:
        """One message for each address the notices go to; what nobody can be sent goes its own way."""
        by_method: dict[Method, list[NoticeIssued]] = defaultdict(list)
        since = time.monotonic()
        for notice in bundle:
            route = self._means.directory.route(notice)
            if route.handed_over is None and route.method.kind != LOG:
                by_method[route.method].append(notice)
            else:
                self._start(self._attempt(Undertaking((notice,), since)))
        for together in by_method.values():
            for first in range(0, len(together), MOST_TOGETHER):
                self._start(self._attempt(Undertaking(tuple(together[first : first + MOST_TOGETHER]), since)))

    async def _attempt(self, undertaking: Undertaking) -> None:
        if all(self._standing.overtaken(notice) for notice in undertaking.notices):
            self._settle(undertaking)
            return
        route = self._route(undertaking)
        if route is None:
            self._later(undertaking, ROSTER_RECHECK_SECONDS)
            return
        if route.handed_over is not None and undertaking.handed_over is None:
            await self._give_up(undertaking.to_sink(route.handed_over))
            return
        async with self._turn(route, urgent=undertaking.urgent):
            result = await self._means.deliverer.deliver(undertaking.parcel, route.method)
        if result.delivered:
            await self._told(undertaking, result.method)
            return
        self._means.metrics.failures.labels(undertaking.parcel.band.value, result.method, result.reason).inc()
        after = undertaking.failed(time.monotonic(), final=result.final)
        if after[0].handed_over is not None and undertaking.handed_over is None:
            await self._give_up(after)
        else:
            self._later(after[0], after[0].delay)

    def _route(self, undertaking: Undertaking) -> Route | None:
        """`None` while the roster may not have been read far enough to know the recipient."""
        directory, notice = self._means.directory, undertaking.notices[0]
        if undertaking.handed_over is not None:
            return directory.sink(undertaking.handed_over, undertaking.attempts)
        young = time.monotonic() - undertaking.since < ROSTER_MAY_LAG_SECONDS
        return None if young and not directory.known(notice) else directory.route(notice)

    async def _told(self, undertaking: Undertaking, method: str) -> None:
        self._means.points.hit("after_delivery")
        now, metrics = self._means.clock.now(), self._means.metrics
        await self._publish([receipt(one, delivered=True, method=method, at=now) for one in undertaking.notices])
        self._settle(undertaking)
        for notice in undertaking.notices:
            if notice.kind is not NoticeKind.DRILL:  # counts nowhere
                metrics.delivered.labels(notice.kind.value, notice.band.value, method).inc()
                metrics.delivery_seconds.labels(notice.band.value).observe((now - notice.at).total_seconds())

    async def _give_up(self, given: tuple[Undertaking, ...]) -> None:
        """Nobody else can be reached: the issuer learns so at once, and the sink is told until it takes it. Of a trial of a contact
        method nobody else is told."""
        at = self._means.clock.now()
        told = [receipt(notice, delivered=False, method="none", at=at) for one in given for notice in one.notices]
        await self._publish(told)
        for one in given:
            if one.tries_a_method:
                self._settle(one)
                continue
            notice, reason = one.notices[0], one.handed_over or ""
            self._means.metrics.handed_over.labels(reason).inc()
            structlog.get_logger().error(
                "notice.handed_over",
                notice_id=notice.notice_id,
                band=notice.band,
                desk_id=notice.desk_id,
                reason=reason,
            )
            self._later(one, one.delay)

    def _settle(self, undertaking: Undertaking) -> None:
        for notice in undertaking.notices:
            self._standing.end(notice)
            self._means.metrics.telling.labels(notice.band.value).dec()

    async def _publish(self, sends: Sequence[Send | None]) -> None:
        wanted = [send for send in sends if send is not None]
        if wanted:
            await self._means.publisher.delivered(await self._means.publisher.send(wanted))

    def _turn(self, route: Route, *, urgent: bool) -> asyncio.Semaphore:
        """So many attempts at one address at a time: an address that hangs holds up its own notices only."""
        return self._room.setdefault((route.method.address, urgent), asyncio.Semaphore(AT_ONCE[urgent]))

    def _later(self, undertaking: Undertaking, seconds: float) -> None:
        self._schedule.add(time.monotonic() + seconds, undertaking)
        self._woken.set()

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (problem := task.exception()) is not None:
            self._means.end("telling_raised", problem)
