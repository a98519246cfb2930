"""What the owners of a world work with: the log, the clock's scheduler, how much they take at a time, and which records hurt."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from schemas.topics import Sizing
from services.runtime.processor.standing import Spot
from tests.simulation.habits import Habits
from tests.simulation.ledger import Ledger
from tests.simulation.log import Log, Record
from tests.simulation.scheduler import Scheduler
from tests.simulation.swarm import Plan


class Raised(Exception):
    """Handling this record raises, as planned; whatever else a machine raises is a bug and ends the run."""


class Stalled(Exception):
    """A changelog could not be read to its end for too long; the process ends."""


class Killed(Exception):
    """Handling this record ended the process."""

    def __init__(self, spot: Spot) -> None:
        super().__init__(spot)
        self.spot = spot


@dataclass(slots=True)
class Batch:
    """What the outbox fills: a few records of one partition that are written together."""

    most: int
    records: list[Record] = field(default_factory=list)

    def append(self, *, timestamp: None, key: bytes, value: bytes | None, headers: list[Any]) -> bool | None:
        """`None` when it is full, like a batch of aiokafka's."""
        if len(self.records) >= self.most:
            return None
        self.records.append((key, value, tuple(headers)))
        return True


@dataclass(frozen=True)
class Bench:
    """What all owners of a world share. `poison` says what handling a record does to a process."""

    log: Log
    count: Callable[[Sizing], int]
    scheduler: Scheduler
    habits: Habits
    dice: Random
    plan: Plan
    poison: dict[tuple[str, int, int], str]
    ledger: Ledger

    def create_batch(self) -> Batch:
        """For the outbox."""
        return Batch(self.plan.records_per_batch)
