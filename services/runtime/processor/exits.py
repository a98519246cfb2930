"""How a processor ends: crash only (DESIGN section 5.4). What cannot be known to be right ends the process; the parent restarts it."""

import os
import sys
from collections.abc import Callable
from typing import NoReturn

import structlog

from schemas.topics import Topic

EXIT_CRASH_ONLY = os.EX_TEMPFAIL
EXIT_CRASH_POINT = 99

POINTS = (
    "after_poll",
    "after_handle",
    "after_begin",
    "between_sends",
    "before_position",
    "after_position",
    "before_commit",
    "after_commit",
)

End = Callable[[str, BaseException | None], NoReturn]


class PartitionHalted(Exception):
    """One partition must not go on and a human is needed: `reason` is a code; other partitions are not concerned."""

    def __init__(self, reason: str, topic: Topic | str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.topic = topic.name if isinstance(topic, Topic) else topic


class HandlerRaised(Exception):
    """`handle` (or the check of what it wants) raised for this record: memory is not to be trusted any more."""

    def __init__(self, topic: str, offset: int) -> None:
        super().__init__("handler raised")
        self.topic = topic
        self.offset = offset


class TimersRaised(Exception):
    """`fire` raised: memory is not to be trusted any more."""


def end_process(reason: str, problem: BaseException | None = None) -> NoReturn:
    """Ends the process now, whatever else it is doing. Nothing is flushed, closed or left: the changelog knows all."""
    structlog.get_logger().critical("process.ends", reason=reason, exc_info=problem)
    sys.stdout.flush()
    os._exit(EXIT_CRASH_ONLY)


class CrashPoints:
    """Ends the process at a named point, the nth time it is reached (`SAMEROOF_CRASH_AT=<point>[:n]`); for tests."""

    def __init__(self, armed: str | None, points: tuple[str, ...] = POINTS) -> None:
        point, _, count = (armed or "").partition(":")
        self.point = point if point in points else None
        self._left = int(count or 1)

    def hit(self, point: str) -> None:
        """Passes `point`, or does not."""
        if point == self.point:
            self._left -= 1
            if self._left <= 0:
                os._exit(EXIT_CRASH_POINT)
