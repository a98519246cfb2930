"""How is it reported to the platform it happened on? By its own routes for what happened, with what they need (DOMAIN section 9)."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from schemas.catalogue.parts import Sourced
from schemas.catalogue.platforms import Expected, Platforms
from schemas.words import Language, Signal


@dataclass(frozen=True, slots=True)
class Route:
    """One kind of report: its name, where to begin, for which of the case's codes, what to have at hand; `told_by` who says so."""

    kind: str
    name: str
    how: str
    codes: tuple[str, ...]
    evidence: tuple[str, ...]
    expected: Expected
    told_by: Sourced


@dataclass(frozen=True, slots=True)
class PlatformReports:
    """The reports a platform (its id, and its name) takes about a case."""

    platform: str
    name: str
    routes: tuple[Route, ...]
    told_by: Sourced


def reports_to(
    said: str | None, codes: Collection[str], signals: Collection[Signal], *, language: Language, platforms: Platforms
) -> PlatformReports | None:
    """The reports to the platform that was named, by any of its names; none when nobody knows it or it takes none of these.

    Where a child's sexual image may be, nothing is asked for that would show it again (DOMAIN section 3.2).
    """
    found = platforms.find(said) if said else None
    if found is None:
        return None
    shown = Signal.CHILD_SEXUAL_CONTENT not in signals
    routes = tuple(_routes(found, codes, language=language, shown=shown, platforms=platforms))
    platform = platforms.platforms[found]
    return PlatformReports(found, platform.name, routes, platform) if routes else None


def _routes(
    found: str, codes: Collection[str], *, language: Language, shown: bool, platforms: Platforms
) -> Iterator[Route]:
    platform = platforms.platforms[found]
    for name, route in platform.routes.items():
        kind = platforms.kinds[name]
        mine = tuple(code for code in codes if code in kind.codes)
        if mine:
            needed = [platforms.evidence[one] for one in dict.fromkeys((*kind.evidence, *platform.identified_by))]
            yield Route(
                kind=name,
                name=kind.name[language],
                how=platforms.ways[route.by][language],
                codes=mine,
                evidence=tuple(one.name[language] for one in needed if shown or not one.shows_it),
                expected=route.expected or kind.expected,
                told_by=kind,
            )
