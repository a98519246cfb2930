"""Which process owns which partition: one seat per group and partition number, its owners one after the other, and its outages."""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field

from services.rules.machine import Machine, Wiring
from services.runtime.processor.standing import Spot, Suspicion
from tests.simulation.hosts import Host, ProcessClock
from tests.simulation.scheduler import Actor


class LastLife:
    """What the flight recorder of the process before knows: nothing, or which record it died of, if any."""

    def __init__(self, *, known: bool, spot: Spot | None = None) -> None:
        self.known = known
        self._spot = spot

    def died_in(self, _partition: int, topic: str) -> int | None:
        """The offset of the record of this input that was being handled."""
        return self._spot[1] if self._spot is not None and self._spot[0] == topic else None


@dataclass(slots=True)
class Process:
    """What outlives the reopening of a partition and dies with its process."""

    name: str
    host: Host
    clock: ProcessClock
    last_life: LastLife | None
    suspicion: Suspicion = field(default_factory=Suspicion)
    actor: Actor | None = None


@dataclass(slots=True)
class Outages:
    """When nobody ran a partition: closed intervals of true time in microseconds, and since when it lasts."""

    down_since: int | None
    over: list[tuple[int, int]] = field(default_factory=list)

    def down(self, now_us: int) -> None:
        """Nobody runs it from now on."""
        if self.down_since is None:
            self.down_since = now_us

    def up(self, now_us: int) -> None:
        """Somebody does."""
        if self.down_since is not None:
            self.over.append((self.down_since, now_us))
            self.down_since = None

    def within(self, begin_us: int, end_us: int) -> int:
        """How much of an interval was down, in microseconds."""
        first = bisect_left(self.over, begin_us, key=lambda gap: gap[1])
        total = sum(max(0, min(end_us, end) - max(begin_us, begin)) for begin, end in self.over[first:])
        if self.down_since is not None:
            total += max(0, end_us - max(begin_us, self.down_since))
        return total


@dataclass(slots=True)
class Seat:
    """One partition number of one group: the process that owns it, and those that still believe they do."""

    wiring: Wiring
    partition: int
    make: Callable[[], Machine]
    outages: Outages
    rightful: Process | None = None
    zombies: list[Process] = field(default_factory=list)
    lives: int = 0

    @property
    def name(self) -> str:
        """As traces and transactional ids have it."""
        return f"{self.wiring.group}-{self.partition}"
