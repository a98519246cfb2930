"""The ways in that know no transactions: what is put on them may be lost, come twice, late, and in another order."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from tests.simulation.log import Kept, Log, Record
from tests.simulation.scheduler import Scheduler
from tests.simulation.staff import once
from tests.simulation.swarm import Plan

FASTEST_US, SLOWEST_US = 300, 20_000

Landed = Callable[[Kept], None]


@dataclass(slots=True)
class Wires:
    """Carries records to the log; `calm` ones neither lose nor hold up anything."""

    log: Log
    scheduler: Scheduler
    plan: Plan
    dice: Random
    calm: bool = False

    def put(self, who: str, place: tuple[str, int], record: Record, landed: Landed) -> None:
        """Sends a record on its way to a partition; `landed` is told of each copy that arrives."""
        plan, dice = self.plan, self.dice
        copies = 1
        if not self.calm:
            copies = 0 if dice.random() < plan.lost_p else 1
            while dice.random() < plan.twice_p and copies < 4:
                copies += 1
        for _ in range(copies):
            delay = dice.randrange(FASTEST_US, SLOWEST_US)
            if not self.calm and dice.random() < plan.late_p:
                delay += int(dice.random() * plan.late_s * 1e6)
            self.scheduler.spawn(
                f"{who} -> {place[0]}", once(lambda: self._land(who, place, record, landed)), in_us=delay
            )

    def _land(self, who: str, place: tuple[str, int], record: Record, landed: Landed) -> None:
        landed(self.log.append(who, place, record))
