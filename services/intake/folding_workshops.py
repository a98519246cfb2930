"""What does a group workshop change in the read model?"""

import sqlite3

from schemas.workshops import WorkshopRecord
from services.intake.changes import NOTHING, Change
from services.intake.folding_cases import text
from services.rules.machine import Message


def fold_workshop(connection: sqlite3.Connection, message: Message, workshop_id: str) -> Change:
    """A workshop, and the tracks in it."""
    for table in ("workshops", "workshop_tracks"):
        connection.execute(f"DELETE FROM {table} WHERE workshop_id = ?", (workshop_id,))  # noqa: S608 - a constant
    if message.value is None:
        return NOTHING
    record = WorkshopRecord.model_validate_json(message.value)
    connection.execute(
        "INSERT INTO workshops VALUES (?, ?, ?, ?, ?, ?)",
        (workshop_id, record.desk_id, record.version, record.state, text(record.begins), message.value),
    )
    connection.executemany(
        "INSERT INTO workshop_tracks VALUES (?, ?, ?)",
        [(workshop_id, one.track_id, one.state) for one in record.tracks],
    )
    return Change(workshop_id, record.version)
