"""Opens a partition in the one order that is safe (DESIGN section 5.2): fence, note the end, replay up to it, seek, run."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from pydantic import ValidationError

from schemas.positions import POSITIONS_KEY, STATE_VERSION, PositionsRecord
from services.rules.machine import Machine
from services.runtime.connection import client_options, stop_client
from services.runtime.processor.context import Context
from services.runtime.processor.exits import PartitionHalted
from services.runtime.processor.lanes import Inputs
from services.runtime.processor.producer import ExactlyOnceProducer
from services.runtime.processor.standing import Standing

CLIENT_SECONDS = 20.0
SLICE_SECONDS = 0.004
REPLAY_POLL_MS = 20
STALLED_SECONDS = 30.0
REPLAY_CHUNK = 2_000

Newest = dict[bytes, bytes | None]


@dataclass(frozen=True)
class Opened:
    """A partition ready to run. Closing it leaves no transaction open, since none ever spans two steps of the loop."""

    partition: int
    producer: ExactlyOnceProducer
    machine: Machine
    inputs: Inputs
    standing: Standing

    async def close(self) -> None:
        """Stops the clients; a client that will not stop is left to the end of the process."""
        await self.inputs.close()
        await stop_client(self.producer)


async def open_partition(context: Context, partition: int, *, after_exit: bool) -> Opened:
    """Fences the previous owner, restores the machine and starts its inputs. Raises `PartitionHalted`; cancellable."""
    producer = ExactlyOnceProducer(context.settings, context.transactional_id(partition))
    inputs = Inputs(context.settings, context.wiring, partition)
    try:
        async with asyncio.timeout(CLIENT_SECONDS):
            await producer.start()
        machine = context.machine(partition)
        record = await _restore(context, partition, machine)
        standing = await _stand(context, partition, record, after_exit=after_exit)
        async with asyncio.timeout(CLIENT_SECONDS):
            await inputs.open(standing.inputs)
    except BaseException:
        await inputs.close()
        await stop_client(producer)
        raise
    return Opened(partition, producer, machine, inputs, standing)


async def _stand(context: Context, partition: int, record: PositionsRecord | None, *, after_exit: bool) -> Standing:
    topics = [topic.name for tier in context.wiring.inputs for topic in tier]
    async with asyncio.timeout(CLIENT_SECONDS):
        starts = await context.offsets.starts(topics, partition)
        ends = await context.offsets.high_watermarks(topics, partition)
    standing = Standing(partition, record, starts)
    for topic, position in standing.inputs.items():
        if not starts[topic] <= position <= ends[topic]:
            raise PartitionHalted("position_outside_log", topic)
    standing.open(ends, context.flight if after_exit else None)
    return standing


async def _restore(context: Context, partition: int, machine: Machine) -> PositionsRecord | None:
    names = [topic.name for topic in context.wiring.states]
    async with asyncio.timeout(CLIENT_SECONDS):
        starts = await context.offsets.starts(names, partition)
        ends = await context.offsets.high_watermarks(names, partition)
    consumer = AIOKafkaConsumer(
        **client_options(context.settings, "sameroof-restore"),
        group_id=None,
        isolation_level="read_committed",
        auto_offset_reset="none",
        enable_auto_commit=False,
        fetch_max_wait_ms=50,
        max_partition_fetch_bytes=4 * 1024 * 1024,
    )
    replay = _Replay(consumer, machine, context.wiring.states[0].name)
    try:
        await consumer.start()
        for name in names:
            await replay.topic(TopicPartition(name, partition), starts[name], ends[name])
    finally:
        await stop_client(consumer)
    return replay.positions


class _Replay:
    """Gives the machine the records of its changelogs, the newest of each key when several arrive together."""

    def __init__(self, consumer: Any, machine: Machine, first: str) -> None:
        self.positions: PositionsRecord | None = None
        self._consumer = consumer
        self._machine = machine
        self._first = first

    async def topic(self, place: TopicPartition, start: int, end: int) -> None:
        """Replays one partition of a changelog from `start` until its position reaches `end`."""
        self._consumer.assign([place])
        self._consumer.seek(place, start)
        reached, since = start, time.monotonic()
        while (position := await self._consumer.position(place)) < end:
            if position > reached:
                reached, since = position, time.monotonic()
            elif time.monotonic() - since > STALLED_SECONDS:
                structlog.get_logger().critical(
                    "restore.stalled", topic=place.topic, partition=place.partition, offset=position
                )
                raise TimeoutError(
                    f"{place.topic} cannot be read beyond {position}: bus away, or a transaction left open"
                )
            fetched = await self._consumer.getmany(place, timeout_ms=REPLAY_POLL_MS, max_records=REPLAY_CHUNK)
            newest: Newest = {}
            for record in fetched.get(place, ()):
                newest.pop(record.key, None)
                newest[record.key] = record.value
            await self._give(place.topic, newest)

    async def _give(self, topic: str, newest: Newest) -> None:
        since = time.perf_counter()
        for key, value in newest.items():
            self._one(topic, key.decode(), value)
            if time.perf_counter() - since > SLICE_SECONDS:
                await asyncio.sleep(0)
                since = time.perf_counter()

    def _one(self, topic: str, key: str, value: bytes | None) -> None:
        if topic == self._first and key == POSITIONS_KEY:
            self.positions = _positions(value)
            return
        try:
            self._machine.restore(topic, key, value)
        except Exception as problem:
            raise PartitionHalted("corrupt_changelog", topic) from problem


def _positions(value: bytes | None) -> PositionsRecord | None:
    if value is None:
        return None
    try:
        record = PositionsRecord.model_validate_json(value)
    except ValidationError as problem:
        raise PartitionHalted("corrupt_changelog", POSITIONS_KEY) from problem
    if record.state_version > STATE_VERSION:
        raise PartitionHalted("newer_state_version", POSITIONS_KEY)
    return record
