"""The product's processor doing the same, hosted as a service is. `python -m tests.benchmarks.processor_loop <n> <round>`."""

import os
import signal
import sys
import time
from datetime import datetime

from prometheus_client import CollectorRegistry

from schemas.words import DeadReason
from services.rules.machine import NOTHING, Effects, Letter, Message, Send, Wiring
from services.runtime.hosting import host, processor
from services.runtime.processor.context import Observer
from services.runtime.settings import RuntimeSettings, load
from tests.benchmarks.copying import IN, OUT, state, work


def wiring(number: int) -> Wiring:
    """Of one round."""
    return Wiring(f"bench-{number}", inputs=((IN,),), states=(state(number),), urgent=frozenset(), stops=frozenset())


class Copier:
    """A machine without memory."""

    def __init__(self, meter: "Meter") -> None:
        self._meter = meter

    def restore(self, topic: str, key: str, record: bytes | None) -> None: ...

    def handle(self, message: Message, now: datetime) -> Effects:
        assert message.value is not None
        self._meter.begin()
        kind, key, value = work(message.value)
        return Effects((Send(OUT[kind], key, key, Letter(value, ())),))

    def reject(self, message: Message, reason: DeadReason, now: datetime) -> Effects:
        raise AssertionError("every record is good")

    def next_due(self) -> datetime | None:
        return None

    def fire(self, now: datetime, limit: int) -> Effects:
        return NOTHING

    def digest(self) -> str:
        return ""


class Meter:
    """Prints seconds and CPU seconds and ends the process once all records are committed."""

    def __init__(self, total: int) -> None:
        self._left = total
        self._total = total
        self._began = self._spent = 0.0

    def __call__(self, _: CollectorRegistry) -> Observer:
        return self._count

    def machine(self, _: int) -> Copier:
        return Copier(self)

    def begin(self) -> None:
        """At the first record, like the other contestant."""
        if not self._began:
            self._began, self._spent = time.perf_counter(), time.process_time()

    def _count(self, _: Effects) -> None:
        self._left -= 1
        if not self._left:
            print(time.perf_counter() - self._began, time.process_time() - self._spent, flush=True)
            os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    meter = Meter(int(sys.argv[1]))
    host("bench", load(RuntimeSettings), processor(wiring(int(sys.argv[2])), meter.machine, observe=meter))
