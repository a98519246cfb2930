"""Where a partition stands: next offsets, the highest instant used, and which records must be handled alone, or no more."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from schemas.positions import STATE_VERSION, Attempt, PositionsRecord
from schemas.words import DeadReason
from services.runtime.processor.flight import FlightRecorder

KILLS_ALLOWED = 2
# A run that got nowhere on an input ended in one of its first two transactions with it (the second is handled while the
# first is on its way): those are small, and so is the suspicion.
FIRST_RECORDS = 32
SUSPECT_RECORDS = 2 * FIRST_RECORDS

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
        self.partition = partition
        self._record = record or PositionsRecord(state_version=STATE_VERSION, partition=partition, inputs={})
        self.inputs = {topic: self._record.inputs.get(topic, start) for topic, start in starts.items()}
        self.highest_now = self._record.highest_now
        self.opened = dict(self._record.opened)
        self.attempts = dict(self._record.attempts)
        self._alone: dict[str, int] = {}
        self._untouched = set(starts)

    def open(self, ends: dict[str, int], last_life: FlightRecorder | None) -> None:
        """Notes where unread inputs stand. `last_life` is given at the first opening in a process: which record, if any,
        the process before it died of. When that is not known, an input that stands where it stood at the opening
        before may hold such a record, and its next records are handled alone, each attempt counted first."""
        if last_life is not None:
            for topic, position in self.inputs.items():
                if last_life.known:
                    self._judge(topic, last_life.died_in(self.partition, topic))
                elif self.opened.get(topic) == position or topic in self.attempts:
                    self._alone[topic] = SUSPECT_RECORDS
        self.opened = {topic: position for topic, position in self.inputs.items() if ends[topic] > position}

    def _judge(self, topic: str, died_in: int | None) -> None:
        counted = self.attempts.get(topic)
        if died_in is not None and died_in >= self.inputs[topic]:
            if counted is None or counted.offset != died_in:
                self.attempts[topic] = Attempt(offset=died_in, count=1)
        elif counted is not None:  # the process ended of something else: that attempt proves nothing
            self.attempts[topic] = Attempt(offset=counted.offset, count=counted.count - 1)

    def alone(self, spot: Spot) -> bool:
        """Whether this record is handled in a transaction of its own, its attempt counted first."""
        suspect = self.attempts.get(spot[0])
        return spot[0] in self._alone or (suspect is not None and suspect.offset == spot[1])

    def most(self, topic: str, usually: int) -> int:
        """How many records a transaction may hold with one of `topic` in it."""
        return min(usually, FIRST_RECORDS) if topic in self._untouched else usually

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
        attempt = self.attempts.get(topic)
        if attempt is not None and attempt.offset < position:
            del self.attempts[topic]
        if topic in self._alone:
            self._alone[topic] -= 1
            if not self._alone[topic]:
                del self._alone[topic]

    def committed(self, topics: Iterable[str]) -> None:
        """A transaction with records of these topics is in the log."""
        self._untouched.difference_update(topics)

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
