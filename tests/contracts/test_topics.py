"""Every topic is complete: names, keys, sizes, life, who writes and reads it, what travels on it, where its bad records go."""

import re

import pytest

from schemas.messages import MESSAGES
from schemas.records import RECORDS
from schemas.topics import (
    CASE_EVENT_LOG,
    DEAD,
    SERVICES,
    Cleanup,
    Sizing,
    Topic,
    dead,
    every_topic,
    partner,
)

PARTNER = "proximus"
TOPICS = every_topic([PARTNER])
BY_NAME = {topic.name: topic for topic in TOPICS}
KEYS_BY_SIZING = {Sizing.HOUSEHOLD: {"household_id"}, Sizing.DESK: {"desk_id"}}
EACH = pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)


def test_no_two_topics_share_a_name() -> None:
    assert len(BY_NAME) == len(TOPICS)


@EACH
def test_a_topic_name_is_lower_case_words_between_dots(topic: Topic) -> None:
    assert re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)*", topic.name)
    assert len(topic.name) <= 249


@EACH
def test_a_topic_says_its_record_key_and_what_it_is_partitioned_by(topic: Topic) -> None:
    assert topic.record_key
    assert topic.partition_by


@EACH
def test_topics_of_one_sizing_are_partitioned_by_the_same_key(topic: Topic) -> None:
    assert topic.sizing is Sizing.PLAIN or topic.partition_by in KEYS_BY_SIZING[topic.sizing]


@EACH
def test_a_log_has_a_retention_and_a_compacted_topic_has_none(topic: Topic) -> None:
    if topic.cleanup is Cleanup.COMPACT or topic == CASE_EVENT_LOG:  # the timeline lives until erasure
        assert topic.retention is None
    else:
        assert topic.retention is not None
        assert topic.retention.total_seconds() > 0


@EACH
def test_a_topic_is_written_and_read_by_services_or_partners_we_know(topic: Topic) -> None:
    known = {*SERVICES, f"partner {PARTNER}"}
    assert topic.producers
    assert topic.consumers
    assert {*topic.producers, *topic.consumers} <= known


@EACH
def test_a_compacted_topic_has_one_writer(topic: Topic) -> None:
    assert topic.cleanup is Cleanup.DELETE or len(topic.producers) == 1


@EACH
def test_a_topic_carries_known_events_or_known_records_never_both(topic: Topic) -> None:
    assert topic.carries
    assert len(set(topic.carries)) == len(topic.carries)
    if topic.carries == DEAD:
        return
    known = RECORDS if topic.cleanup is Cleanup.COMPACT else MESSAGES
    assert {*topic.carries} <= known.keys()


@EACH
def test_a_dead_letter_goes_to_the_dead_letter_topic_of_the_consumer(topic: Topic) -> None:
    """Whoever acts on a record has somewhere to put one it cannot use; read models and auditors only look."""
    acting = [service for service in topic.consumers if service in {"router", "responders", "pager"}]
    if topic.cleanup is Cleanup.DELETE and acting:
        assert topic.dead_letter == dead(acting[0]).name
    if topic.dead_letter is not None:
        assert topic.dead_letter in BY_NAME
        assert BY_NAME[topic.dead_letter].carries == DEAD


@pytest.mark.parametrize(
    "topic", [t for t in partner(PARTNER) if "intake" in t.consumers], ids=lambda topic: topic.name
)
def test_what_a_partner_sends_wrongly_is_kept_by_intake(topic: Topic) -> None:
    assert topic.dead_letter == "intake.dead"


def test_every_message_type_travels_on_some_topic() -> None:
    carried = {type_ for topic in TOPICS for type_ in topic.carries}
    assert MESSAGES.keys() - carried == set()


def test_every_record_is_kept_on_some_topic() -> None:
    carried = {name for topic in TOPICS for name in topic.carries}
    assert RECORDS.keys() - carried == set()


@pytest.mark.parametrize("taken", ["router", "intake", "Proximus", "a", "0telco", "two.parts", "-telco", "x" * 32, ""])
def test_a_partner_id_that_could_collide_with_our_names_is_refused(taken: str) -> None:
    with pytest.raises(ValueError, match="partner id"):
        partner(taken)


def test_no_partner_can_own_a_name_of_ours() -> None:
    """A partner owns groups and transactional ids starting `<id>.`: ours contain no dot, and no topic of ours starts so."""
    ours = {topic.name.partition(".")[0] for topic in every_topic()}
    assert "partner" not in ours
