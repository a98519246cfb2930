"""Publishing from an edge: many callers at once, one producer, one partition, and nobody is turned away."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, NoReturn, cast

import pytest
from aiokafka import AIOKafkaProducer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from deploy.local.kafka import Broker
from schemas import topics
from schemas.topics import Topic
from services.rules.machine import Letter, Send
from services.runtime.edge.publishing import Publisher

pytestmark = pytest.mark.kafka

CALLERS = 400
TOPIC = replace(topics.COMMANDS, name="publishing-crowd")


def ends(reason: str, problem: BaseException | None = None) -> NoReturn:
    raise AssertionError(reason) from problem


@pytest.fixture
async def publisher(kafka: Broker) -> AsyncIterator[Publisher]:
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap_servers})
    await asyncio.to_thread(admin.create_topics([NewTopic(TOPIC.name, 1, 1)])[TOPIC.name].result)
    producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap_servers, enable_idempotence=True, acks="all")
    await producer.start()
    app = SimpleNamespace(producer=SimpleNamespace(_producer=producer))
    yield Publisher(cast("Any", app), lambda _: 1, ends)
    await producer.stop()


def record(topic: Topic, number: int) -> Send:
    return Send(topic, f"key-{number}", "same", Letter(b"x" * 300, ()))


async def test_hundreds_of_callers_with_one_record_each_for_one_partition_all_get_through(publisher: Publisher) -> None:
    async def call(number: int) -> None:
        await publisher.delivered(await publisher.send([record(TOPIC, number)]))

    async with asyncio.timeout(20):
        await asyncio.gather(*(call(number) for number in range(CALLERS)))
