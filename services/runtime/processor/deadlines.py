"""When deadlines fire: input before timers (DESIGN section 7), most urgent first, a bounded number in each transaction."""

import time
from datetime import datetime, timedelta

from services.rules.machine import Effects
from services.runtime.processor.context import Context
from services.runtime.processor.exits import TimersRaised
from services.runtime.processor.opening import Opened

LONGEST_WAIT_SECONDS = 0.2
ROUND_SECONDS = 0.01
MOST_AT_ONCE = 1_000
BACKOFF_SECONDS = (1.0, 5.0, 15.0, 60.0)


class Setback:
    """How often firing raised since it last went well, and when to try again; inputs go on meanwhile."""

    def __init__(self) -> None:
        self.count = 0
        self.not_before = 0.0

    def again(self) -> None:
        """Firing raised once more."""
        self.not_before = time.monotonic() + BACKOFF_SECONDS[min(self.count, len(BACKOFF_SECONDS) - 1)]
        self.count += 1


class Deadlines:
    """The deadlines of one opened partition.

    When one falls due, the inputs that can stop a clock are first read up to where they then ended, for at most 200 ms
    (the bound of P0, which is inside everyone else's). What was due at that moment then fires.
    """

    def __init__(self, context: Context, opened: Opened, setback: Setback) -> None:
        self._context = context
        self._opened = opened
        self._setback = setback
        self._seen: datetime | None = None
        self._ends: dict[str, int] = {}
        self._wait_until = 0.0
        self._limit = 64

    @property
    def waiting(self) -> bool:
        """Whether a due deadline waits for inputs: only those are handled meanwhile."""
        return self._seen is not None

    def seconds_to_next(self, longest: float) -> float:
        """How long nothing is due, at most `longest`."""
        due = self._opened.machine.next_due()
        if due is None:
            return longest
        return min(longest, max(0.0, (due - self._context.clock.now()).total_seconds()))

    async def ready(self) -> datetime | None:
        """The instant to fire at, or None when nothing is due or its inputs are not read yet."""
        if time.monotonic() < self._setback.not_before:
            return None
        due = self._opened.machine.next_due()
        if due is None or due > (now := self._context.clock.now()):
            self._seen = None
            return None
        if self._seen is None or due > self._seen:
            stops = [lane.topic for lane in self._opened.inputs if lane.topic in self._context.wiring.stops]
            self._ends = await self._context.offsets.stable_ends(stops, self._opened.partition) if stops else {}
            self._seen = self._opened.standing.instant(now)
            self._wait_until = time.monotonic() + LONGEST_WAIT_SECONDS
        if time.monotonic() < self._wait_until and not await self._opened.inputs.reached(self._ends):
            return None
        return self._seen  # not later: what fell due since then has not had its inputs read

    def fire(self, now: datetime) -> Effects:
        """Fires what is due at `now`, as many as fit in 10 ms by the last round's pace. Raises `TimersRaised`."""
        due = self._opened.machine.next_due()
        began = time.perf_counter()
        try:
            effects = self._opened.machine.fire(now, self._limit)
        except Exception as problem:
            raise TimersRaised from problem
        took = time.perf_counter() - began
        self._limit = _next_limit(self._limit, took)
        self._account(due)
        return effects

    def _account(self, due: datetime | None) -> None:
        metrics = self._context.metrics
        if due is not None:
            metrics.deadline_late_seconds.observe(max(timedelta(0), self._context.clock.now() - due).total_seconds())
        if self._setback.count:
            self._setback.count = 0
            metrics.timers_failing.labels(self._opened.partition).set(0)


def _next_limit(limit: int, took: float) -> int:
    if took < ROUND_SECONDS / 2:
        return min(MOST_AT_ONCE, limit * 2)
    return max(1, int(limit * ROUND_SECONDS / took))
