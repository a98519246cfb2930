"""What the read model is asked about cases and households: searches with cursors, timelines."""

import sqlite3
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Collection
from dataclasses import dataclass

from schemas.case_facts import case_type
from schemas.cases import CaseRecord
from schemas.envelope import rfc3339
from schemas.households import HouseholdRecord
from services.intake.asks import CaseSearch, HouseholdSearch
from services.intake.problems import Code, Problem
from services.intake.queries import Query

OF_CASE = ("household_id", "state", "band", "code", "partner_id", "partner_reference", "campaign_id")
OPENED = case_type("opened")
GOES_ON_IN = """(state <> 'merged' OR NOT EXISTS (
    WITH RECURSIVE going_on (id) AS (
        SELECT json_extract(CAST(cases.record AS TEXT), '$.merged_into') UNION
        SELECT json_extract(CAST(one.record AS TEXT), '$.merged_into') FROM cases AS one JOIN going_on ON one.case_id = going_on.id)
    SELECT 1 FROM cases AS one JOIN going_on ON one.case_id = going_on.id WHERE {}))"""
NOT_COVERT, NOT_WALLED = GOES_ON_IN.format("one.covert = 1"), GOES_ON_IN.format("one.walled = 1")
OF_TRACK = ("pillar", "desk_id", "responder_id")


def cursor_of(*place: str) -> str:
    """An opaque place to go on from."""
    return urlsafe_b64encode("\n".join(place).encode()).decode().rstrip("=")


def place_of(cursor: str, length: int) -> tuple[str, ...]:
    """The place behind a cursor of ours. Raises `Problem` (400) for any other."""
    try:
        place = tuple(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().split("\n"))
    except ValueError:
        place = ()
    if len(place) != length:
        raise Problem(Code.MALFORMED_REQUEST, "the cursor is not one of ours")
    return place


def search(asked: CaseSearch) -> Query[tuple[list[CaseRecord], str | None]]:
    """A page of cases, newest receipt first, and the cursor of the next."""
    where, values = _conditions(asked)
    if asked.cursor:
        where.append("(received_at, case_id) < (?, ?)")
        values += place_of(asked.cursor, 2)
    tracked = [f"{name} = ?" for name in OF_TRACK if getattr(asked, name) is not None]
    if tracked:
        where.append(f"case_id IN (SELECT case_id FROM case_tracks WHERE {' AND '.join(tracked)})")  # noqa: S608 - our own names
        values += [getattr(asked, name) for name in OF_TRACK if getattr(asked, name) is not None]
    statement = (
        f"SELECT record, received_at, case_id FROM cases WHERE {' AND '.join(where)} "  # noqa: S608 - our own names
        "ORDER BY received_at DESC, case_id DESC LIMIT ?"
    )

    def query(connection: sqlite3.Connection) -> tuple[list[CaseRecord], str | None]:
        rows = connection.execute(statement, (*values, asked.limit + 1)).fetchall()
        shown = rows[: asked.limit]
        following = cursor_of(*shown[-1][1:]) if len(rows) > asked.limit else None
        return [CaseRecord.model_validate_json(row[0]) for row in shown], following

    return query


def _conditions(asked: CaseSearch) -> tuple[list[str], list[object]]:
    where, values = ["covert = 0", NOT_COVERT], list[object]()
    if asked.household_id is not None:
        where += ["walled = 0", NOT_WALLED]  # people on opposite sides of one household share no view
    for name in OF_CASE:
        if getattr(asked, name) is not None:
            where.append(f"{name} = ?")
            values.append(getattr(asked, name))
    for name, sign in (("received_from", ">="), ("received_before", "<")):
        if getattr(asked, name) is not None:
            where.append(f"received_at {sign} ?")
            values.append(rfc3339(getattr(asked, name)))
    return where, values


def of_campaign(campaign_id: str) -> Query[list[CaseRecord]]:
    """Every case of a campaign."""

    def query(connection: sqlite3.Connection) -> list[CaseRecord]:
        rows = connection.execute("SELECT record FROM cases WHERE campaign_id = ? ORDER BY case_id", (campaign_id,))
        return [CaseRecord.model_validate_json(record) for (record,) in rows]

    return query


def households(asked: HouseholdSearch) -> Query[tuple[list[HouseholdRecord], str | None]]:
    """A page of households by reference or name, and the cursor of the next."""
    where, values = ["household_id > ?"], [place_of(asked.cursor, 1)[0] if asked.cursor else ""]
    for name in ("partner_id", "reference"):
        if getattr(asked, name) is not None:
            where.append(f"{name} = ?")
            values.append(getattr(asked, name))
    if asked.name is not None:
        where.append("instr(names, ?) > 0")
        values.append(asked.name.casefold())
    statement = f"SELECT record, household_id FROM households WHERE {' AND '.join(where)} ORDER BY household_id LIMIT ?"  # noqa: S608

    def query(connection: sqlite3.Connection) -> tuple[list[HouseholdRecord], str | None]:
        rows = connection.execute(statement, (*values, asked.limit + 1)).fetchall()
        shown = rows[: asked.limit]
        following = cursor_of(shown[-1][1]) if len(rows) > asked.limit else None
        return [HouseholdRecord.model_validate_json(row[0]) for row in shown], following

    return query


@dataclass(frozen=True, slots=True)
class EventFound:
    """One fact of a case as it was published."""

    id: str
    type: str
    value: bytes


def events(case_id: str, after: str | None, limit: int) -> Query[tuple[list[EventFound], str | None]]:
    """A page of a case's facts, oldest first. All lie in one partition, so their order is the bus's."""
    start = int(_digits(place_of(after, 1)[0])) if after else -1

    def query(connection: sqlite3.Connection) -> tuple[list[EventFound], str | None]:
        rows = connection.execute(
            "SELECT id, type, value, position FROM events WHERE case_id = ? AND position > ? ORDER BY position LIMIT ?",
            (case_id, start, limit + 1),
        ).fetchall()
        shown = rows[:limit]
        following = cursor_of(str(shown[-1][3])) if len(rows) > limit else None
        return [EventFound(*row[:3]) for row in shown], following

    return query


def telling(case_id: str, types: Collection[str], limit: int) -> Query[list[EventFound]]:
    """The fact that opened a case, and of the facts of these types the newest `limit`; oldest first."""
    newest = f"type IN ({','.join('?' * len(types))}) ORDER BY position DESC LIMIT ?"
    statement = f"""SELECT id, type, value, position FROM (
                        SELECT * FROM (SELECT * FROM events WHERE case_id = ? AND type = ? ORDER BY position LIMIT 1)
                        UNION SELECT * FROM (SELECT * FROM events WHERE case_id = ? AND {newest}))
                    ORDER BY position"""  # noqa: S608 - question marks only

    def query(connection: sqlite3.Connection) -> list[EventFound]:
        rows = connection.execute(statement, (case_id, OPENED, case_id, *types, limit)).fetchall()
        return [EventFound(*row[:3]) for row in rows]

    return query


def _digits(place: str) -> str:
    if not place.isascii() or not place.isdigit() or len(place) > 18:
        raise Problem(Code.MALFORMED_REQUEST, "the cursor is not one of ours")
    return place
