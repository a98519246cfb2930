"""What does a record change in the read model? One function per topic; the same records always give the same rows."""

import sqlite3
from collections.abc import Callable, Mapping

from schemas import topics
from schemas.active_release import CHOICE_KEY
from schemas.desk_records import DeskStateRecord, DeskTrackRecord, ResponderRecord
from schemas.envelope import EnvelopeError
from schemas.households import HouseholdBody, HouseholdRecord
from schemas.messages import read
from schemas.notices import NoticeIssued
from schemas.outcomes import OUTCOMES, OutcomeDone, OutcomeRefused
from schemas.words import DeadReason, Pillar
from services.intake.changes import NOTHING, PAGES, Change
from services.intake.folding_cases import fold_case, fold_case_event, text
from services.intake.folding_drills import FOLDS
from services.intake.folding_releases import fold_release, fold_router_state
from services.intake.folding_rotas import fold_gap, fold_rota
from services.intake.folding_workshops import fold_workshop
from services.rules.machine import Message

Fold = Callable[[sqlite3.Connection, Message], Change]
OUTCOME_TYPES = frozenset(OUTCOMES)
NOTICE_TYPES = frozenset(topics.NOTICES)
OF_A_DESK = {**FOLDS, "rota": fold_rota, "gap": fold_gap, "workshop": fold_workshop}
DEAD_SERVICES = ("intake", "router", "responders", "pager")


def folds() -> Mapping[str, Fold]:
    """Every topic of the read model and what folds it."""
    return {
        topics.CASES.name: fold_case,
        topics.CASE_EVENT_LOG.name: fold_case_event,
        topics.HOUSEHOLDS.name: fold_household,
        topics.OUTCOMES_TOPIC.name: fold_outcome,
        topics.ROUTER_STATE.name: fold_router_state,
        topics.NOTICES_TOPIC.name: fold_notice,
        **{topics.desks(pillar).name: _fold_desk_of(pillar) for pillar in Pillar},
        **{topics.dead(service).name: fold_dead_letter for service in DEAD_SERVICES},
    }


def fold_household(connection: sqlite3.Connection, message: Message) -> Change:
    """A household's record, findable by its reference and by what its members are called."""
    household_id = (message.key or b"").decode()
    connection.execute("DELETE FROM households WHERE household_id = ?", (household_id,))
    if message.value is None:
        return NOTHING
    record = HouseholdRecord.model_validate_json(message.value)
    body = record.body
    connection.execute(
        "INSERT INTO households VALUES (?, ?, ?, ?, ?, ?)",
        (record.household_id, record.version, body.partner_id, body.reference, names_in(body), message.value),
    )
    return Change(record.household_id, record.version)


def names_in(body: HouseholdBody) -> str:
    """What a household can be found by, casefolded, one per line."""
    parts = [part for member in body.members for part in (member.personal.name, member.personal.contact)]
    return "\n".join(part.casefold() for part in (*parts, body.personal.safe_contact) if part)


def _fold_desk_of(pillar: Pillar) -> Fold:
    def fold(connection: sqlite3.Connection, message: Message) -> Change:
        kind, _, identity = (message.key or b"").decode().partition("/")
        if kind == "track":
            return _fold_desk_track(connection, message, identity)
        if kind == "responder":
            return _fold_responder(connection, message, identity, pillar)
        if kind in OF_A_DESK:
            return OF_A_DESK[kind](connection, message, identity)
        if kind == "desk":
            return _fold_desk_state(connection, message, identity)
        if kind == CHOICE_KEY:
            return fold_release(connection, message)
        return NOTHING  # books, answers, looks and positions are the desk's own

    return fold


def _fold_desk_track(connection: sqlite3.Connection, message: Message, track_id: str) -> Change:
    place = (track_id, message.partition)
    for table in ("desk_tracks", "offers"):
        connection.execute(f"DELETE FROM {table} WHERE track_id = ? AND partition = ?", place)  # noqa: S608 - a constant
    if message.value is None:
        return NOTHING
    record = DeskTrackRecord.model_validate_json(message.value)
    connection.execute(
        "INSERT INTO desk_tracks VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (*place, record.dispatch.epoch, record.version, record.state, record.offer_number, record.owner, message.value),
    )
    connection.executemany(
        "INSERT INTO offers VALUES (?, ?, ?, ?, ?)",
        [(one.offer_id, *place, one.responder_id, text(one.until)) for one in record.offers],
    )
    return Change(track_id, record.version)


def _fold_responder(connection: sqlite3.Connection, message: Message, responder_id: str, pillar: Pillar) -> Change:
    place = (responder_id, pillar, message.partition)
    where = "WHERE responder_id = ? AND pillar = ? AND partition = ?"
    before = connection.execute(f"SELECT desk_id FROM responders {where}", place).fetchone()  # noqa: S608 - a constant
    touched = frozenset(before or ())
    connection.execute(f"DELETE FROM responders {where}", place)  # noqa: S608 - a constant
    if message.value is None:
        return Change(touched=touched)
    record = ResponderRecord.model_validate_json(message.value)
    desk_id = record.entry.desk_id
    connection.execute(
        "INSERT INTO responders VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (*place, desk_id, record.presence, record.version, record.entry.organisation, message.value),
    )
    return Change(responder_id, record.version, touched=touched | {desk_id})


def _fold_desk_state(connection: sqlite3.Connection, message: Message, desk_id: str) -> Change:
    if message.value is None:
        return NOTHING
    record = DeskStateRecord.model_validate_json(message.value)
    connection.execute(
        "INSERT OR REPLACE INTO desk_states VALUES (?, ?, ?, ?)",
        (desk_id, message.partition, record.paused, record.version),
    )
    return Change(desk_id, record.version, touched=frozenset({desk_id}))


def fold_outcome(connection: sqlite3.Connection, message: Message) -> Change:
    """The answer to a command; a repeated command's later answer replaces the earlier one."""
    outcome = read(message.value, message.headers, OUTCOME_TYPES).data
    assert isinstance(outcome, OutcomeDone | OutcomeRefused), "the table of outcomes holds nothing else"
    reason = outcome.reason if isinstance(outcome, OutcomeRefused) else None
    connection.execute(
        "INSERT OR REPLACE INTO outcomes VALUES (?, ?, ?, ?, ?)",
        (outcome.command_id, outcome.subject, outcome.version, reason, text(message.appended_at)),
    )
    return Change(outcome=outcome)


def fold_notice(connection: sqlite3.Connection, message: Message) -> Change:
    """One attempt to tell somebody. A page about a dead letter is in no case: its first notice is all there is of it."""
    notice = read(message.value, message.headers, NOTICE_TYPES).data
    assert isinstance(notice, NoticeIssued), "notices carry one type"
    connection.execute(
        "INSERT OR REPLACE INTO notices VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            notice.notice_id, notice.page_id, notice.offer_id, notice.recipient, notice.track_id, notice.desk_id,
            text(message.appended_at), notice.kind, notice.method, notice.issuer_key, notice.case_id,
        ),
    )  # fmt: skip
    if notice.dead_letter is not None and notice.page_id is not None:
        _add_page_of_letter(connection, notice, notice.page_id)
    return Change(touched=frozenset({PAGES}) if notice.page_id else frozenset())


def _add_page_of_letter(connection: sqlite3.Connection, notice: NoticeIssued, page_id: str) -> None:
    connection.execute(
        """INSERT OR IGNORE INTO pages (page_id, case_id, track_id, desk_id, pillar, band, recipient, reason, raised_at, hidden)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (
            page_id, notice.case_id, notice.track_id, notice.desk_id, notice.pillar, notice.band, notice.recipient,
            notice.reason, text(notice.at), notice.drill,
        ),
    )  # fmt: skip


def fold_dead_letter(connection: sqlite3.Connection, message: Message) -> Change:
    """Where a dead letter lies and why; its bytes are not copied."""
    told = {name: value.decode("utf-8", "replace") for name, value in message.headers if name.startswith("dead_")}
    if not {"dead_id", "dead_reason", "dead_topic"} <= told.keys():
        raise EnvelopeError(DeadReason.BROKEN_ENVELOPE, "a dead letter without its reasons")
    connection.execute(
        "INSERT OR REPLACE INTO dead_letters VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            told["dead_id"], message.topic, message.partition, message.offset, told["dead_reason"], told["dead_topic"],
            text(message.appended_at),
        ),
    )  # fmt: skip
    return NOTHING
