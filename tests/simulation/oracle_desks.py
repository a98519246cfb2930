"""What a desk may do: one owner or several asked, never more than somebody can carry, nobody who may not see it, P0 before the rest."""

from dataclasses import dataclass, field

from schemas.catalogue import Catalogue
from tests.simulation.boards import (
    INTERRUPTING,
    LESS_URGENT,
    Able,
    Boards,
    Change,
    Record,
    asked_of,
    band_of,
    desk_of,
    knows,
    owner_of,
    units,
    waits_for,
    walled,
)
from tests.simulation.ledger import OWNED, Ledger
from tests.simulation.oracle_answers import Answers
from tests.simulation.oracle_waiting import judge_waiting
from tests.simulation.oracle_work import Work
from tests.simulation.told import Broken, Told

URGENT = frozenset({"P0", "P1"})


@dataclass(slots=True)
class Desks:
    """Judges every transaction of a desk by what it wrote down, and what was written down before."""

    ledger: Ledger
    catalogue: Catalogue
    boards: Boards = field(default_factory=Boards)
    _answers: Answers = field(init=False)
    _conflicts: set[tuple[str, str]] = field(default_factory=set)
    changed: set[tuple[str, int]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._answers = Answers(self.ledger)

    def saw(self, commit: list[Told]) -> None:
        """One transaction."""
        change = self.boards.saw(commit)
        if change is None:
            return
        self.changed.add((commit[-1].topic, commit[-1].kept.partition))
        for track_id, (_, after) in change.tracks.items():
            if after is not None:
                _is_one_thing(track_id, after)
        self._answers.saw(commit, change)
        self._capacity(change, commit)
        self._strangers(change)
        _asked_though_told_not_to(change)
        self._urgent_first(change, commit)
        judge_waiting(change, commit, Able(self.catalogue), self.ledger.now())
        self._note_conflicts(change, commit)

    def quiet(self) -> None:
        """Nothing is under way anywhere: whoever can be asked is asked, and nothing is overdue."""
        work = Work(self.ledger, self.catalogue, self.boards)
        for place in sorted(self.changed):
            work.judge(self.boards.all[place], self.ledger.now())
        self.changed.clear()

    def at_rest(self) -> None:
        """The same, everywhere."""
        self.changed.update(self.boards.all)
        self.quiet()

    def _capacity(self, change: Change, commit: list[Told]) -> None:
        by_hand = {
            (told.data["track_id"], told.data["responder_id"])
            for told in commit
            if told.topic == "progress" and told.fact == "accepted" and told.data["offer_id"] == told.data["track_id"]
        }
        for track_id, track, who in change.newly_asked():
            if change.heard[who] < 2:
                room = _Room(change, who, {one for one, responder in by_hand if responder == who}, self.catalogue)
                room.judge(track_id, track)
        for track_id, track, who in change.newly_owned():
            if (
                band_of(track) in INTERRUPTING
                and not any(responder == who for _, responder in by_hand)
                and change.heard[who] < 2
            ):
                _Room(change, who, {track_id}, self.catalogue).makes_room(band_of(track))

    def _strangers(self, change: Change) -> None:
        """Nobody works for their own household, for one they know, or on both sides of a wall."""
        for track_id, track, who in (*change.newly_asked(), *change.newly_owned()):
            household, person = track["dispatch"]["household_id"], change.person_before(who)
            if (who, household) in self._conflicts:
                raise Broken("walls", f"{who} gets track {track_id} of {household}, whom they said they know")
            before = change.was(track_id)
            if (before is not None and knows(before, who)) or change.heard[who] > 1:
                continue
            if person is not None and _home(person) == _home(change.board.people[who]) == household:
                raise Broken("walls", f"{who} gets track {track_id} of their own household")
            for other_id, other in change.board.tracks.items():
                stood = change.was(other_id)
                if stood is None or not (knows(stood, who) and knows(other, who)):
                    continue
                if walled(track, other) and walled(before or track, stood):
                    raise Broken("walls", f"{who} gets track {track_id} and has {other_id} of the other side")

    def _urgent_first(self, change: Change, commit: list[Told]) -> None:
        """Nothing less urgent is offered to somebody who could have had a P0 or P1 that waits at the same desk."""
        able, now = Able(self.catalogue), self.ledger.now()
        for track_id, track, who in change.newly_asked():
            person = change.person_before(who)
            if band_of(track) not in LESS_URGENT or person is None:
                continue
            for other_id, other in change.board.tracks.items():
                waits = other_id not in change.tracks and other["state"] == "pending" and band_of(other) in INTERRUPTING
                could = waits and desk_of(other) == desk_of(track) and who not in other["asked"]
                could = could and able.has_room(change.board, other, change.board.people[who])
                as_they_were_and_are = (person, change.board.people[who])
                could = could and all(able.to_take(other, one, now) for one in as_they_were_and_are)
                if could and not change.board.apart(other, who):
                    raise Broken(
                        "I6",
                        f"{who} is asked about {track_id} while the {band_of(other)} {other_id} waits ({commit[-1].place})",
                    )

    def _note_conflicts(self, change: Change, commit: list[Told]) -> None:
        for told in commit:
            sent = self.ledger.commands.get(told.key) if told.topic == "outcomes" and told.fact == "done" else None
            if sent is not None and sent.verb == "conflict":
                track = change.board.tracks.get(told.data["subject"]) or change.was(told.data["subject"])
                if track is not None:
                    self._conflicts.add((str(sent.responder), track["dispatch"]["household_id"]))


def _home(person: Record) -> str | None:
    home: str | None = person["entry"].get("household_id")
    return home


def _is_one_thing(track_id: str, track: Record) -> None:
    """Somebody has it, or some are asked, or nobody; never one and the other, but for a contact made for an owner who is away."""
    state, asked = track["state"], list(asked_of(track).values())
    if len(set(asked)) != len(asked):
        raise Broken("I2", f"track {track_id} asks somebody twice: {asked}")
    if (state in OWNED) is not (owner_of(track) is not None):
        raise Broken("I2", f"track {track_id} is {state}, with {track['owner']}")
    if asked and not (state == "offered" or (state in OWNED and (track["covering"] or track.get("relieving")))):
        raise Broken("I2", f"track {track_id} is {state}, and {asked} are asked")
    if state == "offered" and not asked:
        raise Broken("I2", f"track {track_id} is offered to nobody")
    if (track["covering"] or track["covered_by"]) and state not in OWNED:
        raise Broken("I2", f"track {track_id} is {state}, and its next contact is covered")
    if track["set_aside"] and state in OWNED and band_of(track) in URGENT:
        raise Broken("I6", f"track {track_id} is {band_of(track)} and set aside")


def _asked_though_told_not_to(change: Change) -> None:
    """A desk that is paused asks about nothing but a P0; who is away or drained is not asked at all."""
    still_paused = change.paused_before & change.board.paused
    for track_id, track, who in change.newly_asked():
        if change.heard[who] > 1 or change.heard[desk_of(track)] > 1:
            continue
        if desk_of(track) in still_paused and band_of(track) != "P0":
            raise Broken("asked", f"desk {desk_of(track)} is paused and asks {who} about {track_id}, {band_of(track)}")
        before, after = change.person_before(who), change.board.people[who]
        if before is not None and before["drained"] and after["drained"]:
            raise Broken("asked", f"{who} is drained and asked about {track_id}")
        if before is not None and before["presence"] == after["presence"] == "away":
            raise Broken("asked", f"{who} is away and asked about {track_id}")
        if who in (track["owner"], track["covered_by"]):
            raise Broken("asked", f"{who} has track {track_id} and is asked about it")


@dataclass(frozen=True, slots=True)
class _Room:
    """What somebody carries after a transaction, as little as it can have been while it ran; `by_hand` was given to them."""

    change: Change
    who: str
    by_hand: set[str]
    catalogue: Catalogue

    def judge(self, track_id: str, track: Record) -> None:
        """Whether what they were offered fitted, the reserve of a P0 counted for a P0 alone; when all else can wait, anything fits."""
        band = band_of(track)
        carried = {one: units for one, units in self._carried().items() if not self._newly_urgent(one, than=band)}
        offered = carried.pop(track_id, 0)
        stays = sum(carried.values()) - self._could_wait(band)
        if stays > 0 and stays + offered > self._capacity(band):
            raise Broken(
                "capacity", f"{self.who} was asked about {track_id}, {band}, and cannot carry it beside {carried}"
            )

    def makes_room(self, band: str) -> None:
        """Whether they set aside what does not fit beside an urgent one they took, and are asked no more about it."""
        board = self.change.board
        over = sum(self._taken(track, band) for track in board.tracks.values()) - self._capacity(band)
        if over > 0 and board.could_wait(self.who, band):
            raise Broken("capacity", f"{self.who} took a {band} and carries {over} too many, which could have waited")

    def _taken(self, track: Record, band: str) -> int:
        """What a track takes of them, unless they are only asked about it and it is as urgent: nothing has to wait for that."""
        only_asked = self.who in asked_of(track).values() and band_of(track) <= band
        return 0 if only_asked else units(track, self.who)

    def _carried(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for track_id, track in self.change.board.tracks.items():
            now, before = units(track, self.who), self._before(track_id)
            if now and track_id not in self.by_hand:
                found[track_id] = min(now, before) if before else now
        return found

    def _newly_urgent(self, track_id: str, *, than: str) -> bool:
        band = band_of(self.change.board.tracks[track_id])
        return band in INTERRUPTING and band < than and not self._before(track_id)

    def _before(self, track_id: str) -> int:
        """What a track took of them before, if it did so all the time: an offer that ended and was made anew left room in between."""
        was, track = self.change.was(track_id), self.change.board.tracks[track_id]
        still_asked = self.who in {who for offer, who in asked_of(track).items() if asked_of(was).get(offer) == who}
        held = was is not None and self.who in (owner_of(was), was["covered_by"])
        return units(was, self.who) if held or still_asked else 0

    def _could_wait(self, band: str) -> int:
        """As much as at most could while the transaction ran."""
        pairs = ((track, self.change.was(track_id) or track) for track_id, track in self.change.board.tracks.items())
        return sum(max(waits_for(band, one, self.who) for one in pair) for pair in pairs)

    def _capacity(self, band: str) -> int:
        entries = [self.change.person_before(self.who), self.change.board.people[self.who]]
        most = max(one["entry"]["capacity"] for one in entries if one is not None)
        return int(most) + (self.catalogue.work.reserve.units if band == "P0" else 0)
