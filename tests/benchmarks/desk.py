"""What does one event cost a desk with many waiting tracks and 500 responders on a rota of 40 seats, all at the limit? And a new P0,
a restart, a look at the fortnight ahead?

`python -m tests.benchmarks.desk [--waiting 100 1000 10000] [--responders 500]`. Decoding and deciding are counted, encoding is not.
Bounds at the most waiting: 1 ms the median event, 100 ms the offer of a new P0, 3 s the restart, 5 ms the
longest step of a look ahead; and growth no worse than log n.
"""

import argparse
import gc
import math
import platform
import random
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from schemas import topics
from schemas.base import Actor
from schemas.commands import Command, OfferCommand, PresenceSet, ResponderPut, TrackCommand, command_type
from schemas.dispatch import TAKEN, DispatchTaken
from schemas.envelope import Event, encode
from schemas.rosters import ContactMethod, RosterEntry
from schemas.rota_commands import RotaPut
from schemas.rotas import Layer
from schemas.words import Band, Clearance, Pillar, Presence, Role, Signal, TrackState
from services.responders.machine import DesksMachine
from services.rules.machine import Effects, Message
from tests.shipped import CATALOGUE

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DESK, PILLAR = "psychological-fr", Pillar.PSYCHOLOGICAL
CODES = ("insult_harassment", "threat", "doxxing", "sextortion", "fake_profile", "unclassified_suspicion", "malware")
SIGNALS: tuple[tuple[Signal, ...], ...] = ((), (), (), (Signal.MINOR,), (Signal.SAME_ROOF_OFFENDER,))
LANGUAGES = ("fr", "fr", "fr", "nl", "en", "de", None)
BANDS = (Band.P1, Band.P2, Band.P2, Band.P3, Band.P3, Band.P3)
SEATS = 40
LOOKS = 5
EVENT_MS, OFFER_MS, RESTART_SECONDS, LOOK_MS = 1.0, 100.0, 3.0, 5.0


@dataclass
class Bench:
    """One desk, fed with encoded records as its processor would."""

    dice: random.Random = field(default_factory=lambda: random.Random(5))
    machine: DesksMachine = field(default_factory=lambda: DesksMachine(PILLAR, CATALOGUE))
    now: datetime = NOW
    saved: dict[str, bytes] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: iter(range(10**9)))

    def read(self, message: Message) -> tuple[Effects, float]:
        """What the machine does, and in how many milliseconds."""
        self.now += timedelta(milliseconds=5)
        began = time.perf_counter()
        effects = self.machine.handle(message, self.now)
        spent = (time.perf_counter() - began) * 1_000
        self._keep(effects)
        return effects, spent

    def _keep(self, effects: Effects) -> None:
        for save in effects.saves:
            if save.record is None:
                self.saved.pop(save.key, None)
            else:
                self.saved[save.key] = save.record.model_dump_json(exclude_none=True).encode()

    def dispatch(self, band: Band, *signals: Signal) -> Message:
        """A track comes."""
        number = next(self.numbers)
        received = self.now - timedelta(seconds=self.dice.randrange(3_600))
        taken = DispatchTaken(
            track_id=f"track-{number}",
            case_id=f"case-{number}",
            household_id=f"household-{number}",
            desk_id=DESK,
            pillar=PILLAR,
            band=band,
            epoch=1,
            lead=False,
            code=self.dice.choice(CODES),
            signals=signals or self.dice.choice(SIGNALS),
            language=self.dice.choice(LANGUAGES),
            received_at=received,
            acknowledge_by=received + timedelta(hours=self.dice.choice((1, 2, 8, 24))),
            catalogue=CATALOGUE.version,
        )
        return _message(
            topics.dispatch(PILLAR, urgent=band is Band.P0),
            Event(taken.track_id, TAKEN, "urn:sameroof:router", self.now, taken, DESK),
        )

    def says(self, verb: str, model: type[Command], **said: object) -> Message:
        """A command comes."""
        number = next(self.numbers)
        common = {
            "command_id": f"c-{number}",
            "actor": Actor(role=Role.RESPONDER, id="bench"),
            "received_at": self.now,
            "answer": False,
        }
        command = model.model_validate({**common, "desk_id": DESK, **said})
        return _message(
            topics.desk_commands(PILLAR),
            Event(command.command_id, command_type(verb), "urn:sameroof:intake", self.now, command, DESK),
        )

    def staff(self, people: int) -> None:
        """A roster of very different people, all available."""
        skills = [name for name, skill in CATALOGUE.skills.skills.items() if PILLAR in skill.pillars]
        for number in range(people):
            entry = RosterEntry(
                responder_id=f"r-{number}",
                desk_id=DESK,
                skills=tuple(self.dice.sample(skills, self.dice.randint(1, len(skills)))),
                languages=("fr", *self.dice.sample(("nl", "en", "de"), self.dice.randint(0, 2))),
                clearances=tuple(self.dice.sample(tuple(Clearance), self.dice.randint(0, 2))),
                capacity=3,
                methods=(ContactMethod(kind="log"),),
            )
            self.read(self.says("responder_put", ResponderPut, entry=entry))
            self.read(self.says("presence", PresenceSet, responder_id=entry.responder_id, presence=Presence.AVAILABLE))
        seats = [[f"r-{number}" for number in range(first, people, SEATS)] for first in range(min(SEATS, people))]
        self.read(self.says("rota_put", RotaPut, layers=[_seat(number, who) for number, who in enumerate(seats)]))

    def look(self) -> float:
        """A day later the desk looks at its rota and at the fortnight ahead: the longest step of it, in milliseconds. Everybody is
        available again after it."""
        self.now += timedelta(days=1)
        steps: list[float] = []
        while (due := self.machine.next_due()) is not None and due <= self.now:
            began = time.perf_counter()
            effects = self.machine.fire(self.now, 1)
            steps.append((time.perf_counter() - began) * 1_000)
            self._keep(effects)
        for who in list(self.machine.partition.crowd.responders):
            self.read(self.says("presence", PresenceSet, responder_id=who, presence=Presence.AVAILABLE))
        return max(steps)

    def fill(self, waiting: int) -> None:
        """Tracks come until so many wait; whoever is asked accepts, so that nobody has room left."""
        tracks = self.machine.partition.tracks
        while (
            sum(
                count for (_, _, state), count in self.machine.partition.standing.items() if state is TrackState.PENDING
            )
            < waiting
        ):
            self.read(self.dispatch(self.dice.choice(BANDS)))
            offered = [one for one in list(tracks.values())[-1:] if one.offers]
            for track in offered:
                self.answer(track.dispatch.track_id)

    def answer(self, track_id: str) -> float:
        """Whoever was asked first accepts."""
        track = self.machine.partition.tracks[track_id]
        asking = track.offers[0]
        return self.read(
            self.says(
                "accept", OfferCommand, responder_id=asking.responder_id, offer_id=asking.offer_id, track_id=track_id
            )
        )[1]

    def a_working_day(self, events: int) -> list[float]:
        """Milliseconds of events of every kind: work done (and what waits offered at once), accepted, contacted; new tracks."""
        partition = self.machine.partition
        spent: list[float] = []
        while len(spent) < events:
            asked = [one for one in partition.tracks.values() if one.offers]
            owned = [
                one for one in partition.tracks.values() if one.owner is not None and one.state is TrackState.ACCEPTED
            ][:50]
            kind = self.dice.random()
            if asked:
                spent.append(self.answer(asked[0].dispatch.track_id))
            elif kind < 0.4:
                spent.append(self.read(self.dispatch(self.dice.choice(BANDS)))[1])
            else:
                track = self.dice.choice(owned)
                verb = "done" if kind < 0.7 else "contacted"
                spent.append(
                    self.read(
                        self.says(
                            verb,
                            TrackCommand,
                            responder_id=track.owner,
                            track_id=track.dispatch.track_id,
                            result="spoke",
                        )
                    )[1]
                )
        return spent

    def restart(self) -> float:
        """Seconds to rebuild it from its changelog."""
        fresh, topic = DesksMachine(PILLAR, CATALOGUE), topics.desks(PILLAR).name
        began = time.perf_counter()
        for key, record in self.saved.items():
            fresh.restore(topic, key, record)
        spent = time.perf_counter() - began
        assert fresh.digest() == self.machine.digest(), "a restart changes nothing"
        return spent


def _seat(number: int, people: list[str]) -> Layer:
    turns: dict[str, object] = {"every": 12, "unit": "hours", "hand_over_at": "08:00", "zone": "Europe/Paris"}
    return Layer.model_validate({"name": f"seat-{number}", "people": people, "starts_on": "2026-01-05", **turns})


def _message(topic: topics.Topic, event: Event) -> Message:
    value, headers = encode(event)
    return Message(topic.name, 0, 0, DESK.encode(), value, headers, event.time)


def measure(waiting: int, responders: int, events: int) -> tuple[list[float], list[float], float, float]:
    """Milliseconds of a working day's events and of new P0s, seconds of a restart, milliseconds of a step of a look ahead."""
    bench = Bench()
    bench.staff(responders)
    gc.collect()
    gc.disable()
    look = statistics.median(bench.look() for _ in range(LOOKS))
    bench.fill(waiting)
    gc.collect()
    day = bench.a_working_day(events)
    urgent = [bench.read(bench.dispatch(Band.P0, Signal.SELF_HARM))[1] for _ in range(50)]
    gc.enable()
    return day, urgent, bench.restart(), look


def main() -> int:
    """Prints a line per size; exit status 1 above a bound."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--waiting", type=int, nargs="+", default=[100, 1_000, 10_000])
    parser.add_argument("--responders", type=int, default=500)
    parser.add_argument("--events", type=int, default=2_000)
    asked = parser.parse_args()
    print(f"{platform.machine()}, Python {platform.python_version()}, {asked.responders} responders")
    medians: dict[int, float] = {}
    slow = False
    for waiting in sorted(asked.waiting):
        day, urgent, restart, look = measure(waiting, asked.responders, asked.events)
        medians[waiting] = statistics.median(day)
        p99, most = statistics.quantiles(day, n=100)[98], max(urgent)
        print(
            f"{waiting:6} waiting: event {medians[waiting]:.3f} ms median, {p99:.2f} ms p99;"
            f" a new P0 offered in {statistics.median(urgent):.2f} ms, at most {most:.2f}; restart {restart:.2f} s;"
            f" a step of a look {look:.1f} ms"
        )
        slow |= medians[waiting] > EVENT_MS or most > OFFER_MS or restart > RESTART_SECONDS or look > LOOK_MS
    small, large = min(asked.waiting), max(asked.waiting)
    grown, allowed = medians[large] / medians[small], math.log(large) / math.log(small) if small > 1 else math.inf
    print(f"from {small} to {large} waiting an event costs {grown:.2f} times as much (log n: {allowed:.2f})")
    return int(slow or grown > allowed)


if __name__ == "__main__":
    raise SystemExit(main())
