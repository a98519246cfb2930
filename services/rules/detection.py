"""Which safety signals do these words hold? Detection may add a signal, never remove one (DOMAIN section 4)."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import permutations

from schemas.detection import LANGUAGES, Language, load
from schemas.detection.language import Denial, Reach, Rule
from schemas.reports import ReportBody
from schemas.words import Signal
from services.rules.plain_words import PlainWords, plain_words
from services.rules.vocabulary import Hits, Span, Vocabulary, vocabulary

_ORDER = {signal: number for number, signal in enumerate(Signal)}


@dataclass(frozen=True, slots=True)
class Detected:
    """A signal, the rule that saw it and the rule's language; never the words."""

    signal: Signal
    rule: str
    language: str


@dataclass(frozen=True, slots=True)
class _Sequence:
    groups: tuple[str, ...]
    rule: Rule
    detected: Detected


@dataclass(frozen=True, slots=True)
class _Detector:
    """The rules of some languages by the group a match begins with."""

    vocabulary: Vocabulary
    sequences: dict[str, tuple[_Sequence, ...]]
    negations: dict[str, tuple[int, int]]


def detect(text: str, language: str | None) -> tuple[Detected, ...]:
    """The signals in `text`, each rule once, by signal, language and rule.

    `language` is one of ours; any other, or none, tries all four. Pure: the same text gives the same answer, and no part of it.
    """
    detector = _detector(language if language in LANGUAGES else None)
    words = plain_words(text)
    hits = detector.vocabulary.find(words)
    found = {
        sequence.detected
        for group in hits
        for sequence in detector.sequences.get(group, ())
        if hits.keys() >= set(sequence.groups) and _said(sequence, words, hits, detector)
    }
    return tuple(sorted(found, key=lambda one: (_ORDER[one.signal], one.language, one.rule)))


def signals_in(body: ReportBody) -> tuple[Detected, ...]:
    """The signals in a report's free text. All languages are tried: `language` is the victim's, who wrote may have another."""
    return detect(body.personal.free_text, None) if body.personal.free_text else ()


@cache
def _detector(language: str | None) -> _Detector:
    languages = tuple(one for one in load() if language in (None, one.language))
    sequences: dict[str, list[_Sequence]] = {}
    for one in languages:
        for signal, name, rule in one.each_rule():
            for groups in _orders(one, rule):
                sequences.setdefault(groups[0], []).append(
                    _Sequence(groups, rule, Detected(signal, name, one.language))
                )
    return _Detector(
        vocabulary(languages),
        {first: tuple(found) for first, found in sequences.items()},
        {one.language: (one.negation.before, one.negation.after) for one in languages},
    )


def _orders(language: Language, rule: Rule) -> Iterator[tuple[str, ...]]:
    for said in rule.say:
        groups = tuple(f"{language.language}.{name}" for name in said)
        yield from permutations(groups) if rule.reach is Reach.SENTENCE else (groups,)


def _said(sequence: _Sequence, words: PlainWords, hits: Hits, detector: _Detector) -> bool:
    if sequence.rule.reach is Reach.TEXT:
        return all(
            any(not _denied((span,), sequence, words, hits, detector) for span in hits[group])
            for group in sequence.groups
        )
    return any(
        not _denied(spans, sequence, words, hits, detector) and not _excused(spans[0], sequence, words, hits)
        for span in hits[sequence.groups[0]]
        for spans in _matches((span,), sequence, words, hits)
    )


def _matches(begun: tuple[Span, ...], sequence: _Sequence, words: PlainWords, hits: Hits) -> Iterator[tuple[Span, ...]]:
    """Every way to go on from the spans that were matched so far."""
    if len(begun) == len(sequence.groups):
        yield begun
        return
    end = begun[-1][1]
    for span in hits[sequence.groups[len(begun)]]:
        if end < span[0] <= end + 1 + sequence.rule.within and words.sentences[end] == words.sentences[span[0]]:
            yield from _matches((*begun, span), sequence, words, hits)


def _denied(spans: tuple[Span, ...], sequence: _Sequence, words: PlainWords, hits: Hits, detector: _Detector) -> bool:
    """Whether a negation stands inside what was said or reaches it from beside."""
    language = sequence.detected.language
    denials = hits.get(f"{language}.(not)")
    if denials is None or sequence.rule.denied is Denial.NEVER:
        return False
    first, last = spans[0][0], spans[-1][1]
    said = {place for start, end in spans for place in range(start, end + 1)}
    inside = range(first, last + 1)
    if any(start in inside and start not in said for start, _ in denials):
        return True
    if sequence.rule.denied is Denial.INSIDE:
        return False
    places = {place for span in denials for place in span}
    stops = {place for span in hits.get(f"{language}.(stop)", ()) for place in span}
    before, after = detector.negations[language]
    ahead = range(first - 1, first - 1 - (0 if first in stops else before), -1)  # who begins anew was not denied
    return any(
        _reached(reach, (first, last), places, stops, words) for reach in (ahead, range(last + 1, last + 1 + after))
    )


def _reached(reach: range, around: Span, denials: set[int], stops: set[int], words: PlainWords) -> bool:
    beside = around[0] if reach.step < 0 else around[1]
    for place in reach:
        if not 0 <= place < len(words.words) or words.clauses[place] != words.clauses[beside]:
            return False
        if place in denials:
            return True
        if place in stops:
            return False
    return False


def _excused(span: Span, sequence: _Sequence, words: PlainWords, hits: Hits) -> bool:
    """Whether the sentence holds what takes the rule's meaning away."""
    sentence = words.sentences[span[0]]
    return any(
        words.sentences[start] == sentence
        for name in sequence.rule.unless
        for start, _ in hits.get(f"{sequence.detected.language}.{name}", ())
    )
