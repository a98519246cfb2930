"""How intake writes to the bus: idempotent, acknowledged by all replicas, and always answered within the time given."""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from typing import TypeVar

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from schemas.envelope import encode
from services.rules.machine import Letter, Send
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


class Bus:
    """One producer, made again when it fails for good. A record refused in time may land later: ids make that harmless."""

    def __init__(self, settings: RuntimeSettings) -> None:
        self._settings = settings
        self._producer: AIOKafkaProducer | None = None
        self._broken = asyncio.Event()
        self._unsent = 0

    async def run(self) -> None:
        """Keeps a producer connected until cancelled."""
        while True:
            try:
                self._producer = await self._connected()
            except (KafkaError, OSError, TimeoutError):
                await asyncio.sleep(RECONNECT_SECONDS)
                continue
            self._broken.clear()
            try:
                await self._broken.wait()
            finally:
                producer, self._producer = self._producer, None
                await _end(producer)

    async def _connected(self) -> AIOKafkaProducer:
        options = client_options(self._settings, f"sameroof-intake-{self._settings.instance}")
        options["retry_backoff_ms"] = RETRY_BACKOFF_MS
        producer = AIOKafkaProducer(**options, enable_idempotence=True, acks="all", linger_ms=0)
        try:
            await asyncio.wait_for(producer.start(), START_SECONDS)
        except BaseException:
            await _end(producer)
            raise
        return producer

    async def publish(self, send: Send, *, within: float) -> None:
        """Sends one record. Raises `BusUnavailable` after `within` seconds at most, at once when too much is unsent already."""
        value, headers = (send.body.value, send.body.headers) if isinstance(send.body, Letter) else encode(send.body)
        producer = self._producer
        if producer is None or self._unsent >= UNSENT_AT_MOST:
            raise BusUnavailable
        partition = partition_of(send.partition_by, self._settings.partitions(send.topic.sizing))
        until = asyncio.get_running_loop().time() + within
        try:
            sent = await _by(
                until, producer.send(send.topic.name, value, send.key.encode(), partition, headers=list(headers))
            )
            self._unsent += 1
            sent.add_done_callback(self._settled)
            await _by(until, asyncio.shield(sent))
        except TimeoutError:
            raise BusUnavailable from None
        except KafkaError as problem:
            self._replace(producer, problem)
            raise BusUnavailable from None

    def _settled(self, sent: "asyncio.Future[object]") -> None:
        self._unsent -= 1
        if not sent.cancelled():
            sent.exception()  # looked at: a record nobody waits for any more may fail quietly

    def _replace(self, producer: AIOKafkaProducer, problem: KafkaError) -> None:
        log.warning("bus.producer_replaced", error=type(problem).__name__)
        if producer is self._producer:
            self._producer = None  # after a failed send the same producer may lose everything silently
            self._broken.set()


async def _by(until: float, step: Awaitable[T]) -> T:
    async with asyncio.timeout_at(until):
        return await step


async def _end(producer: AIOKafkaProducer | None) -> None:
    if producer is not None:
        with suppress(KafkaError, OSError, TimeoutError):
            await asyncio.wait_for(producer.stop(), STOP_SECONDS)
