"""What an edge is given: one record, and how to say that everything it asks for is done."""

import asyncio
from collections.abc import AsyncIterable, Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

from faust.types import EventT

from services.rules.machine import Message
from services.runtime.clock import Clock
from services.runtime.edge.application import EdgeApp
from services.runtime.edge.transport import HardenedConsumer
from services.runtime.exits import End


@dataclass(frozen=True, slots=True)
class Arrival:
    """One record read. Until `settle` is called its offset is not committed, and a restart reads it again."""

    message: Message
    settle: Callable[[], None]


Take = Callable[[Arrival], None]


def listen(app: EdgeApp, topic: str, take: Take, *, clock: Clock, end: End) -> None:
    """Registers the agent of `topic`. It only hands records over, so no exception of a handler can pass through Faust."""

    async def agent(stream: Any) -> None:
        try:
            async for event in cast("AsyncIterable[EventT[bytes]]", stream.noack().events()):
                take(_arrival(app, event, clock))
                for queued in _queued(stream.channel.queue):
                    take(_arrival(app, queued, clock))
        except Exception as problem:  # noqa: BLE001 - an agent that raises loses its record
            end("agent_raised", problem)

    channel = app.topic(topic, key_type=bytes, value_type=bytes)
    app.agent(channel, name=f"{app.conf.id}.{topic}", concurrency=1)(agent)


def _queued(queue: "asyncio.Queue[EventT[bytes]]") -> Iterator[EventT[bytes]]:
    """What lies in the agent's queue already: Faust's own iteration takes a turn of the event loop for each."""
    while not queue.empty():
        yield queue.get_nowait()


def _arrival(app: EdgeApp, event: EventT[bytes], clock: Clock) -> Arrival:
    raw: Any = event.message
    consumer = cast("HardenedConsumer", app.consumer)
    consumer.hold(raw)
    message = Message(
        topic=raw.topic,
        partition=raw.partition,
        offset=raw.offset,
        key=raw.key,
        value=raw.value,
        headers=tuple(raw.headers or ()),
        appended_at=clock.shifted(round(raw.timestamp * 1000)),
    )
    return Arrival(message, lambda: consumer.settle(raw))
