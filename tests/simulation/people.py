"""What the crowd does by itself: things happen to it at a pace, and who is rung answers after a while, or not."""

from collections import Counter
from datetime import timedelta
from functools import partial
from random import Random
from typing import Any

from schemas.notices import NoticeIssued
from schemas.words import NoticeKind, Presence
from tests.simulation.actions import AT_DESKS, ROWS, Row
from tests.simulation.acts_of_callers import acknowledges
from tests.simulation.acts_of_desks import (
    answers,
    at_the_last_moment,
    comes,
    drained,
    enters,
    given,
    pauses,
    works,
    works_on,
)
from tests.simulation.crowd import Crowd
from tests.simulation.ledger import OWNED, Rung
from tests.simulation.scheduler import Act, Nap
from tests.simulation.staff import once
from tests.simulation.swarm import Plan

WAITING = frozenset({"pending", "offered"})
OVER = frozenset({"closed", "merged"})
COMES_US = 5_000_000
TIDYING_US = 60_000_000
LAST_MOMENT = next(row for row in ROWS if row.act is at_the_last_moment)
AIMED = tuple(row for row in ROWS if row.on_case)


class People:
    """Moves a crowd. `calm` after the faults: everybody is there, answers, works their tracks off, and starts nothing new."""

    def __init__(self, crowd: Crowd, plan: Plan, dice: Random) -> None:
        self.crowd = crowd
        self._plan = plan
        self._dice = dice
        self._answered: set[str] = set()
        self._stuck: Counter[str] = Counter()
        self._trained: set[str] = set()
        crowd.takes = self._took
        crowd.scheduler.spawn("life goes on", self._living())

    def told(self, notice: NoticeIssued) -> None:
        """A notice reached somebody; the same one may reach them again."""
        ledger = self.crowd.ledger
        if notice.kind is NoticeKind.PAGE and notice.page_id and notice.household_id:
            ledger.pages[notice.page_id] = notice.household_id
            if self.crowd.calm and notice.page_id not in self._answered:
                self._answered.add(notice.page_id)
                self.crowd.calls(acknowledges(self.crowd, notice.page_id))
        if notice.kind is not NoticeKind.OFFER or notice.offer_id is None or notice.offer_id in self._answered:
            return
        self._answered.add(notice.offer_id)
        rung = Rung(notice.recipient, notice.offer_id, notice.track_id, notice.desk_id, notice.pillar)
        ledger.rung.append(rung)
        if self.crowd.calm or self._dice.random() < self._plan.attentive_p:
            willing = self.crowd.calm or self._dice.random() < self._plan.willing_p
            self._answers_later(rung, "accept" if willing else "decline")

    def settle_down(self) -> None:
        """The faults are over: everybody comes on duty, wherever nobody is somebody is hired, and all work off what is open."""
        crowd = self.crowd
        crowd.calm = crowd.wires.calm = True
        for desk, names in crowd.responders.items():
            if not names:
                names.append(f"{desk}-hired")
        crowd.scheduler.spawn("everybody works off what is open", self._tidying())

    def open_tracks(self) -> list[str]:
        """Tracks that nobody has and that are not done."""
        cases = [case for case in self.crowd.ledger.cases.values() if case["state"] not in OVER]
        return [track["track_id"] for case in cases for track in case["tracks"] if track["state"] in WAITING]

    def _answers_later(self, rung: Rung, verb: str) -> None:
        seconds = 2.0 if self.crowd.calm else self._plan.reaction_s * self._dice.uniform(0.1, 2)
        crowd = self.crowd
        crowd.scheduler.spawn(
            f"{rung.responder} answers", once(lambda: crowd.calls(answers(crowd, verb, rung))), in_us=int(seconds * 1e6)
        )

    def _took(self, owned: Rung) -> None:
        if self._dice.random() < self._plan.diligent_p:
            self.crowd.scheduler.spawn(f"{owned.responder} works", self._working(owned))

    def _working(self, owned: Rung) -> Act:
        """Whoever took a track does one thing after another, as long as it is theirs."""
        crowd, pause_us = self.crowd, self._plan.reaction_s * 3e6
        while True:
            yield Nap(crowd.scheduler.us + int(pause_us * self._dice.uniform(0.1, 2)), "works")
            if crowd.calm or crowd.ledger.held.get(owned.track_id) != owned:
                return
            crowd.calls(works_on(crowd, owned))

    def _living(self) -> Act:
        crowd, dice = self.crowd, self._dice
        for desk, names in crowd.responders.items():
            for name in names:
                crowd.calls(enters(crowd, desk, name))
                yield ("enters", name)
                crowd.scheduler.spawn(f"{name} comes", once(partial(self._comes, desk, name)), in_us=COMES_US)
        while not crowd.calm:
            if dice.random() < self._plan.focus_p:
                crowd.focus = self._worth_a_look()
                self._happen(AIMED, dice.randrange(2, 6))
                crowd.focus = None
            if dice.random() < self._plan.bustle_p:
                self._happen(AT_DESKS, dice.randrange(1, 8))
            self._happen(ROWS, dice.randrange(2, 30) if dice.random() < self._plan.burst_p else 1)
            yield Nap(self._next_us(), "lives")

    def _worth_a_look(self) -> str | None:
        """A case on which somebody is being asked, if there is one: that is where calls cross."""
        cases = self.crowd.ledger.cases
        asked = [name for name, case in cases.items() if any(track["state"] == "offered" for track in case["tracks"])]
        return self._dice.choice(asked or list(cases)) if cases else None

    def _next_us(self) -> int:
        """When something happens next: at the seed's pace, or after a lull that ends when a promise is about to fail."""
        crowd = self.crowd
        now, usual = crowd.scheduler.now(), int(self._dice.expovariate(1 / self._plan.gap_s) * 1e6)
        if self._dice.random() >= self._plan.lull_p:
            return crowd.scheduler.us + usual
        failing, contact = crowd.ledger.next_due(now), crowd.ledger.next_contact(now)
        if contact is not None and self._dice.random() < 0.25:  # its owner leaves, and it comes near
            crowd.calls(comes(crowd, contact.desk_id, contact.owner, Presence.AWAY))
            until = contact.due - timedelta(seconds=self._dice.uniform(0, 900))
        elif failing is not None:
            self._happen((LAST_MOMENT,), 1)
            until = failing.due
        else:
            until = now + timedelta(microseconds=usual)
        return crowd.scheduler.us + max(0, int((until - now).total_seconds() * 1e6))

    def _happen(self, rows: tuple[Row, ...], times: int) -> None:
        """So many things at once."""
        for row in self._dice.choices(rows, [row.weight for row in rows], k=times):
            call = row.act(self.crowd)
            if call is not None:
                self.crowd.calls(call)

    def _comes(self, desk: str, name: str) -> None:
        self.crowd.calls(comes(self.crowd, desk, name, Presence.AVAILABLE))

    def _tidying(self) -> Act:
        """Every so often: who is away comes; where somebody waits or work is set aside, owners finish what else they have and a duty
        lead gives by hand what nobody can be asked for."""
        crowd, ledger = self.crowd, self.crowd.ledger
        while not crowd.gone:
            for desk, names in crowd.responders.items():
                if ledger.paused.get(desk):
                    crowd.calls(pauses(crowd, desk, paused=False))
                for name in names:
                    self._is_there(desk, name)
            tracks = [track for case in ledger.cases.values() for track in case["tracks"]]
            aside = {name.partition("/")[2] for name in ledger.set_aside}
            busy = {track["desk_id"] for track in tracks if track["state"] in WAITING or track["track_id"] in aside}
            for track in tracks:
                if track["desk_id"] in busy and track["state"] in OWNED and track["track_id"] not in aside:
                    self._finishes(track)
                elif track["state"] == "pending" and track.get("pages"):
                    crowd.calls(given(crowd, track))
                    self._hires(track)
            yield Nap(crowd.scheduler.us + TIDYING_US, "tidies up")

    def _is_there(self, desk: str, name: str) -> None:
        """Whoever is not on the roster, not able to take anything, drained or away soon is otherwise."""
        crowd, record = self.crowd, self.crowd.ledger.roster.get(name)
        if record is None or name not in self._trained:
            self._trained.add(name)
            crowd.calls(enters(crowd, desk, name, able=True))
        elif record["drained"]:
            crowd.calls(drained(crowd, desk, name, drained=False))
        elif record["presence"] != Presence.AVAILABLE:
            self._comes(desk, name)

    def _hires(self, track: dict[str, Any]) -> None:
        """Somebody is hired for a track that still waits when it is looked at again: all others may be on its other side."""
        self._stuck[track["track_id"]] += 1
        if self._stuck[track["track_id"]] % 3 == 0:
            names = self.crowd.responders[track["desk_id"]]
            names.append(f"{track['desk_id']}-hired-{len(names)}")

    def _finishes(self, track: dict[str, Any]) -> None:
        """The owner of a track says that it is done."""
        owner = Rung(track["responder_id"], "", track["track_id"], track["desk_id"], track["pillar"])
        self.crowd.calls(works(self.crowd, "done", owner))
