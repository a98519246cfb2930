"""When nothing is under way: whoever waits is asked for, work set aside goes on, nobody is on both sides, and nothing is overdue."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from schemas.catalogue import Catalogue
from schemas.words import Band
from tests.simulation.boards import UNOWNED, Able, Board, Boards, Record, asked_of, band_of, desk_of, owner_of
from tests.simulation.ledger import OWNED, Ledger
from tests.simulation.told import Broken, instant

PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Work:
    """Judges one board at a time."""

    ledger: Ledger
    catalogue: Catalogue
    boards: Boards

    def judge(self, board: Board, now: datetime) -> None:
        """Raises `Broken`."""
        for track_id, track in board.tracks.items():
            self._is_asked_for(board, track_id, track, now)
            self._is_not_overdue(board, track_id, track, now)
        for who, person in board.people.items():
            self._goes_on(board, who, person)
            self._is_on_one_side(board, who)

    def _wanted(self, track: Record) -> int:
        """How many more are to be asked."""
        if track["state"] in OWNED:
            return int(track["covering"] and track["covered_by"] is None and not track["offers"])
        if track["state"] not in UNOWNED:
            return 0
        steps, at_once = self.catalogue.work.search, self.catalogue.sla.widening.at_once[Band(band_of(track))]
        return int(at_once * steps[min(track["step"], len(steps) - 1)].at_once - len(track["offers"]))

    def _is_asked_for(self, board: Board, track_id: str, track: Record, now: datetime) -> None:
        """Somebody who is able, there and has room is asked about what waits, as many as are to be asked at once."""
        if self._wanted(track) <= 0 or (desk_of(track) in board.paused and band_of(track) != "P0"):
            return
        able, asked = Able(self.catalogue), set(asked_of(track).values())
        if asked:
            asked.update(track["asked"])  # the round is not over
        for who, person in board.people.items():
            if who in asked or not able.to_take(track, person, now) or board.apart(track, who):
                continue
            if able.has_room(board, track, person):
                raise Broken("work", f"track {track_id}, {band_of(track)}, waits, and {who} could be asked and is not")

    def _goes_on(self, board: Board, who: str, person: Record) -> None:
        """What was set aside for something more urgent is taken up again once there is room."""
        if person["presence"] == "away":
            return
        load = board.load(who)
        for track_id, track in board.tracks.items():
            aside = track["set_aside"] and owner_of(track) == who
            if aside and (load == 0 or load + track["weight"] <= person["entry"]["capacity"]):
                raise Broken("work", f"track {track_id} is set aside although {who} has room for it")

    def _is_on_one_side(self, board: Board, who: str) -> None:
        strangers = {*board.people[who]["conflicts"], board.people[who]["entry"].get("household_id")}
        for track_id, track in board.tracks.items():
            seen = who in {owner_of(track), *asked_of(track).values()} or (track["covered_by"] == who)
            if seen and track["dispatch"]["household_id"] in strangers:
                raise Broken("walls", f"{who} works on track {track_id} of a household they know")
        held = [track["dispatch"]["case_id"] for track in board.tracks.values() if owner_of(track) == who]
        for case in held:
            across = set(self.ledger.cases.get(case, {}).get("walled_from", ()))
            if across.intersection(held):
                raise Broken("walls", f"{who} works on both sides: {case} and {sorted(across.intersection(held))}")

    def _is_not_overdue(self, board: Board, track_id: str, track: Record, now: datetime) -> None:
        """Offers end, searches widen, contacts are covered and quiet owners let go, each in time."""
        late = now - timedelta(seconds=PATIENCE_S + 2 * self.ledger.clocks_apart_s)
        for one in track["offers"]:
            if instant(one["until"]) < late:
                raise Broken("I5", f"offer {one['offer_id']} should have ended at {one['until']}")
        if track["state"] in UNOWNED and (widens := self._widens(track)) is not None and widens < late:
            raise Broken("I5", f"the search for track {track_id} should have widened at {widens}")
        if track["state"] in OWNED and track["contact_by"] is not None:
            self._is_heard_of(board, track_id, track, late)

    def _widens(self, track: Record) -> datetime | None:
        shares, step = self.catalogue.sla.widening.at_percent, track["step"]
        if step >= min(len(shares), len(self.catalogue.work.search) - 1):
            return None
        since = instant(track["search_from"])
        until = instant(track["search_until"] or track["dispatch"]["acknowledge_by"])
        return since + (until - since) * shares[step] / 100

    def _is_heard_of(self, board: Board, track_id: str, track: Record, late: datetime) -> None:
        owner, band, work = board.people.get(track["owner"]), Band(band_of(track)), self.catalogue.work
        contact_by = instant(track["contact_by"])
        away = owner is None or owner["presence"] == "away"
        if away and contact_by - work.cover[band] < late and not track["covering"]:
            raise Broken(
                "I5", f"the owner of track {track_id} is away, its contact is due {contact_by}: nobody covers it"
            )
        if not away and contact_by + work.quiet[band] < late:
            raise Broken("I5", f"{track['owner']} was to be heard of by {contact_by} and still has track {track_id}")
