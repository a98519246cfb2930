"""What the people outside know: what they sent and under which id, what the door took, how it was answered, who was rung."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.simulation.told import Told

Pair = tuple[str, str]


@dataclass(slots=True)
class SentReport:
    """A report under its (source, id). `bodies` are the digests sent under it; `surely_p0` by what its sender said."""

    surely_p0: bool
    awaited: bool
    bodies: set[str] = field(default_factory=set)
    landed: int = 0


@dataclass(slots=True)
class SentCommand:
    """A command under its id; `responder` is whoever it speaks for."""

    verb: str
    awaited: bool
    responder: str | None = None
    landed: int = 0


@dataclass(frozen=True, slots=True)
class Rung:
    """An offer that reached a responder's phone."""

    responder: str
    offer_id: str
    track_id: str
    desk_id: str
    pillar: str


@dataclass(slots=True)
class Ledger:
    """Everything noted outside. `outage_us(group, partition, from, to)` says how long nobody ran a partition."""

    outage_us: Callable[[str, int, int, int], int] = lambda *_: 0
    reports: dict[Pair, SentReport] = field(default_factory=dict)
    commands: dict[str, SentCommand] = field(default_factory=dict)
    garbage: set[tuple[str, int, int]] = field(default_factory=set)
    poisoned: set[tuple[str, int, int]] = field(default_factory=set)
    answers: defaultdict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    cases: dict[str, dict[str, Any]] = field(default_factory=dict)
    rung: list[Rung] = field(default_factory=list)
    pages: dict[str, str] = field(default_factory=dict)
    held: dict[str, Rung] = field(default_factory=dict)
    clocks_apart_s: float = 0.0

    def saw(self, told: Told) -> None:
        """What anybody can read: the latest record of each case, and the answers."""
        if told.topic == "cases":
            self.cases[told.key] = told.data
        elif told.topic == "outcomes":
            self.answers[told.key].append(told.data | {"fact": told.fact})
