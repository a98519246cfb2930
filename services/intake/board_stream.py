"""Feeds a board: one snapshot, then whole parts as they change; every event's id says where the bus was read to."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from fastapi.sse import ServerSentEvent

from schemas import topics
from schemas.words import Pillar
from services.intake import board
from services.intake.calling import Api
from services.intake.dead_man import notice_of
from services.intake.desk_views import DeskView, OpenPage
from services.intake.notebook import Watched, WatchState
from services.intake.positions import Positions, behind, id_of, positions_of
from services.intake.queries import Query
from services.intake.read_model import positions_in, snapshot
from services.intake.views import View
from services.rules.desks_of import desks_of

STREAMED = (topics.CASES.name, topics.NOTICES_TOPIC.name, *(topics.desks(pillar).name for pillar in Pillar))
SHORTEST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 5.0
CATCH_UP_SECONDS = 2.0
RETRY_MS = 1_000


class BoardUpdate(View):
    """What an event carries: the desks that changed, the open pages if they did, and whether the bus is seen."""

    desks: tuple[DeskView, ...] = ()
    pages: tuple[OpenPage, ...] | None = None
    bus_up: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """The board as the read model has it at `positions`: desks that changed since, all open pages."""

    positions: Positions
    desks: tuple[DeskView, ...]
    pages: tuple[OpenPage, ...]


def look(desk_ids: Iterable[str], since: Positions | None) -> Query[Seen]:
    """The desks that changed since (all of them without), and the pages; rows and positions are of one moment."""

    def query(connection: sqlite3.Connection) -> Seen:
        with snapshot(connection):
            here = {place: offset for place, offset in positions_in(connection).items() if place[0] in STREAMED}
            parts = set(desk_ids) if since is None else board.touched_since(connection, _filled(since, here))
            shown = tuple(board.desk_view(connection, desk) for desk in desk_ids if desk in parts)
            pages = board.open_pages(connection, limit=board.PAGES_SHOWN)
            return Seen(here, shown, tuple(pages))

    return query


def _filled(since: Positions, here: Positions) -> Positions:
    """A partition the id does not name was at its beginning."""
    return {place: since.get(place, 0) for place in here}


async def feed(api: Api, last_event_id: str | None, until: datetime) -> AsyncGenerator[ServerSentEvent, None]:
    """Events for one board, until the process drains or its session ends."""
    desk_ids = desks_of(api.catalogue)
    with api.waiters.board() as changed:
        since = await _resumed(api, last_event_id, changed)
        last: BoardUpdate | None = None
        while not api.stopping.now and api.now() < until:
            changed.clear()
            seen = await api.model.ask(look(desk_ids, since))
            own = await api.notebook.watched(WatchState.PAGING, WatchState.PAGED)
            full = BoardUpdate(desks=seen.desks, pages=with_own(seen.pages, own), bus_up=api.follower.bus_up)
            update = _what_changed(full, last)
            if update is not None:
                kind = "snapshot" if since is None else "change"
                yield ServerSentEvent(data=update, event=kind, id=id_of(seen.positions, STREAMED), retry=RETRY_MS)
                last = full
            since = seen.positions
            await _pause(changed)


async def _resumed(api: Api, last_event_id: str | None, changed: asyncio.Event) -> Positions | None:
    """The positions to go on from; `None` (a fresh snapshot) for no id, a foreign one, or one this replica cannot reach."""
    there = positions_of(last_event_id, STREAMED) if last_event_id else None
    if there is None:
        return None
    try:
        async with asyncio.timeout(CATCH_UP_SECONDS):
            while behind(there, api.model.positions):
                changed.clear()
                await changed.wait()
    except TimeoutError:
        return None
    return there


def with_own(pages: Iterable[OpenPage], own: Iterable[Watched]) -> tuple[OpenPage, ...]:
    """The open pages, and before them those that intake sent itself and nobody else knows of yet."""
    known = tuple(pages)
    ids = {page.page_id for page in known}
    added = tuple(own_page(one) for one in own if not one.hidden and one.notice.page_id not in ids)
    return (*added, *known)[: board.PAGES_SHOWN]


def own_page(one: Watched) -> OpenPage:
    """A page of the dead man as the board shows it."""
    notice = notice_of(one)
    return OpenPage(
        page_id=notice.page_id or notice.notice_id,
        recipient=notice.recipient,
        reason=notice.reason,
        raised_at=notice.at,
        delivered_at=one.delivered_at,
        attempts=1 if one.delivered_at else 0,
        **notice.model_dump(include={"case_id", "track_id", "desk_id", "pillar", "band"}),
    )


def _what_changed(full: BoardUpdate, last: BoardUpdate | None) -> BoardUpdate | None:
    if last is None:
        return full
    pages = None if full.pages == last.pages else full.pages
    if not full.desks and pages is None and full.bus_up == last.bus_up:
        return None
    return full.model_copy(update={"pages": pages})


async def _pause(changed: asyncio.Event) -> None:
    """Until something changed, but not more often than a human can follow."""
    await asyncio.sleep(SHORTEST_PAUSE_SECONDS)
    with suppress(TimeoutError):
        async with asyncio.timeout(LONGEST_PAUSE_SECONDS):
            await changed.wait()
