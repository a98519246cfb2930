"""What do a desk's rota and its gaps change in the read model? A gap's page is on the board for as long as the gap is there."""

import sqlite3

from schemas.gaps import GapRecord
from schemas.rotas import RotaRecord
from services.intake.changes import NOTHING, PAGES, Change
from services.intake.folding_cases import text
from services.rules.desks_of import pillar_of
from services.rules.machine import Message


def fold_rota(connection: sqlite3.Connection, message: Message, desk_id: str) -> Change:
    """A desk's rota."""
    connection.execute("DELETE FROM rotas WHERE desk_id = ?", (desk_id,))
    if message.value is None:
        return NOTHING
    record = RotaRecord.model_validate_json(message.value)
    connection.execute("INSERT INTO rotas VALUES (?, ?, ?)", (desk_id, record.version, message.value))
    return Change(f"rota/{desk_id}", record.version, touched=frozenset({desk_id}))


def fold_gap(connection: sqlite3.Connection, message: Message, gap_id: str) -> Change:
    """What nobody covers, and the page about it."""
    for table in ("gaps", "pages"):
        connection.execute(f"DELETE FROM {table} WHERE gap_id = ?", (gap_id,))  # noqa: S608 - a constant
    if message.value is None:
        return Change(touched=frozenset({PAGES}))
    gap = GapRecord.model_validate_json(message.value)
    connection.execute(
        "INSERT INTO gaps VALUES (?, ?, ?, ?, ?)",
        (gap_id, gap.desk_id, gap.version, text(gap.begins), message.value),
    )
    if gap.page_id is not None:
        _add_page(connection, gap)
    return Change(gap_id, gap.version, touched=frozenset({PAGES, gap.desk_id}))


def _add_page(connection: sqlite3.Connection, gap: GapRecord) -> None:
    connection.execute(
        """INSERT OR REPLACE INTO pages (page_id, case_id, track_id, desk_id, pillar, band, recipient, reason, raised_at,
                                         delivered_at, acknowledged_at, hidden, gap_id)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)""",
        (
            gap.page_id, gap.gap_id, gap.gap_id, gap.desk_id, pillar_of(gap.desk_id), gap.band, gap.recipient,
            f"gap_{gap.reasons[0]}", text(gap.raised_at), text(gap.delivered_at), text(gap.acknowledged_at),
            gap.gap_id,
        ),
    )  # fmt: skip
