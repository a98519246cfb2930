"""What the read model is asked about rotas, rosters and gaps: each function returns a query for `ReadModel.ask`."""

import sqlite3

from schemas.desk_records import ResponderRecord
from schemas.gaps import GapRecord
from schemas.rotas import RotaRecord
from services.intake.queries import Query


def rota(desk_id: str) -> Query[RotaRecord | None]:
    """A desk's rota, if it has one."""

    def query(connection: sqlite3.Connection) -> RotaRecord | None:
        row = connection.execute("SELECT record FROM rotas WHERE desk_id = ?", (desk_id,)).fetchone()
        return None if row is None else RotaRecord.model_validate_json(row[0])

    return query


def roster(desk_id: str) -> Query[dict[str, ResponderRecord]]:
    """Who has their home at a desk, by id."""

    def query(connection: sqlite3.Connection) -> dict[str, ResponderRecord]:
        rows = connection.execute(
            "SELECT responder_id, record FROM responders WHERE desk_id = ? ORDER BY responder_id", (desk_id,)
        )
        return {who: ResponderRecord.model_validate_json(record) for who, record in rows}

    return query


def gaps(before: str) -> Query[list[GapRecord]]:
    """What nobody covers at any desk and begins before an instant, the soonest first."""

    def query(connection: sqlite3.Connection) -> list[GapRecord]:
        rows = connection.execute(
            "SELECT record FROM gaps WHERE begins < ? ORDER BY desk_id, begins, gap_id", (before,)
        )
        return [GapRecord.model_validate_json(record) for (record,) in rows]

    return query
