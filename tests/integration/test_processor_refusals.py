"""What a processor must not do on a real broker: write as a zombie, end a transaction twice, run on a state it cannot trust."""

import asyncio
import json
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.conn import AIOKafkaConnection
from aiokafka.errors import KafkaConnectionError, KafkaError
from aiokafka.protocol.transaction import EndTxnRequest

from deploy.local.kafka import Broker
from schemas.positions import POSITIONS_KEY, PositionsRecord
from services.rules.machine import Effects, Message
from services.runtime.clock import Clock
from services.runtime.partitioning import partition_of
from services.runtime.processor.opening import open_partition
from services.runtime.processor.producer import ExactlyOnceProducer
from services.runtime.processor.transaction import Transactions
from tests.stage.dumps import dump
from tests.stage.inside import Inside, ledger_inside, publish, settings_for, until
from tests.stage.ledger import Ledger, LedgerMachine

pytestmark = pytest.mark.kafka
_number = count()


@pytest.fixture
def ledger() -> Ledger:
    return Ledger(f"refusals-{next(_number)}")


async def put(kafka: Broker, topic: str, key: str, value: bytes) -> None:
    async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap_servers, acks="all") as producer:
        await producer.send_and_wait(topic, value, key=key.encode(), partition=0)


async def halted(inside: Inside, reason: str) -> None:
    await until(
        f"partition 0 halts: {reason}", lambda: inside.metric("sameroof_partition_halted", partition="0", reason=reason)
    )
    await until("partition 1 is open", lambda: not inside.health.readyz())
    assert inside.ends == []


async def test_a_zombie_cannot_commit_after_its_successor_opened(kafka: Broker, ledger: Ledger) -> None:
    inside = await ledger_inside(ledger, settings_for(kafka.bootstrap_servers))
    await inside.context.offsets.start()
    zombie = await open_partition(inside.context, 0, after_exit=True)
    await Transactions(inside.context, zombie).commit_standing()
    await zombie.producer.begin_transaction()
    await zombie.producer.send(f"{ledger.name}.out", b"half done", partition=0)
    await zombie.producer.flush()
    successor = await open_partition(inside.context, 0, after_exit=True)
    with pytest.raises(KafkaError):
        await zombie.producer.commit_transaction()
    await Transactions(inside.context, successor).commit_standing()
    await asyncio.gather(zombie.close(), successor.close(), inside.context.offsets.stop())
    assert dump(kafka.bootstrap_servers, f"{ledger.name}.out") == []


async def test_the_end_of_a_transaction_is_asked_for_once_even_when_the_answer_is_lost(
    kafka: Broker, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ledger_inside(ledger, settings_for(kafka.bootstrap_servers))
    producer = ExactlyOnceProducer(settings_for(kafka.bootstrap_servers), f"{ledger.name}-0")
    await producer.start()
    asked = 0
    really_send = AIOKafkaConnection.send

    def send(self: AIOKafkaConnection, request: Any, expect_response: bool = True) -> Any:
        nonlocal asked
        answer = really_send(self, request, expect_response)
        if not isinstance(request, EndTxnRequest):
            return answer
        asked += 1
        answer.close()
        lost = asyncio.get_running_loop().create_future()
        lost.set_exception(KafkaConnectionError("the connection closed before the answer"))
        return lost

    await producer.begin_transaction()
    await producer.send_and_wait(f"{ledger.name}.out", b"once", partition=0)
    monkeypatch.setattr(AIOKafkaConnection, "send", send)
    with pytest.raises(KafkaError):
        async with asyncio.timeout(5):
            await producer.commit_transaction()
    await asyncio.sleep(0.2)
    monkeypatch.undo()
    await producer.client.close()
    producer._closed = True
    assert asked == 1


async def test_a_lost_transaction_ends_the_process(kafka: Broker, ledger: Ledger) -> None:
    inside = await ledger_inside(ledger, settings_for(kafka.bootstrap_servers))
    async with inside:
        usurper = ExactlyOnceProducer(inside.context.settings, inside.context.transactional_id(0))
        await usurper.start()
        key = next(f"k{n}" for n in range(99) if partition_of(f"k{n}", 2) == 0)
        await publish(kafka.bootstrap_servers, f"{ledger.name}.in", (key, {"id": "r"}))
        await until("the process ends", lambda: inside.ends)
        await usurper.stop()
    assert [reason for reason, _ in inside.ends] == ["partition_failed"]
    assert dump(kafka.bootstrap_servers, f"{ledger.name}.out") == []


async def test_a_position_outside_the_log_halts_that_partition_alone(kafka: Broker, ledger: Ledger) -> None:
    inside = await ledger_inside(ledger, settings_for(kafka.bootstrap_servers))
    ahead = PositionsRecord(partition=0, inputs={f"{ledger.name}.in": 1_000})
    await put(kafka, f"{ledger.name}.state", POSITIONS_KEY, ahead.model_dump_json().encode())
    async with inside:
        await halted(inside, "position_outside_log")


async def test_a_changelog_record_nobody_can_read_halts_that_partition_alone(kafka: Broker, ledger: Ledger) -> None:
    inside = await ledger_inside(ledger, settings_for(kafka.bootstrap_servers))
    await put(kafka, f"{ledger.name}.state", "k", b"{broken")
    async with inside:
        await halted(inside, "corrupt_changelog")


async def test_positions_of_a_newer_version_halt_that_partition_alone(kafka: Broker, ledger: Ledger) -> None:
    inside = await ledger_inside(ledger, settings_for(kafka.bootstrap_servers))
    newer = {"state_version": 99, "partition": 0, "inputs": {}}
    await put(kafka, f"{ledger.name}.state", POSITIONS_KEY, json.dumps(newer).encode())
    async with inside:
        await halted(inside, "newer_state_version")


async def test_unknown_fields_of_the_positions_are_written_back(kafka: Broker, ledger: Ledger) -> None:
    inside = await ledger_inside(ledger, settings_for(kafka.bootstrap_servers))
    newer = {"state_version": 1, "partition": 0, "inputs": {}, "told_by_a_newer_release": [1, 2]}
    await put(kafka, f"{ledger.name}.state", POSITIONS_KEY, json.dumps(newer).encode())
    async with inside:
        pass
    last = [record for record in dump(kafka.bootstrap_servers, f"{ledger.name}.state") if record.partition == 0][-1]
    assert json.loads(last.value or b"{}")["told_by_a_newer_release"] == [1, 2]


async def test_a_clock_far_from_the_brokers_is_refused(kafka: Broker, ledger: Ledger) -> None:
    inside = await ledger_inside(ledger, settings_for(kafka.bootstrap_servers), Clock(wall=lambda: 1_000_000.0))
    await inside.processor.start()
    await until("the process ends", lambda: inside.ends)
    await inside.stop()
    assert "apart" in str(inside.ends[0][1])


async def test_deadlines_that_raise_are_alarmed_and_inputs_go_on(kafka: Broker, ledger: Ledger) -> None:
    inside = await ledger_inside(ledger, settings_for(kafka.bootstrap_servers))
    broken = True

    class Faulty(LedgerMachine):
        def fire(self, now: datetime, limit: int) -> Effects:
            if broken:
                raise ValueError("a bug of ours")
            return super().fire(now, limit)

    object.__setattr__(inside.context, "machine", lambda partition: Faulty(ledger))
    async with inside:
        await publish(kafka.bootstrap_servers, f"{ledger.name}.in", ("k", {"id": "d", "in_ms": 1}))
        partition = str(partition_of("k", 2))
        await until("it is alarmed", lambda: inside.metric("sameroof_timers_failing", partition=partition))
        await publish(kafka.bootstrap_servers, f"{ledger.name}.in", ("k", {"id": "r"}))
        await until(
            "inputs go on", lambda: inside.metric("sameroof_records_handled_total", topic=f"{ledger.name}.in") == 2
        )
        broken = False
        await until(
            "it fires after all",
            lambda: inside.metric("sameroof_records_sent_total", topic=f"{ledger.name}.fired") == 1,
        )
        assert not inside.metric("sameroof_timers_failing", partition=partition)
    (told,) = dump(kafka.bootstrap_servers, f"{ledger.name}.fired")
    entry = json.loads(told.value or b"{}")
    assert entry["id"] == "d"


async def test_an_offset_of_a_test_clock_also_moves_append_times(kafka: Broker, ledger: Ledger) -> None:
    clock = Clock(offset=timedelta(hours=2))
    inside = await ledger_inside(ledger, settings_for(kafka.bootstrap_servers), clock)
    seen: list[timedelta] = []

    class Seeing(LedgerMachine):
        def handle(self, message: Message, now: datetime) -> Effects:
            seen.append(now - message.appended_at)
            return super().handle(message, now)

    object.__setattr__(inside.context, "machine", lambda _: Seeing(ledger))
    async with inside:
        await publish(kafka.bootstrap_servers, f"{ledger.name}.in", ("k", {"id": "r"}))
        await until("it is seen", lambda: seen)
    assert abs(seen[0]) < timedelta(minutes=1)
