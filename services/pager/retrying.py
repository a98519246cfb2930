"""When is a failed attempt tried again, and when is the notice handed to the sink? A schedule in memory; the log remembers the rest.

The offset of a notice stays uncommitted until it is delivered, while later notices go on: a restart reads it again, with all
that came after it, and the same idempotency keys make the repetition harmless.
"""

import heapq
from dataclasses import dataclass, field, replace

from schemas.notices import NoticeIssued
from schemas.words import Band, NoticeKind
from services.rules.parcels import Parcel

ROSTER_MAY_LAG_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: the first delay (it doubles), the longest delay, and how long the recipient's own method is tried."""

    first: float
    longest: float
    before_sink: float


URGENT = Patience(first=0.2, longest=1.0, before_sink=10.0)
ORDINARY = Patience(first=0.5, longest=10.0, before_sink=60.0)


@dataclass(frozen=True, slots=True)
class Undertaking:
    """What is being told in one message: since when (seconds of a monotonic clock), failed attempts so far, why the sink has it."""

    notices: tuple[NoticeIssued, ...]
    since: float
    attempts: int = 0
    handed_over: str | None = None

    @property
    def parcel(self) -> Parcel:
        """What goes out."""
        return Parcel(self.notices, self.handed_over)

    @property
    def urgent(self) -> bool:
        """Whether it is a P0's."""
        return self.parcel.band is Band.P0

    @property
    def patience(self) -> Patience:
        """A P0's or everybody else's."""
        return URGENT if self.urgent else ORDINARY

    @property
    def tries_a_method(self) -> bool:
        """Whether it is only about whether a contact method works: then nobody else is told."""
        return self.notices[0].kind in (NoticeKind.DRILL, NoticeKind.VERIFICATION)

    def to_sink(self, reason: str) -> tuple["Undertaking", ...]:
        """Given to the sink: each notice by itself."""
        return tuple(replace(self, notices=(one,), attempts=0, handed_over=reason) for one in self.notices)

    def failed(self, now: float, *, final: bool) -> tuple["Undertaking", ...]:
        """After a failed attempt: one more, or the sink's when it would fail again or its time is over."""
        if self.handed_over is None and (final or now - self.since >= self.patience.before_sink):
            return self.to_sink("method_failed")
        return (replace(self, attempts=self.attempts + 1),)

    @property
    def delay(self) -> float:
        """Seconds until the next attempt; none for the first one at the sink."""
        if self.attempts == 0:
            return 0.0
        return float(min(self.patience.longest, self.patience.first * 2 ** min(self.attempts - 1, 10)))


@dataclass(slots=True)
class Schedule:
    """What is to be tried again, by time."""

    _heap: list[tuple[float, int, Undertaking]] = field(default_factory=list)
    _count: int = 0

    def add(self, due: float, undertaking: Undertaking) -> None:
        """Try `undertaking` at `due`."""
        self._count += 1
        heapq.heappush(self._heap, (due, self._count, undertaking))

    def due(self, now: float) -> list[Undertaking]:
        """Takes out everything due, oldest first."""
        found = []
        while self._heap and self._heap[0][0] <= now:
            found.append(heapq.heappop(self._heap)[2])
        return found

    @property
    def next_due(self) -> float | None:
        """When the next one falls due."""
        return self._heap[0][0] if self._heap else None
