"""Which record is handled alone, which is given up, and what is kept about it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from schemas.positions import Attempt, PositionsRecord
from schemas.words import DeadReason
from services.runtime.processor.flight import FlightRecorder, topic_code
from services.runtime.processor.standing import FIRST_RECORDS, SUSPECT_RECORDS, Standing, Suspicion, verdict

IN = "in"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def opened(record: PositionsRecord | None, last_life: FlightRecorder | None, end: int = 1_000) -> Standing:
    standing = Standing(0, record, {IN: 5})
    standing.open({IN: end}, last_life)
    return standing


def record(position: int, **fields: object) -> PositionsRecord:
    return PositionsRecord.model_validate({"partition": 0, "inputs": {IN: position}, **fields})


@pytest.fixture
def box(tmp_path: Path) -> Path:
    return tmp_path / "flight"


def died_in(box: Path, offset: int | None) -> FlightRecorder:
    """The recorder the next life finds."""
    life = FlightRecorder(box)
    if offset is not None:
        life.enter(0, topic_code(IN), offset)
    return FlightRecorder(box)


def test_an_input_never_read_begins_at_the_start_of_its_log() -> None:
    assert opened(None, None).inputs == {IN: 5}
    assert opened(record(70), None).inputs == {IN: 70}


def test_the_record_a_process_died_in_is_handled_alone_and_its_neighbours_are_not(box: Path) -> None:
    standing = opened(record(70), died_in(box, 75))
    assert [offset for offset in range(70, 80) if standing.alone((IN, offset))] == [75]


def test_a_record_three_lives_ended_in_is_given_up(box: Path) -> None:
    kept, lives = record(70), 0
    for _ in range(10):
        standing = opened(kept, died_in(box, 75))
        lives += 1
        if not standing.attempt((IN, 75)):
            break
        kept = standing.record()  # committed before the attempt
    assert lives == 2, "the first death is known from the recorder, the second attempt ends the second life"
    assert verdict((IN, 75), Suspicion(), attempts_left=False) is DeadReason.KILLED_PROCESS


def test_attempts_during_which_the_process_ended_of_something_else_prove_nothing(box: Path) -> None:
    kept = record(70)
    for _ in range(20):
        standing = opened(kept, died_in(box, 75))
        assert standing.attempt((IN, 75))
        kept = standing.record()
        kept = opened(kept, died_in(box, None)).record()
        kept = opened(kept, died_in(box, None)).record()


def test_without_a_recording_an_input_that_got_nowhere_is_handled_alone_for_as_long_as_its_first_batches() -> None:
    kept = opened(record(70), None).record()
    standing = opened(kept, FlightRecorder())
    assert standing.alone((IN, 70))
    for offset in range(70, 70 + SUSPECT_RECORDS):
        assert standing.attempt((IN, offset))
        standing.passed(IN, offset + 1)
    assert not standing.alone((IN, 70 + SUSPECT_RECORDS))


def test_without_a_recording_the_third_attempt_gives_a_record_up() -> None:
    kept = opened(record(70), None).record()
    for _ in range(2):
        standing = opened(kept, FlightRecorder())
        assert standing.attempt((IN, 70))
        kept = standing.record()
    assert not opened(kept, FlightRecorder()).attempt((IN, 70))


def test_an_input_with_nothing_unread_is_never_suspected() -> None:
    kept = opened(record(70), None, end=70).record()
    assert not opened(kept, FlightRecorder()).alone((IN, 70))


def test_a_record_that_was_committed_is_not_remembered() -> None:
    standing = opened(record(70, attempts={IN: Attempt(offset=70, count=2)}), None)
    assert standing.alone((IN, 70))
    standing.passed(IN, 71)
    assert standing.record().attempts == {}


def test_the_first_transaction_with_an_input_is_small_and_the_next_are_not() -> None:
    standing = opened(record(70), None)
    assert standing.most(IN, 500) == FIRST_RECORDS
    standing.committed([IN])
    assert standing.most(IN, 500) == 500


def test_a_record_that_raises_is_tried_again_and_then_given_up() -> None:
    suspicion = Suspicion()
    assert suspicion.note((IN, 7))
    assert verdict((IN, 7), suspicion, attempts_left=True) is None
    assert suspicion.note((IN, 7))
    assert verdict((IN, 7), suspicion, attempts_left=True) is DeadReason.HANDLER_FAILED
    assert not suspicion.note((IN, 7)), "rejecting it raised too: nothing is left to try"


def test_no_instant_is_earlier_than_the_one_before() -> None:
    standing = opened(record(70, highest_now=NOON), None)
    assert standing.instant(NOON - timedelta(hours=1)) == NOON
    assert standing.instant(NOON + timedelta(seconds=1)) == NOON + timedelta(seconds=1)
    assert standing.record().highest_now == NOON + timedelta(seconds=1)


def test_a_recording_of_another_partition_or_topic_says_nothing_about_this_one(box: Path) -> None:
    life = FlightRecorder(box)
    life.enter(3, topic_code("other"), 75)
    found = FlightRecorder(box)
    assert found.known
    assert (found.died_in(0, "other"), found.died_in(3, IN), found.died_in(3, "other")) == (None, None, 75)


def test_a_record_that_was_left_alive_is_not_found(box: Path) -> None:
    life = FlightRecorder(box)
    life.enter(0, topic_code(IN), 75)
    life.leave()
    assert FlightRecorder(box).died_in(0, IN) is None


def test_a_clean_end_leaves_nothing_on_the_machine(box: Path) -> None:
    FlightRecorder(box).forget()
    assert not box.exists()
    assert not FlightRecorder(box).known
