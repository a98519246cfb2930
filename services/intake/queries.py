"""What the read model is asked: each function returns a query for `ReadModel.ask`."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from schemas.cases import CaseRecord
from schemas.desk_records import DeskTrackRecord
from schemas.households import HouseholdRecord

T = TypeVar("T")
Query = Callable[[sqlite3.Connection], T]


def version_of(subject: str) -> Query[int | None]:
    """The version at which a subject is shown, whatever it is; `None` when it is not."""

    def query(connection: sqlite3.Connection) -> int | None:
        found = connection.execute(
            """SELECT max(version) FROM (
                SELECT version FROM cases WHERE case_id = :id UNION ALL
                SELECT version FROM households WHERE household_id = :id UNION ALL
                SELECT version FROM desk_tracks WHERE track_id = :id UNION ALL
                SELECT version FROM responders WHERE responder_id = :id UNION ALL
                SELECT version FROM drills WHERE drill_id = :id UNION ALL
                SELECT version FROM workshops WHERE workshop_id = :id UNION ALL
                SELECT version FROM rotas WHERE 'rota/' || desk_id = :id UNION ALL
                SELECT version FROM gaps WHERE gap_id = :id UNION ALL
                SELECT version FROM desk_states WHERE desk_id = :id UNION ALL
                SELECT version FROM release_choice WHERE subject = :id)""",
            {"id": subject},
        ).fetchone()
        return None if found is None else found[0]

    return query


def case(case_id: str) -> Query[CaseRecord | None]:
    """A case's record, by its id or by the one under which a report expected a case of its own."""

    def query(connection: sqlite3.Connection) -> CaseRecord | None:
        row = connection.execute(
            """SELECT record FROM cases WHERE case_id = :id UNION ALL
               SELECT record FROM cases JOIN case_aliases USING (case_id) WHERE alias = :id LIMIT 1""",
            {"id": case_id},
        ).fetchone()
        return None if row is None else CaseRecord.model_validate_json(row[0])

    return query


@dataclass(frozen=True, slots=True)
class TrackFound:
    """A track as the router shows it (in its case) and as its desk does, if it does yet."""

    track_id: str
    case: CaseRecord
    desk: DeskTrackRecord | None


def track(track_id: str) -> Query[TrackFound | None]:
    """A track with its case and its desk's latest record."""

    def query(connection: sqlite3.Connection) -> TrackFound | None:
        row = connection.execute(
            "SELECT record FROM cases JOIN case_tracks USING (case_id) WHERE track_id = ?", (track_id,)
        ).fetchone()
        if row is None:
            return None
        return TrackFound(track_id, CaseRecord.model_validate_json(row[0]), desk_track(connection, track_id))

    return query


def desk_track(connection: sqlite3.Connection, track_id: str) -> DeskTrackRecord | None:
    """A track as its desk has it: of two desks' records the newer."""
    row = connection.execute(
        "SELECT record FROM desk_tracks WHERE track_id = ? ORDER BY epoch DESC, version DESC LIMIT 1", (track_id,)
    ).fetchone()
    return None if row is None else DeskTrackRecord.model_validate_json(row[0])


def as_its_case_is(connection: sqlite3.Connection, desk: DeskTrackRecord) -> DeskTrackRecord:
    """A desk's record with what its case has become since it was dispatched: covert, with another side; nothing of that is undone."""
    row = connection.execute("SELECT record FROM cases WHERE case_id = ?", (desk.dispatch.case_id,)).fetchone()
    if row is None:
        return desk
    case, dispatch = CaseRecord.model_validate_json(row[0]), desk.dispatch
    walls = tuple(dict.fromkeys((*dispatch.walled_from, *case.walled_from)))
    now = {"covert": dispatch.covert or case.covert, "walled_from": walls}
    return desk.model_copy(update={"dispatch": dispatch.model_copy(update=now)})


def household(household_id: str) -> Query[HouseholdRecord | None]:
    """A household's record."""

    def query(connection: sqlite3.Connection) -> HouseholdRecord | None:
        row = connection.execute("SELECT record FROM households WHERE household_id = ?", (household_id,)).fetchone()
        return None if row is None else HouseholdRecord.model_validate_json(row[0])

    return query


@dataclass(frozen=True, slots=True)
class ReportFound:
    """Where a report went."""

    case_id: str
    household_id: str


def report(source: str, report_id: str) -> Query[ReportFound | None]:
    """The case a report was attached to."""

    def query(connection: sqlite3.Connection) -> ReportFound | None:
        row = connection.execute(
            "SELECT case_id, household_id FROM reports WHERE source = ? AND report_id = ?", (source, report_id)
        ).fetchone()
        return None if row is None else ReportFound(*row)

    return query


@dataclass(frozen=True, slots=True)
class OutcomeFound:
    """How a command ended; `reason` is a refusal's."""

    command_id: str
    subject: str
    version: int
    reason: str | None


def outcome(command_id: str) -> Query[OutcomeFound | None]:
    """The latest outcome of a command."""

    def query(connection: sqlite3.Connection) -> OutcomeFound | None:
        row = connection.execute(
            "SELECT command_id, subject, version, reason FROM outcomes WHERE command_id = ?", (command_id,)
        ).fetchone()
        return None if row is None else OutcomeFound(*row)

    return query


def has_offer(case_id: str) -> Query[bool]:
    """Whether any track of a case has, or ever had, an offer somebody can read."""

    def query(connection: sqlite3.Connection) -> bool:
        row = connection.execute(
            """SELECT 1 FROM case_tracks LEFT JOIN desk_tracks USING (track_id)
               WHERE case_id IN (?1, (SELECT case_id FROM case_aliases WHERE alias = ?1))
                 AND (offered = 1 OR working = 1 OR offers_made > 0 OR owner IS NOT NULL)""",
            (case_id,),
        ).fetchone()
        return row is not None

    return query


@dataclass(frozen=True, slots=True)
class PageFound:
    """Under which household's key a page's issuer waits for its acknowledgement, or which desk does; none for one about a dead letter."""

    case_id: str
    household_id: str | None
    gap_of: str | None


def page(page_id: str) -> Query[PageFound | None]:
    """A page about a track, or one that stands for many: then any household of theirs will do, their keys lie together."""

    def query(connection: sqlite3.Connection) -> PageFound | None:
        row = connection.execute(
            """SELECT case_id, household_id, CASE WHEN gap_id IS NULL THEN NULL ELSE desk_id END FROM pages WHERE page_id = ?1
               UNION ALL SELECT case_id, household_id, NULL FROM pages WHERE group_id = ?1 LIMIT 1""",
            (page_id,),
        ).fetchone()
        return None if row is None else PageFound(*row)

    return query
