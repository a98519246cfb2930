"""What a transaction may hold, and as of which instant deadlines fire."""

import asyncio
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.producer.message_accumulator import BatchBuilder

from schemas import topics
from services.rules.machine import Effects, Letter, Send
from services.runtime.clock import Clock
from services.runtime.processor.deadlines import Deadlines, Setback
from services.runtime.processor.outbox import LARGEST_RECORD, Outbox, RecordTooLarge
from services.runtime.processor.standing import Standing

START = datetime(2026, 1, 1, tzinfo=UTC)


class Batches:
    """A producer's batches, without the producer."""

    def create_batch(self) -> BatchBuilder:
        return BatchBuilder(900_000, 0, is_transactional=True)


def outbox() -> Outbox:
    return Outbox(Batches(), 0, lambda _: 1)


def test_a_dead_letter_keeps_bytes_of_any_size() -> None:
    letter = Send(topics.dead("router"), "k", "k", Letter(b"x" * (LARGEST_RECORD + 1), (("h", b"1"),)))
    box = outbox()
    box.add(Effects(sends=(letter,)))
    assert [batch.record_count() for _, _, batch in box.in_order()] == [1]


def test_a_record_of_ours_over_the_limit_is_found_before_anything_is_sent() -> None:
    with pytest.raises(RecordTooLarge):
        outbox()._append(("router.state", 0), b"k", b"x" * (LARGEST_RECORD + 1), ())


class Machine:
    def __init__(self, *dues: datetime) -> None:
        self.dues = list(dues)

    def next_due(self) -> datetime | None:
        return min(self.dues, default=None)


class Inputs(list[Any]):
    async def reached(self, _: dict[str, int]) -> bool:
        return True


def test_deadlines_fire_as_of_the_instant_up_to_which_inputs_were_read() -> None:
    clock = Clock()
    now = clock.now()
    standing = Standing(0, None, {})
    opened: Any = SimpleNamespace(
        machine=Machine(now - timedelta(milliseconds=1)), standing=standing, inputs=Inputs(), partition=0
    )
    context: Any = SimpleNamespace(clock=clock, wiring=SimpleNamespace(stops=frozenset()))
    deadlines = Deadlines(context, opened, Setback())
    first = asyncio.run(deadlines.ready())
    assert first is not None
    standing.instant(now + timedelta(seconds=5))  # a record handled meanwhile
    assert asyncio.run(deadlines.ready()) == first
