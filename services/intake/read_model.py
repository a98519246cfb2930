"""What this replica shows: SQLite rows and the offsets they come from, changed together, thrown away and rebuilt at will."""

import asyncio
import hashlib
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from schemas.envelope import EnvelopeError, rfc3339
from services.intake.changes import Change
from services.intake.folding import folds
from services.rules.machine import Message

TABLES = Path(__file__).with_name("tables.sql")
OFFLINE_AT_MOST = timedelta(days=6)  # tombstones stay on the bus for 7
OUTCOMES_KEPT = timedelta(days=7)
LETTERS_KEPT = timedelta(days=90)
READERS = 2

T = TypeVar("T")
Positions = dict[tuple[str, int], int]


@dataclass(frozen=True, slots=True)
class Applied:
    """What one batch changed; `unreadable` counts records that are none of ours, by topic."""

    changes: tuple[Change, ...]
    unreadable: tuple[str, ...]


class ReadModel:
    """One writer thread, `READERS` reader threads, nothing on the event loop. Every file of it may be deleted at any time it is closed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._folds = folds()
        self._writing = ThreadPoolExecutor(1, "read-model-writer")
        self._reading = ThreadPoolExecutor(READERS, "read-model-reader")
        self._readers = threading.local()
        self._all_readers: list[sqlite3.Connection] = []
        self._writer: sqlite3.Connection | None = None
        self.positions: Positions = {}

    async def open(self, now: datetime) -> None:
        """Opens the file, or makes a new one when it is missing, broken, of another version or too long offline."""
        await self._write(lambda: self._open(now))

    async def apply(self, messages: Sequence[Message], now: datetime) -> Applied:
        """Folds records, in order, and their offsets in one transaction."""
        return await self._write(lambda: self._apply(messages, now))

    async def keep_alive(self, now: datetime) -> None:
        """Notes that this replica is following the bus, and forgets what is past its time. About once a minute."""
        await self._write(lambda: self._keep_alive(now))

    async def ask(self, query: Callable[[sqlite3.Connection], T]) -> T:
        """Runs a read-only query on a reader thread."""
        return await asyncio.get_running_loop().run_in_executor(self._reading, lambda: query(self._reader()))

    async def condemn(self) -> None:
        """Marks the file, so that the next `open` makes a new one: its offsets are no longer those of the bus."""
        await self._write(self._condemn)

    async def close(self) -> None:
        """Closes the file; waits for what is being written."""
        await asyncio.to_thread(self._reading.shutdown)
        await self._write(self._close)
        self._writing.shutdown()

    async def _write(self, step: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._writing, step)

    def _open(self, now: datetime) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self._usable(now):
            self._rebuild(now)

    def _usable(self, now: datetime) -> bool:
        if not self._path.exists():
            return False
        try:
            self._writer = _connect(self._path)
            told = dict(self._writer.execute("SELECT name, value FROM meta"))
            alive_at = datetime.fromisoformat(told.get("alive_at", ""))
            self.positions = positions_in(self._writer)
        except (sqlite3.DatabaseError, ValueError):
            return False
        return told.get("tables") == _version() and now - alive_at < OFFLINE_AT_MOST

    def _rebuild(self, now: datetime) -> None:
        self._close()
        for suffix in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        self._path.touch(mode=0o600)
        self._writer = _connect(self._path)
        self._writer.executescript(TABLES.read_text("utf-8"))
        self._writer.execute("INSERT INTO meta VALUES ('tables', ?)", (_version(),))
        self._keep_alive(now)
        self.positions = {}

    def _condemn(self) -> None:
        assert self._writer is not None, "the read model is open"
        self._writer.execute("DELETE FROM meta WHERE name = 'tables'")

    def _close(self) -> None:
        for connection in (self._writer, *self._all_readers):
            if connection is not None:
                connection.close()
        self._all_readers.clear()
        self._writer = None

    def _apply(self, messages: Sequence[Message], now: datetime) -> Applied:
        assert self._writer is not None, "the read model is open"
        changes, unreadable = [], []
        positions = dict(self.positions)
        with _transaction(self._writer) as connection:
            for message in messages:
                try:
                    change = self._folds[message.topic](connection, message)
                except (EnvelopeError, ValidationError, UnicodeDecodeError):
                    unreadable.append(message.topic)
                    change = Change()
                changes.append(change)
                _touch(connection, message, change.touched)
                positions[message.topic, message.partition] = message.offset + 1
            moved = [(*place, offset) for place, offset in positions.items() if self.positions.get(place) != offset]
            connection.executemany("INSERT OR REPLACE INTO positions VALUES (?, ?, ?)", moved)
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('alive_at', ?)", (rfc3339(now),))
        self.positions = positions
        return Applied(tuple(changes), tuple(unreadable))

    def _keep_alive(self, now: datetime) -> None:
        assert self._writer is not None, "the read model is open"
        with _transaction(self._writer) as connection:
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('alive_at', ?)", (rfc3339(now),))
            connection.execute("DELETE FROM outcomes WHERE at < ?", (rfc3339(now - OUTCOMES_KEPT),))
            connection.execute("DELETE FROM notices WHERE at < ?", (rfc3339(now - LETTERS_KEPT),))
            connection.execute("DELETE FROM dead_letters WHERE at < ?", (rfc3339(now - LETTERS_KEPT),))
            of_letters = "DELETE FROM pages WHERE household_id IS NULL AND gap_id IS NULL AND raised_at < ?"
            connection.execute(of_letters, (rfc3339(now - LETTERS_KEPT),))

    def _reader(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._readers, "connection", None)
        if connection is None:
            connection = _connect(self._path)
            connection.execute("PRAGMA query_only = ON")
            self._readers.connection = connection
            self._all_readers.append(connection)
        return connection


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5.0)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


@contextmanager
def snapshot(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Several queries that see the same rows."""
    connection.execute("BEGIN")
    try:
        yield connection
    finally:
        connection.execute("ROLLBACK")


def positions_in(connection: sqlite3.Connection) -> Positions:
    """The next offset of every partition the rows of this connection come from."""
    rows = connection.execute("SELECT topic, partition, next FROM positions")
    return {(topic, partition): offset for topic, partition, offset in rows}


def _touch(connection: sqlite3.Connection, message: Message, parts: frozenset[str]) -> None:
    connection.executemany(
        "INSERT OR REPLACE INTO touched VALUES (?, ?, ?, ?)",
        [(part, message.topic, message.partition, message.offset) for part in sorted(parts)],
    )


def _version() -> str:
    return hashlib.sha256(TABLES.read_bytes()).hexdigest()[:16]
