"""Pages a human when a P0 report gets stuck: the bus is down, or an accepted one has no readable offer in time (DESIGN section 8).

The page bears the id the router would derive, goes to the sink alone, and is recorded on the bus once the bus is back.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

import structlog

from schemas.base import Actor
from schemas.commands import PageRequest
from schemas.envelope import encode
from schemas.notices import NoticeIssued
from schemas.reports import ReportSubmitted
from schemas.words import Role
from services.intake import queries
from services.intake.bus import Bus, BusUnavailable
from services.intake.commanding import case_command
from services.intake.following import Follower
from services.intake.metrics import IntakeMetrics
from services.intake.notebook import Notebook, Watched, WatchState
from services.intake.read_model import ReadModel
from services.intake.waiters import Waiters
from services.rules import ids
from services.rules.machine import Letter, Send

LOOK_SECONDS = 0.25
SEND_SECONDS = 2.0
RETRY_SECONDS = 1.0
INTAKE = Actor(role=Role.SERVICE, id="intake")

Deliver = Callable[[NoticeIssued], Awaitable[bool]]
log = structlog.get_logger()


def watch_over(report: ReportSubmitted, notice: NoticeIssued, send: Send, *, due: datetime, covert: bool) -> Watched:
    """The watch over a P0 report that is about to be sent."""
    assert not isinstance(send.body, Letter), "a report is sent as an event"
    value, headers = encode(send.body)
    record = Send(send.topic, send.key, send.partition_by, Letter(value, headers))
    return Watched(
        report_id=report.report_id,
        case_id=notice.case_id,
        state=WatchState.WATCHING,
        due=due,
        notice=notice,
        landed=False,
        record=record,
        hidden=covert,
    )


class DeadMan:
    """Looks over the notebook's watches four times a second; every step is there after a restart."""

    def __init__(
        self,
        notebook: Notebook,
        model: ReadModel,
        bus: Bus,
        *,
        follower: Follower,
        waiters: Waiters,
        deliver: Deliver,
        metrics: IntakeMetrics,
    ) -> None:
        self._notebook = notebook
        self._model = model
        self._bus = bus
        self._deliver = deliver
        self._follower = follower
        self._waiters = waiters
        self._metrics = metrics
        self._woken = asyncio.Event()
        self._paging: dict[str, asyncio.Task[None]] = {}

    async def page_now(self, report_id: str) -> None:
        """The bus did not take this report: page without waiting for an offer."""
        if await self._notebook.move(report_id, WatchState.WATCHING, WatchState.PAGING):
            self._metrics.dead_man_pages.labels("bus_down").inc()
            self._woken.set()

    async def run(self) -> None:
        """Watches until cancelled."""
        while True:
            await self.look()
            self._woken.clear()
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._woken.wait()
            except TimeoutError:
                continue

    async def look(self) -> None:
        """One round: who is overdue, whom to page, what to record."""
        watched = await self._notebook.watched(WatchState.WATCHING, WatchState.PAGING, WatchState.PAGED)
        for state in (WatchState.WATCHING, WatchState.PAGING, WatchState.PAGED):
            self._metrics.dead_man_open.labels(state).set(sum(one.state is state for one in watched))
        for one in watched:
            if one.state is WatchState.WATCHING:
                await self._check(one)
            elif one.state is WatchState.PAGING and one.report_id not in self._paging:
                self._paging[one.report_id] = asyncio.create_task(self._page(one))
        for report_id in [report_id for report_id, page in self._paging.items() if page.done()]:
            self._paging.pop(report_id).result()  # a bug in there ends the process, as it would here
        for one in watched:
            if one.state is WatchState.PAGED and self._follower.bus_up and not await self._record(one):
                break  # the bus is gone again; a later look goes on

    async def _check(self, one: Watched) -> None:
        if await self._model.ask(queries.has_offer(one.case_id)):
            await self._notebook.move(one.report_id, WatchState.WATCHING, WatchState.OVER)
        elif self._follower.now() >= one.due and await self._notebook.move(
            one.report_id, WatchState.WATCHING, WatchState.PAGING
        ):
            self._metrics.dead_man_pages.labels("no_offer").inc()
            self._woken.set()

    async def _page(self, one: Watched) -> None:
        if not await self._deliver(notice_of(one)):
            self._metrics.dead_man_failures.inc()
            await asyncio.sleep(RETRY_SECONDS)
            return
        log.warning("dead_man.paged", page_id=one.notice.page_id, notice_id=one.notice.notice_id, case_id=one.case_id)
        await self._notebook.move(one.report_id, WatchState.PAGING, WatchState.PAGED, self._follower.now())
        self._waiters.wake_streams()

    async def _record(self, one: Watched) -> bool:
        """Puts the report (if the bus never took it) and its page on the bus; both may arrive twice."""
        try:
            if not one.landed:
                await self._bus.publish(one.record, within=SEND_SECONDS)
                await self._notebook.landed(one.report_id)
            await self._bus.publish(page_command(one), within=SEND_SECONDS)
        except BusUnavailable:
            return False
        await self._notebook.move(one.report_id, WatchState.PAGED, WatchState.OVER)
        return True


def notice_of(one: Watched) -> NoticeIssued:
    """The page as it is sent: why depends on whether the bus had taken the report."""
    return one.notice.model_copy(update={"reason": "no_offer" if one.landed else "bus_down"})


def page_command(one: Watched) -> Send:
    """The page that was sent, told to the router under the id it would have derived itself."""
    notice = notice_of(one)
    assert notice.page_id is not None, "a page has an id"
    command = PageRequest(
        command_id=ids.derived("page-command", notice.page_id),
        actor=INTAKE,
        received_at=notice.at,
        answer=False,
        household_id=one.record.partition_by,
        page_id=notice.page_id,
        case_id=one.case_id,
        track_id=notice.track_id,
        recipient=notice.recipient,
        reason=notice.reason,
        delivered_at=one.delivered_at,
    )
    return case_command("page", command, one.record.partition_by)
