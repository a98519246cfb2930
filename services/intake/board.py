"""What the board shows: per desk and band who waits and since when, promises due next, pages nobody has acknowledged.

Never a covert case or a drill, never personal data. Every part can be asked for alone, so that a stream sends what changed.
"""

import sqlite3
from collections.abc import Iterable
from datetime import datetime

from schemas.words import Band
from services.intake.case_queries import cursor_of, place_of
from services.intake.desk_views import BandCount, DeadlineView, DeskView, OpenPage, PageList, Queue, QueueEntry
from services.intake.positions import Positions
from services.intake.queries import Query, desk_track
from services.intake.read_model import snapshot
from services.rules.desks_of import pillar_of
from services.rules.lifecycle import UNOWNED
from services.rules.ordering import effective_priority

DEADLINES_SHOWN = 5
PAGES_SHOWN = 100


def desk_view(connection: sqlite3.Connection, desk_id: str) -> DeskView:
    """One desk as it is now."""
    on_duty = connection.execute(
        "SELECT count(*) FROM responders WHERE desk_id = ? AND presence = 'available'", (desk_id,)
    ).fetchone()[0]
    paused = connection.execute("SELECT max(paused) FROM desk_states WHERE desk_id = ?", (desk_id,)).fetchone()
    due = connection.execute(
        "SELECT track_id, band, kind, due FROM clocks WHERE desk_id = ? AND hidden = 0 ORDER BY due LIMIT ?",
        (desk_id, DEADLINES_SHOWN),
    )
    return DeskView(
        desk_id=desk_id,
        pillar=pillar_of(desk_id),
        paused=bool(paused and paused[0]),
        on_duty=on_duty,
        bands=_bands(connection, desk_id),
        deadlines=tuple(DeadlineView(track_id=track, band=band, kind=kind, due=at) for track, band, kind, at in due),
    )


def _bands(connection: sqlite3.Connection, desk_id: str) -> tuple[BandCount, ...]:
    waiting = connection.execute(
        """SELECT band, count(*), min(received_at) FROM case_tracks
           WHERE desk_id = ? AND waiting = 1 AND hidden = 0 GROUP BY band""",
        (desk_id,),
    )
    waits = {band: (count, since) for band, count, since in waiting}
    working = connection.execute(
        "SELECT band, count(*) FROM case_tracks WHERE desk_id = ? AND working = 1 AND hidden = 0 GROUP BY band",
        (desk_id,),
    )
    works = dict(working.fetchall())
    nobody = (0, None)
    return tuple(
        BandCount(
            band=band,
            waiting=waits.get(band, nobody)[0],
            oldest_since=waits.get(band, nobody)[1],
            working=works.get(band, 0),
        )
        for band in Band
    )


def desks(wanted: Iterable[str]) -> Query[list[DeskView]]:
    """These desks, as they are now."""

    def query(connection: sqlite3.Connection) -> list[DeskView]:
        with snapshot(connection):
            return [desk_view(connection, desk_id) for desk_id in wanted]

    return query


def open_pages(
    connection: sqlite3.Connection, *, limit: int, after: tuple[str, str] = ("", ""), desk_id: str | None = None
) -> list[OpenPage]:
    """Pages nobody has acknowledged, of one desk or of all, the oldest first, after a place."""
    rows = connection.execute(
        """SELECT page_id, case_id, track_id, desk_id, pillar, band, recipient, reason, raised_at, delivered_at,
                  household_id IS NULL AND gap_id IS NULL AS dead_letter, gap_id,
                  (SELECT count(*) FROM notices WHERE notices.page_id = pages.page_id) AS attempts
           FROM pages WHERE acknowledged_at IS NULL AND hidden = 0 AND (raised_at, page_id) > (?1, ?2)
             AND (?3 IS NULL OR desk_id = ?3) ORDER BY raised_at, page_id LIMIT ?4""",
        (*after, desk_id, limit),
    )
    names = [name for name, *_ in rows.description]
    return [OpenPage.model_validate(dict(zip(names, row, strict=True))) for row in rows]


def pages(cursor: str | None, limit: int) -> Query[PageList]:
    """A page of open pages."""
    place = place_of(cursor, 2) if cursor else ("", "")

    def query(connection: sqlite3.Connection) -> PageList:
        found = open_pages(connection, after=(place[0], place[1]), limit=limit + 1)
        shown = found[:limit]
        more = len(found) > limit
        raised = _raised_at(connection, shown[-1].page_id) if more else ""
        return PageList(pages=tuple(shown), next=cursor_of(raised, shown[-1].page_id) if more else None)

    return query


def _raised_at(connection: sqlite3.Connection, page_id: str) -> str:
    return str(connection.execute("SELECT raised_at FROM pages WHERE page_id = ?", (page_id,)).fetchone()[0])


def queue(desk_id: str, cursor: str | None, limit: int, now: datetime) -> Query[Queue]:
    """A desk's open tracks, most urgent first, with what their age makes of their priority at `now`."""
    place = place_of(cursor, 3) if cursor else ("", "", "")

    def query(connection: sqlite3.Connection) -> Queue:
        rows = connection.execute(
            """SELECT track_id, case_id, band, state, responder_id, received_at FROM case_tracks
               WHERE desk_id = ? AND hidden = 0 AND (waiting = 1 OR working = 1) AND (band, received_at, track_id) > (?, ?, ?)
               ORDER BY band, received_at, track_id LIMIT ?""",
            (desk_id, *place, limit + 1),
        ).fetchall()
        shown = rows[:limit]
        tracks = tuple(_queued(connection, row, now) for row in shown)
        last = shown[-1] if len(rows) > limit else None
        return Queue(desk_id=desk_id, tracks=tracks, next=cursor_of(last[2], last[5], last[0]) if last else None)

    return query


def _queued(connection: sqlite3.Connection, row: tuple[str, ...], now: datetime) -> QueueEntry:
    names = ("track_id", "case_id", "band", "state", "responder_id", "received_at")
    told: dict[str, object] = dict(zip(names, row, strict=True))
    band, waits = Band(row[2]), desk_track(connection, row[0])
    if waits is not None and waits.state in UNOWNED:
        since = waits.search_from or waits.dispatch.received_at
        until = waits.search_until or waits.dispatch.acknowledge_by
        told["effective_priority"] = round(effective_priority(band, since=since, until=until, now=now), 3)
    return QueueEntry.model_validate({**told, "priority": band.rank})


def touched_since(connection: sqlite3.Connection, since: Positions) -> set[str]:
    """The parts changed by records at or after `since`: desk ids, and `PAGES`."""
    found: set[str] = set()
    for (topic, partition), offset in since.items():
        rows = connection.execute(
            "SELECT part FROM touched WHERE topic = ? AND partition = ? AND position >= ?", (topic, partition, offset)
        )
        found.update(part for (part,) in rows)
    return found
