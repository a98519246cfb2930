"""One piece of simulated time: people come and go, react to offers, work; the desk shares the work out."""

import heapq
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import count

from schemas.words import Band, ClockKind, Presence
from tests.desk_sim.arrivals import Track, arrivals, reaction
from tests.desk_sim.desk import PILLAR, Desk, News
from tests.desk_sim.hands import NONE, Hands
from tests.desk_sim.people import Duty, duties, roster
from tests.desk_sim.plan import BEGIN, Plan
from tests.shipped import CATALOGUE

TAIL = timedelta(hours=1)  # after the last one came
FIRST_CONTACT = timedelta(seconds=90)
LOOK_AGAIN, OVERTIME = timedelta(minutes=5), timedelta(hours=1)  # nobody walks out on a P0 sooner
SILENCE = {band: CATALOGUE.promise(band, PILLAR, ClockKind.NEXT_CONTACT, lead=False) / 2 for band in Band}


@dataclass
class World:
    """Everything outside the desk. What happens at one instant happens in the order it was thought of."""

    plan: Plan
    desk: Desk
    now: datetime = BEGIN - timedelta(days=1)
    tracks: dict[str, Track] = field(default_factory=dict)
    accepted: dict[str, tuple[datetime, str]] = field(default_factory=dict)  # the first time, and by whom
    hands: dict[str, Hands] = field(default_factory=dict)
    on_duty: dict[str, Duty] = field(default_factory=dict)
    nights: Counter[str] = field(default_factory=Counter)
    night_p0: Counter[str] = field(default_factory=Counter)
    handed_over: int = 0
    _left: dict[str, timedelta] = field(default_factory=dict)
    _offers: Counter[str] = field(default_factory=Counter)
    _happenings: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    _order: Iterator[int] = field(default_factory=count)

    def run(self) -> None:
        """From the first to the last happening."""
        for entry in roster(self.plan):
            self.hands[entry.responder_id] = Hands(entry.capacity, self._left)
            self._hear(self.desk.enter(entry, self.now))
        for duty in duties(self.plan):
            self._at(duty.start, partial(self._arrive, duty))
        self._at(self.plan.counted_from, self._count_anew)
        coming = arrivals(self.plan)
        self._await(coming)
        end = self.plan.until
        self._play(end)
        for hands in self.hands.values():
            hands.look(end)
        self._play(end + TAIL)

    def _play(self, until: datetime) -> None:
        while self._happenings and self._happenings[0][0] < until:
            due = self.desk.next_due()
            if due is not None and due <= self._happenings[0][0]:
                self.now = max(self.now, due)
                self._hear(self.desk.fire(self.now))
            else:
                self.now, _, happens = heapq.heappop(self._happenings)
                happens()

    def _at(self, when: datetime, happens: Callable[[], None]) -> None:
        heapq.heappush(self._happenings, (when, next(self._order), happens))

    def _await(self, coming: Iterator[Track]) -> None:
        track = next(coming, None)
        if track is not None:
            self._at(track.at, lambda: self._comes(track, coming))

    def _comes(self, track: Track, coming: Iterator[Track]) -> None:
        self.tracks[track.track_id], self._left[track.track_id] = track, track.work
        self._hear(self.desk.comes(track))
        self._await(coming)

    def _count_anew(self) -> None:
        for hands in self.hands.values():
            hands.look(self.now)
            hands.busy = hands.there = NONE

    # ---------------------------------------------------------------------------------------------------------- people
    def _arrive(self, duty: Duty) -> None:
        self.on_duty[duty.who] = duty
        self.nights[duty.who] += duty.night and self._counts(duty.start)
        self._change(duty.who, on_duty=True)
        self._hear(self.desk.presence(duty.who, Presence.AVAILABLE, self.now))
        self._at(duty.wraps_up, lambda: self._hear(self.desk.presence(duty.who, Presence.WRAP_UP, self.now)))
        self._at(duty.end, lambda: self._leave(duty))

    def _leave(self, duty: Duty) -> None:
        held = list(self.hands[duty.who].held.values())
        stays = any(track.band is Band.P0 for track in held) and self.now < duty.end + OVERTIME
        for track in held:
            if track.band is not Band.P0 or not stays:
                self.handed_over += 1
                self._hear(self.desk.works("handover", track.track_id, duty.who, self.now))
        if stays:
            self._at(self.now + LOOK_AGAIN, lambda: self._leave(duty))
            return
        del self.on_duty[duty.who]
        self._change(duty.who, on_duty=False)
        self._hear(self.desk.presence(duty.who, Presence.AWAY, self.now))

    def _counts(self, at: datetime) -> bool:
        return self.plan.counted_from <= at < self.plan.until

    def _change(self, who: str, *, on_duty: bool) -> None:
        self.hands[who].look(self.now)
        self.hands[who].on_duty = on_duty

    def _answer(self, news: News, *, accepts: bool) -> None:
        if news.who in self.on_duty:
            self._hear(self.desk.answers(news, self.now, accepts=accepts))

    def _contact(self, track: Track, who: str) -> None:
        if track.track_id in self.hands[who].held:
            self._hear(self.desk.works("contacted", track.track_id, who, self.now))
            self._at(self.now + SILENCE[track.band], lambda: self._contact(track, who))

    def _work(self, who: str) -> None:
        hands = self.hands[who]
        changes, following = hands.changes, hands.done_next()
        if following is not None:
            self._at(following[0], lambda: self._done(who, changes, following[1]))

    def _done(self, who: str, changes: int, track: Track) -> None:
        if self.hands[who].changes != changes:
            return
        self.hands[who].drop(track.track_id, self.now)
        self._hear(self.desk.works("done", track.track_id, who, self.now))
        self._work(who)

    # ------------------------------------------------------------------------------------------------ what the desk says
    def _hear(self, told: list[News]) -> None:
        for news in told:
            track, hands = self.tracks[news.track_id], self.hands[news.who]
            if news.what == "offered":
                self._offered(news, track)
                continue
            if news.what == "accepted":
                self._accepted(news, track)
            elif news.what == "released":
                hands.drop(news.track_id, self.now)
            elif news.track_id in hands.held:
                (hands.waits.add if news.what == "set_aside" else hands.waits.discard)(news.track_id)
                hands.look(self.now)
            self._work(news.who)

    def _offered(self, news: News, track: Track) -> None:
        self._offers[news.track_id] += 1
        reacts = reaction(self.plan, track, self._offers[news.track_id])
        if reacts is not None:
            after, accepts = reacts
            self._at(self.now + after, lambda: self._answer(news, accepts=accepts))

    def _accepted(self, news: News, track: Track) -> None:
        if track.track_id not in self.accepted:
            self.accepted[track.track_id] = self.now, news.who
            self.night_p0[news.who] += track.band is Band.P0 and self.on_duty[news.who].night and self._counts(self.now)
        self.hands[news.who].take(track, self.now)
        self._at(self.now + FIRST_CONTACT, lambda: self._contact(track, news.who))
