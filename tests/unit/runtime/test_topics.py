"""What a topic must be on the broker, and which differences forbid to start."""

from schemas.topics import CASES, INCIDENTS
from services.runtime.topics import Found, broker_settings, differences

SOUND = {"cleanup.policy": "delete", "message.timestamp.type": "LogAppendTime"}


def test_a_log_is_kept_as_long_as_the_contract_says_and_a_changelog_for_ever() -> None:
    assert broker_settings(INCIDENTS, 1)["retention.ms"] == str(14 * 24 * 3600 * 1000)
    changelog = broker_settings(CASES, 1)
    assert "retention.ms" not in changelog
    assert changelog["cleanup.policy"] == "compact"
    assert changelog["delete.retention.ms"] == str(7 * 24 * 3600 * 1000)


def test_three_copies_need_two_in_sync_and_every_topic_has_the_brokers_time() -> None:
    assert broker_settings(INCIDENTS, 3)["min.insync.replicas"] == "2"
    assert "min.insync.replicas" not in broker_settings(INCIDENTS, 1)
    assert broker_settings(INCIDENTS, 1)["message.timestamp.type"] == "LogAppendTime"


def test_a_sound_topic_has_no_differences() -> None:
    assert differences(INCIDENTS, Found(12, SOUND), 12) == []


def test_another_partition_count_cleanup_or_clock_is_refused_and_named() -> None:
    (count,) = differences(INCIDENTS, Found(13, SOUND), 12)
    assert count.startswith("incidents has 13 partitions, not 12")
    (cleanup,) = differences(INCIDENTS, Found(12, {**SOUND, "cleanup.policy": "compact"}), 12)
    assert "cleanup.policy compact" in cleanup
    (clock,) = differences(INCIDENTS, Found(12, {**SOUND, "message.timestamp.type": "CreateTime"}), 12)
    assert "CreateTime" in clock
