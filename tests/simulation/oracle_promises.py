"""I4 and I5: a promise fails once, never early, hardly late, and a human hears of it once; made up for or corrected it is once."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.simulation.ledger import Ledger
from tests.simulation.told import Broken, Told, instant

HEALTHY_S = 2.0
NEVER_S = 60.0
UNOWNED = frozenset({"pending", "offered"})
SETTLED = frozenset({"clock_met", "clock_breached", "clock_late", "clock_corrected"})
BEFORE = {
    "clock_met": None,
    "clock_breached": None,
    "clock_late": "clock_breached",
    "clock_corrected": "clock_breached",
}

Clock = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Armed:
    """A clock that runs: due when, since when its partition knows it, on which partition."""

    due: datetime
    known: datetime
    known_us: int
    partition: int


def identity_of(track: str, clock: dict[str, Any], epoch: str = "epoch") -> Clock:
    """A promise of a track under one epoch: its kind, or which milestone."""
    return track, clock.get("milestone") or clock["kind"], clock.get(epoch, 1)


@dataclass(slots=True)
class Promises:
    """Follows every clock from the record that starts it to the event that settles it. `us_of` turns an instant into true time."""

    ledger: Ledger
    us_of: Callable[[datetime], int]
    _running: dict[str, dict[Clock, Armed]] = field(default_factory=dict)
    _settled: dict[Clock, str] = field(default_factory=dict)
    _due: list[tuple[int, str, Clock]] = field(default_factory=list)

    def saw(self, commit: list[Told]) -> None:
        """One transaction."""
        cases = {told.key: told for told in commit if told.topic == "cases"}
        for told in commit:
            if told.topic == "case.events" and told.fact in SETTLED:
                self._settle(told, cases)
        for told in cases.values():
            self._arm(told)

    def overdue(self, now_us: int) -> None:
        """No clock has run out unnoticed, as long as somebody runs its partition."""
        while self._due and self._due[0][0] <= now_us:
            _, case, clock = heapq.heappop(self._due)
            armed = self._running.get(case, {}).get(clock)
            if armed is None:
                continue
            from_us = max(self.us_of(armed.due), armed.known_us)
            down = self.ledger.outage_us("router", armed.partition, from_us, now_us)
            again = from_us + down + self._never_us()
            if again <= now_us:
                raise Broken("I5", f"clock {clock} fell due at {armed.due} and has not been settled")
            heapq.heappush(self._due, (again, case, clock))

    def at_rest(self, now_us: int) -> None:
        """What has run out has been settled."""
        armed = [(clock, one) for clocks in self._running.values() for clock, one in clocks.items()]
        late = [clock for clock, one in armed if self.us_of(one.due) + self._never_us() < now_us]
        if late:
            raise Broken("I5", f"clocks fell due and were never settled: {late}")

    def _never_us(self) -> int:
        return int((NEVER_S + 2 * self.ledger.clocks_apart_s) * 1e6)

    def _arm(self, told: Told) -> None:
        before = self._running.get(told.key, {})
        known = instant(told.data["changed_at"])
        running: dict[Clock, Armed] = {}
        for track in told.data["tracks"]:
            for clock in track.get("clocks", ()):
                if clock.get("state", "running") != "running":
                    continue
                identity = identity_of(track["track_id"], clock)
                armed = before.get(identity) or Armed(instant(clock["due"]), known, told.at_us, told.kept.partition)
                running[identity] = armed
                if identity not in before:
                    due_us = max(self.us_of(armed.due), told.at_us) + self._never_us()
                    heapq.heappush(self._due, (due_us, told.key, identity))
        self._running[told.key] = running

    def _settle(self, told: Told, cases: dict[str, Told]) -> None:
        data, fact = told.data, told.fact
        identity = identity_of(data["track_id"], data, "clock_epoch")
        before = self._settled.get(identity)
        if before != BEFORE[fact]:
            raise Broken("I4", f"clock {identity} was settled as {before} and is again, as {fact}")
        self._settled[identity] = fact
        stopped = instant(data["stopped_at"]) if data.get("stopped_at") else None
        in_time = stopped is None or stopped <= instant(data["due"])
        if (
            stopped is not None
            and in_time is not (fact in {"clock_met", "clock_corrected"})
            and fact != "clock_breached"
        ):
            raise Broken("I4", f"clock {identity} was stopped at {stopped}, due {data['due']}, and is told as {fact}")
        if (
            fact == "clock_breached" and stopped is None
        ):  # otherwise it is noted with what made up for it, by that one's clock
            self._breached(told, identity, cases[told.key])

    def _breached(self, told: Told, identity: Clock, case: Told) -> None:
        data, at, due = told.data, instant(told.data["at"]), instant(told.data["due"])
        if at < due:
            raise Broken("I5", f"clock {identity} failed at {at}, before it was due at {due}")
        lateness = (at - due).total_seconds()
        if abs(lateness - data.get("lateness_seconds", 0.0)) > 0.001:
            raise Broken("I5", f"clock {identity} says {data.get('lateness_seconds')} s late, it was {lateness} s")
        self._late(told, identity, at, due)
        (track,) = (one for one in case.data["tracks"] if one["track_id"] == data["track_id"])
        if track["state"] in UNOWNED and not track.get("pages"):
            raise Broken("I4", f"clock {identity} failed, nobody has the track, and nobody is paged")

    def _late(self, told: Told, identity: Clock, at: datetime, due: datetime) -> None:
        armed = self._running.get(told.key, {}).get(identity)
        since = max(due, armed.known) if armed else due
        late = (at - since).total_seconds()
        bound = HEALTHY_S + 2 * self.ledger.clocks_apart_s
        if late > bound:
            begin_us = told.at_us - int((late + bound) * 1e6)
            down = self.ledger.outage_us("router", told.kept.partition, begin_us, told.at_us) / 1e6
            if late > bound + down:
                raise Broken("I5", f"clock {identity} failed {late:.3f} s late ({down:.3f} s without an owner)")
