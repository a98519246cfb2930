"""Logs as events: JSON lines whose fields come from one list, so that no person's data can get into them by accident."""

import logging
import re
import sys
import traceback
from collections import Counter
from collections.abc import Callable, MutableMapping
from typing import Any, TextIO

import structlog

FIELDS = frozenset({
    "action", "append_ms", "attempt", "band", "case_id", "catalogue", "cause", "command_id", "count", "desk_id", "digest", "error",
    "event", "group", "instance", "kind", "lag", "lane", "level", "library", "method", "notice_id", "offer_id", "offset", "page_id",
    "partition", "partitions", "partner", "pillar", "port", "positions", "reason", "route", "seconds", "service", "sink", "state",
    "status", "step", "timestamp", "topic", "track_id", "type", "version", "where",
})  # fmt: skip
LONGEST_TEXT = 300
_EVENT_NAME = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*")

EventDict = MutableMapping[str, Any]
CountDropped = Callable[[str], None]


def configure(service: str, instance: str, count_dropped: CountDropped, out: TextIO | None = None) -> None:
    """Sets up structlog and the standard library's logging for this process; call it once, before anything logs.

    `count_dropped(field)` is told of every field that is not on the list; lines go to `out`, by default standard output.
    """
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _say_where,
    ]
    last: list[Any] = [
        _stamp(service, instance),
        keep_listed_fields(count_dropped),
        structlog.processors.JSONRenderer(),
    ]
    structlog.configure(
        processors=[*shared, *last],
        logger_factory=structlog.WriteLoggerFactory(file=out or sys.stdout),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=False,
    )
    _route_libraries(shared, last, out or sys.stdout)


def _route_libraries(shared: list[Any], last: list[Any], out: TextIO) -> None:
    handler = logging.StreamHandler(out)
    handler.addFilter(Sparingly())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_only_the_template, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    logging.captureWarnings(capture=True)


class Sparingly(logging.Filter):
    """Lets each text of a library through five times in ten seconds: with the bus away, its clients say the same for ever."""

    def __init__(self, most: int = 5, seconds: float = 10.0) -> None:
        super().__init__()
        self._most = most
        self._seconds = seconds
        self._began = 0.0
        self._said: Counter[tuple[str, str]] = Counter()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether this one is written."""
        if record.created - self._began > self._seconds:
            self._began = record.created
            self._said.clear()
        told = (record.name, str(record.msg))
        self._said[told] += 1
        return self._said[told] <= self._most


def keep_listed_fields(count_dropped: CountDropped) -> Callable[[Any, str, EventDict], EventDict]:
    """The processor that drops and counts every field that is not listed, and every value that is not plain."""

    def keep(_: Any, __: str, event: EventDict) -> EventDict:
        kept: EventDict = {}
        for field, value in event.items():
            if field not in FIELDS:
                count_dropped(field)
            else:
                kept[field] = _plain(value)
        if "library" not in kept and not _EVENT_NAME.fullmatch(str(kept.get("event", ""))):
            count_dropped("event")
            kept["event"] = "unnamed"
        return kept

    return keep


def _plain(value: Any) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value[:50]]
    if isinstance(value, dict):
        return {str(name)[:LONGEST_TEXT]: _plain(each) for name, each in list(value.items())[:50]}
    return str(value)[:LONGEST_TEXT]


def _stamp(service: str, instance: str) -> Callable[[Any, str, EventDict], EventDict]:
    def stamp(_: Any, __: str, event: EventDict) -> EventDict:
        return {"service": service, "instance": instance, **event}

    return stamp


def _only_the_template(_: Any, __: str, event: EventDict) -> EventDict:
    """A library's record: the text as its author wrote it, never what was put into it (keys and values could be there)."""
    record: logging.LogRecord = event["_record"]
    event["event"] = record.msg if isinstance(record.msg, str) else type(record.msg).__name__
    event["library"] = record.name
    return event


def _say_where(_: Any, __: str, event: EventDict) -> EventDict:
    """An exception as its type and the last lines of code it passed; its text may quote input and stays out."""
    told = event.pop("exc_info", None)
    problem = sys.exc_info()[1] if told is True else told[1] if isinstance(told, tuple) else told
    if isinstance(problem, BaseException):
        event["error"] = type(problem).__name__
        event["where"] = where(problem)
    return event


def where(problem: BaseException, deepest: int = 4) -> list[str]:
    """`file:line function` of the innermost frames of an exception."""
    frames = traceback.extract_tb(problem.__traceback__)[-deepest:]
    return [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames]
