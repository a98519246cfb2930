"""Which safety signals do these words hold? Detection may add a signal, never remove one (DOMAIN section 4)."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import permutations

from schemas.detection import LANGUAGES, Language, load
from schemas.detection.language import Reach, Rule
from schemas.reports import ReportBody
from schemas.words import Signal
from services.rules.plain_words import plain_words
from services.rules.saying import Said, Sequence
from services.rules.vocabulary import Vocabulary
from services.rules.wording import vocabulary

_ORDER = {signal: number for number, signal in enumerate(Signal)}


@dataclass(frozen=True, slots=True)
class Detected:
    """A signal, the rule that saw it and the rule's language; never the words."""

    signal: Signal
    rule: str
    language: str


@dataclass(frozen=True, slots=True)
class _Detector:
    """The rules of some languages by number; each order of a rule's groups is found by the group fewest words stand for."""

    vocabulary: Vocabulary
    rules: tuple[Detected, ...]
    sequences: dict[str, tuple[tuple[Sequence, int], ...]]


def detect(text: str, language: str | None) -> tuple[Detected, ...]:
    """The signals in `text`, each rule once, by signal, language and rule.

    `language` is one of ours; any other, or none, tries all four. Pure: the same text gives the same answer, and no part of it.
    """
    detector = _detector(language if language in LANGUAGES else None)
    words = plain_words(text)
    said = Said.of(words, detector.vocabulary.find(words))
    found: set[int] = set()
    for group in said.hits:
        for sequence, rule in detector.sequences.get(group, ()):
            if rule not in found and said.holds(sequence):
                found.add(rule)
    return tuple(detector.rules[number] for number in sorted(found))


def signals_in(body: ReportBody) -> tuple[Detected, ...]:
    """The signals in a report's free text. All languages are tried: `language` is the victim's, who wrote may have another."""
    return detect(body.personal.free_text, None) if body.personal.free_text else ()


def prepare() -> None:
    """Reads and indexes the words of all languages, about a second, so that no report has to wait for it."""
    _detector(None)


_loaded = cache(load)


@cache
def _detector(language: str | None) -> _Detector:
    languages = tuple(one for one in _loaded() if language in (None, one.language))
    rules = {
        Detected(signal, name, one.language): list(_sequences(one, rule))
        for one in languages
        for signal, name, rule in one.each_rule()
    }
    numbered = sorted(rules, key=lambda rule: (_ORDER[rule.signal], rule.language, rule.rule))
    sequences: dict[str, list[tuple[Sequence, int]]] = {}
    for number, rule in enumerate(numbered):
        for sequence in rules[rule]:
            sequences.setdefault(sequence.rarest[0], []).append((sequence, number))
    return _Detector(
        vocabulary(languages), tuple(numbered), {rarest: tuple(found) for rarest, found in sequences.items()}
    )


def _sequences(language: Language, rule: Rule) -> Iterator[Sequence]:
    """Every order in which a rule's groups may stand."""
    for said in rule.say:
        for ordered in permutations(said) if rule.reach is Reach.SENTENCE else (said,):
            yield Sequence.of(ordered, rule, language)
