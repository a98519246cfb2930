"""Nothing gets into a log that is not on the list: not a field, not a library's arguments, not an exception's text."""

import json
import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import StringIO

import pytest
import structlog

from services.runtime.telemetry import LONGEST_TEXT, configure

CANARY = "Ada Canary, 12 Rue du Test"


@dataclass
class Log:
    """What was written, and which fields were not."""

    out: StringIO = field(default_factory=StringIO)
    dropped: Counter[str] = field(default_factory=Counter)

    def lines(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.out.getvalue().splitlines()]


@pytest.fixture
def log() -> Iterator[Log]:
    made = Log()
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    configure("router", "router-0", lambda name: made.dropped.update([name]), made.out)
    yield made
    structlog.reset_defaults()
    root.handlers[:] = before
    root.setLevel(level)
    logging.captureWarnings(capture=False)


def broken(problem: Exception) -> None:
    raise problem


def test_listed_fields_are_written_and_others_dropped_and_counted(log: Log) -> None:
    structlog.get_logger().info("offer.sent", case_id="c-1", victim_name=CANARY)
    (line,) = log.lines()
    assert line["event"] == "offer.sent"
    assert (line["service"], line["instance"], line["case_id"]) == ("router", "router-0", "c-1")
    assert CANARY not in json.dumps(line)
    assert log.dropped == {"victim_name": 1}


def test_an_event_that_is_a_sentence_is_not_written(log: Log) -> None:
    structlog.get_logger().info(f"offer sent to {CANARY}")
    (line,) = log.lines()
    assert line["event"] == "unnamed"
    assert log.dropped == {"event": 1}


def test_an_exception_is_told_by_type_and_place_never_by_its_text(log: Log) -> None:
    try:
        broken(ValueError(CANARY))
    except ValueError:
        structlog.get_logger().exception("handler.raised")
    (line,) = log.lines()
    assert line["error"] == "ValueError"
    assert "test_telemetry.py" in str(line["where"])
    assert CANARY not in json.dumps(line)


def test_a_librarys_record_is_told_by_its_template_never_by_its_arguments(log: Log) -> None:
    logging.getLogger("aiokafka.producer").warning("Sending (key=%s value=%s)", CANARY, CANARY)
    try:
        broken(RuntimeError(CANARY))
    except RuntimeError:
        logging.getLogger("faust").exception("crashed with %r", CANARY)
    first, second = log.lines()
    assert (first["event"], first["library"]) == ("Sending (key=%s value=%s)", "aiokafka.producer")
    assert second["error"] == "RuntimeError"
    assert CANARY not in json.dumps([first, second])


def test_debug_records_of_libraries_are_not_written(log: Log) -> None:
    logging.getLogger("aiokafka.conn").debug("Request %s", CANARY)
    assert log.lines() == []


def test_long_texts_are_cut(log: Log) -> None:
    structlog.get_logger().info("offer.sent", reason="x" * 10_000)
    (line,) = log.lines()
    assert line["reason"] == "x" * LONGEST_TEXT


def test_a_library_that_says_the_same_for_ever_is_heard_sparingly(log: Log) -> None:
    for _ in range(100):
        logging.getLogger("aiokafka.consumer").error("Failed fetch messages from %s: %s", 1, "gone")
    logging.getLogger("aiokafka.consumer").error("something else")
    assert [line["event"] for line in log.lines()] == ["Failed fetch messages from %s: %s"] * 5 + ["something else"]
