"""How every process of ours ends: crash only (DESIGN section 5.4). What cannot be known to be right ends it; the parent restarts it."""

import os
import sys
from collections.abc import Callable
from typing import NoReturn

import structlog

EXIT_CRASH_ONLY = os.EX_TEMPFAIL
EXIT_CRASH_POINT = 99

End = Callable[[str, BaseException | None], NoReturn]


def end_process(reason: str, problem: BaseException | None = None) -> NoReturn:
    """Ends the process now, whatever else it is doing. Nothing is flushed, closed or left: the changelog knows all."""
    structlog.get_logger().critical("process.ends", reason=reason, exc_info=problem)
    sys.stdout.flush()
    os._exit(EXIT_CRASH_ONLY)


class CrashPoints:
    """Ends the process at a named point, the nth time it is reached (`SAMEROOF_CRASH_AT=<point>[:n]`); for tests."""

    def __init__(self, armed: str | None, points: tuple[str, ...]) -> None:
        point, _, count = (armed or "").partition(":")
        self.point = point if point in points else None
        self._left = int(count or 1)

    def hit(self, point: str) -> None:
        """Passes `point`, or does not."""
        if point == self.point:
            self._left -= 1
            if self._left <= 0:
                os._exit(EXIT_CRASH_POINT)
