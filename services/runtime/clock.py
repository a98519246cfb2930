"""What time it is (DESIGN section 7): the wall clock at the start plus the monotonic one, so that it never goes back or leaps."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

ALARM_SECONDS = 0.5
SETTLED_SECONDS = 0.05
SLEW = 0.05
REFUSE_SECONDS = 5.0


class ClockRefused(RuntimeError):
    """This machine's wall clock is too far from the broker's to keep promises by it."""


class Clock:
    """A clock that starts at the wall clock and then runs with the monotonic one.

    `check` compares it with the wall clock: more than 0.5 s apart is an alarm, and the clock then runs 5 % faster or
    slower until both agree again. `offset` is added to every reading; tests move it, production never does.
    """

    def __init__(
        self,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        offset: timedelta = timedelta(0),
    ) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._anchor = wall()
        self._since = monotonic()
        self._rate = 1.0
        self.offset = offset

    def now(self) -> datetime:
        """The present instant, UTC."""
        instant = datetime.fromtimestamp(self._anchor + (self._monotonic() - self._since) * self._rate, UTC)
        return instant + self.offset if self.offset else instant

    def shifted(self, append_ms: int) -> datetime:
        """A broker's append time (milliseconds since 1970) on this clock's scale: with the offset of a test added."""
        return datetime.fromtimestamp(append_ms / 1000, UTC) + self.offset

    def check(self) -> float:
        """Seconds by which the wall clock is ahead; starts or ends the slewing. Call it about once a second."""
        reading, at = self._seconds(), self._monotonic()
        ahead = self._wall() - reading
        self._anchor, self._since = reading, at
        if abs(ahead) > ALARM_SECONDS or (self.slewing and abs(ahead) > SETTLED_SECONDS):
            self._rate = 1 + SLEW if ahead > 0 else 1 - SLEW
        else:
            self._rate = 1.0
        return ahead

    @property
    def slewing(self) -> bool:
        """Whether the clock is being brought back to the wall clock: the alarm."""
        return self._rate != 1.0

    def refuse_if_apart(self, append_ms: int) -> None:
        """Compares the wall clock with the append time of a record just written. Raises `ClockRefused` beyond 5 s."""
        apart = abs(self._seconds() - append_ms / 1000)
        if apart > REFUSE_SECONDS:
            raise ClockRefused(f"this machine's clock and the broker's are {apart:.1f} s apart; synchronise them")

    def _seconds(self) -> float:
        return self._anchor + (self._monotonic() - self._since) * self._rate
