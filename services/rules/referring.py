"""Whom do we refer to? The lines of a key in the caller's country and language, for the victim's age (DOMAIN section 3.3)."""

from dataclasses import dataclass
from datetime import date

from schemas.catalogue import Catalogue
from schemas.catalogue.referrals import Audience, By, Key, Line
from schemas.words import Language


@dataclass(frozen=True, slots=True)
class Where:
    """Where a caller is, what they speak, and whether the victim is a minor; `None` is not known."""

    country: str | None
    language: Language
    victim: Audience | None


@dataclass(frozen=True, slots=True)
class Referral:
    """One place to turn to, with the keys it answers to and the countries it is for (none: anywhere else)."""

    keys: tuple[str, ...]
    line: str
    name: str
    contact: str | None
    by: By
    countries: tuple[str, ...]
    languages: tuple[Language, ...]
    always_open: bool | None
    source: str
    verified: bool
    checked_on: date | None


def lines_of(key: str, where: Where, catalogue: Catalogue) -> list[Referral]:
    """The lines of a key, best first. In an unknown country those of every country we know: a wrong number helps nobody."""
    referrals = catalogue.referrals
    entry = referrals.keys[key]
    found: list[Referral] = []
    for name, countries in _places(entry, where, catalogue).items():
        line = referrals.lines[name]
        audience = line.audience or entry.audience
        if audience is None or where.victim is None or audience is where.victim:
            found.append(_referral(key, name, line, countries=countries, language=where.language))
    return found


def _places(entry: Key, where: Where, catalogue: Catalogue) -> dict[str, tuple[str, ...]]:
    """Line names and the countries they are for, in order."""
    if where.country is not None:
        country = where.country.upper()
        known = country in entry.countries
        return dict.fromkeys(_understood(entry.lines_in(country), where, catalogue), (country,) if known else ())
    spoken_in = catalogue.advice.languages.by_country
    places: dict[str, tuple[str, ...]] = {}
    for country in sorted(entry.countries, key=lambda one: (spoken_in.get(one) is not where.language, one)):
        for name in _understood(entry.countries[country], where, catalogue):
            places[name] = (*places.get(name, ()), country)
    return places or dict.fromkeys(entry.elsewhere, ())


def _understood(names: tuple[str, ...], where: Where, catalogue: Catalogue) -> list[str]:
    """Lines that speak the caller's language first; the others go unless none speaks it, or only they answer at night."""
    lines = {name: catalogue.referrals.lines[name] for name in names}
    speaking = [name for name, line in lines.items() if not line.languages or where.language in line.languages]
    others = [name for name in names if name not in speaking]
    served = any(where.language in line.languages for line in lines.values())
    open_at_night = any(lines[name].always_open for name in speaking)
    needed = not served or (not open_at_night and any(lines[name].always_open for name in others))
    return speaking + others if needed else speaking


def _referral(key: str, name: str, line: Line, *, countries: tuple[str, ...], language: Language) -> Referral:
    return Referral(
        keys=(key,),
        line=name,
        name=line.called(language),
        contact=line.contact,
        by=line.by,
        countries=countries,
        languages=line.languages,
        always_open=line.always_open,
        source=line.source,
        verified=line.verified,
        checked_on=line.checked_on,
    )
