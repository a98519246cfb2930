"""I5 for desks: an offer lasts as long as it says; who is asked is rung until it is over. Input before timers, judged by the log alone."""

from dataclasses import dataclass, field
from datetime import datetime

from tests.simulation.ledger import Ledger
from tests.simulation.told import Broken, Told, instant

HEALTHY_S = 2.0
READING_US = 200_000


@dataclass(slots=True)
class _Reading:
    """How far a router partition had read its progress, and since when its owner had not used an instant yet."""

    position: int = 0
    history: list[tuple[datetime, int]] = field(default_factory=list)


@dataclass(slots=True)
class Offers:
    """Follows offers, and acceptances that came in time."""

    ledger: Ledger
    _until: dict[str, datetime] = field(default_factory=dict)
    _accepted: dict[str, list[tuple[datetime, int]]] = field(default_factory=dict)
    _over: set[str] = field(default_factory=set)
    _reading: dict[int, _Reading] = field(default_factory=dict)

    def saw(self, commit: list[Told]) -> None:
        """One transaction."""
        rung = self._rung(commit)
        for told in commit:
            if told.topic == "progress" and told.fact == "offered":
                self._until[told.data["offer_id"]] = instant(told.data["until"])
                if told.data["offer_id"] not in rung:
                    raise Broken("I4", f"offer {told.data['offer_id']} was made and nobody rung")
            elif told.topic == "progress" and told.fact == "declined":
                self._over.add(told.data["offer_id"])
                if told.data.get("reason") == "timed_out":
                    self._timed_out(told)
            elif told.topic == "progress" and told.fact == "accepted":
                accepted = (instant(told.data["at"]), told.kept.offset)
                self._accepted.setdefault(told.data["track_id"], []).append(accepted)
                self._over.add(told.data["offer_id"])
            elif told.topic == "case.events" and told.fact == "clock_breached":
                self._unread(told)
        for told in commit:
            if told.topic == "router.state" and told.key == "positions":
                self._read(told)

    def _rung(self, commit: list[Told]) -> set[str | None]:
        rung = {told.data.get("offer_id") for told in commit if told.topic == "notices"}
        if rung & self._over:
            raise Broken("I4", f"somebody is rung about offers that are over: {sorted(map(str, rung & self._over))}")
        return rung

    def at_rest(self) -> None:
        """Nothing is left to say."""

    def _timed_out(self, told: Told) -> None:
        at, until = instant(told.data["at"]), self._until[told.data["offer_id"]]
        if at < until:
            raise Broken("I5", f"offer {told.data['offer_id']} ended at {at}, before its time, {until}")
        late = (at - until).total_seconds()
        bound = HEALTHY_S + 2 * self.ledger.clocks_apart_s
        if late > bound:
            group, _, partition = told.writer.rpartition("-")
            begin_us = told.at_us - int((late + bound) * 1e6)
            down = self.ledger.outage_us(group, int(partition), begin_us, told.at_us) / 1e6
            if late > bound + down:
                raise Broken(
                    "I5", f"offer {told.data['offer_id']} ended {late:.3f} s late ({down:.3f} s without an owner)"
                )

    def _read(self, told: Told) -> None:
        reading = self._reading.setdefault(told.kept.partition, _Reading())
        reading.position = told.data["inputs"].get("progress", 0)
        if (highest := told.data.get("highest_now")) is not None:
            reading.history.append((instant(highest), told.at_us))

    def _unread(self, breach: Told) -> None:
        """A promise kept in time, readable before its owner looked at the clock, and yet unread when it failed 200 ms later."""
        if breach.data["kind"] != "acknowledge" or breach.data.get("stopped_at"):
            return
        reading = self._reading.get(breach.kept.partition, _Reading())
        fired, due = instant(breach.data["at"]), instant(breach.data["due"])
        looked_us = max((us for highest, us in reading.history if highest < fired), default=0)
        for at, offset in self._accepted.get(breach.data["track_id"], ()):
            readable_us = self.ledger.readable_since(("progress", breach.kept.partition), offset)
            unread = offset >= reading.position and readable_us is not None and readable_us < looked_us
            if unread and at <= due and breach.at_us - looked_us < READING_US:
                track = breach.data["track_id"]
                raise Broken("I5", f"track {track} was accepted in time, and its promise failed before that was read")
