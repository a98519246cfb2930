"""What the desks have written down, read without any code of theirs: who has what, who is asked, who is there, with how much room."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from schemas.catalogue import Catalogue
from schemas.words import Clearance
from tests.simulation.ledger import OWNED
from tests.simulation.told import Told, instant

UNOWNED = frozenset({"pending", "offered"})
LESS_URGENT = frozenset({"P2", "P3"})
INTERRUPTING = frozenset({"P0", "P1"})

Record = dict[str, Any]


def desk_of(track: Record) -> str:
    """Where a track is."""
    return str(track["dispatch"]["desk_id"])


def band_of(track: Record) -> str:
    """How urgent it is."""
    return str(track["dispatch"]["band"])


def owner_of(track: Record | None) -> str | None:
    """Who has a track, if anybody."""
    return track["owner"] if track is not None and track["state"] in OWNED else None


def asked_of(track: Record | None) -> dict[str, str]:
    """Who is asked about a track now, by the id of the offer."""
    return {one["offer_id"]: one["responder_id"] for one in track["offers"]} if track is not None else {}


def knows(track: Record | None, who: str) -> bool:
    """Whether somebody knows a track: has it or had it last, is asked about it, makes a contact for its owner or interprets."""
    if track is None:
        return False
    working = {track[part] for part in ("owner", "covered_by", "previous")} | {track.get("interpreted_by")}
    return who in working | {*asked_of(track).values()}


def units(track: Record | None, who: str) -> int:
    """How much of somebody's room a track takes: held or offered, unless it is set aside; a contact made for somebody else is 1."""
    if track is None:
        return 0
    offered = sum(track["weight"] for one in asked_of(track).values() if one == who)
    held = track["weight"] if owner_of(track) == who and not track["set_aside"] else 0
    return int(offered + held + (track["covered_by"] == who))


def waits_for(band: str, track: Record, who: str) -> int:
    """How much of what a track takes of somebody can wait for another one of this band; for what is not urgent nothing does."""
    if band not in INTERRUPTING:
        return 0
    offered = sum(track["weight"] for one in asked_of(track).values() if one == who and band_of(track) > band)
    held = owner_of(track) == who and not track["set_aside"] and band_of(track) in LESS_URGENT
    return int(offered + (track["weight"] if held else 0))


def walled(one: Record, other: Record) -> bool:
    """Whether two tracks are of cases on opposite sides, as their desk was told."""
    mine, theirs = one["dispatch"], other["dispatch"]
    return theirs["case_id"] in mine["walled_from"] or mine["case_id"] in theirs["walled_from"]


@dataclass(slots=True)
class Change:
    """What one transaction changed at one board: records as they were before (`None`: there was none) and are.

    `heard` counts what was done about whom: between two commands about one thing, a transaction hides how it was.
    """

    board: "Board"
    tracks: dict[str, tuple[Record | None, Record | None]] = field(default_factory=dict)
    people: dict[str, tuple[Record | None, Record]] = field(default_factory=dict)
    paused_before: frozenset[str] = frozenset()
    heard: Counter[str] = field(default_factory=Counter)

    def newly_asked(self) -> Iterator[tuple[str, Record, str]]:
        """Track, its record, and who is asked about it and was not before."""
        for track_id, (before, after) in self.tracks.items():
            for offer, who in asked_of(after).items():
                if after is not None and offer not in asked_of(before):
                    yield track_id, after, who

    def newly_owned(self) -> Iterator[tuple[str, Record, str]]:
        """Track, its record, and who has it and had it not before."""
        for track_id, (before, after) in self.tracks.items():
            who = owner_of(after)
            if after is not None and who is not None and who != owner_of(before):
                yield track_id, after, who

    def was(self, track_id: str) -> Record | None:
        """A track before the transaction."""
        return self.tracks[track_id][0] if track_id in self.tracks else self.board.tracks.get(track_id)

    def person_before(self, who: str) -> Record | None:
        """A responder before the transaction."""
        return self.people[who][0] if who in self.people else self.board.people.get(who)


@dataclass(slots=True)
class Board:
    """One partition of one pillar's desks."""

    tracks: dict[str, Record] = field(default_factory=dict)
    people: dict[str, Record] = field(default_factory=dict)
    paused: set[str] = field(default_factory=set)

    def load(self, who: str) -> int:
        """What somebody carries."""
        return sum(units(track, who) for track in self.tracks.values())

    def could_wait(self, who: str, band: str) -> int:
        """Of that, how much may wait for a track of this band: what they have of P2 and P3, and any offer of something less urgent."""
        return sum(waits_for(band, track, who) for track in self.tracks.values())

    def apart(self, track: Record, who: str) -> bool:
        """Whether a wall stands between a track and what somebody knows, or once knew."""
        return who in track["dispatch"].get("walled_people", ()) or any(
            walled(track, one) and knows(one, who) for one in self.tracks.values()
        )


class Boards:
    """All of them, followed commit by commit."""

    def __init__(self) -> None:
        self.all: dict[tuple[str, int], Board] = {}

    def saw(self, commit: list[Told]) -> Change | None:
        """One transaction; what it changed at a desk, if it was one of a desk's."""
        mine = [told for told in commit if told.topic.startswith("desks.")]
        if not mine:
            return None
        board = self.all.setdefault((mine[0].topic, mine[0].kept.partition), Board())
        done = [told.data["subject"] for told in commit if told.topic == "outcomes" and told.fact == "done"]
        change = Change(board, paused_before=frozenset(board.paused), heard=Counter(done))
        for told in mine:
            kind, _, subject = told.key.partition("/")
            gone = told.kept.value is None
            if kind == "track":
                change.tracks[subject] = (board.tracks.pop(subject, None), None if gone else told.data)
                if not gone:
                    board.tracks[subject] = told.data
            elif kind == "responder":
                change.people[subject] = (board.people.get(subject), told.data)
                board.people[subject] = told.data
            elif kind == "desk":
                (board.paused.add if told.data["paused"] else board.paused.discard)(subject)
        return change


@dataclass(frozen=True, slots=True)
class Able:
    """Who may be asked about anything: trained in everything, speaking every language, cleared for all."""

    catalogue: Catalogue

    def to_take(self, track: Record, person: Record, now: datetime) -> bool:
        """Whether nothing but room can keep somebody who is there from a track; only those able to take anything are judged."""
        entry, dispatch = person["entry"], track["dispatch"]
        if person["presence"] != "available" or person["drained"] or entry["desk_id"] != dispatch["desk_id"]:
            return False
        barred = {*track["barred"], track["owner"]}
        hers = {entry.get("household_id"), *person["conflicts"]}
        if entry["responder_id"] in barred or dispatch["household_id"] in hers:
            return False
        return self._of_anything(entry) and not self._had_enough(person, now)

    def _of_anything(self, entry: Record) -> bool:
        skills = self.catalogue.skills
        known = {*skills.skills} <= {*entry["skills"]} and {*skills.languages} <= {*entry["languages"]}
        return known and not entry["training"] and not entry["fluency"] and {*Clearance} <= {*entry["clearances"]}

    def _had_enough(self, person: Record, now: datetime) -> bool:
        """Whether they bore as much as a shift may hold, or nearly: clocks are apart."""
        shift = self.catalogue.skills.shift
        since = now - shift.within - timedelta(hours=3)
        return sum(instant(at) > since for at in person["hard_cases"]) >= shift.at_most

    def has_room(self, board: Board, track: Record, person: Record) -> bool:
        """Whether a track fits beside what somebody carries."""
        who, work = person["entry"]["responder_id"], self.catalogue.work
        load, band = board.load(who), band_of(track)
        over = load + track["weight"] - person["entry"]["capacity"] - (work.reserve.units if band == "P0" else 0)
        return load == 0 or over <= 0 or min(load, over) <= board.could_wait(who, band)
