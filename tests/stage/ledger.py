"""A small machine with a book that must balance, run by the product's processor: what processor-level properties are tested on.

`LEDGER=<name> python -m tests.stage.ledger` hosts it. A record's value is JSON {"id", "wish"?, "in_ms"?}: each adds one to its key's
account and is copied to `<name>.out`; `wish` "raise" makes the handler raise, "kill" ends the process, "big" asks for a record
that is too large; `in_ms` sets a deadline, which is told on `<name>.fired` when it fires and is stopped by wish "stop".
"""

import hashlib
import json
import os
import signal
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from pydantic import BaseModel

from schemas.envelope import Event
from schemas.topics import LOG_RETENTION, Cleanup, Sizing, Topic
from schemas.words import DeadReason
from services.rules.machine import NOTHING, Effects, Letter, Message, Save, Send, Wiring


@dataclass(frozen=True)
class Ledger:
    """The topics and wiring of one ledger; tests have one each, named for them."""

    name: str

    def topic(self, suffix: str, cleanup: Cleanup = Cleanup.DELETE) -> Topic:
        """One of its topics."""
        return Topic(
            f"{self.name}.{suffix}", "account", "account", Sizing.HOUSEHOLD, cleanup, LOG_RETENTION, ("tests",), ("tests",), ("Entry",)
        )  # fmt: skip

    @property
    def topics(self) -> tuple[Topic, ...]:
        """All of them."""
        plain = (self.topic(suffix) for suffix in ("in.p0", "stops", "in", "out", "fired", "dead"))
        return (*plain, *self.wiring.states)

    @cached_property
    def wiring(self) -> Wiring:
        """What the processor needs to know."""
        urgent, stops, ordinary = (self.topic(suffix) for suffix in ("in.p0", "stops", "in"))
        return Wiring(
            group=self.name,
            inputs=((urgent,), (stops,), (ordinary,)),
            states=(self.topic("state", Cleanup.COMPACT), self.topic("books", Cleanup.COMPACT)),
            urgent=frozenset({urgent.name}),
            stops=frozenset({stops.name}),
        )

    def machine(self, _partition: int) -> "LedgerMachine":
        """An empty machine."""
        return LedgerMachine(self)


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


class Big(BaseModel):
    """More than a record of ours may hold."""

    text: str = "x" * 300_000


class LedgerMachine:
    """The machine; see the module."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.accounts: dict[str, Account] = {}
        self.book = Book()

    def restore(self, topic: str, key: str, record: bytes | None) -> None:
        assert record is not None
        if topic == f"{self.ledger.name}.state":
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
        return self._saving(key, Send(self.ledger.topic("out"), key, key, _copy(message.value, entry, now)))

    def reject(self, message: Message, reason: DeadReason, now: datetime) -> Effects:
        assert message.key is not None
        key = message.key.decode()
        self.accounts.setdefault(key, Account())
        self.book = self.book.model_copy(update={"read": self.book.read + 1, "dead": self.book.dead + 1})
        return self._saving(
            key, Send(self.ledger.topic("dead"), key, key, Letter(message.value, (("reason", reason.value.encode()),)))
        )

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
            effects += self._saving(key, Send(self.ledger.topic("fired"), key, key, Letter(late, ())))
        return effects

    def digest(self) -> str:
        whole = {key: account.model_dump_json() for key, account in sorted(self.accounts.items())}
        return hashlib.sha256(json.dumps([whole, self.book.model_dump_json()]).encode()).hexdigest()

    def _saving(self, key: str, send: Send) -> Effects:
        accounts, books = self.ledger.wiring.states
        return Effects((send,), (Save(accounts, key, self.accounts[key]), Save(books, "book", self.book)))


def _copy(value: bytes, entry: dict[str, Any], now: datetime) -> Letter | Event:
    if entry.get("wish") == "big":
        return Event(id=entry["id"], type="big", source="urn:ledger", time=now, data=Big(), partitionkey="k")
    return Letter(value, (("at", now.isoformat().encode()),))


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

    ledger = Ledger(os.environ["LEDGER"])
    host("ledger", load(RuntimeSettings), processor(ledger.wiring, ledger.machine))


if __name__ == "__main__":
    main()
