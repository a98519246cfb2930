"""The product's processor inside the test's own process: a real broker, a clock the test can move, an end that can be seen."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, NoReturn, Self

from aiokafka import AIOKafkaProducer
from prometheus_client import CollectorRegistry

from services.rules.machine import Machine, Wiring
from services.runtime.clock import Clock
from services.runtime.health import Health
from services.runtime.metrics import ProcessorMetrics
from services.runtime.processor.context import Context
from services.runtime.processor.offsets import Offsets
from services.runtime.processor.service import Processor
from services.runtime.settings import RuntimeSettings
from services.runtime.topics import create_or_verify
from tests.stage.ledger import Ledger


class Ended(BaseException):
    """Stands for the end of the process."""


def settings_for(bootstrap: str, **given: Any) -> RuntimeSettings:
    """A small installation: 2 household partitions, one copy, short sessions."""
    small = {
        "household_partitions": 2,
        "desk_partitions": 1,
        "replication": 1,
        "session_seconds": 2.0,
        "instance": "inside-0",
    }
    return RuntimeSettings(kafka_bootstrap_servers=bootstrap, **{**small, **given})


class Inside:
    """One processor in this process. `ends` collects why it would have ended."""

    def __init__(
        self, settings: RuntimeSettings, wiring: Wiring, machine: Callable[[int], Machine], clock: Clock
    ) -> None:
        self.registry = CollectorRegistry()
        self.health = Health(self.registry)
        self.ends: list[tuple[str, BaseException | None]] = []
        self.context = Context(
            settings=settings,
            wiring=wiring,
            machine=machine,
            clock=clock,
            metrics=ProcessorMetrics(self.registry),
            end=self._end,
            offsets=Offsets(settings),
        )
        self.processor = Processor(self.context, self.health)

    def _end(self, reason: str, problem: BaseException | None = None) -> NoReturn:
        self.ends.append((reason, problem))
        raise Ended(reason)

    async def start(self) -> "Inside":
        """Returns when all partitions are open."""
        await self.processor.start()
        await until("the processor is ready", lambda: not self.health.readyz())
        return self

    async def stop(self) -> None:
        """Stops like SIGTERM does."""
        await self.processor.stop()

    async def state(self) -> dict[str, dict[str, Any]]:
        """As `/state` shows it."""
        return await self.processor.snapshot()

    def metric(self, name: str, **labels: str) -> float:
        """A sample's value, 0 when there is none."""
        return self.registry.get_sample_value(name, labels) or 0.0

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()


async def ledger_inside(ledger: Ledger, settings: RuntimeSettings, clock: Clock | None = None) -> Inside:
    """A ledger with its topics, not started yet."""
    await create_or_verify(settings, ledger.topics)
    return Inside(settings, ledger.wiring, ledger.machine, clock or Clock())


async def until(what: str, check: Callable[[], object | Awaitable[object]], seconds: float = 60.0) -> None:
    """Returns once `check()` (or what it awaits) is true."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while True:
                found = check()
                if asyncio.iscoroutine(found):
                    found = await found
                if found:
                    return
                await asyncio.sleep(0.01)
    raise AssertionError(f"not within {seconds:.0f} s: {what}")


async def publish(bootstrap: str, topic: str, *entries: tuple[str, dict[str, Any]]) -> None:
    """Puts entries `(key, value)` on a topic, all acknowledged when it returns."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", linger_ms=2, max_batch_size=200_000)
    await producer.start()
    try:
        for key, entry in entries:
            await producer.send(topic, json.dumps(entry).encode(), key=key.encode())
        await producer.flush()
    finally:
        await producer.stop()
