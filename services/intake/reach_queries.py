"""What the read model knows of who was told what, and of drills."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from schemas.desk_records import DrillRecord, DrillRowRecord
from schemas.words import NoticeKind, Pillar
from services.intake.queries import Query


@dataclass(frozen=True, slots=True)
class NoticeFound:
    """A notice as it was issued: to whom, about what, who waits for it to be seen, when the log took it."""

    notice_id: str
    kind: NoticeKind
    recipient: str
    page_id: str | None
    offer_id: str | None
    case_id: str
    track_id: str
    desk_id: str
    pillar: Pillar
    method: int | None
    issuer_key: str
    at: datetime


def notice(notice_id: str) -> Query[NoticeFound | None]:
    """A notice of the last 90 days."""

    def query(connection: sqlite3.Connection) -> NoticeFound | None:
        row = connection.execute(
            """SELECT recipient, page_id, offer_id, case_id, track_id, desk_id, issuer_key, method, kind, pillar, at
               FROM notices WHERE notice_id = ?""",
            (notice_id,),
        ).fetchone()
        if row is None:
            return None
        recipient, page_id, offer_id, case_id, track_id, desk_id, issuer_key, method, kind, pillar, at = row
        return NoticeFound(
            notice_id=notice_id,
            kind=NoticeKind(kind),
            recipient=recipient,
            page_id=page_id,
            offer_id=offer_id,
            case_id=case_id,
            track_id=track_id,
            desk_id=desk_id,
            pillar=Pillar(pillar),
            method=method,
            issuer_key=issuer_key,
            at=datetime.fromisoformat(at),
        )

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
