"""What do a case's record and its events change in the read model?"""

import sqlite3

from schemas.base import Instant
from schemas.case_events import CASE_EVENTS, CaseOpened, ReportRepeated
from schemas.case_facts import CaseFact, ReportAttached
from schemas.cases import CaseRecord, Page, Track
from schemas.envelope import rfc3339
from schemas.messages import read
from schemas.words import ClockState, TrackState
from services.intake.changes import NOTHING, PAGES, Change
from services.rules import ids
from services.rules.lifecycle import OWNED
from services.rules.machine import Message

WAITING = (TrackState.PENDING, TrackState.OFFERED)
EVENT_TYPES = frozenset(CASE_EVENTS)


def text(instant: Instant | None) -> str | None:
    """An instant as stored: RFC 3339 UTC of one length, so that text order is time order."""
    return None if instant is None else rfc3339(instant)


def fold_case(connection: sqlite3.Connection, message: Message) -> Change:
    """A case's snapshot replaces all its rows; a tombstone removes them, its events and the notes in them too."""
    case_id = (message.key or b"").decode()
    touched = _remove(connection, case_id)
    if message.value is None:
        connection.execute("DELETE FROM events WHERE case_id = ?", (case_id,))
        connection.execute("DELETE FROM reports WHERE case_id = ?", (case_id,))
        return Change(touched=touched)
    case = CaseRecord.model_validate_json(message.value)
    connection.execute(
        "INSERT INTO cases VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            case.case_id, case.household_id, case.version, case.state, case.band, case.code, case.covert,
            bool(case.walled_from), case.partner_id, case.partner_reference, text(case.received_at),
            case.campaign.campaign_id if case.campaign else None, case.campaign.sponsor_id if case.campaign else None,
            message.value,
        ),
    )  # fmt: skip
    _add_aliases(connection, case)
    for track in case.tracks:
        touched |= _add_track(connection, case, track)
    return Change(case.case_id, case.version, touched=touched)


def _remove(connection: sqlite3.Connection, case_id: str) -> frozenset[str]:
    desks = connection.execute("SELECT DISTINCT desk_id FROM case_tracks WHERE case_id = ? AND hidden = 0", (case_id,))
    touched = {desk for (desk,) in desks}
    if connection.execute("SELECT 1 FROM pages WHERE case_id = ? AND hidden = 0", (case_id,)).fetchone():
        touched.add(PAGES)
    for table in ("cases", "case_aliases", "case_tracks", "clocks", "pages"):
        connection.execute(f"DELETE FROM {table} WHERE case_id = ?", (case_id,))  # noqa: S608 - our own names
    return frozenset(touched)


def _add_aliases(connection: sqlite3.Connection, case: CaseRecord) -> None:
    expected = (ids.case_id(case.household_id, one.source, one.report_id) for one in case.arrivals)
    connection.executemany(
        "INSERT OR REPLACE INTO case_aliases VALUES (?, ?)",
        [(alias, case.case_id) for alias in expected if alias != case.case_id],
    )


def _add_track(connection: sqlite3.Connection, case: CaseRecord, track: Track) -> frozenset[str]:
    hidden = case.covert or case.drill
    connection.execute(
        "INSERT OR REPLACE INTO case_tracks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            track.track_id, case.case_id, track.desk_id, track.pillar, case.band, track.state, track.state in WAITING,
            track.state in OWNED, track.responder_id, text(case.received_at), track.offered_at is not None, hidden,
        ),
    )  # fmt: skip
    connection.executemany(
        "INSERT OR REPLACE INTO clocks VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (track.track_id, clock.name, case.case_id, track.desk_id, case.band, text(clock.due), hidden)
            for clock in track.clocks
            if clock.state is ClockState.RUNNING
        ],
    )
    for page in track.pages:
        _add_page(connection, case, track, page)
    if hidden:
        return frozenset()
    return frozenset({track.desk_id, PAGES} if track.pages else {track.desk_id})


def _add_page(connection: sqlite3.Connection, case: CaseRecord, track: Track, page: Page) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO pages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
        (
            page.page_id, case.case_id, case.household_id, track.track_id, track.desk_id, track.pillar, case.band,
            page.recipient, page.reason, text(page.raised_at), text(page.delivered_at), text(page.acknowledged_at or page.withdrawn_at),
            case.covert or case.drill, page.group,
        ),
    )  # fmt: skip


def fold_case_event(connection: sqlite3.Connection, message: Message) -> Change:
    """One line of a case's timeline; the reports it names are remembered under their sender's pair."""
    typed = read(message.value, message.headers, EVENT_TYPES)
    fact = typed.data
    assert isinstance(fact, CaseFact), "the table of case events holds nothing else"
    connection.execute(
        "INSERT OR REPLACE INTO events VALUES (?, ?, ?, ?, ?, ?)",
        (message.partition, message.offset, fact.case_id, typed.envelope.id, typed.envelope.type, typed.envelope.data),
    )
    if isinstance(fact, CaseOpened | ReportRepeated | ReportAttached):
        connection.execute(  # the newest counts: a split took the report along
            "INSERT OR REPLACE INTO reports VALUES (?, ?, ?, ?)",
            (fact.source, fact.report_id, fact.case_id, fact.household_id),
        )
    return NOTHING
