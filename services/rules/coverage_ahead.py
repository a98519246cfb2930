"""Is there somebody on the rota for everything that may come? By skill, language and clearance of a desk, as far as is looked ahead."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from schemas.catalogue import Catalogue
from schemas.gaps import GapReason
from schemas.rosters import RosterEntry
from schemas.words import Clearance, Pillar
from services.rules.needs import Needs
from services.rules.rota import Span

ANY = "any"
Until = Mapping[str, datetime | None]  # who is able to, and until when


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


def able_until(who: Iterable[str], cell: Cell, roster: Mapping[str, RosterEntry]) -> dict[str, datetime | None]:
    """Of people able today: until when, for a skill that expires."""
    found: dict[str, datetime | None] = {}
    for one in who:
        known = roster[one].training.get(cell.skill) if one in roster else None
        expires = known.expires_on if known is not None else None
        found[one] = None if expires is None else _end_of(expires)
    return found


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time(), UTC) + timedelta(days=1)


def holes(
    spans: Sequence[Span],
    able: Mapping[str, Until],
    cannot: Mapping[str, GapReason],
    *,
    begins: datetime,
    ends: datetime,
) -> list[Hole]:
    """What nobody covers from `begins` to `ends`: cells (by name) with the same hole together, the soonest first."""
    cells: dict[tuple[datetime, datetime], list[str]] = {}
    why: dict[tuple[datetime, datetime], set[GapReason]] = {}
    for name, until in able.items():
        fit = {who: end for who, end in until.items() if who not in cannot}
        for hole in _holes(spans, fit, begins, ends):
            cells.setdefault(hole, []).append(name)
            why.setdefault(hole, set()).update(_reasons(spans, until, cannot, hole))
    return [
        Hole(start, None if end == ends else end, tuple(cells[start, end]), tuple(sorted(why[start, end])))
        for start, end in sorted(cells)
    ]


def _holes(spans: Iterable[Span], able: Until, begins: datetime, ends: datetime) -> Iterator[tuple[datetime, datetime]]:
    covered = begins
    for span in spans:
        if span.who is None or span.who not in able:
            continue
        until = able[span.who]
        end = span.ends if until is None else min(span.ends, until)
        if end <= max(covered, span.begins):
            continue
        if span.begins >= ends:
            break
        if span.begins > covered:
            yield covered, span.begins
        covered = end
    if covered < ends:
        yield covered, ends


def _reasons(
    spans: Iterable[Span], able: Until, cannot: Mapping[str, GapReason], hole: tuple[datetime, datetime]
) -> set[GapReason]:
    """What keeps a hole open: whoever was planned and able is away or cannot be reached, or those who work are not able to."""
    found: set[GapReason] = set()
    for span in spans:
        if span.begins >= hole[1] or span.ends <= hole[0]:
            continue
        if span.reason is not None:
            if span.planned is None or span.planned in able:
                found.add(span.reason)
        elif span.who is not None:
            found.add(cannot.get(span.who, GapReason.NOT_ABLE))
    return found or {GapReason.NOBODY_PLANNED}
