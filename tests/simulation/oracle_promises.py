"""I4 and I5: a promise fails once, never early, hardly late, and a human hears of it once; what could still stop it is read first."""

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

Clock = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Armed:
    """A clock that runs: due when, since when its partition knows it, on which partition."""

    due: datetime
    known: datetime
    known_us: int
    partition: int


@dataclass(slots=True)
class Promises:
    """Follows every clock from the record that starts it to the event that settles it. `us_of` turns an instant into true time."""

    ledger: Ledger
    us_of: Callable[[datetime], int]
    _running: dict[Clock, Armed] = field(default_factory=dict)
    _settled: dict[Clock, str] = field(default_factory=dict)
    _due: list[tuple[int, Clock]] = field(default_factory=list)
    _raised: dict[str, str] = field(default_factory=dict)
    _told: set[tuple[str, str, int]] = field(default_factory=set)

    def saw(self, commit: list[Told]) -> None:
        """One transaction."""
        cases = {told.key: told for told in commit if told.topic == "cases"}
        for told in commit:
            if told.topic == "case.events":
                if told.fact in {"clock_met", "clock_breached"}:
                    self._settle(told, cases)
                elif told.fact == "page_raised":
                    self._page(told)
            elif told.topic == "notices":
                self._notice(told)
        for told in cases.values():
            self._arm(told)

    def overdue(self, now_us: int) -> None:
        """No clock has run out unnoticed, as long as somebody runs its partition."""
        while self._due and self._due[0][0] <= now_us:
            _, clock = heapq.heappop(self._due)
            armed = self._running.get(clock)
            if armed is None:
                continue
            from_us = max(self.us_of(armed.due), armed.known_us)
            down = self.ledger.outage_us("router", armed.partition, from_us, now_us)
            again = from_us + down + self._never_us()
            if again <= now_us:
                raise Broken("I5", f"clock {clock} fell due at {armed.due} and has not been settled")
            heapq.heappush(self._due, (again, clock))

    def at_rest(self, now_us: int) -> None:
        """What has run out has been settled, and every page was told."""
        late = [clock for clock, armed in self._running.items() if self.us_of(armed.due) + self._never_us() < now_us]
        if late:
            raise Broken("I5", f"clocks fell due and were never settled: {late}")

    def _never_us(self) -> int:
        return int((NEVER_S + 2 * self.ledger.clocks_apart_s) * 1e6)

    def _arm(self, told: Told) -> None:
        for track in told.data["tracks"]:
            for clock in track.get("clocks", ()):
                identity = (track["track_id"], clock["kind"], clock["epoch"])
                if clock["state"] != "running":
                    if self._running.pop(identity, None) is not None and identity not in self._settled:
                        raise Broken("I4", f"clock {identity} is {clock['state']} and nobody was told")
                elif identity not in self._running:
                    self._forget_older(track["track_id"], clock)
                    known = instant(told.data["changed_at"])
                    armed = Armed(instant(clock["due"]), known, told.at_us, told.kept.partition)
                    self._running[identity] = armed
                    heapq.heappush(self._due, (max(self.us_of(armed.due), told.at_us) + self._never_us(), identity))

    def _forget_older(self, track: str, clock: dict[str, Any]) -> None:
        self._running.pop((track, clock["kind"], clock["epoch"] - 1), None)

    def _settle(self, told: Told, cases: dict[str, Told]) -> None:
        data = told.data
        identity = (data["track_id"], data["kind"], data["clock_epoch"])
        if identity in self._settled:
            raise Broken("I4", f"clock {identity} was {self._settled[identity]} and is settled again as {told.fact}")
        self._settled[identity] = told.fact
        if told.fact == "clock_breached":
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
        armed = self._running.get(identity)
        since = max(due, armed.known) if armed else due
        late = (at - since).total_seconds()
        bound = HEALTHY_S + 2 * self.ledger.clocks_apart_s
        if late > bound:
            begin_us = told.at_us - int((late + bound) * 1e6)
            down = self.ledger.outage_us("router", told.kept.partition, begin_us, told.at_us) / 1e6
            if late > bound + down:
                raise Broken("I5", f"clock {identity} failed {late:.3f} s late ({down:.3f} s without an owner)")

    def _page(self, told: Told) -> None:
        page = told.data["page_id"]
        if page in self._raised:
            raise Broken("I4", f"page {page} was raised twice")
        self._raised[page] = told.id

    def _notice(self, told: Told) -> None:
        data = told.data
        if data["kind"] != "page" or data.get("dead_letter"):
            return
        attempt = (data["page_id"], data["recipient"], data["attempt"])
        if attempt in self._told:
            raise Broken("I4", f"page {attempt} was sent twice")
        self._told.add(attempt)
        if data["page_id"] not in self._raised:
            raise Broken("I4", f"page {data['page_id']} was sent and never raised on its case")
