"""Processes of the ledger on a real broker: started, fed by another client than ours, and counted again from the logs."""

import asyncio
import json
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from confluent_kafka import Producer

from deploy.local.kafka import Broker
from services.runtime.topics import create_or_verify
from tests.stage.dumps import Kept, dump
from tests.stage.fleet import Member, stop_all, wait_until
from tests.stage.inside import settings_for
from tests.stage.ledger import Ledger, LedgerMachine, recount

_number = count()
Start = Callable[..., Member]


@pytest.fixture
def ledger(kafka: Broker) -> Ledger:
    made = Ledger(f"processes-{next(_number)}")
    asyncio.run(create_or_verify(settings_for(kafka.bootstrap_servers), made.topics))
    return made


@pytest.fixture
def start(kafka: Broker, ledger: Ledger, tmp_path: Path) -> Iterator[Start]:
    """Starts a ledger process: `start(number, supervised=..., **env)`."""
    members: list[Member] = []

    def begin(number: int = 0, *, supervised: bool = False, **env: str) -> Member:
        own = {
            "LEDGER": ledger.name,
            "SAMEROOF_KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
            "SAMEROOF_HOUSEHOLD_PARTITIONS": str(settings_for(kafka.bootstrap_servers).household_partitions),
            **env,
        }
        command = [sys.executable, "-m", "tests.stage.ledger"]
        members.append(Member(f"{ledger.name}-{number}", command, own, tmp_path / f"{number}.log", supervised).start())
        return members[-1]

    yield begin
    stop_all(members)


class Sender:
    """Publishes numbered records with a client that is not ours; `acked` are those the broker confirmed."""

    def __init__(self, kafka: Broker, topic: str) -> None:
        self.acked: list[str] = []
        self._topic = topic
        self._producer = Producer(
            {"bootstrap.servers": kafka.bootstrap_servers, "linger.ms": 2, "enable.idempotence": True}
        )

    def send(self, number: int, keys: int = 40, **entry: object) -> None:
        for _ in range(number):
            name = f"r{len(self.acked)}"
            self.acked.append(name)
            self._producer.produce(self._topic, json.dumps({"id": name, **entry}), key=f"k{len(self.acked) % keys}")
        assert self._producer.flush(20) == 0


def entry(record: Kept) -> dict[str, str]:
    found: dict[str, str] = json.loads(record.value or b"{}")
    return found


def verify(kafka: Broker, ledger: Ledger, acked: list[str], dead: int = 0) -> dict[int, LedgerMachine]:
    """Every acknowledged record exactly once, the books and accounts equal to a recount. The machines rebuilt from the logs."""
    copies = dump(kafka.bootstrap_servers, f"{ledger.name}.out")
    letters = dump(kafka.bootstrap_servers, f"{ledger.name}.dead")
    assert sorted(entry(record)["id"] for record in copies + letters) == sorted(acked)
    assert len(letters) == dead
    machines = {0: ledger.machine(0), 1: ledger.machine(1)}
    for record in dump(kafka.bootstrap_servers, f"{ledger.name}.state", f"{ledger.name}.books"):
        if record.key != "positions":
            machines[record.partition].restore(record.topic, record.key or "", record.value)
    accounts = {
        key: (each.count, each.chain)
        for machine in machines.values()
        for key, each in machine.accounts.items()
        if each.count
    }
    assert accounts == recount((record.key or "", entry(record)) for record in copies)
    books = [machine.book for machine in machines.values()]
    assert sum(book.read for book in books) == len(acked) == sum(book.copied + book.dead for book in books)
    return machines


def copied(kafka: Broker, ledger: Ledger, number: int) -> None:
    wait_until(
        f"{number} records are copied",
        lambda: len(dump(kafka.bootstrap_servers, f"{ledger.name}.out", whole=False)) >= number,
    )
