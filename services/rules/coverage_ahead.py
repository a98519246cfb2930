"""Is there somebody on the rota for everything that may come? By skill, language and clearance of a desk, as far as is looked ahead."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from schemas.gaps import GapReason
from schemas.rosters import RosterEntry
from services.rules.cells import LANE, NOTHING, Able, Cell, all_of, named, some_of, union
from services.rules.reaching import reachable
from services.rules.rota import Span


@dataclass(frozen=True, slots=True)
class Hole:
    """Nobody covers these cells from `begins` on, until `ends` unless that lies beyond what was looked at."""

    begins: datetime
    ends: datetime | None
    cells: tuple[str, ...]
    reasons: tuple[GapReason, ...]


def unfit(people: Iterable[str], roster: Mapping[str, RosterEntry]) -> dict[str, GapReason]:
    """Who on a rota cannot be on duty at all, and why."""
    found: dict[str, GapReason] = {}
    for who in people:
        entry = roster.get(who)
        if entry is None:
            found[who] = GapReason.NOT_IN_ROSTER
        elif not reachable(entry):
            found[who] = GapReason.NO_VERIFIED_METHOD
    return found


@dataclass(frozen=True, slots=True)
class Crew:
    """Who may be on a rota: what they are `able` to take of which `cells`, who `cannot` be on duty at all and why."""

    cells: Sequence[Cell]
    able: Mapping[str, Able]
    cannot: Mapping[str, GapReason]


def holes(spans: Iterable[Span], crew: Crew, *, begins: datetime, ends: datetime) -> list[Hole]:
    """What nobody covers from `begins` to `ends`: cells with the same hole together, the soonest first."""
    sums = _Sums(crew, begins)
    for span in spans:
        sums.add(span)
    found: list[Hole] = []
    since: dict[datetime, _Open] = {}
    before = 0
    for at in sums.instants(ends):
        sums.come_to(at)
        lacking = sums.lacking()
        if lacking != before:
            found += _filled(since, ~lacking, at, crew)
            if lacking & ~before:
                since[at] = _Open(lacking & ~before)
            before = lacking
        if lacking:
            why = sums.reasons()
            for one in since.values():
                one.add(why)
    found += _filled(since, before, None, crew)
    return sorted(found, key=lambda one: (one.begins, one.ends or ends))


COVERED = None


class _Sums:
    """How many cover each cell, and how many times each reason keeps it open: what is added to the counts at which instant."""

    def __init__(self, crew: Crew, begins: datetime) -> None:
        self.crew, self.begins = crew, begins
        self.everything, self.anybody = all_of(crew.cells), 1 << len(crew.cells) * LANE
        self.changes: dict[GapReason | None, dict[datetime, int]] = {COVERED: {begins: 0}}
        self.counted: dict[GapReason | None, int] = {}

    def add(self, span: Span) -> None:
        """Whoever works covers what they are able to; nobody has a reason, which counts for what whoever was planned is able to take."""
        cannot = self.crew.cannot.get(span.who) if span.who is not None else None
        if cannot is not None:
            self._count(cannot, self.everything, span.begins, span.ends)
        elif span.who is not None:
            does = self.crew.able.get(span.who, NOTHING)
            self._count(COVERED, does.lasting | self.anybody, span.begins, span.ends)
            for until, cells in does.ending:
                self._count(COVERED, cells, span.begins, min(span.ends, until))
        elif span.reason is not None:
            of = self.everything if span.planned is None else self.crew.able.get(span.planned, NOTHING).at(self.begins)
            self._count(span.reason, of, span.begins, span.ends)

    def _count(self, what: GapReason | None, cells: int, begins: datetime, ends: datetime) -> None:
        begins = max(begins, self.begins)
        if begins < ends:
            changes = self.changes.setdefault(what, {})
            changes[begins] = changes.get(begins, 0) + cells
            changes[ends] = changes.get(ends, 0) - cells

    def instants(self, ends: datetime) -> list[datetime]:
        """When any count changes, before an instant."""
        return sorted(at for at in {at for changes in self.changes.values() for at in changes} if at < ends)

    def come_to(self, at: datetime) -> None:
        """Count what changes at an instant."""
        for what, changes in self.changes.items():
            self.counted[what] = self.counted.get(what, 0) + changes.get(at, 0)

    def lacking(self) -> int:
        """What nobody covers now."""
        return self.everything & ~some_of(self.counted[COVERED], self.everything)

    def reasons(self) -> dict[GapReason, int]:
        """What keeps cells open now; for what nobody covers, those who work are not able to take it."""
        why = {what: some_of(count, self.everything) for what, count in self.counted.items() if what is not COVERED}
        if self.counted[COVERED] >= self.anybody:
            why[GapReason.NOT_ABLE] = self.everything
        return why


class _Open:
    """Cells that nobody has covered for a while, and why so far."""

    def __init__(self, cells: int) -> None:
        self.cells = cells
        self.why: dict[GapReason, int] = {}

    def add(self, why: Mapping[GapReason, int]) -> None:
        """There are more reasons."""
        for reason, cells in why.items():
            self.why[reason] = self.why.get(reason, 0) | cells

    def reasons(self, cells: int) -> tuple[GapReason, ...]:
        """Why nobody has covered some of them; for what nobody who is able to was planned, that."""
        found = {reason for reason, about in self.why.items() if about & cells}
        if cells & ~union(self.why.values()):
            found.add(GapReason.NOBODY_PLANNED)
        return tuple(sorted(found))


def _filled(since: dict[datetime, _Open], covered: int, at: datetime | None, crew: Crew) -> Iterator[Hole]:
    """What of the open cells is covered from an instant on."""
    for begun, one in list(since.items()):
        filled = one.cells & covered
        if filled:
            yield Hole(begun, at, named(filled, crew.cells), one.reasons(filled))
            one.cells &= ~filled
        if not one.cells:
            del since[begun]
