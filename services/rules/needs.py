"""What must somebody be able to do who takes this track? Skills, language, clearances: hard, the same for all (DOMAIN section 7)."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from schemas.catalogue import Catalogue
from schemas.dispatch import DispatchTaken
from schemas.rosters import USUAL_LEVEL, RosterEntry
from schemas.words import Band, Clearance, Fluency, Pillar, Presence, Signal


@dataclass(frozen=True, slots=True)
class Needs:
    """What a track asks for at one step of its search.

    `skills`: each at `level` or above; whoever has `stands_in` needs not have the skill it stands in for. `language`: spoken as one of
    `fluency`; with `interpreted` somebody who does not speak it takes it through an interpreter. `presences`: who is asked at all.
    """

    skills: tuple[str, ...]
    level: int
    stand_in: tuple[str, str] | None
    language: str | None
    fluency: tuple[Fluency, ...]
    interpreted: bool
    clearances: tuple[Clearance, ...]
    presences: tuple[Presence, ...]


def needs_of(dispatch: DispatchTaken, step: int, catalogue: Catalogue) -> Needs:
    """What this track asks for at a step of its search (the last one, when there are fewer)."""
    codes, signals = (dispatch.code, *dispatch.secondary_codes), dispatch.signals
    about = (dispatch.pillar, codes, signals, dispatch.language, dispatch.covert, dispatch.band is Band.P0)
    return _needs(about, min(step, len(catalogue.work.search) - 1), catalogue)


@lru_cache(maxsize=8_192)
def _needs(
    about: tuple[Pillar, tuple[str, ...], tuple[Signal, ...], str | None, bool, bool], step: int, catalogue: Catalogue
) -> Needs:
    pillar, codes, signals, language, covert, urgent = about
    asks, stand_in = catalogue.work.search[step], catalogue.skills.stand_in
    skills = catalogue.skills.needed(pillar, codes, signals)
    stands = urgent and step > 0 and stand_in.skill in skills
    spoken = language in catalogue.skills.languages
    cleared = {name for name, shown in catalogue.work.clearances.items() if not {*shown}.isdisjoint(signals)}
    if covert and Clearance.RESTRICTED in catalogue.work.clearances:
        cleared.add(Clearance.RESTRICTED)
    return Needs(
        skills=skills,
        level=asks.level,
        stand_in=(stand_in.skill, stand_in.by) if stands else None,
        language=language,
        fluency=asks.fluency,
        interpreted=language is not None and (not spoken or (urgent and step > 0)),
        clearances=tuple(sorted(cleared)),
        presences=asks.presence,
    )


def is_cleared(entry: RosterEntry, needs: Needs) -> bool:
    """Whether they may know such a case at all."""
    return {*needs.clearances} <= {*entry.clearances}


def lacks(entry: RosterEntry, needs: Needs, today: date) -> str | None:
    """What somebody lacks for it: `no_clearance`, `no_skill` or `no_language`; `None` when nothing."""
    if not is_cleared(entry, needs):
        return "no_clearance"
    if any(not _has(entry, skill, needs, today) for skill in needs.skills):
        return "no_skill"
    return "no_language" if not needs.interpreted and not speaks(entry, needs) else None


def is_hard(taken: DispatchTaken, catalogue: Catalogue) -> bool:
    """Whether a track is hard to bear, and shared out."""
    return catalogue.skills.is_hard((taken.code, *taken.secondary_codes), taken.signals)


def has_room(load: int, weight: int, capacity: int) -> bool:
    """Whether units of work still fit beside a load; whoever has nothing takes one of any weight."""
    return load <= 0 or load + weight <= capacity


def stands_in(entry: RosterEntry, taken: DispatchTaken, catalogue: Catalogue, today: date) -> bool:
    """Whether they have a track in place of somebody trained for it, who is to take it over (DOMAIN section 7)."""
    rule = catalogue.skills.stand_in
    if taken.band is not rule.band or level_of(entry, rule.skill, today) > 0:
        return False
    return rule.skill in needs_of(taken, 0, catalogue).skills


def speaks(entry: RosterEntry, needs: Needs) -> bool:
    """Whether they speak with the victim without anybody's help."""
    if needs.language is None:
        return True
    fluency = entry.fluency.get(needs.language, Fluency.CERTIFIED)
    return needs.language in entry.languages and fluency in needs.fluency


def level_of(entry: RosterEntry, skill: str, today: date) -> int:
    """How well somebody has a skill on a day: 1 to 5, 0 for not at all or no more."""
    if skill not in entry.skills:
        return 0
    known = entry.training.get(skill)
    if known is None:
        return USUAL_LEVEL
    return 0 if known.expires_on is not None and known.expires_on < today else known.level


def _has(entry: RosterEntry, skill: str, needs: Needs, today: date) -> bool:
    if level_of(entry, skill, today) >= needs.level:
        return True
    stand_in = needs.stand_in
    return stand_in is not None and skill == stand_in[0] and level_of(entry, stand_in[1], today) >= needs.level
