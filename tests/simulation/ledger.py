"""What the people outside know: what they sent and under which id, what the door took, how it was answered, who was rung."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.simulation.told import Told, instant

OWNED = frozenset({"accepted", "active", "waiting_victim", "waiting_third_party"})
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
    """A command under its id; `responder` is whoever it speaks for, `said` what it asks."""

    verb: str
    awaited: bool
    responder: str | None = None
    said: dict[str, Any] = field(default_factory=dict)
    landed: int = 0


@dataclass(frozen=True, slots=True)
class Rung:
    """An offer that reached a responder's phone."""

    responder: str
    offer_id: str
    track_id: str
    desk_id: str
    pillar: str


@dataclass(frozen=True, slots=True)
class Failing:
    """A promise that will fail at `due`: whose household's, on which track (as its case's record has it)."""

    due: datetime
    household_id: str
    track: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact that the owner of a track is to make by `due`."""

    due: datetime
    owner: str
    desk_id: str


@dataclass(slots=True)
class Ledger:
    """Everything noted outside. `now()` is true time, `outage_us(group, partition, from, to)` says how long nobody ran a partition,
    `readable_since(place, offset)` since when a record of the log could be read (microseconds)."""

    now: Callable[[], datetime]
    outage_us: Callable[[str, int, int, int], int]
    readable_since: Callable[[tuple[str, int], int], int | None]
    reports: dict[Pair, SentReport] = field(default_factory=dict)
    commands: dict[str, SentCommand] = field(default_factory=dict)
    garbage: set[tuple[str, int, int]] = field(default_factory=set)
    poisoned: set[tuple[str, int, int]] = field(default_factory=set)
    answers: defaultdict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    cases: dict[str, dict[str, Any]] = field(default_factory=dict)
    roster: dict[str, dict[str, Any]] = field(default_factory=dict)
    paused: dict[str, bool] = field(default_factory=dict)
    set_aside: dict[str, str] = field(default_factory=dict)
    contacts: dict[str, Contact] = field(default_factory=dict)
    rung: list[Rung] = field(default_factory=list)
    pages: dict[str, str] = field(default_factory=dict)
    held: dict[str, Rung] = field(default_factory=dict)
    clocks_apart_s: float = 0.0

    def next_due(self, after: datetime) -> Failing | None:
        """The next promise to fail, if nobody moves."""
        running = (
            Failing(due, case["household_id"], track)
            for case in self.cases.values()
            for track in case["tracks"]
            for clock in track.get("clocks", ())
            if clock.get("state", "running") == "running" and (due := instant(clock["due"])) > after
        )
        return min(running, key=lambda one: one.due, default=None)

    def owned(self) -> list[Rung]:
        """What everybody has, as the cases say."""
        tracks = [track for case in self.cases.values() for track in case["tracks"] if track["state"] in OWNED]
        return [
            Rung(one["responder_id"], one.get("offer_id") or "", one["track_id"], one["desk_id"], one["pillar"])
            for one in tracks
        ]

    def saw(self, told: Told) -> None:
        """What anybody can read: the latest record of each case, who is on duty, whose work was set aside, the answers."""
        if told.topic == "cases":
            self.cases[told.key] = told.data
        elif told.key.startswith("responder/"):
            self.roster[told.key.partition("/")[2]] = told.data
        elif told.key.startswith("desk/"):
            self.paused[told.key.partition("/")[2]] = told.data["paused"]
        elif told.key.startswith("track/"):
            self._saw_track(told)
        elif told.topic == "outcomes":
            self.answers[told.key].append(told.data | {"fact": told.fact})

    def next_contact(self, after: datetime) -> Contact | None:
        """The next contact that somebody is to make."""
        return min((one for one in self.contacts.values() if one.due > after), key=lambda one: one.due, default=None)

    def _saw_track(self, told: Told) -> None:
        self.set_aside.pop(told.key, None)
        self.contacts.pop(told.key, None)
        record = told.data
        if record.get("owner") is None or record["state"] not in OWNED:
            return
        if record["set_aside"]:
            self.set_aside[told.key] = record["owner"]
        if record["contact_by"] is not None:
            due, desk = instant(record["contact_by"]), record["dispatch"]["desk_id"]
            self.contacts[told.key] = Contact(due, record["owner"], desk)
