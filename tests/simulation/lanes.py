"""The inputs of one owned partition: read ahead a little, taken in the order of the wiring's tiers."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from services.rules.machine import Message, Wiring
from tests.simulation.log import Kept, Log, Place
from tests.simulation.scheduler import EPOCH


@dataclass(slots=True)
class Lane:
    """One input topic of one partition."""

    place: Place
    urgent: bool
    read_to: int
    waiting: deque[Kept] = field(default_factory=deque)

    @property
    def topic(self) -> str:
        """Its topic's name."""
        return self.place[0]

    @property
    def position(self) -> int:
        """The next offset to handle; everything before it was handled, or is no record."""
        return self.waiting[0].offset if self.waiting else self.read_to

    def take(self) -> Message:
        """The next record, as machines know it."""
        kept = self.waiting.popleft()
        at = EPOCH + timedelta(milliseconds=kept.append_ms)
        return Message(kept.topic, kept.partition, kept.offset, kept.key, kept.value, kept.headers, at)


class Inputs:
    """All lanes of one partition."""

    def __init__(
        self, log: Log, wiring: Wiring, partition: int, *, positions: dict[str, int], chunk: int, committed: bool
    ) -> None:
        self._log = log
        self._chunk = chunk
        self._committed = committed
        self.tiers = [
            [Lane((each.name, partition), each.name in wiring.urgent, positions[each.name]) for each in tier]
            for tier in wiring.inputs
        ]
        stops = [number for number, tier in enumerate(self.tiers) for lane in tier if lane.topic in wiring.stops]
        self._until_stops = max(stops, default=-1) + 1
        self.stops = [lane for lane in self if lane.topic in wiring.stops]

    def __iter__(self) -> Iterator[Lane]:
        return (lane for tier in self.tiers for lane in tier)

    def next_lane(self, *, only_until_stops: bool) -> Lane | None:
        """The first lane with a record; the lanes of one tier take turns."""
        for tier in self.tiers[: self._until_stops] if only_until_stops else self.tiers:
            for lane in tier:
                if lane.waiting or self._fetch(lane):
                    if len(tier) > 1:
                        tier.append(tier.pop(tier.index(lane)))
                    return lane
        return None

    def ends(self) -> dict[str, int]:
        """Where the inputs that can stop a clock end now."""
        return {lane.topic: self._log.stable_end(lane.place) for lane in self.stops}

    def reached(self, ends: dict[str, int]) -> bool:
        """Whether those were handled up to there."""
        for lane in self.stops:
            if not lane.waiting:
                self._fetch(lane)
            if lane.position < ends.get(lane.topic, 0):
                return False
        return True

    def _fetch(self, lane: Lane) -> bool:
        found, lane.read_to = self._log.fetch(lane.place, lane.read_to, self._chunk, committed=self._committed)
        lane.waiting.extend(found)
        return bool(found)
