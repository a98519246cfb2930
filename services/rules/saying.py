"""Does a text say what a rule means? Groups of words in order and near each other, not denied, not excused."""

from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from schemas.detection import Language, Rule
from schemas.detection.language import Denial, Reach
from services.rules.plain_words import PlainWords
from services.rules.vocabulary import Hits, Span
from services.rules.wording import NOT, STOP, called


@dataclass(frozen=True, slots=True)
class Sequence:
    """One order of a rule's groups, with what excuses it and how far a negation reaches.

    `rarest` are the same groups, those that fewest words stand for first.
    """

    groups: tuple[str, ...]
    rarest: tuple[str, ...]
    within: int
    reach: Reach
    denied: Denial
    unless: tuple[str, ...]
    before: int
    after: int

    @classmethod
    def of(cls, names: tuple[str, ...], rule: Rule, language: Language) -> Self:
        """Of the groups called `names`, in this order."""
        return cls(
            groups=tuple(map(called, names)),
            rarest=tuple(map(called, sorted(names, key=lambda name: len(language.groups[name])))),
            within=rule.within,
            reach=rule.reach,
            denied=rule.denied,
            unless=tuple(map(called, rule.unless)),
            before=language.negation.before,
            after=language.negation.after,
        )


@dataclass(frozen=True, slots=True)
class Said:
    """A text by the groups it holds; `in_sentences` has a bit for each sentence that holds the group."""

    words: PlainWords
    hits: Hits
    in_sentences: dict[str, int]
    denials: frozenset[int]
    stops: frozenset[int]

    @classmethod
    def of(cls, words: PlainWords, hits: Hits) -> Self:
        """Of what was found in `words`."""
        found: dict[str, int] = {}
        for group, spans in hits.items():
            bits = 0
            for start, _ in spans:
                bits |= 1 << words.sentences[start]
            found[group] = bits
        denials, stops = (
            frozenset(place for start, end in hits.get(group, ()) for place in range(start, end + 1))
            for group in (NOT, STOP)
        )
        return cls(words, hits, found, denials, stops)

    def holds(self, sequence: Sequence) -> bool:
        """Whether the text says it."""
        if sequence.reach is Reach.TEXT:
            return all(self._holds_alone(group, sequence) for group in sequence.rarest)
        sentences = -1
        for group in sequence.rarest:
            sentences &= self.in_sentences.get(group, 0)
            if not sentences:
                return False
        sentences = self._not_excused(sentences, sequence)
        return any(
            not self._denied(spans, sequence)
            for span in self.hits[sequence.groups[0]]
            if sentences >> self.words.sentences[span[0]] & 1
            for spans in self._matches((span,), sequence)
        )

    def _holds_alone(self, group: str, sequence: Sequence) -> bool:
        sentences = self._not_excused(self.in_sentences.get(group, 0), sequence)
        return bool(sentences) and any(
            sentences >> self.words.sentences[span[0]] & 1 and not self._denied((span,), sequence)
            for span in self.hits[group]
        )

    def _not_excused(self, sentences: int, sequence: Sequence) -> int:
        for group in sequence.unless:
            sentences &= ~self.in_sentences.get(group, 0)
        return sentences

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
        first, last = spans[0][0], spans[-1][1]
        sentence = self.words.sentences[first]
        if sequence.denied is Denial.NEVER or not self.in_sentences.get(NOT, 0) >> sentence & 1:
            return False
        said = {place for begin, end in spans for place in range(begin, end + 1)}
        if any(place in self.denials and place not in said for place in range(first, last + 1)):
            return True
        return sequence.denied is Denial.AROUND and self._denied_beside(first, last, sequence)

    def _denied_beside(self, first: int, last: int, sequence: Sequence) -> bool:
        before = 0 if first in self.stops else sequence.before  # who begins anew was not denied
        sides = ((first, range(first - 1, first - 1 - before, -1)), (last, range(last + 1, last + 1 + sequence.after)))
        clauses = self.words.clauses
        for beside, reach in sides:
            for place in reach:
                if not 0 <= place < len(clauses) or clauses[place] != clauses[beside]:
                    break
                if place in self.denials:
                    return True
                if place in self.stops:
                    break
        return False
