"""What is said in the first minutes, and whom to turn to? By code and signal, in the caller's language (DOMAIN section 3.2)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from schemas.base import Explanation
from schemas.catalogue import Catalogue
from schemas.catalogue.advice import CodeWords, SignalWords, Signpost
from schemas.catalogue.parts import Checked, Sourced
from schemas.catalogue.referrals import Audience
from schemas.words import Band, Language, Signal
from services.rules.platform_reports import PlatformReports, reports_to
from services.rules.referring import Referral, Where, lines_of


@dataclass(frozen=True, slots=True)
class Situation:
    """What advice depends on. `languages` are wishes in order (the caller's, the household's); `platform` is where it
    happened, in the caller's word; `answered` names fields and facts."""

    codes: tuple[str, ...]
    signals: tuple[Signal, ...]
    band: Band
    covert: bool = False
    languages: tuple[str | None, ...] = ()
    country: str | None = None
    victim: Audience | None = None
    platform: str | None = None
    answered: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Spoken:
    """What is said about one code or signal: what to keep, steps in order, and what whoever takes the call never says or does.

    `ask` names the extra facts of a code that nobody has told yet; `source` is whom the advice comes from, `checked` whether these
    words of it were.
    """

    about: str
    say: tuple[str, ...]
    never: tuple[str, ...]
    source: str
    checked: Checked
    keep: str | None = None
    ask: tuple[str, ...] = ()
    held_back: int = 0


@dataclass(frozen=True, slots=True)
class Advice:
    """The first minutes of a case. `aloud_only`: nothing of it may be sent or written down where somebody else could read it.

    `words` is the sheet it was taken from: its source, and whether somebody has checked it.
    """

    language: Language
    words: Sourced
    always: tuple[str, ...]
    safety: tuple[Spoken, ...]
    codes: tuple[Spoken, ...]
    never: tuple[str, ...]
    ask: tuple[tuple[str, str], ...]
    referrals: tuple[Referral, ...]
    platform: PlatformReports | None
    aloud_only: bool
    explanation: Explanation


def advise(situation: Situation, catalogue: Catalogue) -> Advice:
    """Advice and referrals for all codes and signals of a case: safety first, then the codes in the order given. A covert case
    is told no step that somebody near the caller could notice, and no report that whoever is reported would."""
    language, chosen_by = language_of(situation.languages, situation.country, catalogue)
    words, index = catalogue.words(language), catalogue.advice
    signals = [signal for signal in index.floor if signal in situation.signals]
    codes = [code for code in dict.fromkeys(situation.codes) if code in index.codes]
    covert = situation.covert
    safety = tuple(_spoken(one, words.signals[one], index.signals[one], covert=covert) for one in signals)
    spoken = tuple(
        replace(_spoken(one, words.codes[one], index.codes[one], covert=covert), ask=_facts(one, situation, catalogue))
        for one in codes
    )
    where = Where(situation.country, language, situation.victim)
    found = [line for key in _keys(situation, signals, codes, catalogue) for line in lines_of(key, where, catalogue)]
    inputs = {"codes": ",".join(codes), "signals": ",".join(signals), "language": language, "language_by": chosen_by}
    return Advice(
        language=language,
        words=words,
        always=words.always + (words.covert if covert else ()),
        safety=safety,
        codes=spoken,
        never=words.never,
        ask=tuple((field, words.ask[field]) for field in _open_questions(situation, catalogue)),
        referrals=_once(found),
        platform=None if covert else _platform(situation, codes, language, catalogue),
        aloud_only=covert or Signal.PHYSICAL_DANGER in signals,
        explanation=_explanation(situation, safety + spoken, inputs, catalogue.version),
    )


def _explanation(situation: Situation, parts: tuple[Spoken, ...], inputs: dict[str, str], version: str) -> Explanation:
    held_back = sum(one.held_back for one in parts)
    return Explanation(
        rule="advice:covert" if situation.covert else "advice:first_minutes",
        catalogue=version,
        inputs=inputs | {"country": situation.country or "unknown"},
        rejected={"could_be_noticed": held_back} if held_back else {},
    )


def language_of(wishes: Iterable[str | None], country: str | None, catalogue: Catalogue) -> tuple[Language, str]:
    """The language spoken, and why: the first wish we speak, else the country's, else the default."""
    for wish in wishes:
        tag = (wish or "").lower().replace("_", "-").partition("-")[0]
        if tag in Language.__members__.values():
            return Language(tag), "wish"
    spoken = catalogue.advice.languages
    by_country = spoken.by_country.get((country or "").upper())
    return (by_country, "country") if by_country else (spoken.default, "default")


def _spoken(about: str, words: CodeWords | SignalWords, signpost: Signpost, *, covert: bool) -> Spoken:
    """The words about one code or signal, without the steps that a covert case is not told."""
    say = tuple(step for number, step in enumerate(words.say, 1) if not (covert and number in signpost.noticed))
    keep = words.keep if isinstance(words, CodeWords) else None
    held_back = len(words.say) - len(say)
    return Spoken(about, say, words.never, source=signpost.source, checked=words, keep=keep, held_back=held_back)


def _platform(
    situation: Situation, codes: list[str], language: Language, catalogue: Catalogue
) -> PlatformReports | None:
    return reports_to(situation.platform, codes, situation.signals, language=language, platforms=catalogue.platforms)


def _keys(situation: Situation, signals: Iterable[Signal], codes: Iterable[str], catalogue: Catalogue) -> list[str]:
    """Referral keys in order, each once: emergency services a code calls for, the safety floor, the codes, tools for calm days."""
    index = catalogue.advice
    floor = [key for signal in signals for key in index.signals[signal].refer]
    of_codes = [key for code in codes for key in index.codes[code].refer]
    calm = not situation.covert and situation.band is not Band.P0
    ordered = [key for key in of_codes if key in index.first] + floor + of_codes + list(index.optional if calm else ())
    return list(dict.fromkeys(ordered))


def _once(found: Iterable[Referral]) -> tuple[Referral, ...]:
    """Each place once, where it is named first, with every key it answers to."""
    places: dict[str, Referral] = {}
    for one in found:
        known = places.get(one.line)
        places[one.line] = replace(known, keys=known.keys + one.keys) if known else one
    return tuple(places.values())


def _facts(code: str, situation: Situation, catalogue: Catalogue) -> tuple[str, ...]:
    known = {*situation.answered, *catalogue.advice.ask}
    return tuple(name for name in catalogue.incidents.codes[code].ask if name not in known)


def _open_questions(situation: Situation, catalogue: Catalogue) -> list[str]:
    index = catalogue.advice
    skipped = index.skipped_in_p0 if situation.band is Band.P0 else ()
    return [field for field in index.ask if field not in skipped and field not in situation.answered]
