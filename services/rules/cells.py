"""What may come to a desk, and what of it is somebody able to take? By skill, language and clearance."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from schemas.catalogue import Catalogue
from schemas.rosters import RosterEntry
from schemas.words import Clearance, Pillar
from services.rules.needs import Needs, lacks

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


def some_of(counts: int, everything: int) -> int:
    """Which cells are counted at least once: adding `MOST` carries into the highest bit of its lane."""
    return counts + everything * MOST >> LANE - 1 & everything


def union(all_: Iterable[int]) -> int:
    """Every cell that is in any of these."""
    found = 0
    for one in all_:
        found |= one
    return found
