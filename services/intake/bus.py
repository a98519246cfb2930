"""How intake writes to the bus: idempotent, acknowledged by all replicas, and always answered within the time given."""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.structs import RecordMetadata

from schemas.envelope import encode
from schemas.topics import used_by
from services.rules.machine import Letter, Send
from services.runtime.agreement import refuse_other_counts
from services.runtime.clock import Clock
from services.runtime.connection import client_options
from services.runtime.partitioning import partition_of
from services.runtime.settings import RuntimeSettings

RETRY_BACKOFF_MS = 200
UNSENT_AT_MOST = 2_000
START_SECONDS = 5.0
STOP_SECONDS = 3.0
RECONNECT_SECONDS = 0.5

T = TypeVar("T")
log = structlog.get_logger()


class BusUnavailable(Exception):
    """The bus did not take the record in time. It may still land later."""


@dataclass(slots=True)
class _Line:
    """A connected producer and how many of its records are on their way."""

    producer: AIOKafkaProducer
    unsent: int = 0

    def watch(self, sent: "asyncio.Future[RecordMetadata]") -> None:
        """Counts a record until it is settled, whether or not anybody still waits for it."""
        self.unsent += 1
        sent.add_done_callback(self._settled)

    def _settled(self, sent: "asyncio.Future[RecordMetadata]") -> None:
        self.unsent -= 1
        if not sent.cancelled():
            sent.exception()  # looked at: a record nobody waits for any more may fail quietly


class Bus:
    """One producer, made again when it fails for good. A record refused in time may land later: ids make that harmless."""

    def __init__(self, settings: RuntimeSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._line: _Line | None = None
        self._broken = asyncio.Event()
        self.clock_apart_seconds = 0.0

    async def run(self) -> None:
        """Keeps a producer connected until cancelled. Raises `TopicsRefused`."""
        while True:
            try:
                producer = await self._connected()
            except (KafkaError, OSError, TimeoutError):
                await asyncio.sleep(RECONNECT_SECONDS)
                continue
            self._line = _Line(producer)
            self._broken.clear()
            try:
                await self._broken.wait()
            finally:
                self._line = None
                await _end(producer)

    async def _connected(self) -> AIOKafkaProducer:
        options = client_options(self._settings, f"sameroof-intake-{self._settings.instance}")
        options["retry_backoff_ms"] = RETRY_BACKOFF_MS
        producer = AIOKafkaProducer(**options, enable_idempotence=True, acks="all", linger_ms=0)
        try:
            async with asyncio.timeout(START_SECONDS):
                await producer.start()
                await refuse_other_counts(producer.client, self._settings, used_by("intake"))
        except BaseException:
            await _end(producer)
            raise
        return producer

    async def publish(self, send: Send, *, within: float) -> None:
        """Sends one record. Raises `BusUnavailable` after `within` seconds at most, at once when too much is unsent already."""
        value, headers = (send.body.value, send.body.headers) if isinstance(send.body, Letter) else encode(send.body)
        line = self._line
        if line is None or line.unsent >= UNSENT_AT_MOST:
            raise BusUnavailable
        partition = partition_of(send.partition_by, self._settings.partitions(send.topic.sizing))
        record = (send.topic.name, value, send.key.encode(), partition)
        until = asyncio.get_running_loop().time() + within
        try:
            sent = await _by(until, line.producer.send(*record, headers=list(headers)))
            line.watch(sent)
            self._compare(await _by(until, asyncio.shield(sent)))
        except TimeoutError:
            raise BusUnavailable from None
        except KafkaError as problem:
            self._replace(line, problem)
            raise BusUnavailable from None

    def _compare(self, written: RecordMetadata) -> None:
        """How far this machine's clock is from the broker's, delivery included: clocks of cases start at our receipt."""
        appended_at = datetime.fromtimestamp(written.timestamp / 1000, UTC)
        self.clock_apart_seconds = abs((self._clock.now() - appended_at).total_seconds())

    def _replace(self, line: _Line, problem: KafkaError) -> None:
        log.warning("bus.producer_replaced", error=type(problem).__name__)
        if line is self._line:
            self._line = None  # after a failed send the same producer may lose everything silently
            self._broken.set()


async def _by(until: float, step: Awaitable[T]) -> T:
    async with asyncio.timeout_at(until):
        return await step


async def _end(producer: AIOKafkaProducer | None) -> None:
    if producer is not None:
        with suppress(KafkaError, OSError, TimeoutError):
            await asyncio.wait_for(producer.stop(), STOP_SECONDS)
