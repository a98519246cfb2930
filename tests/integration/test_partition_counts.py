"""A process whose settings name another partition count than its topics have writes nothing: it ends and says which topic."""

import asyncio
import sys
from pathlib import Path

import pytest

from deploy.local.kafka import Broker
from schemas import topics
from services.intake.bus import Bus
from services.runtime.agreement import agree
from services.runtime.clock import Clock
from services.runtime.settings import RuntimeSettings
from services.runtime.topics import TopicsRefused, create_or_verify
from tests.stage.fleet import Member
from tests.stage.product import DESK_PARTITIONS, HOUSEHOLD_PARTITIONS

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(90)]
NOT_THESE = f"notices has {DESK_PARTITIONS} partitions, not {DESK_PARTITIONS + 1}"


def settings_for(kafka: Broker, desk_partitions: int) -> RuntimeSettings:
    return RuntimeSettings(
        kafka_bootstrap_servers=kafka.bootstrap_servers,
        household_partitions=HOUSEHOLD_PARTITIONS,
        desk_partitions=desk_partitions,
        replication=1,
    )


@pytest.fixture
def other(kafka: Broker) -> RuntimeSettings:
    """Settings that do not fit the topic `notices`."""
    asyncio.run(create_or_verify(settings_for(kafka, DESK_PARTITIONS), [topics.NOTICES_TOPIC]))
    return settings_for(kafka, DESK_PARTITIONS + 1)


@pytest.mark.parametrize(
    "module",
    [("services.router",), ("services.pager",), ("services.intake", "gateway")],
    ids=["processor", "pager", "gateway"],
)
def test_a_process_with_another_count_ends_and_names_the_topic(
    other: RuntimeSettings, module: tuple[str, ...], tmp_path: Path
) -> None:
    env = {
        "SAMEROOF_KAFKA_BOOTSTRAP_SERVERS": other.kafka_bootstrap_servers,
        "SAMEROOF_HOUSEHOLD_PARTITIONS": str(other.household_partitions),
        "SAMEROOF_DESK_PARTITIONS": str(other.desk_partitions),
        "SAMEROOF_PARTNERS": "telco",
    }
    log = tmp_path / "log"
    member = Member("counts-0", [sys.executable, "-m", *module], env, log).start()
    try:
        assert member.ended() != 0
        assert NOT_THESE in log.read_text()
    finally:
        member.kill()


async def test_the_api_with_another_count_publishes_nothing_and_ends(other: RuntimeSettings) -> None:
    with pytest.raises(TopicsRefused, match=NOT_THESE):
        await asyncio.wait_for(Bus(other, Clock()).run(), 30)


async def test_topics_with_our_counts_and_topics_not_made_yet_are_no_difference(
    kafka: Broker, other: RuntimeSettings
) -> None:
    fitting = settings_for(kafka, DESK_PARTITIONS)
    await asyncio.wait_for(agree(fitting, topics.used_by("auditor")), 30)
    await asyncio.wait_for(agree(fitting, topics.used_by("pager"), needed=topics.NOTICES_TOPIC), 30)
