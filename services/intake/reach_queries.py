"""What the read model knows of who was told what, and of drills."""

import sqlite3
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from schemas.desk_records import DrillRecord, DrillRowRecord
from schemas.words import NoticeKind
from services.intake.queries import Query


@dataclass(frozen=True, slots=True)
class NoticeFound:
    """A notice as it was issued: to whom, about what, who waits for it to be seen, when the log took it."""

    notice_id: str
    recipient: str
    page_id: str | None
    offer_id: str | None
    case_id: str
    track_id: str
    desk_id: str
    method: int | None
    issuer_key: str
    kind: NoticeKind
    at: datetime


def notice(notice_id: str) -> Query[NoticeFound | None]:
    """A notice of the last 90 days."""

    def query(connection: sqlite3.Connection) -> NoticeFound | None:
        names = [one.name for one in fields(NoticeFound)]
        row = connection.execute(
            f"SELECT {', '.join(names)} FROM notices WHERE notice_id = ?",  # noqa: S608 - our own names
            (notice_id,),
        ).fetchone()
        if row is None:
            return None
        told: dict[str, Any] = dict(zip(names, row, strict=True))
        return NoticeFound(**told | {"kind": NoticeKind(told["kind"]), "at": datetime.fromisoformat(told["at"])})

    return query


@dataclass(frozen=True, slots=True)
class DrillFound:
    """A drill with everybody it rang so far, by their ids."""

    drill: DrillRecord
    rows: tuple[DrillRowRecord, ...]


def drill(drill_id: str) -> Query[DrillFound | None]:
    """A drill of the last 90 days."""

    def query(connection: sqlite3.Connection) -> DrillFound | None:
        row = connection.execute("SELECT record FROM drills WHERE drill_id = ?", (drill_id,)).fetchone()
        if row is None:
            return None
        rows = connection.execute("SELECT record FROM drill_rows WHERE drill_id = ? ORDER BY responder_id", (drill_id,))
        found = tuple(DrillRowRecord.model_validate_json(record) for (record,) in rows)
        return DrillFound(DrillRecord.model_validate_json(row[0]), found)

    return query
