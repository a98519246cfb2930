"""Which groups of words does a text hold, and where? Whole words, beginnings, phrases, and one slip of the keyboard."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from schemas.detection import Language
from services.rules.plain_words import PlainWords, plain

ASIDE = "(set aside)"
_KEY = 3  # letters of a beginning that find it; four as written are never fewer once doubled letters are one
_SLIP_LEAST = 5  # letters of a word that a misspelt one may be taken for
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_APART = re.compile(r"[\s'-]+")

Span = tuple[int, int]  # first and last word
Hits = Mapping[str, list[Span]]
Groups = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in a row, `begin*` and `<group>` among them, and the group they make."""

    rest: tuple[str, ...]
    group: str


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What is known of some languages; a group is called `language.name`.

    `phrases` are found by their first word or group, `slips` lead from a word with a letter missing to the words it may be.
    """

    words: Mapping[str, Groups]
    beginnings: Mapping[str, tuple[tuple[str, str], ...]]
    phrases: Mapping[str, tuple[Phrase, ...]]
    slips: Mapping[str, frozenset[str]]
    real_words: Mapping[str, frozenset[str]]

    def find(self, text: PlainWords) -> Hits:
        """Every group the text holds, and where; what stands in a phrase that is set aside is not there."""
        at = [self._groups_of(word) for word in text.words]
        hits: dict[str, list[Span]] = defaultdict(list)
        aside: set[int] = set()
        for place, word in enumerate(text.words):
            for group in at[place]:
                hits[group].append((place, place))
            for phrase in (*self.phrases.get(word, ()), *(p for g in at[place] for p in self.phrases.get(g, ()))):
                end = place + len(phrase.rest)
                if not self._follows(phrase, text, place, at):
                    continue
                if phrase.group == ASIDE:
                    aside.update(range(place, end + 1))
                else:
                    hits[phrase.group].append((place, end))
        return _without(hits, aside) if aside else hits

    def _follows(self, phrase: Phrase, text: PlainWords, place: int, at: list[Groups]) -> bool:
        if place + len(phrase.rest) >= len(text.words):
            return False
        if text.sentences[place] != text.sentences[place + len(phrase.rest)]:
            return False
        return all(_fits(element, text.words[where], at[where]) for where, element in enumerate(phrase.rest, place + 1))

    def _groups_of(self, word: str) -> Groups:
        known = self.words.get(word)
        if known is not None:
            return known
        found = tuple(group for begin, group in self.beginnings.get(word[:_KEY], ()) if word.startswith(begin))
        if found or len(word) < _SLIP_LEAST or word[0].isdigit():
            return found
        return self._meant(word)

    def _meant(self, word: str) -> Groups:
        """The groups of the words that `word` is one slip away from, unless it is a word of that language itself."""
        near = {meant for variant in _variants(word) for meant in self.slips.get(variant, ())}
        real_in = self.real_words.get(word, frozenset())
        found = {group for meant in near if _one_slip(word, meant) for group in self.words[meant]}
        return tuple(sorted(group for group in found if group[:2] not in real_in))


def vocabulary(languages: Iterable[Language]) -> Vocabulary:
    """What some languages know, ready for use."""
    words: dict[str, set[str]] = defaultdict(set)
    beginnings: dict[str, set[tuple[str, str]]] = defaultdict(set)
    phrases: dict[str, list[Phrase]] = defaultdict(list)
    real_words: dict[str, set[str]] = defaultdict(set)
    for language in languages:
        for first, rest, group in _entries(language):
            if first.endswith("*"):
                beginning = group if not rest else f"{language.language}:{first}"
                beginnings[first[:-1][:_KEY]].add((first[:-1], beginning))
                first = beginning  # noqa: PLW2901 - a phrase is found by what its beginning is called
            elif not rest:
                words[first].add(group)
            if rest:
                phrases[first].append(Phrase(rest, group))
        for word in language.real_words:
            real_words[plain(word)].add(language.language)
    for word, groups in words.items():
        groups.update(group for begin, group in beginnings.get(word[:_KEY], ()) if word.startswith(begin))
    return Vocabulary(
        {word: tuple(sorted(groups)) for word, groups in words.items()},
        {key: tuple(sorted(found)) for key, found in beginnings.items()},
        {first: tuple(found) for first, found in phrases.items()},
        _slips(words),
        {word: frozenset(found) for word, found in real_words.items()},
    )


def _entries(language: Language) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """First element, the others, and the group they make, with every group under its full name."""
    prefix = language.language
    named = [(entry, f"{prefix}.{name}") for name, entries in language.groups.items() for entry in entries]
    named += [(entry, f"{prefix}.(not)") for entry in language.negation.words]
    named += [(entry, f"{prefix}.(stop)") for entry in language.negation.stop]
    named += [(entry, ASIDE) for entry in language.set_aside]
    for entry, group in named:
        for spelling in {entry, entry.translate(_UMLAUTS)}:
            first, *rest = (_element(part, prefix) for part in _APART.split(spelling))
            yield first, tuple(rest), group


def _element(part: str, prefix: str) -> str:
    if part.startswith("<"):
        return f"{prefix}.{part[1:-1]}"
    return plain(part) + ("*" if part.endswith("*") else "")


def _fits(element: str, word: str, groups: Groups) -> bool:
    if element.endswith("*"):
        return word.startswith(element[:-1])
    return element == word or element in groups


def _without(hits: Hits, aside: set[int]) -> Hits:
    kept = {group: [span for span in spans if aside.isdisjoint(span)] for group, spans in hits.items()}
    return {group: spans for group, spans in kept.items() if spans}


def _variants(word: str) -> Iterator[str]:
    """The word, and the word without one of its letters."""
    yield word
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]


def _slips(words: Iterable[str]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for word in words:
        if len(word) >= _SLIP_LEAST and word.isalpha():
            for variant in _variants(word):
                found[variant].add(word)
    return {variant: frozenset(meant) for variant, meant in found.items()}


def _one_slip(one: str, other: str) -> bool:
    """One letter too many, missing, wrong, or two swapped; the first letter is right."""
    if one[0] != other[0] or abs(len(one) - len(other)) > 1:
        return False
    start = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    one, other = one[start:], other[start:]
    while one and other and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    return max(len(one), len(other)) <= 1 or one == other[::-1]
