"""The bare processor against a plain aiokafka copy loop, same records, same work, same run, taking turns.

`python -m tests.benchmarks.processor [--records N] [--rounds N]`. RELIABILITY asks for a ratio of at least 0.9.
"""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys

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


def run(bootstrap: str, program: str, *arguments: str) -> float:
    """One contestant's records per second."""
    settings = {
        "SAMEROOF_KAFKA_BOOTSTRAP_SERVERS": bootstrap,
        "SAMEROOF_HOUSEHOLD_PARTITIONS": str(PARTITIONS),
        "SAMEROOF_REPLICATION": "1",
    }
    command = [sys.executable, "-m", f"tests.benchmarks.{program}", *arguments]
    told = subprocess.run(
        command, env={**os.environ, **settings}, capture_output=True, text=True, timeout=300, check=True
    )
    return float(next(line for line in reversed(told.stdout.splitlines()) if line and line[0].isdigit()))


def main() -> None:
    """Prints every round and the ratio of the medians."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.processor", description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    broker = provide(full_speed=True)
    try:
        asyncio.run(prepare(broker.bootstrap_servers, chosen.records, chosen.rounds + 1))
        rates: dict[str, list[float]] = {"plain": [], "processor": []}
        for number in range(chosen.rounds + 1):
            plain = run(broker.bootstrap_servers, "plain_loop", broker.bootstrap_servers, str(chosen.records))
            ours = run(broker.bootstrap_servers, "processor_loop", str(chosen.records), str(number))
            print(f"{number or 'warm-up'}: plain {plain:,.0f}/s, processor {ours:,.0f}/s", flush=True)
            if number:
                rates["plain"].append(plain)
                rates["processor"].append(ours)
        ratio = statistics.median(rates["processor"]) / statistics.median(rates["plain"])
        print(f"processor / plain loop = {ratio:.2f} (should be at least 0.9)")
    finally:
        broker.close()


if __name__ == "__main__":
    main()
