"""A small machine with a book that must balance, run by the product's processor: what processor-level properties are tested on.

`python -m tests.faults.ledger` hosts it. A record's value is JSON {"id", "wish"?, "in_ms"?, "pad"?}: each adds one to its key's
account and is copied to `ledger.out`; `wish` "raise" makes the handler raise, "kill" ends the process, "big" asks for a record
that is too large; `in_ms` sets a deadline, which is told on `ledger.fired` when it fires and is stopped by wish "stop".
"""

import hashlib
import json
import os
import signal
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import BaseModel

from schemas.topics import LOG_RETENTION, Cleanup, Sizing, Topic
from schemas.words import DeadReason
from services.rules.machine import NOTHING, Effects, Letter, Message, Save, Send, Wiring


def _topic(name: str, cleanup: Cleanup = Cleanup.DELETE) -> Topic:
    return Topic(
        name, "account", "account", Sizing.HOUSEHOLD, cleanup, LOG_RETENTION, ("tests",), ("tests",), ("Entry",)
    )


URGENT = _topic("ledger.in.p0")
STOPS = _topic("ledger.stops")
ORDINARY = _topic("ledger.in")
ACCOUNTS = _topic("ledger.state", Cleanup.COMPACT)
BOOKS = _topic("ledger.books", Cleanup.COMPACT)
OUT = _topic("ledger.out")
FIRED = _topic("ledger.fired")
DEAD = _topic("ledger.dead")
TOPICS = (URGENT, STOPS, ORDINARY, ACCOUNTS, BOOKS, OUT, FIRED, DEAD)

WIRING = Wiring(
    group="ledger",
    inputs=((URGENT,), (STOPS,), (ORDINARY,)),
    states=(ACCOUNTS, BOOKS),
    urgent=frozenset({URGENT.name}),
    stops=frozenset({STOPS.name}),
)


class Account(BaseModel):
    """One key's state: how many records, a chain over their ids, deadlines by id."""

    count: int = 0
    chain: str = ""
    due: dict[str, datetime] = {}


class Book(BaseModel):
    """One partition's book: read = copied + dead."""

    read: int = 0
    copied: int = 0
    dead: int = 0


class LedgerMachine:
    """The machine; see the module."""

    def __init__(self, partition: int) -> None:
        self.partition = partition
        self.accounts: dict[str, Account] = {}
        self.book = Book()

    def restore(self, topic: str, key: str, record: bytes | None) -> None:
        assert record is not None
        if topic == ACCOUNTS.name:
            self.accounts[key] = Account.model_validate_json(record)
        else:
            self.book = Book.model_validate_json(record)

    def handle(self, message: Message, now: datetime) -> Effects:
        assert message.key is not None
        assert message.value is not None
        entry = json.loads(message.value)
        _grant(entry.get("wish"))
        key = message.key.decode()
        account = self.accounts.get(key, Account())
        due = dict(account.due)
        if entry.get("wish") == "stop":
            due.pop(entry["id"], None)
        if "in_ms" in entry:
            due[entry["id"]] = now + timedelta(milliseconds=entry["in_ms"])
        chain = hashlib.sha256(f"{account.chain}{entry['id']}".encode()).hexdigest()[:16]
        self.accounts[key] = Account(count=account.count + 1, chain=chain, due=due)
        self.book = self.book.model_copy(update={"read": self.book.read + 1, "copied": self.book.copied + 1})
        value = message.value * 5000 if entry.get("wish") == "big" else message.value
        return self._saving(key, Send(OUT, key, key, Letter(value, (("at", now.isoformat().encode()),))))

    def reject(self, message: Message, reason: DeadReason, now: datetime) -> Effects:
        assert message.key is not None
        key = message.key.decode()
        self.accounts.setdefault(key, Account())
        self.book = self.book.model_copy(update={"read": self.book.read + 1, "dead": self.book.dead + 1})
        return self._saving(key, Send(DEAD, key, key, Letter(message.value, (("reason", reason.value.encode()),))))

    def next_due(self) -> datetime | None:
        return min((at for account in self.accounts.values() for at in account.due.values()), default=None)

    def fire(self, now: datetime, limit: int) -> Effects:
        due = sorted(
            (at, key, name) for key, account in self.accounts.items() for name, at in account.due.items() if at <= now
        )
        effects = NOTHING
        for at, key, name in due[:limit]:
            account = self.accounts[key]
            left = {other: instant for other, instant in account.due.items() if other != name}
            self.accounts[key] = account.model_copy(update={"due": left})
            late = json.dumps({"id": name, "due": at.isoformat(), "fired": now.isoformat()}).encode()
            effects += self._saving(key, Send(FIRED, key, key, Letter(late, ())))
        return effects

    def digest(self) -> str:
        whole = {key: account.model_dump_json() for key, account in sorted(self.accounts.items())}
        return hashlib.sha256(json.dumps([whole, self.book.model_dump_json()]).encode()).hexdigest()

    def _saving(self, key: str, send: Send) -> Effects:
        return Effects((send,), (Save(ACCOUNTS, key, self.accounts[key]), Save(BOOKS, "book", self.book)))


def _grant(wish: str | None) -> None:
    if wish == "raise":
        raise ValueError("as wished")
    if wish == "kill":
        os.kill(os.getpid(), signal.SIGKILL)


def recount(entries: Iterable[tuple[str, dict[str, Any]]]) -> dict[str, tuple[int, str]]:
    """Count and chain of every account from the copies in log order: what the state must equal."""
    found: dict[str, tuple[int, str]] = {}
    for key, entry in entries:
        count, chain = found.get(key, (0, ""))
        found[key] = (count + 1, hashlib.sha256(f"{chain}{entry['id']}".encode()).hexdigest()[:16])
    return found


def utc(text: str) -> datetime:
    """An ISO instant."""
    return datetime.fromisoformat(text).astimezone(UTC)


def main() -> None:
    """Hosts the machine like a service hosts its own."""
    from services.runtime.hosting import host, processor  # noqa: PLC0415 - what the processes need, the tests do not
    from services.runtime.settings import RuntimeSettings, load  # noqa: PLC0415

    began = time.monotonic()
    settings = load(RuntimeSettings)
    assert time.monotonic() - began < 5
    host("ledger", settings, processor(WIRING, LedgerMachine))


if __name__ == "__main__":
    main()
