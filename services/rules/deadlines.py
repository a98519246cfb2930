"""What is due? Deadlines are data elsewhere; this index finds them, and whoever fires one checks that it still holds (DESIGN section 7)."""

import heapq
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, order=True)
class Deadline:
    """One instant to act on: `rank` orders what is due at once (P0 first), `kind`, `subject` and `epoch` say what it is about."""

    due: datetime
    rank: int
    kind: str
    subject: str
    epoch: int


@dataclass(slots=True)
class Deadlines:
    """All deadlines of a partition, soonest first; those that fell due wait in order of urgency."""

    _later: list[Deadline] = field(default_factory=list)
    _ready: list[tuple[int, Deadline]] = field(default_factory=list)

    def add(self, deadline: Deadline) -> None:
        """Note a deadline; one that no longer holds is not removed but found stale when it fires."""
        heapq.heappush(self._later, deadline)

    def next_due(self) -> datetime | None:
        """The earliest instant at which something may be due."""
        if self._ready:
            return min(self._ready[0][1].due, self._later[0].due) if self._later else self._ready[0][1].due
        return self._later[0].due if self._later else None

    def take(self, now: datetime, limit: int) -> list[Deadline]:
        """At most `limit` deadlines due at `now`, most urgent first."""
        while self._later and self._later[0].due <= now:
            deadline = heapq.heappop(self._later)
            heapq.heappush(self._ready, (deadline.rank, deadline))
        return [heapq.heappop(self._ready)[1] for _ in range(min(limit, len(self._ready)))]
