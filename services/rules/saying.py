"""Does a text say what a rule means? Groups of words in order and near each other, not denied, not excused."""

from bisect import bisect
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from schemas.detection import Language, Rule
from schemas.detection.language import Denial, Reach
from services.rules.plain_words import PlainWords
from services.rules.vocabulary import Hits, Span
from services.rules.wording import EVERYDAY, NOT, STOP


@dataclass(frozen=True, slots=True)
class Sequence:
    """One order of a rule's groups, with what excuses and what denies them, every group under its full name.

    `rarest` are the same groups, those that fewest words stand for first.
    """

    groups: tuple[str, ...]
    rarest: tuple[str, ...]
    within: int
    reach: Reach
    denied: Denial
    unless: tuple[str, ...]
    denials: str
    stops: str
    before: int
    after: int

    @classmethod
    def of(cls, names: tuple[str, ...], rule: Rule, language: Language) -> Self:
        """Of the groups called `names`, in this order."""
        prefix, negation = language.language, language.negation
        return cls(
            groups=tuple(f"{prefix}.{name}" for name in names),
            rarest=tuple(f"{prefix}.{name}" for name in sorted(names, key=lambda name: len(language.groups[name]))),
            within=rule.within,
            reach=rule.reach,
            denied=rule.denied,
            unless=tuple(f"{prefix}.{name}" for name in rule.unless),
            denials=f"{prefix}.{NOT}",
            stops=f"{prefix}.{STOP}",
            before=negation.before,
            after=negation.after,
        )


@dataclass(frozen=True, slots=True)
class Said:
    """A text by the groups it holds.

    `in_sentences` has a bit for each sentence that holds the group and may be of the group's language.
    """

    words: PlainWords
    hits: Hits
    in_sentences: dict[str, int]

    @classmethod
    def of(cls, words: PlainWords, hits: Hits) -> Self:
        """Of what was found in `words`."""
        found = {group: _sentences(spans, words) for group, spans in hits.items()}
        spoken = _spoken(words, hits)
        return cls(words, hits, {group: bits & spoken.get(group[:2], -1) for group, bits in found.items()})

    def holds(self, sequence: Sequence) -> bool:
        """Whether the text says it."""
        if sequence.reach is Reach.TEXT:
            return all(self._holds_alone(group, sequence) for group in sequence.groups)
        sentences = -1
        for group in sequence.rarest:
            sentences &= self.in_sentences.get(group, 0)
            if not sentences:
                return False
        for group in sequence.unless:
            sentences &= ~self.in_sentences.get(group, 0)
        return any(
            not self._denied(spans, sequence)
            for span in self.hits[sequence.groups[0]]
            if sentences >> self.words.sentences[span[0]] & 1
            for spans in self._matches((span,), sequence)
        )

    def _holds_alone(self, group: str, sequence: Sequence) -> bool:
        sentences = self.in_sentences.get(group, 0)
        for other in sequence.unless:
            sentences &= ~self.in_sentences.get(other, 0)
        return bool(sentences) and any(
            sentences >> self.words.sentences[span[0]] & 1 and not self._denied((span,), sequence)
            for span in self.hits[group]
        )

    def _matches(self, begun: tuple[Span, ...], sequence: Sequence) -> Iterator[tuple[Span, ...]]:
        """Every way to go on from the spans that were matched so far."""
        if len(begun) == len(sequence.groups):
            yield begun
            return
        end = begun[-1][1]
        candidates = self.hits[sequence.groups[len(begun)]]
        for number in range(bisect(candidates, (end, len(self.words.words))), len(candidates)):
            span = candidates[number]
            if span[0] > end + 1 + sequence.within or self.words.sentences[span[0]] != self.words.sentences[end]:
                return
            yield from self._matches((*begun, span), sequence)

    def _denied(self, spans: tuple[Span, ...], sequence: Sequence) -> bool:
        """Whether a negation stands inside what was said or reaches it from beside."""
        denials = self.hits.get(sequence.denials)
        if denials is None or sequence.denied is Denial.NEVER:
            return False
        first, last = spans[0][0], spans[-1][1]
        if any(
            first <= start <= last and not any(begin <= start <= end for begin, end in spans) for start, _ in denials
        ):
            return True
        if sequence.denied is Denial.INSIDE:
            return False
        return self._denied_beside(first, last, sequence)

    def _denied_beside(self, first: int, last: int, sequence: Sequence) -> bool:
        denials = {place for span in self.hits[sequence.denials] for place in span}
        stops = {place for span in self.hits.get(sequence.stops, ()) for place in span}
        before = 0 if first in stops else sequence.before  # who begins anew was not denied
        sides = ((first, range(first - 1, first - 1 - before, -1)), (last, range(last + 1, last + 1 + sequence.after)))
        clauses = self.words.clauses
        for beside, reach in sides:
            for place in reach:
                if not 0 <= place < len(clauses) or clauses[place] != clauses[beside]:
                    break
                if place in denials:
                    return True
                if place in stops:
                    break
        return False


def _sentences(spans: list[Span], words: PlainWords) -> int:
    """A bit for each sentence in which a span begins."""
    bits = 0
    for start, _ in spans:
        bits |= 1 << words.sentences[start]
    return bits


def _spoken(words: PlainWords, hits: Hits) -> dict[str, int]:
    """By language a bit for each sentence it may be spoken in: no other has twice its everyday words there."""
    languages = {group[:2] for group in hits}
    if len(languages) < 2:
        return {}
    everyday = {language: hits.get(f"{language}.{EVERYDAY}", ()) for language in languages}
    counted = {language: Counter(words.sentences[start] for start, _ in everyday[language]) for language in languages}
    spoken = dict.fromkeys(languages, 0)
    for sentence in set(words.sentences):
        most = max(count[sentence] for count in counted.values())
        for language, count in counted.items():
            if most < 2 or 2 * count[sentence] > most:
                spoken[language] |= 1 << sentence
    return spoken
