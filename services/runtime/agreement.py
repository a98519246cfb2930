"""Have the topics the partitions our settings say? Asked before anything is written: under another count keys live elsewhere."""

import asyncio
from collections.abc import Iterable

import structlog
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError
from mode import Service

from schemas.topics import Topic
from services.runtime.connection import client_options
from services.runtime.settings import RuntimeSettings
from services.runtime.topics import TopicsRefused, other_count

RETRY_SECONDS = 0.1


class Agreement(Service):
    """The part of an edge that starts first: the others start once the bus answers and agrees."""

    abstract = False

    def __init__(self, settings: RuntimeSettings, used: Iterable[Topic]) -> None:
        super().__init__()
        self._settings = settings
        self._used = tuple(used)

    async def on_start(self) -> None:
        """Waits for the bus. Raises `TopicsRefused`."""
        await agree(self._settings, self._used)


async def agree(settings: RuntimeSettings, used: Iterable[Topic], *, needed: Topic | None = None) -> None:
    """Returns once the bus answers and has `needed`, however long that takes: a process that ended would not be back any
    sooner. Raises `TopicsRefused` when one of `used` has another partition count than the settings say."""
    used = tuple(used)
    told = False
    while True:
        client = AIOKafkaClient(**client_options(settings, "sameroof-agreement"))
        try:
            await client.bootstrap()
            there = await refuse_other_counts(client, settings, used)
            if needed is None or needed.name in there:
                return
        except (KafkaError, OSError, TimeoutError):
            pass
        finally:
            await client.close()
        if not told:
            structlog.get_logger().warning("bus.awaited", topic=needed.name if needed else None)
            told = True
        await asyncio.sleep(RETRY_SECONDS)


async def refuse_other_counts(client: AIOKafkaClient, settings: RuntimeSettings, used: Iterable[Topic]) -> set[str]:
    """The names of `used` that exist; one that does not may still be made. Raises `TopicsRefused`, having logged why."""
    found = await client.fetch_all_metadata()
    counts = {topic: len(found.partitions_for_topic(topic.name) or ()) for topic in used}
    there = {topic: count for topic, count in counts.items() if count}
    wrong = [
        text for topic, count in there.items() for text in other_count(topic, count, settings.partitions(topic.sizing))
    ]
    for text in wrong:
        structlog.get_logger().critical("topics.refused", reason=text)
    if wrong:
        raise TopicsRefused(wrong)
    return {topic.name for topic in there}
