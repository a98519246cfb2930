"""Do the files of a catalogue agree with each other? What one names, another must have."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from schemas.catalogue.fitting import misfits
from schemas.catalogue.parts import Apart, Untrue
from schemas.words import Language, Signal

if TYPE_CHECKING:
    from schemas.catalogue.release import Catalogue

ALWAYS_STAFFED = ("emergency", "suicide_line", "minors_line", "domestic_violence")


def disagreements(catalogue: "Catalogue") -> Iterator[Apart | Untrue]:
    """Every contradiction between two files, as an error that names the file to put right."""
    yield from _words(catalogue)
    yield from _signposts(catalogue)
    yield from _skills(catalogue)
    yield from misfits(catalogue)
    yield from _duplicates(catalogue)
    yield from _platforms(catalogue)
    yield from _coverage(catalogue)


def _words(catalogue: "Catalogue") -> Iterator[Apart]:
    index = catalogue.advice
    for language in Language:
        file, words = f"advice_{language}", catalogue.words(language)
        if words.language is not language:
            yield Apart(f"language: {language} is what the file is named for", file=file)
        for part, there, wanted in (
            ("codes", words.codes.keys(), catalogue.incidents.codes.keys()),
            ("signals", words.signals.keys(), set(Signal)),
            ("ask", words.ask.keys(), set(index.ask)),
        ):
            if there != wanted:
                yield Apart(f"{part}: {', '.join(sorted(there ^ wanted))} in one of the files only", file=file)
        for code, signpost in index.codes.items():
            if code in words.codes and len(words.codes[code].say) < max(signpost.noticed, default=0):
                yield Apart(f"codes/{code}/say: fewer steps than advice says others could notice", file=file)


def _signposts(catalogue: "Catalogue") -> Iterator[Apart | Untrue]:
    index, known = catalogue.advice, catalogue.referrals.keys
    if index.codes.keys() != catalogue.incidents.codes.keys():
        yield Apart("codes: other codes than incidents", file="advice")
    unasked = [field for field in index.ask if field not in catalogue.incidents.always]
    if unasked or set(index.skipped_in_p0) - set(index.ask):
        yield Apart(f"ask: {', '.join(unasked) or 'what is skipped'} is nothing that is always asked", file="advice")
    for place, keys in (
        *((f"codes/{code}/refer", signpost.refer) for code, signpost in index.codes.items()),
        *((f"signals/{signal}/refer", signpost.refer) for signal, signpost in index.signals.items()),
        ("first", index.first),
        ("optional", index.optional),
    ):
        unknown = [key for key in keys if key not in known]
        if unknown:
            yield Apart(f"{place}: {', '.join(unknown)} is no key of referrals", file="advice")
    yield from _night_lines(catalogue)


def _night_lines(catalogue: "Catalogue") -> Iterator[Untrue]:
    """At night, too, somebody answers in every country we know: a line that closes is never the only one (DOMAIN section 2.2)."""
    referrals = catalogue.referrals
    for name in ALWAYS_STAFFED:
        for country, lines in referrals.keys[name].countries.items() if name in referrals.keys else ():
            if not any(referrals.lines[line].always_open for line in lines):
                yield Untrue(f"keys/{name}/{country}: no line of it is always open", file="referrals")


def _skills(catalogue: "Catalogue") -> Iterator[Untrue]:
    codes = catalogue.incidents.codes
    for name, skill in catalogue.skills.skills.items():
        for code in skill.codes:
            concerned = {codes[code].lead, *codes[code].support} if code in codes else set()
            if not concerned & set(skill.pillars):
                yield Untrue(f"skills/{name}/codes: {code} has no track of its pillars", file="skills")


def _duplicates(catalogue: "Catalogue") -> Iterator[Apart]:
    """Two reports are compared by what their code asks, and by nothing else."""
    incidents = catalogue.incidents
    for code, lines in catalogue.cases.duplicates.keys.items():
        if code not in incidents.codes:
            yield Apart(f"duplicates/keys/{code}: no such incident code", file="cases")
            continue
        asked = {*incidents.always, *incidents.codes[code].ask}
        unasked = [name for line in lines for name in line if name not in asked]
        if unasked:
            yield Apart(f"duplicates/keys/{code}: {', '.join(unasked)} is not asked", file="cases")


def _platforms(catalogue: "Catalogue") -> Iterator[Apart]:
    for name, kind in catalogue.platforms.kinds.items():
        for code in kind.codes:
            if code not in catalogue.incidents.codes:
                yield Apart(f"kinds/{name}/codes: {code} is no incident code", file="platforms")


def _coverage(catalogue: "Catalogue") -> Iterator[Apart]:
    ahead, regions = catalogue.work.ahead.languages, catalogue.desks.regions
    if ahead and ahead.keys() != regions.keys():
        yield Apart(
            f"ahead/languages: {', '.join(sorted(ahead.keys() ^ regions.keys()))} in one of the files only", file="work"
        )
    for region, languages in ahead.items():
        if missing := [one for one in languages if one not in catalogue.skills.languages]:
            yield Apart(f"ahead/languages/{region}: {missing[0]} is no language of ours", file="work")
