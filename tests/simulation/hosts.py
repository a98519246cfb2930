"""The machines everything runs on, and what their wall clocks say: apart from each other, and now and then moved."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from services.runtime.clock import SLEW, Clock
from tests.simulation.scheduler import Scheduler


@dataclass(slots=True)
class Host:
    """One machine; `ahead_s` is how far its wall clock is ahead of true time."""

    name: str
    scheduler: Scheduler
    ahead_s: float = 0.0

    def now(self) -> datetime:
        """The wall clock as an instant: what an edge stamps its records with."""
        return self.scheduler.now() + timedelta(seconds=self.ahead_s)


class ProcessClock(Clock):
    """The product's clock in one process, compared with its host's wall clock once a second as the product does it."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._as_of_s = self._checked_s = host.scheduler.us / 1e6
        super().__init__(lambda: self._as_of_s + host.ahead_s, lambda: self._as_of_s)

    def now(self) -> datetime:
        """The present instant."""
        real_s = self._host.scheduler.us / 1e6
        if real_s - self._checked_s >= 1.0:
            self._catch_up(real_s)
        self._as_of_s = real_s
        return super().now()

    def refuse_if_apart(self, append_ms: int) -> None:
        """As the product's, at the present instant."""
        self.now()
        super().refuse_if_apart(append_ms)

    def true_us(self, instant: datetime) -> int:
        """True time (microseconds) at which this clock will show `instant`, or at which its rate may change if that is sooner."""
        now, now_us = self.now(), self._host.scheduler.us
        shown_us = now_us + int(max(0.0, (instant - now).total_seconds()) / self._rate * 1e6)
        if not self.slewing:
            return shown_us
        ahead = self._as_of_s + self._host.ahead_s - self._seconds()
        return min(shown_us, now_us + int((abs(ahead) / SLEW + 1.0) * 1e6))

    def _catch_up(self, real_s: float) -> None:
        """The checks of the seconds that passed since; while slewing at a constant rate only the last few matter."""
        self._as_of_s = min(real_s, self._checked_s + 1.0)
        ahead = self.check()
        while self.slewing and self._as_of_s < real_s:
            self._as_of_s = min(real_s, self._as_of_s + max(1.0, abs(ahead) / SLEW - 1.0))
            ahead = self.check()
        self._checked_s = real_s


def hosts_of(count: int, scheduler: Scheduler, dice: Random, skew_s: float) -> list[Host]:
    """Machines whose clocks differ by at most twice `skew_s`."""
    return [Host(f"host-{number}", scheduler, dice.uniform(-skew_s, skew_s)) for number in range(count)]
