"""The bare processor against a plain aiokafka copy loop, same records, same work, same run, taking turns.

`python -m tests.benchmarks.processor [--records N] [--rounds N]`. RELIABILITY asks for a ratio of at least 0.9.
"""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from aiokafka import AIOKafkaProducer

from deploy.local.kafka import provide
from services.runtime.settings import RuntimeSettings
from services.runtime.topics import create_or_verify
from tests.benchmarks.copying import IN, OUT, PARTITIONS, entry, state


async def prepare(bootstrap: str, records: int, rounds: int) -> None:
    """The topics, and the input."""
    settings = RuntimeSettings(kafka_bootstrap_servers=bootstrap, household_partitions=PARTITIONS, replication=1)
    await create_or_verify(settings, (IN, *map(state, range(rounds)), *OUT.values()))
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, linger_ms=20, max_batch_size=500_000) as producer:
        for number in range(records):
            each = entry(number)
            await producer.send(IN.name, each.model_dump_json().encode(), key=each.household_id.encode())
        await producer.flush()


@dataclass(frozen=True)
class Score:
    """Seconds and CPU seconds of one contestant for `records` records."""

    records: int
    seconds: float
    cpu_seconds: float

    @property
    def rate(self) -> float:
        """Records per second."""
        return self.records / self.seconds

    @property
    def cost(self) -> float:
        """CPU microseconds per record: what a busy machine distorts least."""
        return self.cpu_seconds / self.records * 1e6

    def __str__(self) -> str:
        return f"{self.rate:,.0f}/s at {self.cost:.1f} us of CPU"


def run(bootstrap: str, records: int, program: str, *arguments: str) -> Score:
    """One contestant's score."""
    settings = {
        "SAMEROOF_KAFKA_BOOTSTRAP_SERVERS": bootstrap,
        "SAMEROOF_HOUSEHOLD_PARTITIONS": str(PARTITIONS),
        "SAMEROOF_REPLICATION": "1",
    }
    command = [sys.executable, "-m", f"tests.benchmarks.{program}", *arguments]
    told = subprocess.run(
        command, env={**os.environ, **settings}, capture_output=True, text=True, timeout=300, check=True
    )
    figures = next(line for line in reversed(told.stdout.splitlines()) if line and line[0].isdigit())
    return Score(records, *map(float, figures.split()))


def main() -> None:
    """Prints every round and the ratios of the medians."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.processor", description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    broker = provide(full_speed=True)
    try:
        asyncio.run(prepare(broker.bootstrap_servers, chosen.records, chosen.rounds + 1))
        scores = list(_rounds(broker.bootstrap_servers, chosen.records, chosen.rounds))
    finally:
        broker.close()
    plain, ours = ([each[side] for each in scores] for side in (0, 1))
    rate = statistics.median(each.rate for each in ours) / statistics.median(each.rate for each in plain)
    cost = statistics.median(each.cost for each in plain) / statistics.median(each.cost for each in ours)
    print(f"processor / plain loop: {rate:.2f} of its rate, {cost:.2f} of its records per CPU second (asked: 0.9)")


def _rounds(bootstrap: str, records: int, rounds: int) -> Iterator[tuple[Score, Score]]:
    for number in range(rounds + 1):
        plain = run(bootstrap, records, "plain_loop", bootstrap, str(records))
        ours = run(bootstrap, records, "processor_loop", str(records), str(number))
        print(f"{number or 'warm-up'}: plain loop {plain}; processor {ours}", flush=True)
        if number:
            yield plain, ours


if __name__ == "__main__":
    main()
