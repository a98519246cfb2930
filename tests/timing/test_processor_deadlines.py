"""Deadlines on a real broker: each fires once, never early, soon, and after the inputs that could have stopped it."""

import asyncio
import json
from datetime import datetime, timedelta
from itertools import count

import pytest

from deploy.local.kafka import Broker
from services.runtime.clock import Clock
from tests.stage.dumps import dump
from tests.stage.inside import Inside, ledger_inside, publish, settings_for, until
from tests.stage.ledger import Ledger, utc

pytestmark = pytest.mark.kafka
_number = count()


@pytest.fixture
def ledger() -> Ledger:
    return Ledger(f"deadlines-{next(_number)}")


def fired(kafka: Broker, ledger: Ledger) -> list[tuple[str, datetime, datetime]]:
    """Id, due and fired of every deadline that fired."""
    told = [json.loads(record.value or b"{}") for record in dump(kafka.bootstrap_servers, f"{ledger.name}.fired")]
    return [(each["id"], utc(each["due"]), utc(each["fired"])) for each in told]


async def rounds(inside: Inside, ledger: Ledger, number: int) -> None:
    await until(
        f"{number} deadlines fired",
        lambda: inside.metric("sameroof_records_sent_total", topic=f"{ledger.name}.fired") >= number,
    )


async def test_each_deadline_fires_once_never_early_and_within_a_second(kafka: Broker, ledger: Ledger) -> None:
    inside = await ledger_inside(ledger, settings_for(kafka.bootstrap_servers))
    async with inside:
        entries = [(f"k{n % 9}", {"id": f"d{n}", "in_ms": 200 + 3 * n}) for n in range(100)]
        await publish(kafka.bootstrap_servers, f"{ledger.name}.in", *entries)
        await rounds(inside, ledger, 100)
        await asyncio.sleep(0.3)  # a second firing would come now
    told = fired(kafka, ledger)
    assert sorted(name for name, _, _ in told) == sorted(f"d{n}" for n in range(100))
    late = sorted((at - due).total_seconds() for _, due, at in told)
    print(f"\ndeadlines fired late by p50 {late[50] * 1000:.0f} ms, max {late[-1] * 1000:.0f} ms")
    assert late[0] >= 0
    assert late[-1] < 1.0


async def test_a_backlog_of_reports_does_not_delay_a_deadline(kafka: Broker, ledger: Ledger) -> None:
    inside = await ledger_inside(ledger, settings_for(kafka.bootstrap_servers))
    await publish(kafka.bootstrap_servers, f"{ledger.name}.in", ("k", {"id": "d", "in_ms": 100}))
    await publish(kafka.bootstrap_servers, f"{ledger.name}.in", *(("k", {"id": f"r{n}"}) for n in range(15_000)))
    async with inside:
        await rounds(inside, ledger, 1)
        unread = sum(inside.processor.lags()[partition].get(f"{ledger.name}.in", 0) for partition in (0, 1))
    ((_, due, at),) = fired(kafka, ledger)
    print(f"\n{unread:,} records unread when it fired")
    assert unread > 0, "the backlog was gone before the deadline: the test proved nothing"
    assert timedelta(0) <= at - due < timedelta(seconds=1)


async def test_a_stop_that_waits_unread_is_read_before_the_overdue_deadline_fires(
    kafka: Broker, ledger: Ledger
) -> None:
    settings = settings_for(kafka.bootstrap_servers)
    first = await ledger_inside(ledger, settings)
    async with first:
        entries = [("k", {"id": "stopped", "in_ms": 500}), ("k", {"id": "kept", "in_ms": 500})]
        await publish(kafka.bootstrap_servers, f"{ledger.name}.in", *entries)
        await until(
            "both are set", lambda: first.metric("sameroof_records_handled_total", topic=f"{ledger.name}.in") == 2
        )
    stop = ("k", {"id": "stopped", "wish": "stop"})
    await publish(kafka.bootstrap_servers, f"{ledger.name}.stops", *(("k", {"id": f"s{n}"}) for n in range(50)), stop)
    async with await ledger_inside(ledger, settings, Clock(offset=timedelta(minutes=1))) as second:
        await rounds(second, ledger, 1)
        await asyncio.sleep(0.3)
    ((name, due, at),) = fired(kafka, ledger)
    assert name == "kept"
    assert at - due > timedelta(seconds=50), "its lateness is told as it is"


async def test_moving_the_clock_makes_deadlines_due(kafka: Broker, ledger: Ledger) -> None:
    clock = Clock()
    inside = await ledger_inside(ledger, settings_for(kafka.bootstrap_servers), clock)
    async with inside:
        await publish(kafka.bootstrap_servers, f"{ledger.name}.in", ("k", {"id": "d", "in_ms": 3_600_000}))
        await until(
            "it is set", lambda: inside.metric("sameroof_records_handled_total", topic=f"{ledger.name}.in") == 1
        )
        await asyncio.sleep(0.3)
        assert fired(kafka, ledger) == []
        clock.offset += timedelta(hours=1)
        await rounds(inside, ledger, 1)
    ((_, due, at),) = fired(kafka, ledger)
    assert timedelta(0) <= at - due < timedelta(seconds=1)
