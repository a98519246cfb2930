"""Is there somebody on the rota for everything that may come? By skill, language and clearance of a desk, as far as is looked ahead."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from schemas.catalogue import Catalogue
from schemas.gaps import GapReason
from schemas.rosters import RosterEntry
from schemas.words import Clearance, Pillar
from services.rules.needs import Needs, lacks
from services.rules.rota import Span

ANY = "any"


@dataclass(frozen=True, slots=True)
class Cell:
    """One kind of work: a skill (`any`: none in particular), a language, a clearance if its victims ask for one."""

    skill: str
    language: str
    clearance: Clearance | None
    needs: Needs

    @property
    def name(self) -> str:
        """`<skill>/<language>[/<clearance>]`."""
        return "/".join(part for part in (self.skill, self.language, self.clearance) if part)


@dataclass(frozen=True, slots=True)
class Hole:
    """Nobody covers these cells from `begins` on, until `ends` unless that lies beyond what was looked at."""

    begins: datetime
    ends: datetime | None
    cells: tuple[str, ...]
    reasons: tuple[GapReason, ...]


@lru_cache(maxsize=256)
def cells_of(desk_id: str, catalogue: Catalogue) -> tuple[Cell, ...]:
    """Every kind of work that may come to a desk: `<pillar>-<region>`."""
    pillar, _, region = desk_id.partition("-")
    known = catalogue.desks.regions.get(region)
    languages = catalogue.work.ahead.languages.get(region, ()) or (known.languages if known else ())
    skills = [name for name, skill in sorted(catalogue.skills.skills.items()) if Pillar(pillar) in skill.pillars]
    clearances = (None, *sorted(catalogue.work.clearances))
    return tuple(
        Cell(skill, language, clearance, _needs(skill, language, clearance, catalogue))
        for skill in (ANY, *skills)
        for language in languages
        for clearance in clearances
    )


def _needs(skill: str, language: str, clearance: Clearance | None, catalogue: Catalogue) -> Needs:
    first = catalogue.work.search[0]
    return Needs(
        skills=() if skill == ANY else (skill,),
        level=first.level,
        stand_in=None,
        language=language,
        fluency=first.fluency,
        interpreted=False,
        clearances=() if clearance is None else (clearance,),
        presences=first.presence,
    )


def unfit(people: Iterable[str], roster: Mapping[str, RosterEntry]) -> dict[str, GapReason]:
    """Who on a rota cannot be on duty at all, and why."""
    found: dict[str, GapReason] = {}
    for who in people:
        entry = roster.get(who)
        if entry is None:
            found[who] = GapReason.NOT_IN_ROSTER
        elif not any(method.verified for method in entry.methods):
            found[who] = GapReason.NO_VERIFIED_METHOD
    return found


# Cells as a number: the n-th is bit `n * LANE`, so that sums of such numbers count how often each of them is in it.
LANE = 16
MOST = 2**15 - 1


@dataclass(frozen=True, slots=True)
class Able:
    """What somebody is able to take, as cells: always, and each of `ending` until an instant."""

    lasting: int
    ending: tuple[tuple[datetime, int], ...] = ()

    def at(self, instant: datetime) -> int:
        """What of it at an instant."""
        found = self.lasting
        for until, cells in self.ending:
            if instant < until:
                found |= cells
        return found


NOTHING = Able(0)


def able(entry: RosterEntry, cells: Iterable[Cell]) -> Able:
    """What somebody is able to take, until the end of the day (UTC) on which their training in the skill expires."""
    lasting = 0
    ending: dict[datetime, int] = {}
    for number, cell in enumerate(cells):
        if lacks(entry, cell.needs, date.min) is not None:
            continue
        known = entry.training.get(cell.skill)
        if known is None or known.expires_on is None:
            lasting |= 1 << number * LANE
        else:
            until = datetime.combine(known.expires_on, time(), UTC) + timedelta(days=1)
            ending[until] = ending.get(until, 0) | 1 << number * LANE
    return Able(lasting, tuple(sorted(ending.items())))


def all_of(cells: Sequence[Cell]) -> int:
    """Every cell once."""
    return sum(1 << number * LANE for number in range(len(cells)))


def named(found: int, cells: Sequence[Cell]) -> tuple[str, ...]:
    """The names of the cells in a number."""
    return tuple(cell.name for number, cell in enumerate(cells) if found >> number * LANE & 1)


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
    everything, counted = all_of(crew.cells), dict.fromkeys(sums.changes, 0)
    found: list[Hole] = []
    since: dict[datetime, _Open] = {}
    before = 0
    for at in sums.instants(ends):
        for what, changes in sums.changes.items():
            counted[what] += changes.get(at, 0)
        lacking = everything & ~_some(counted[COVERED], everything)
        if lacking != before:
            found += _filled(since, ~lacking, at, crew)
            if lacking & ~before:
                since[at] = _Open(lacking & ~before)
            before = lacking
        if lacking:
            why = {what: _some(count, everything) for what, count in counted.items() if what is not COVERED and count}
            for one in since.values():
                one.add(why)
    found += _filled(since, everything, None, crew)
    return sorted(found, key=lambda one: (one.begins, one.ends or ends))


COVERED = None


class _Sums:
    """How many cover each cell, and how many times each reason keeps it open: what is added to the counts at which instant."""

    def __init__(self, crew: Crew, begins: datetime) -> None:
        self.crew, self.begins, self.everything = crew, begins, all_of(crew.cells)
        self.changes: dict[GapReason | None, dict[datetime, int]] = {COVERED: {begins: 0}}

    def add(self, span: Span) -> None:
        """Whoever works covers what they are able to, and are not able to take the rest; nobody has a reason, which counts for what
        whoever was planned is able to take."""
        if span.who is None:
            of = self.everything if span.planned is None else self.crew.able.get(span.planned, NOTHING).at(self.begins)
            self._count(span.reason or GapReason.NOBODY_PLANNED, of, span.begins, span.ends)
            return
        cannot = self.crew.cannot.get(span.who)
        self._count(cannot or GapReason.NOT_ABLE, self.everything, span.begins, span.ends)
        if cannot is None:
            does = self.crew.able.get(span.who, NOTHING)
            self._count(COVERED, does.lasting, span.begins, span.ends)
            for until, cells in does.ending:
                self._count(COVERED, cells, span.begins, min(span.ends, until))

    def _count(self, what: GapReason | None, cells: int, begins: datetime, ends: datetime) -> None:
        begins = max(begins, self.begins)
        if begins < ends:
            changes = self.changes.setdefault(what, {})
            changes[begins] = changes.get(begins, 0) + cells
            changes[ends] = changes.get(ends, 0) - cells

    def instants(self, ends: datetime) -> list[datetime]:
        """When any count changes, before an instant."""
        return sorted(at for at in {at for changes in self.changes.values() for at in changes} if at < ends)


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
        if cells & ~_union(self.why.values()):
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


def _some(counts: int, everything: int) -> int:
    """Which cells are counted at least once: adding `MOST` carries into the highest bit of its lane."""
    return counts + everything * MOST >> LANE - 1 & everything


def _union(all_: Iterable[int]) -> int:
    found = 0
    for one in all_:
        found |= one
    return found
