"""What is shown of group workshops: to supervisors and who leads one all of its tracks, to anybody else of the desk their own alone."""

import sqlite3
from collections.abc import Iterable
from datetime import datetime

from pydantic import Field

from schemas.base import Instant
from schemas.envelope import rfc3339
from schemas.workshops import Attendance, WorkshopRecord, WorkshopState
from services.intake.queries import Query
from services.intake.views import View

MOST_SHOWN = 200


class WorkshopSeatView(View):
    """A track in a workshop, and what became of it there."""

    track_id: str
    attendance: Attendance


class WorkshopView(View):
    """A workshop of a desk; covert cases and drills are in none."""

    workshop_id: str
    desk_id: str
    version: int
    leader: str
    begins: Instant
    minutes: int
    seats: int = Field(description="at most so many tracks")
    free: int = Field(description="so many more may be invited")
    state: WorkshopState
    reason: str | None = Field(default=None, description="why it was cancelled")
    tracks: tuple[WorkshopSeatView, ...]


class WorkshopList(View):
    """A desk's workshops: those to come, the soonest first, then those that have begun, the latest first."""

    workshops: tuple[WorkshopView, ...]


class TrackWorkshopView(View):
    """A workshop to which a track is or was invited; nothing of the others in it."""

    workshop_id: str
    leader: str
    begins: Instant
    minutes: int
    state: WorkshopState
    attendance: Attendance


def workshop(workshop_id: str) -> Query[WorkshopRecord | None]:
    """A workshop of the last 90 days, or to come."""

    def query(connection: sqlite3.Connection) -> WorkshopRecord | None:
        row = connection.execute("SELECT record FROM workshops WHERE workshop_id = ?", (workshop_id,)).fetchone()
        return None if row is None else WorkshopRecord.model_validate_json(row[0])

    return query


def workshops_of(desk_id: str, now: datetime, *, reader: str | None) -> Query[tuple[WorkshopView, ...]]:
    """A desk's workshops as a responder sees them, or a supervisor (`None`)."""

    def query(connection: sqlite3.Connection) -> tuple[WorkshopView, ...]:
        found: list[WorkshopView] = []
        for where in ("begins > ? ORDER BY begins", "begins <= ? ORDER BY begins DESC"):
            rows = connection.execute(
                f"SELECT record FROM workshops WHERE desk_id = ? AND {where} LIMIT ?",  # noqa: S608 - a constant
                (desk_id, rfc3339(now), MOST_SHOWN),
            )
            found += _views(connection, rows, reader)
        return tuple(found)

    return query


def expected(workshop_id: str) -> Query[frozenset[str]]:
    """The tracks that are invited, as far as anybody may know of them."""

    def query(connection: sqlite3.Connection) -> frozenset[str]:
        rows = connection.execute(
            """SELECT track_id FROM workshop_tracks JOIN case_tracks USING (track_id)
               WHERE workshop_id = ? AND attendance = 'invited' AND hidden = 0""",
            (workshop_id,),
        )
        return frozenset(track_id for (track_id,) in rows)

    return query


def planned(connection: sqlite3.Connection, desk_id: str, until: datetime) -> tuple[WorkshopView, ...]:
    """A desk's workshops that begin before an instant, or began and nobody has said how they went."""
    rows = connection.execute(
        "SELECT record FROM workshops WHERE desk_id = ? AND state = 'planned' AND begins <= ? ORDER BY begins LIMIT ?",
        (desk_id, rfc3339(until), MOST_SHOWN),
    )
    return tuple(_views(connection, rows, None))


def workshops_with(track_id: str) -> Query[tuple[TrackWorkshopView, ...]]:
    """The workshops to which a track is or was invited, in their order."""

    def query(connection: sqlite3.Connection) -> tuple[TrackWorkshopView, ...]:
        rows = connection.execute(
            """SELECT record, attendance FROM workshop_tracks JOIN workshops USING (workshop_id)
               WHERE track_id = ? AND attendance != 'left' ORDER BY begins""",
            (track_id,),
        )
        told = [(WorkshopRecord.model_validate_json(record), attendance) for record, attendance in rows]
        shared = set(TrackWorkshopView.model_fields)
        return tuple(TrackWorkshopView(**one.model_dump(include=shared), attendance=how) for one, how in told)

    return query


def _views(connection: sqlite3.Connection, rows: Iterable[tuple[bytes]], reader: str | None) -> Iterable[WorkshopView]:
    for (raw,) in rows:
        record = WorkshopRecord.model_validate_json(raw)
        tracks = connection.execute(
            """SELECT track_id, attendance FROM workshop_tracks JOIN case_tracks USING (track_id)
               WHERE workshop_id = ? AND hidden = 0 AND (? OR responder_id = ?) ORDER BY track_id""",
            (record.workshop_id, reader in (None, record.leader), reader),
        )
        yield WorkshopView(
            **record.model_dump(include=set(WorkshopView.model_fields) - {"tracks"}),
            free=record.seats - len(record.invited),
            tracks=tuple(WorkshopSeatView(track_id=track_id, attendance=how) for track_id, how in tracks),
        )
