"""Desks to compare with: first come first served, strict priority, longest idle. Offers, people, constraints are the product's."""

import heapq
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from schemas.rosters import RosterEntry
from schemas.words import Band, Presence
from services.rules.needs import Needs, lacks, needs_of
from tests.desk_sim.arrivals import Track
from tests.desk_sim.desk import News, dispatched
from tests.desk_sim.plan import BEGIN
from tests.shipped import CATALOGUE

LAST_STEP = len(CATALOGUE.work.search) - 1  # whoever is able to at all may be asked from the beginning
DEEPEST_LOOK = 100
Kind = tuple[Needs, Band]
Rank = tuple[int, datetime, str]


def oldest(track: Track) -> Rank:
    """First come, first served."""
    return 0, track.at, track.track_id


def most_urgent(track: Track) -> Rank:
    """By band, then first come, first served."""
    return track.band.rank, track.at, track.track_id


@dataclass(slots=True)
class Waiting:
    """A track as the desk knows it: who is being asked, who did not answer in this round, who will not have it."""

    track: Track
    kind: Kind
    offers: dict[str, str] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    barred: set[str] = field(default_factory=set)
    owner: str | None = None
    over: bool = False
    queued: bool = False


@dataclass
class PlainDesk:
    """Tracks go in the order of `rank`; of those able to, with room, the longest idle is asked, or who has least to do. Nothing is kept
    for a P0 and nothing is set aside for one."""

    rank: Callable[[Track], Rank]
    longest_idle: bool = False
    entries: dict[str, RosterEntry] = field(default_factory=dict)
    here: set[str] = field(default_factory=set)
    load: Counter[str] = field(default_factory=Counter)
    idle_since: dict[str, datetime] = field(default_factory=dict)
    tracks: dict[str, Waiting] = field(default_factory=dict)
    _able: dict[Needs, frozenset[str]] = field(default_factory=dict)
    _queue: dict[Kind, list[Rank]] = field(default_factory=lambda: defaultdict(list))
    _ends: list[tuple[datetime, int, str, str]] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def enter(self, entry: RosterEntry, now: datetime) -> list[News]:
        """Somebody joins the roster."""
        self.entries[entry.responder_id], self.idle_since[entry.responder_id] = entry, now
        self._able.clear()
        return []

    def presence(self, who: str, presence: Presence, now: datetime) -> list[News]:
        """Somebody comes or goes."""
        if presence is not Presence.AVAILABLE:
            self.here.discard(who)
            return []
        self.here.add(who)
        return self._fill(who, now)

    def comes(self, track: Track) -> list[News]:
        """A track is dispatched to the desk."""
        needs = needs_of(dispatched(track, CATALOGUE), LAST_STEP, CATALOGUE)
        self.tracks[track.track_id] = waiting = Waiting(track, (needs, track.band))
        return self._ask(waiting, track.at)

    def answers(self, news: News, now: datetime, *, accepts: bool) -> list[News]:
        """Whoever was offered a track accepts or declines; too late is too late."""
        waiting = self.tracks[news.track_id]
        if waiting.offers.pop(news.offer_id, None) is None:
            return []
        if not accepts:
            waiting.barred.add(news.who)
            return self._over(waiting, [news.who], now)
        others = list(waiting.offers.values())
        waiting.owner = news.who
        waiting.offers.clear()
        waiting.asked.clear()
        return [News("accepted", news.track_id, news.who), *self._over(waiting, others, now)]

    def works(self, verb: str, track_id: str, who: str, now: datetime) -> list[News]:
        """Whoever has a track is done with it, or hands it over."""
        waiting = self.tracks[track_id]
        if verb == "contacted":
            return []
        waiting.owner, waiting.over = None, verb == "done"
        waiting.barred.add(who)
        told = [] if waiting.over else [News("released", track_id, who)]
        return told + self._over(waiting, [who], now)

    def next_due(self) -> datetime | None:
        """When the next offer ends."""
        return self._ends[0][0] if self._ends else None

    def fire(self, now: datetime) -> list[News]:
        """One offer ends, if nobody answered it."""
        _, _, track_id, offer_id = heapq.heappop(self._ends)
        waiting = self.tracks[track_id]
        who = waiting.offers.pop(offer_id, None)
        if who is None:
            return []
        waiting.asked.add(who)
        return self._over(waiting, [who], now)

    def _over(self, waiting: Waiting, freed: list[str], now: datetime) -> list[News]:
        for who in freed:
            self.load[who] -= _weight(waiting)
            self.idle_since[who] = now
        told = self._ask(waiting, now)
        for who in freed:
            told += self._fill(who, now)
        return told

    def _wanted(self, waiting: Waiting) -> int:
        if waiting.over or waiting.owner is not None:
            return 0
        return CATALOGUE.sla.widening.at_once[waiting.track.band] - len(waiting.offers)

    def _may(self, who: str, waiting: Waiting) -> bool:
        kept = who in waiting.asked or who in waiting.barred or who in waiting.offers.values()
        return not kept and self._has_room(who, waiting.kind)

    def _has_room(self, who: str, kind: Kind) -> bool:
        weight, load = CATALOGUE.work.weights[kind[1]], self.load[who]
        return who in self.here and (load <= 0 or load + weight <= self.entries[who].capacity)

    def _fit(self, needs: Needs) -> frozenset[str]:
        if needs not in self._able:
            able = (who for who, entry in self.entries.items() if lacks(entry, needs, BEGIN.date()) is None)
            self._able[needs] = frozenset(able)
        return self._able[needs]

    def _better(self, who: str) -> tuple[float, datetime, str]:
        load = 0.0 if self.longest_idle else self.load[who] / self.entries[who].capacity
        return load, self.idle_since[who], who

    def _ask(self, waiting: Waiting, now: datetime) -> list[News]:
        wanted = self._wanted(waiting)
        if wanted <= 0:
            return []
        free = [who for who in self._fit(waiting.kind[0]) if self._may(who, waiting)]
        if not free and not waiting.offers and waiting.asked:
            waiting.asked.clear()
            free = [who for who in self._fit(waiting.kind[0]) if self._may(who, waiting)]
        told = [self._offer(waiting, who, now) for who in sorted(free, key=self._better)[:wanted]]
        if len(told) < wanted:
            self._wait(waiting)
        return told

    def _wait(self, waiting: Waiting) -> None:
        if not waiting.queued:
            heapq.heappush(self._queue[waiting.kind], self.rank(waiting.track))
        waiting.queued = True

    def _offer(self, waiting: Waiting, who: str, now: datetime) -> News:
        track, number = waiting.track, next(self._numbers)
        waiting.offers[f"offer-{number}"] = who
        self.load[who] += _weight(waiting)
        window: timedelta = CATALOGUE.sla.offer_window[track.band]
        heapq.heappush(self._ends, (now + window, number, track.track_id, f"offer-{number}"))
        return News("offered", track.track_id, who, f"offer-{number}")

    def _fill(self, who: str, now: datetime) -> list[News]:
        told: list[News] = []
        passed_over: list[Waiting] = []
        while len(passed_over) < DEEPEST_LOOK and (waiting := self._first(who)) is not None:
            if who in waiting.asked and not waiting.offers:
                waiting.asked.clear()  # nobody else is asked: another round
            if self._may(who, waiting):
                told += self._ask(waiting, now)
            else:
                passed_over.append(waiting)
        for waiting in passed_over:
            self._wait(waiting)
        return told

    def _first(self, who: str) -> Waiting | None:
        """Out of the queue, what goes first of all that somebody is able to take and has room for."""
        heads: list[tuple[Rank, Kind]] = []
        for kind, queue in self._queue.items():
            while queue and self._wanted(self.tracks[queue[0][2]]) <= 0:
                self.tracks[heapq.heappop(queue)[2]].queued = False
            if queue and self._has_room(who, kind) and who in self._fit(kind[0]):
                heads.append((queue[0], kind))
        if not heads:
            return None
        waiting = self.tracks[heapq.heappop(self._queue[min(heads, key=lambda head: head[0])[1]])[2]]
        waiting.queued = False
        return waiting


def _weight(waiting: Waiting) -> int:
    return CATALOGUE.work.weights[waiting.track.band]
