"""The contestant: a plain aiokafka loop, neither transactional nor restorable. `python -m tests.benchmarks.plain_loop <bus> <n>`."""

import asyncio
import sys
import time
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from services.runtime.partitioning import partition_of
from tests.benchmarks.copying import IN, OUT, PARTITIONS, work


async def copy(bootstrap: str, total: int) -> tuple[float, float]:
    """Copies `total` records, offsets committed after each poll's deliveries; seconds and CPU seconds it took."""
    consumer = AIOKafkaConsumer(
        IN.name,
        bootstrap_servers=bootstrap,
        group_id=f"plain-{time.time_ns()}",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, acks="all", enable_idempotence=True, max_batch_size=900_000
    )
    await asyncio.gather(consumer.start(), producer.start())
    done, began, spent = 0, 0.0, 0.0
    while done < total:
        polled = await consumer.getmany(timeout_ms=500, max_records=2_000)
        began, spent = began or time.perf_counter(), spent or time.process_time()
        batches: dict[tuple[str, int], Any] = {}
        for records in polled.values():
            for record in records:
                kind, key, value = work(record.value)
                place = (OUT[kind].name, partition_of(key, PARTITIONS))
                if place not in batches:
                    batches[place] = producer.create_batch()
                _append(batches[place], key.encode(), value)
            done += len(records)
        futures = [
            await producer.send_batch(batch, topic, partition=partition)
            for (topic, partition), batch in batches.items()
        ]
        for future in futures:
            await future
        await consumer.commit()
    took = time.perf_counter() - began, time.process_time() - spent
    await asyncio.gather(consumer.stop(), producer.stop())
    return took


def _append(batch: Any, key: bytes, value: bytes) -> None:
    kept = batch.append(timestamp=None, key=key, value=value)
    assert kept is not None, "2,000 records of a kilobyte over 32 places fit"


if __name__ == "__main__":
    print(*asyncio.run(copy(sys.argv[1], int(sys.argv[2]))))
