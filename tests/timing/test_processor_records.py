"""What the processor does with single records on a real broker: each once, in order, bad ones apart, urgent ones first."""

import asyncio
import json
import time
from datetime import timedelta
from itertools import count

import pytest

from deploy.local.kafka import Broker
from services.runtime.clock import Clock
from services.runtime.partitioning import partition_of
from tests.stage.dumps import Kept, dump
from tests.stage.inside import Inside, ledger_inside, publish, settings_for, until
from tests.stage.ledger import Ledger, recount

pytestmark = pytest.mark.kafka
_number = count()


@pytest.fixture
def ledger() -> Ledger:
    return Ledger(f"records-{next(_number)}")


def ids(kept: list[Kept]) -> list[str]:
    return [json.loads(record.value or b"{}")["id"] for record in kept]


async def handled(inside: Inside, ledger: Ledger, total: int) -> None:
    topics = [topic.name for tier in ledger.wiring.inputs for topic in tier]
    await until(
        f"{total} records are handled",
        lambda: sum(inside.metric("sameroof_records_handled_total", topic=topic) for topic in topics) >= total,
    )


async def test_every_record_is_copied_once_and_the_state_equals_a_recount(kafka: Broker, ledger: Ledger) -> None:
    inside = await ledger_inside(ledger, settings_for(kafka.bootstrap_servers))
    entries = [(f"k{n % 7}", {"id": f"r{n}"}) for n in range(2_000)]
    async with inside:
        await publish(kafka.bootstrap_servers, f"{ledger.name}.in", *entries)
        await handled(inside, ledger, 2_000)
    copies = dump(kafka.bootstrap_servers, f"{ledger.name}.out")
    assert sorted(ids(copies)) == sorted(f"r{n}" for n in range(2_000))
    state = {
        record.key: json.loads(record.value or b"{}")
        for record in dump(kafka.bootstrap_servers, f"{ledger.name}.state")
    }
    expected = recount((record.key or "", json.loads(record.value or b"{}")) for record in copies)
    assert {key: (state[key]["count"], state[key]["chain"]) for key in expected} == expected


async def test_a_copy_lands_where_every_kafka_client_would_look_for_its_key(kafka: Broker, ledger: Ledger) -> None:
    inside = await ledger_inside(ledger, settings_for(kafka.bootstrap_servers))
    async with inside:
        await publish(
            kafka.bootstrap_servers, f"{ledger.name}.in", *((f"household-{n}", {"id": f"r{n}"}) for n in range(50))
        )
        await handled(inside, ledger, 50)
    for record in dump(kafka.bootstrap_servers, f"{ledger.name}.out", f"{ledger.name}.in"):
        assert record.partition == partition_of(record.key or "", 2)


async def test_a_restored_machine_is_byte_identical_and_goes_on_where_it_was(kafka: Broker, ledger: Ledger) -> None:
    settings = settings_for(kafka.bootstrap_servers)
    first = await ledger_inside(ledger, settings)
    async with first:
        await publish(
            kafka.bootstrap_servers, f"{ledger.name}.in", *((f"k{n % 5}", {"id": f"r{n}"}) for n in range(300))
        )
        await handled(first, ledger, 300)
        before = await first.state()
    async with await ledger_inside(ledger, settings) as second:
        assert await second.state() == before
        await publish(kafka.bootstrap_servers, f"{ledger.name}.in", ("k0", {"id": "last"}))
        await handled(second, ledger, 1)
    assert len(dump(kafka.bootstrap_servers, f"{ledger.name}.out")) == 301


@pytest.mark.parametrize("wish", ["raise", "big"])
async def test_a_record_whose_handler_raises_is_one_dead_letter_and_its_neighbours_wait_less_than_a_second(
    kafka: Broker, ledger: Ledger, wish: str
) -> None:
    inside = await ledger_inside(ledger, settings_for(kafka.bootstrap_servers))
    entries = [("k", {"id": f"r{n}", **({"wish": wish} if n == 20 else {})}) for n in range(40)]
    async with inside:
        began = time.monotonic()
        await publish(kafka.bootstrap_servers, f"{ledger.name}.in", *entries)
        await handled(inside, ledger, 40)
        took = time.monotonic() - began
        assert inside.ends == []
    assert ids(dump(kafka.bootstrap_servers, f"{ledger.name}.out")) == [f"r{n}" for n in range(40) if n != 20]
    (letter,) = dump(kafka.bootstrap_servers, f"{ledger.name}.dead")
    assert json.loads(letter.value or b"{}") == entries[20][1]
    assert letter.headers["reason"] == b"handler_failed"
    assert took < 2.0  # everything, publishing and two reopenings included


async def test_another_partition_does_not_notice_a_record_that_raises(kafka: Broker, ledger: Ledger) -> None:
    inside = await ledger_inside(ledger, settings_for(kafka.bootstrap_servers))
    bad, good = (next(f"k{n}" for n in range(99) if partition_of(f"k{n}", 2) == side) for side in (0, 1))
    async with inside:
        await publish(
            kafka.bootstrap_servers, f"{ledger.name}.in", (bad, {"id": "bad", "wish": "raise"}), (good, {"id": "good"})
        )
        await handled(inside, ledger, 2)
        assert inside.metric("sameroof_partition_reopened_total", partition="0") == 2
        assert inside.metric("sameroof_partition_reopened_total", partition="1") == 0


async def test_an_urgent_record_overtakes_a_backlog_on_the_ordinary_lane(kafka: Broker, ledger: Ledger) -> None:
    settings = settings_for(kafka.bootstrap_servers)
    inside = await ledger_inside(ledger, settings)
    await publish(kafka.bootstrap_servers, f"{ledger.name}.in", *(("k", {"id": f"r{n}"}) for n in range(20_000)))
    async with inside:
        await asyncio.sleep(0.05)  # so that the backlog is being worked on; without it the test only gets easier
        await publish(kafka.bootstrap_servers, f"{ledger.name}.in.p0", ("k", {"id": "urgent"}))
        await handled(inside, ledger, 20_001)
    asked = dump(kafka.bootstrap_servers, f"{ledger.name}.in.p0")[0].append_ms
    copies = dump(kafka.bootstrap_servers, f"{ledger.name}.out")
    copied = next(record.append_ms for record in copies if json.loads(record.value or b"{}")["id"] == "urgent")
    behind = sum(record.append_ms > copied for record in copies)
    print(f"\nurgent record: copied after {copied - asked} ms, {behind} of the backlog after it")
    assert behind > 0, "the backlog was gone before the urgent record came: the test proved nothing"
    assert copied - asked < 1_000


async def test_now_never_goes_back_even_when_the_next_owner_has_a_slower_clock(kafka: Broker, ledger: Ledger) -> None:
    settings = settings_for(kafka.bootstrap_servers)
    for name, offset in (("fast", timedelta(minutes=3)), ("slow", timedelta(0))):
        async with await ledger_inside(ledger, settings, Clock(offset=offset)) as inside:
            await publish(kafka.bootstrap_servers, f"{ledger.name}.in", ("k", {"id": name}))
            await handled(inside, ledger, 1)
    fast, slow = (record.headers["at"].decode() for record in dump(kafka.bootstrap_servers, f"{ledger.name}.out"))
    assert slow >= fast
