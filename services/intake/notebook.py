"""What only this replica knows: calls it took (for their idempotency keys), P0 reports it watches over, who is at the board."""

import asyncio
import json
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from schemas import topics
from schemas.envelope import Headers, rfc3339
from schemas.notices import NoticeIssued
from schemas.words import Role
from services.intake.tokens import Caller
from services.rules.machine import Letter, Send

TABLES = Path(__file__).with_name("notebook.sql")
KEPT = timedelta(days=7)
LANES = {topic.name: topic for topic in (topics.INCIDENTS_P0, topics.INCIDENTS)}

T = TypeVar("T")


class WatchState(StrEnum):
    """Where the dead man is with a P0 report."""

    WATCHING = "watching"
    PAGING = "paging"
    PAGED = "paged"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Watched:
    """A P0 report, the page it may need, and the record that carries it, in case the bus never took it."""

    report_id: str
    case_id: str
    state: WatchState
    due: datetime
    notice: NoticeIssued
    landed: bool
    record: Send
    hidden: bool
    delivered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """A call taken under an idempotency key: digest of its body, the household it named, the answer once given."""

    command_id: str
    digest: str
    household_id: str | None
    answer: bytes | None


class Notebook:
    """One SQLite file behind one thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(1, "notebook")
        self._connection: sqlite3.Connection | None = None

    async def open(self, now: datetime) -> None:
        """Opens or makes the file, and forgets what is past its time."""
        await self._run(lambda: self._open(now))

    async def close(self) -> None:
        """Waits for what is being written."""
        await self._run(self._close)
        self._thread.shutdown()

    async def take(self, request: Request, at: datetime, *, sender: str, watch: Watched | None = None) -> Request:
        """Notes a call before it is sent, by whom, with the watch over it; returns the call first noted under this id."""
        return await self._run(lambda: self._take(request, at, sender, watch))

    async def answered(self, command_id: str, answer: bytes) -> None:
        """Keeps the first answer of a call, for its retries."""
        statement = "UPDATE requests SET answer = coalesce(answer, ?) WHERE command_id = ?"
        await self._run(lambda: self._db.execute(statement, (answer, command_id)))

    async def knows(self, command_id: str) -> bool:
        """Whether this replica took a call under this id."""
        query = "SELECT 1 FROM requests WHERE command_id = ?"
        return await self._run(lambda: self._db.execute(query, (command_id,)).fetchone()) is not None

    async def took_from(self, command_id: str, sender: str) -> bool:
        """Whether this replica took a call under this id from this sender."""
        query = "SELECT 1 FROM senders WHERE command_id = ? AND sender = ?"
        return await self._run(lambda: self._db.execute(query, (command_id, sender)).fetchone()) is not None

    async def watched(self, *states: WatchState) -> tuple[Watched, ...]:
        """The reports in these states, most urgent due first."""
        marks = ",".join("?" * len(states))
        query = f"SELECT * FROM watched WHERE state IN ({marks}) ORDER BY due"  # noqa: S608 - question marks only
        rows = await self._run(lambda: self._db.execute(query, states).fetchall())
        return tuple(_watched(row) for row in rows)

    async def landed(self, report_id: str) -> None:
        """The bus took the report."""
        await self._run(lambda: self._db.execute("UPDATE watched SET landed = 1 WHERE report_id = ?", (report_id,)))

    async def move(
        self, report_id: str, before: WatchState, after: WatchState, delivered_at: datetime | None = None
    ) -> bool:
        """Moves a watch on, unless somebody else did; whether it was we."""
        statement = (
            "UPDATE watched SET state = ?, delivered_at = coalesce(?, delivered_at) WHERE report_id = ? AND state = ?"
        )
        stored = None if delivered_at is None else rfc3339(delivered_at)
        done = await self._run(lambda: self._db.execute(statement, (after, stored, report_id, before)).rowcount)
        return done == 1

    async def forget_old(self, now: datetime) -> None:
        """Drops what is past its time."""
        await self._run(lambda: self._forget_old(now))

    async def open_session(self, digest: str, issuer: str, caller: Caller, *, code_digest: str | None = None) -> bool:
        """Opens a board session of `caller`, whom `issuer` vouches for; with a code, only if that code was never used."""
        return await self._run(lambda: self._open_session(digest, issuer, caller, code_digest))

    async def session(self, digest: str, issuer: str, now: datetime) -> Caller | None:
        """Who is behind this session, while it is open and this issuer vouches for them."""
        query = "SELECT subject, roles, until FROM sessions WHERE digest = ? AND issuer = ? AND until > ?"
        row = await self._run(lambda: self._db.execute(query, (digest, issuer, rfc3339(now))).fetchone())
        if row is None:
            return None
        roles = frozenset(Role(one) for one in row["roles"].split())
        return Caller(row["subject"], roles, datetime.fromisoformat(row["until"]))

    async def end_session(self, digest: str) -> None:
        """Forgets a session."""
        await self._run(lambda: self._db.execute("DELETE FROM sessions WHERE digest = ?", (digest,)))

    @property
    def _db(self) -> sqlite3.Connection:
        assert self._connection is not None, "the notebook is open"
        return self._connection

    async def _run(self, step: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, step)

    def _open(self, now: datetime) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path.touch(mode=0o600)
        self._connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.executescript(TABLES.read_text("utf-8"))
        self._forget_old(now)

    def _close(self) -> None:
        self._db.close()

    def _forget_old(self, now: datetime) -> None:
        before = rfc3339(now - KEPT)
        self._db.execute("DELETE FROM requests WHERE taken_at < ?", (before,))
        self._db.execute("DELETE FROM senders WHERE taken_at < ?", (before,))
        self._db.execute("DELETE FROM watched WHERE state = 'over' AND due < ?", (before,))
        self._db.execute("DELETE FROM sessions WHERE until < ?", (rfc3339(now),))

    def _take(self, request: Request, at: datetime, sender: str, watch: Watched | None) -> Request:
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            taken = (request.command_id, request.digest, request.household_id, rfc3339(at))
            first = self._db.execute("INSERT OR IGNORE INTO requests VALUES (?, ?, ?, ?, NULL)", taken).rowcount == 1
            self._db.execute(
                "INSERT OR IGNORE INTO senders VALUES (?, ?, ?)", (request.command_id, sender, rfc3339(at))
            )
            if first and watch is not None:
                self._db.execute(
                    "INSERT OR IGNORE INTO watched VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", _row(watch)
                )
            if first:
                return request
            query = "SELECT command_id, digest, household_id, answer FROM requests WHERE command_id = ?"
            return Request(*self._db.execute(query, (request.command_id,)).fetchone())

    def _open_session(self, digest: str, issuer: str, caller: Caller, code_digest: str | None) -> bool:
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            if code_digest is not None:
                used = self._db.execute("INSERT OR IGNORE INTO used_codes VALUES (?)", (code_digest,))
                if used.rowcount != 1:
                    return False
            opened = (digest, issuer, caller.subject, " ".join(sorted(caller.roles)), rfc3339(caller.expires_at))
            self._db.execute("INSERT INTO sessions VALUES (?, ?, ?, ?, ?)", opened)
            return True


def _row(watch: Watched) -> tuple[object, ...]:
    assert isinstance(watch.record.body, Letter), "a watched report is kept as the bytes that were sent"
    headers = json.dumps([[name, value.decode()] for name, value in watch.record.body.headers])
    return (
        watch.report_id, watch.case_id, watch.state, rfc3339(watch.due), watch.notice.model_dump_json(), watch.landed,
        watch.record.topic.name, watch.record.partition_by, watch.record.body.value, headers, watch.hidden, None,
    )  # fmt: skip


def _watched(row: sqlite3.Row) -> Watched:
    headers: Headers = tuple((name, value.encode()) for name, value in json.loads(row["headers"]))
    letter = Letter(row["event"], headers)
    return Watched(
        report_id=row["report_id"],
        case_id=row["case_id"],
        state=WatchState(row["state"]),
        due=datetime.fromisoformat(row["due"]),
        notice=NoticeIssued.model_validate_json(row["notice"]),
        landed=bool(row["landed"]),
        record=Send(LANES[row["topic"]], row["household_id"], row["household_id"], letter),
        hidden=bool(row["hidden"]),
        delivered_at=datetime.fromisoformat(row["delivered_at"]) if row["delivered_at"] else None,
    )
