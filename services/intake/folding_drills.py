"""What does a drill change in the read model?"""

import sqlite3
from collections.abc import Callable, Mapping

from schemas.desk_records import DrillRecord, DrillRowRecord
from services.intake.changes import NOTHING, Change
from services.rules.machine import Message


def fold_drill(connection: sqlite3.Connection, message: Message, drill_id: str) -> Change:
    """A drill."""
    connection.execute("DELETE FROM drills WHERE drill_id = ?", (drill_id,))
    if message.value is None:
        return NOTHING
    record = DrillRecord.model_validate_json(message.value)
    row = (drill_id, record.desk_id, record.version, message.value)
    connection.execute("INSERT INTO drills VALUES (?, ?, ?, ?)", row)
    return Change(drill_id, record.version)


def fold_drill_row(connection: sqlite3.Connection, message: Message, subject: str) -> Change:
    """One responder in a drill."""
    drill_id, _, responder_id = subject.partition("/")
    place = (drill_id, responder_id)
    connection.execute("DELETE FROM drill_rows WHERE drill_id = ? AND responder_id = ?", place)
    if message.value is not None:
        DrillRowRecord.model_validate_json(message.value)
        connection.execute("INSERT INTO drill_rows VALUES (?, ?, ?)", (*place, message.value))
    return NOTHING


FOLDS: Mapping[str, Callable[[sqlite3.Connection, Message, str], Change]] = {
    "drill": fold_drill,
    "drill_row": fold_drill_row,
}
