"""What does a partition's release in force, or the choice of one, change in the read model?"""

import sqlite3

from schemas.active_release import CHOICE_KEY, ActiveReleaseRecord, ReleaseChoiceRecord
from services.intake.changes import NOTHING, Change
from services.rules.machine import Message

CHOICE = f"{CHOICE_KEY}/choice"


def fold_router_state(connection: sqlite3.Connection, message: Message) -> Change:
    """Of the router's small records only those about releases are anybody else's business."""
    key = (message.key or b"").decode()
    if key == CHOICE:
        return _fold_choice(connection, message)
    return fold_release(connection, message) if key == CHOICE_KEY else NOTHING


def fold_release(connection: sqlite3.Connection, message: Message) -> Change:
    """Which release one partition decides by."""
    place = (message.topic, message.partition)
    connection.execute("DELETE FROM releases_in_force WHERE topic = ? AND partition = ?", place)
    if message.value is None:
        return NOTHING
    record = ActiveReleaseRecord.model_validate_json(message.value)
    connection.execute("INSERT INTO releases_in_force VALUES (?, ?, ?, ?)", (*place, record.number, message.value))
    return Change(subject_of(*place), record.number)


def _fold_choice(connection: sqlite3.Connection, message: Message) -> Change:
    connection.execute("DELETE FROM release_choice")
    if message.value is None:
        return NOTHING
    record = ReleaseChoiceRecord.model_validate_json(message.value)
    connection.execute("INSERT INTO release_choice VALUES (?, ?, ?)", (CHOICE_KEY, record.number, message.value))
    return Change(CHOICE_KEY, record.number)


def subject_of(topic: str, partition: int) -> str:
    """What a call waits for: a partition's release at a number."""
    return f"{CHOICE_KEY}/{topic}/{partition}"
