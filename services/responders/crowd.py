"""Who is there, with how much room, and fit for what? The responders of a partition's desks; loads are counted, never stored."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from schemas.catalogue.skills import Shift
from schemas.catalogue.work import Work
from schemas.desk_records import DeskTrackRecord, ResponderRecord
from schemas.words import Band, Presence
from services.rules.cells import Able, Cell, able
from services.rules.lifecycle import OWNED
from services.rules.needs import Needs, has_room, lacks

Place = tuple[str, Band]
LESS_URGENT = {band: tuple(less for less in Band if less.rank > band.rank) for band in Band}
MOST_KINDS = 4_096  # of needs whose fit is remembered; as many are met in months


@dataclass(frozen=True, slots=True)
class Fit:
    """Who of a desk could take a track by what they are able to do, and how many lack what."""

    who: frozenset[str]
    lacking: Counter[str]


@dataclass(slots=True)
class Crowd:
    """`work` says by which rules room is counted now, `cells` what may come to a desk. `freed` are those who may be asked more since they
    were last looked at, `left` the desks that somebody has left since, `restored` those that waiting tracks came back to, `room_changed`
    those where another one, or one less, is there or has room for a P0. `able` is what everybody is able to take of their desk's cells."""

    work: Callable[[], Work]
    cells: Callable[[str], Sequence[Cell]]
    responders: dict[str, ResponderRecord] = field(default_factory=dict)
    freed: dict[str, None] = field(default_factory=dict)
    left: dict[str, None] = field(default_factory=dict)
    restored: dict[str, None] = field(default_factory=dict)
    room_changed: dict[str, None] = field(default_factory=dict)
    able: dict[str, Able] = field(default_factory=dict)
    load: Counter[str] = field(default_factory=Counter)
    burdened: set[str] = field(default_factory=set)
    _held: Counter[Place] = field(default_factory=Counter)
    _asked: Counter[Place] = field(default_factory=Counter)
    _paused: set[str] = field(default_factory=set)
    _leading: set[str] = field(default_factory=set)
    _of_desk: dict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    _free: dict[Place, set[str]] = field(default_factory=lambda: defaultdict(set))
    _interrupted: dict[Place, set[str]] = field(default_factory=lambda: defaultdict(set))
    _here: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _knows: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _fit: dict[tuple[str, Needs, date], Fit] = field(default_factory=dict)

    # ----------------------------------------------------------------------------------------------------- what is kept
    def put(self, record: ResponderRecord) -> None:
        """Keep a responder in the roster of their home desk."""
        entry, before = record.entry, self.responders.get(record.entry.responder_id)
        if before is not None and before.entry.desk_id != entry.desk_id:
            self._leave(before)
        for household in (*_households(before), *_households(record)):
            self._knows[household].discard(entry.responder_id)
        for household in _households(record):
            self._knows[household].add(entry.responder_id)
        self.responders[entry.responder_id] = record
        _set(self.burdened, entry.responder_id, present=bool(record.hard_cases))
        self._of_desk[entry.desk_id][entry.responder_id] = None
        if before is None or before.entry != entry:
            self._fit.clear()
            self.able[entry.responder_id] = able(entry, self.cells(entry.desk_id))
        self.look(entry.responder_id)

    def _leave(self, record: ResponderRecord) -> None:
        who, desk = record.entry.responder_id, record.entry.desk_id
        self._of_desk[desk].pop(who, None)
        if who in self._here[desk]:
            self._here[desk].discard(who)
            self.left[desk] = None
        for band in Band:
            self._free[desk, band].discard(who)
            self._interrupted[desk, band].discard(who)

    def count(self, track: DeskTrackRecord, by: int) -> None:
        """A track begins (1) or ceases (-1) to weigh on whoever holds it or is asked about it."""
        for one in track.offers:
            self._asked[one.responder_id, track.dispatch.band] += track.weight * by
            self._weigh(one.responder_id, track.weight * by)
        if track.covered_by is not None:
            self._weigh(track.covered_by, by)
        if track.owner is not None and track.state in OWNED and not track.set_aside:
            self._held[track.owner, track.dispatch.band] += track.weight * by
            self._weigh(track.owner, track.weight * by)

    def _weigh(self, who: str, units: int) -> None:
        self.load[who] += units
        self.look(who, less=units < 0)

    def look(self, who: str, *, less: bool = True) -> None:
        """See again for what somebody has room; with `less` to do they may be asked more."""
        record = self.responders.get(who)
        if record is None:
            return
        desk, work = record.entry.desk_id, self.work()
        available = record.presence is Presence.AVAILABLE
        was_here, is_here = who in self._here[desk], available and not record.drained
        _set(self._here[desk], who, present=is_here)
        if was_here and not is_here:
            self.left[desk] = None
        had_room = self._has_p0_room(desk, who)
        for band in Band:
            may = not record.drained and (band is Band.P0 or who not in self._leading)
            room = may and work.disturbed(band, record.presence) and self.has_room(record, band)
            _set(self._free[desk, band], who, present=room and available)
            _set(self._interrupted[desk, band], who, present=room and not available)
            if less and (room or record.drained):  # whoever is asked no more has what they set aside to go on with
                self.freed[who] = None
        if had_room != self._has_p0_room(desk, who) or was_here != is_here:
            self.room_changed[desk] = None

    def _has_p0_room(self, desk: str, who: str) -> bool:
        return who in self._free[desk, Band.P0] or who in self._interrupted[desk, Band.P0]

    def forget_news(self) -> None:
        """Begin a step: what a restore found out about everybody is no news, but for the desks where it may have cut a look short."""
        self.freed.clear()
        self.left.clear()
        self.left.update(self.restored)
        self.restored.clear()
        self.room_changed.clear()

    def pause(self, desk_id: str, *, paused: bool) -> None:
        """Ask nobody of a desk about anything but a P0, or everybody again."""
        _set(self._paused, desk_id, present=paused)
        for who in () if paused else self._of_desk.get(desk_id, ()):
            self.look(who)

    def lead(self, who: str, *, leads: bool) -> None:
        """Somebody leads a workshop now, and is asked about nothing but a P0; or no more."""
        _set(self._leading, who, present=leads)
        self.look(who)

    def look_at_everybody(self) -> None:
        """See again who has room for what, and is able to: another release may count otherwise."""
        for who, record in self.responders.items():
            self.able[who] = able(record.entry, self.cells(record.entry.desk_id))
            self.look(who)

    # ---------------------------------------------------------------------------------------------------- what is asked
    def has_room(self, record: ResponderRecord, band: Band) -> bool:
        """Whether a track of this band still fits; whoever has nothing takes one of any weight, and for what is urgent some can wait."""
        load = self.load[record.entry.responder_id]
        if has_room(load, self.work().weights[band], self.capacity(record, band)):
            return True  # what is asked of everybody at every change is answered here most of the time
        return self.must_set_aside(record, band) <= self._could_wait(record.entry.responder_id, band)

    def _could_wait(self, who: str, band: Band) -> int:
        """How many units of what somebody has or is asked about can wait for a track of this band: any open offer of something less urgent,
        and what may be set aside."""
        reserve = self.work().reserve
        if band not in reserve.interrupting:
            return 0
        asked = sum(self._asked.get((who, less), 0) for less in LESS_URGENT[band])
        return asked + sum(self._held.get((who, less), 0) for less in reserve.sets_aside)

    def must_set_aside(self, record: ResponderRecord, band: Band) -> int:
        """How many units of work would have to wait for one more track of this band; 0 when there is room."""
        load = self.load[record.entry.responder_id]
        return max(0, min(load, load + self.work().weights[band] - self.capacity(record, band)))

    def needs_reserve(self, record: ResponderRecord, band: Band) -> bool:
        """Whether a track of this band would take what is kept for a P0 although all that can wait for it waits."""
        stays = self.load[record.entry.responder_id] - self._could_wait(record.entry.responder_id, band)
        return not has_room(stays, self.work().weights[band], record.entry.capacity)

    def capacity(self, record: ResponderRecord, band: Band) -> int:
        """Units of work a responder may have before and with one of this band."""
        return record.entry.capacity + (self.work().reserve.units if band is Band.P0 else 0)

    def free(self, desk_id: str, band: Band, presences: tuple[Presence, ...]) -> set[str]:
        """Who of a desk may be asked about a track of this band now: not to be changed. A paused desk asks about a P0 alone."""
        if desk_id in self._paused and band is not Band.P0:
            return _NOBODY
        free = self._free[desk_id, band]
        others = self._interrupted[desk_id, band]
        if not others or presences == (Presence.AVAILABLE,):
            return free
        return free | {who for who in others if self.responders[who].presence in presences}

    def here(self, desk_id: str) -> set[str]:
        """Who of a desk is available, with room or without: not to be changed."""
        return self._here[desk_id]

    def knows(self, household_id: str) -> set[str]:
        """Who lives in a household or has declared a conflict about it: not to be changed."""
        return self._knows.get(household_id, _NOBODY)

    def bears(self, who: str, limit: Shift, now: datetime) -> bool:
        """Whether somebody has taken as many of what is hard to bear as one shift may hold."""
        lately = [at for at in self.responders[who].hard_cases if at > now - limit.within]
        return len(lately) >= limit.at_most

    def can_take(self, people: Iterable[str], now: datetime, enough: int = -1) -> int:
        """What some people are able to take now, as bits of their desk's cells; counted until it is `enough`."""
        found = 0
        for who in people:
            found |= self.able[who].at(now)
            if found == enough:
                break
        return found

    def roster(self, desk_id: str) -> list[ResponderRecord]:
        """The responders whose home is this desk."""
        return [self.responders[one] for one in self._of_desk.get(desk_id, ())]

    def fit(self, desk_id: str, needs: Needs, today: date) -> Fit:
        """Who of a desk is able to take a track with these needs on this day, room or not."""
        key = desk_id, needs, today
        found = self._fit.get(key)
        if found is None:
            if len(self._fit) >= MOST_KINDS:
                self._fit.clear()
            what = {one.entry.responder_id: lacks(one.entry, needs, today) for one in self.roster(desk_id)}
            able = frozenset(who for who, lacking in what.items() if lacking is None)
            found = self._fit[key] = Fit(able, Counter(lacking for lacking in what.values() if lacking is not None))
        return found


_NOBODY: set[str] = set()


def _households(record: ResponderRecord | None) -> tuple[str, ...]:
    if record is None:
        return ()
    own = record.entry.household_id
    return record.conflicts if own is None else (own, *record.conflicts)


def _set(people: set[str], who: str, *, present: bool) -> None:
    if present:
        people.add(who)
    else:
        people.discard(who)
