"""Tells people: each notice on its own, P0 never behind another, until somebody's provider has taken it."""

import asyncio
import time
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import cast

import structlog

from schemas import notices
from schemas.envelope import EnvelopeError
from schemas.messages import read
from schemas.notices import NoticeIssued
from schemas.words import Band, DeadReason, Pillar
from services.pager.metrics import PagerMetrics
from services.pager.receipts import receipt
from services.pager.recipients import Directory, Route
from services.pager.retrying import ROSTER_MAY_LAG_SECONDS, Schedule, Undertaking
from services.rules.dead_letter_page import dead_letter_notice
from services.rules.dead_letters import dead_letter
from services.rules.machine import Message, Send
from services.runtime.clock import Clock
from services.runtime.delivery import Deliverer
from services.runtime.edge.arrivals import Arrival
from services.runtime.edge.publishing import Publisher
from services.runtime.exits import CrashPoints, End

POINTS = ("after_delivery",)
ALLOWED = frozenset({notices.ISSUED})
ROSTER_RECHECK_SECONDS = 0.1
LATELY_TOLD = 10_000  # ids remembered: the gateway's scout and its door may both ask for one page
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


@dataclass(frozen=True, slots=True)
class Open:
    """A notice being told, and the records that asked for it (more than one after a rebalance)."""

    band: Band
    arrivals: list[Arrival]


class Teller:
    """The notices this process is telling, by id; a notice read twice is told once and settles both records."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._open: dict[str, Open] = {}
        self._told_lately: dict[str, None] = {}
        self._schedule = Schedule()
        self._woken = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._room: dict[tuple[str | None, bool], asyncio.Semaphore] = {}

    def take(self, arrival: Arrival) -> None:
        """Starts to tell one notice, at once."""
        self._start(self._begin(arrival))

    async def run(self) -> None:
        """Starts what falls due again, until cancelled."""
        try:
            while True:
                for undertaking in self._schedule.due(time.monotonic()):
                    self._start(self._attempt(undertaking))
                due = self._schedule.next_due
                self._woken.clear()
                with suppress(TimeoutError):
                    wait = None if due is None else max(0.0, due - time.monotonic())
                    await asyncio.wait_for(self._woken.wait(), wait)
        finally:
            await self._means.deliverer.close()

    async def _begin(self, arrival: Arrival) -> None:
        message = arrival.message
        try:
            notice = cast("NoticeIssued", read(message.value, message.headers, ALLOWED).data)
        except EnvelopeError as refused:
            notice = await self._unreadable(message, refused.reason)
        if notice.notice_id in self._told_lately:
            arrival.settle()
            return
        if (there := self._open.get(notice.notice_id)) is not None:
            there.arrivals.append(arrival)
            return
        self._open[notice.notice_id] = Open(notice.band, [arrival])
        self._means.metrics.telling.labels(notice.band.value).inc()
        await self._attempt(Undertaking(notice, since=time.monotonic()))

    async def _attempt(self, undertaking: Undertaking) -> None:
        notice = undertaking.notice
        route = self._route(undertaking)
        if route is None:
            self._later(undertaking, ROSTER_RECHECK_SECONDS)
            return
        if route.handed_over is not None and undertaking.handed_over is None:
            undertaking = replace(undertaking, attempts=0, handed_over=route.handed_over)
            await self._hand_over(undertaking)
        async with self._turn(route, urgent=notice.band is Band.P0):
            result = await self._means.deliverer.deliver(notice, route.method, handed_over=route.handed_over)
        if result.delivered:
            await self._told(undertaking, result.method)
            return
        self._means.metrics.failures.labels(notice.band.value, result.method, result.reason).inc()
        after = undertaking.failed(time.monotonic(), final=result.final)
        if after.handed_over is not None and undertaking.handed_over is None:
            await self._hand_over(after)
        self._later(after, after.delay)

    def _route(self, undertaking: Undertaking) -> Route | None:
        """`None` while the roster may not have been read far enough to know the recipient."""
        directory = self._means.directory
        if undertaking.handed_over is not None:
            return directory.sink(undertaking.handed_over, undertaking.attempts)
        young = time.monotonic() - undertaking.since < ROSTER_MAY_LAG_SECONDS
        return None if young and not directory.known(undertaking.notice) else directory.route(undertaking.notice)

    async def _told(self, undertaking: Undertaking, method: str) -> None:
        notice, metrics = undertaking.notice, self._means.metrics
        self._means.points.hit("after_delivery")
        now = self._means.clock.now()
        await self._publish(receipt(notice, delivered=True, method=method, at=now))
        self._told_lately[notice.notice_id] = None
        if len(self._told_lately) > LATELY_TOLD:
            del self._told_lately[next(iter(self._told_lately))]
        for arrival in self._open.pop(notice.notice_id).arrivals:
            arrival.settle()
        metrics.telling.labels(notice.band.value).dec()
        metrics.delivered.labels(notice.kind.value, notice.band.value, method).inc()
        metrics.delivery_seconds.labels(notice.band.value).observe((now - notice.at).total_seconds())

    async def _hand_over(self, undertaking: Undertaking) -> None:
        """Nobody else can be reached: the issuer learns so at once, and the sink is told until it takes it."""
        notice, reason = undertaking.notice, undertaking.handed_over or ""
        self._means.metrics.handed_over.labels(reason).inc()
        structlog.get_logger().error(
            "notice.handed_over", notice_id=notice.notice_id, band=notice.band, desk_id=notice.desk_id, reason=reason
        )
        at = self._means.clock.now()
        await self._publish(receipt(notice, delivered=False, method="none", at=at))

    async def _unreadable(self, message: Message, reason: DeadReason) -> NoticeIssued:
        """A notice nobody can read is a dead letter, and a page to the sink: somebody was meant to be told something."""
        now = self._means.clock.now()
        await self._publish(dead_letter("pager", message, reason, now))
        desk_id = f"{Pillar.PSYCHOLOGICAL}-{self._means.directory.catalogue.desks.fallback}"
        return dead_letter_notice(
            message, reason="dead_letter.notice", at=now, desk_id=desk_id, pillar=Pillar.PSYCHOLOGICAL
        )

    async def _publish(self, send: Send | None) -> None:
        if send is not None:
            await self._means.publisher.delivered(await self._means.publisher.send([send]))

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
