"""Creates the topics that are missing and refuses the ones that are not as the contract says (DESIGN section 3)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from schemas.topics import DEAD, TOMBSTONE_RETENTION, Cleanup, Topic, dead
from services.runtime.connection import client_options
from services.runtime.settings import RuntimeSettings

_MINIMUM_IN_SYNC = 2
# A partner's record of 1 MiB must reach us, to be refused with a reason; as a dead letter it gains headers.
_LARGEST_FROM_PARTNERS = 2 * 1024 * 1024
_LARGEST_DEAD_LETTER = 3 * 1024 * 1024
_TOPIC_ALREADY_EXISTS = 36


class TopicsRefused(RuntimeError):
    """Topics of the broker differ from the contract; `differences` names each."""

    def __init__(self, differences: list[str]) -> None:
        super().__init__("; ".join(differences))
        self.differences = differences


@dataclass(frozen=True, slots=True)
class Found:
    """What the broker has under a name."""

    partitions: int
    settings: dict[str, str]


def broker_settings(topic: Topic, replication: int) -> dict[str, str]:
    """The broker's settings of a topic."""
    retention = -1 if topic.retention is None else int(topic.retention.total_seconds() * 1000)
    settings = {
        "cleanup.policy": topic.cleanup.value,
        "message.timestamp.type": "LogAppendTime",
        "retention.ms": str(retention),
    }
    if topic.cleanup is Cleanup.COMPACT:
        del settings["retention.ms"]
        settings["delete.retention.ms"] = str(int(TOMBSTONE_RETENTION.total_seconds() * 1000))
    if topic.dead_letter == dead("intake").name:
        settings["max.message.bytes"] = str(_LARGEST_FROM_PARTNERS)
    if topic.carries == DEAD:
        settings["max.message.bytes"] = str(_LARGEST_DEAD_LETTER)
    if replication > _MINIMUM_IN_SYNC:
        settings["min.insync.replicas"] = str(_MINIMUM_IN_SYNC)
    return settings


def other_count(topic: Topic, found: int, wanted: int) -> list[str]:
    """What forbids to start on a topic of `found` partitions: another count moves keys (DESIGN section 3)."""
    if found == wanted:
        return []
    return [f"{topic.name} has {found} partitions, not {wanted} (runbook: repartition by replay)"]


def differences(topic: Topic, found: Found, partitions: int) -> list[str]:
    """What forbids to start on `found`: another partition count moves keys, another cleanup loses records."""
    wrong = other_count(topic, found.partitions, partitions)
    if found.settings.get("cleanup.policy") != topic.cleanup.value:
        wrong.append(
            f"{topic.name} has cleanup.policy {found.settings.get('cleanup.policy')}, not {topic.cleanup.value}"
        )
    if found.settings.get("message.timestamp.type") != "LogAppendTime":
        wrong.append(
            f"{topic.name} has message.timestamp.type {found.settings.get('message.timestamp.type')}, not LogAppendTime"
        )
    return wrong


async def create_or_verify(
    settings: RuntimeSettings, topics: Iterable[Topic], *, create: bool = True
) -> tuple[str, ...]:
    """Names of the topics it made. Raises `TopicsRefused` naming every wrong (and, without `create`, missing) topic, and
    `KafkaConnectionError` when no broker answers."""
    wanted = {topic.name: topic for topic in topics}
    admin = AIOKafkaAdminClient(**client_options(settings, "sameroof-topics"))
    try:
        await admin.start()
        found = await _find(admin, wanted)
        missing = [topic for name, topic in wanted.items() if name not in found]
        wrong = [] if create else [f"{topic.name} is missing" for topic in missing]
        for name, there in found.items():
            wrong += differences(wanted[name], there, settings.partitions(wanted[name].sizing))
        if wrong:
            raise TopicsRefused(wrong)
        await _create(admin, missing, settings)
    finally:
        await admin.close()
    return tuple(topic.name for topic in missing)


async def _find(admin: AIOKafkaAdminClient, wanted: dict[str, Topic]) -> dict[str, Found]:
    there = [name for name in await admin.list_topics() if name in wanted]
    if not there:
        return {}
    counts = {told["topic"]: len(told["partitions"]) for told in await admin.describe_topics(there)}
    answers = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name) for name in there])
    settings = dict(_settings_of(resource) for answer in answers for resource in answer.resources)
    return {name: Found(counts[name], settings[name]) for name in there}


def _settings_of(resource: Any) -> tuple[str, dict[str, str]]:
    _, _, _, name, entries = resource
    return name, {entry[0]: entry[1] for entry in entries}


async def _create(admin: AIOKafkaAdminClient, missing: list[Topic], settings: RuntimeSettings) -> None:
    if not missing:
        return
    replication = settings.replication
    made = [
        NewTopic(
            topic.name,
            settings.partitions(topic.sizing),
            replication,
            topic_configs=broker_settings(topic, replication),
        )
        for topic in missing
    ]
    answer = await admin.create_topics(made)
    refused = [
        f"{name} cannot be created: error {code}"
        for name, code, *_ in answer.topic_errors
        if code not in {0, _TOPIC_ALREADY_EXISTS}
    ]
    if refused:
        raise TopicsRefused(refused)
