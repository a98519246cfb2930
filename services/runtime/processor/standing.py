"""Where a partition stands: next offsets, the highest instant used, and which records must be handled alone, or no more."""

from dataclasses import dataclass, field
from datetime import datetime

from schemas.positions import STATE_VERSION, Attempt, PositionsRecord
from schemas.words import DeadReason

KILLS_ALLOWED = 2
ALONE_FOR = 500

Spot = tuple[str, int]


@dataclass(slots=True)
class Suspicion:
    """What this process learnt about records whose handling raised; survives the reopening of the partition."""

    raised: set[Spot] = field(default_factory=set)
    condemned: set[Spot] = field(default_factory=set)

    def note(self, spot: Spot) -> bool:
        """The first time a record raises it is tried again alone, the second time it is given up. False when it
        raised although it was given up: rejecting it raised."""
        if spot in self.condemned:
            return False
        (self.condemned if spot in self.raised else self.raised).add(spot)
        return True

    def forget(self, spot: Spot) -> None:
        """The record was committed, one way or the other."""
        self.raised.discard(spot)
        self.condemned.discard(spot)


class Standing:
    """The mutable side of a `PositionsRecord`."""

    def __init__(self, partition: int, record: PositionsRecord | None, starts: dict[str, int]) -> None:
        """`starts` holds the log start of every input: where an input begins that was never read."""
        self._record = record or PositionsRecord(state_version=STATE_VERSION, partition=partition, inputs={})
        self.inputs = {topic: self._record.inputs.get(topic, start) for topic, start in starts.items()}
        self.highest_now = self._record.highest_now
        self.opened = dict(self._record.opened)
        self.attempts = dict(self._record.attempts)
        self._alone: dict[str, int] = {}

    def open(self, ends: dict[str, int], *, after_exit: bool) -> None:
        """Notes where unread inputs stand. `after_exit`: the first opening in this process; an input that stands where
        it stood when its last owner opened may hold a record that ends the process, so its next records go alone."""
        if after_exit:
            for topic, position in self.inputs.items():
                attempt = self.attempts.get(topic)
                if self.opened.get(topic) == position or (attempt is not None and attempt.offset == position):
                    self._alone[topic] = ALONE_FOR
        self.opened = {topic: position for topic, position in self.inputs.items() if ends[topic] > position}

    def alone(self, topic: str) -> bool:
        """Whether the next record of `topic` is handled in a transaction of its own, its attempt counted first."""
        return topic in self._alone

    def attempt(self, spot: Spot) -> bool:
        """Counts one more attempt at a record; False when it has had all it gets."""
        topic, offset = spot
        before = self.attempts.get(topic)
        count = 1 + (before.count if before is not None and before.offset == offset else 0)
        self.attempts[topic] = Attempt(offset=offset, count=count)
        return count <= KILLS_ALLOWED

    def passed(self, topic: str, position: int) -> None:
        """Everything of `topic` before `position` is handled."""
        self.inputs[topic] = position
        if topic in self._alone:
            self.attempts.pop(topic, None)
            self._alone[topic] -= 1
            if not self._alone[topic]:
                del self._alone[topic]

    def instant(self, now: datetime) -> datetime:
        """`now`, or the highest instant ever used when that is later: no machine sees time go back."""
        if self.highest_now is None or now > self.highest_now:
            self.highest_now = now
        return self.highest_now

    def record(self) -> PositionsRecord:
        """What to commit. Unknown fields of a newer writer are kept."""
        changed = {
            "inputs": self.inputs,
            "highest_now": self.highest_now,
            "opened": self.opened,
            "attempts": self.attempts,
        }
        return self._record.model_copy(update=changed)


def verdict(spot: Spot, suspicion: Suspicion, *, attempts_left: bool) -> DeadReason | None:
    """Why a record is not handled but rejected; None when it is handled."""
    if spot in suspicion.condemned:
        return DeadReason.HANDLER_FAILED
    return None if attempts_left else DeadReason.KILLED_PROCESS
