"""Which groups of words does a text hold, and where? Whole words, beginnings, phrases, and one slip of the keyboard."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from services.rules.plain_words import PlainWords

ASIDE = "(set aside)"
KEY = 3  # letters of a beginning that find it; four as written are never fewer once doubled letters are one
SLIP_LEAST = 5  # letters of a word that a misspelt one may be taken for

Span = tuple[int, int]  # first and last word
Hits = Mapping[str, list[Span]]
Groups = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Phrase:
    """What follows the first two of several words in a row, `begin*` and `<group>` among them, and the group they make."""

    rest: tuple[str, ...]
    group: str


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one word stands for: its groups, under which names phrases know it as their first or second word, and how it is spelt."""

    groups: Groups = ()
    firsts: Groups = ()
    seconds: Groups = ()
    spelt: Groups = ()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What is known of some languages; a group is called `language.name`.

    `phrases` are found by their first word, then their second, or by groups these belong to; `slips` lead from a word with a
    letter missing to the words it may be.
    """

    words: Mapping[str, Meaning]
    beginnings: Mapping[str, tuple[tuple[str, str], ...]]
    phrases: Mapping[str, Mapping[str, tuple[Phrase, ...]]]
    second_in_phrases: frozenset[str]
    slips: Mapping[str, frozenset[str]]
    real_words: Mapping[str, frozenset[str]]

    def find(self, text: PlainWords) -> Hits:
        """Every group the text holds, and where, in order; what stands in a phrase that is set aside is not there."""
        at = [self.words.get(word) or self._unknown(word) for word in text.words]
        phrases = list(self._phrases_in(text, at))
        aside = {place for span, group in phrases if group == ASIDE for place in range(span[0], span[1] + 1)}
        hits: dict[str, list[Span]] = {}
        for place, meaning in enumerate(at):
            if meaning.groups and place not in aside:
                span = (place, place)
                for group in meaning.groups:
                    if group in hits:
                        hits[group].append(span)
                    else:
                        hits[group] = [span]
        for span, group in phrases:
            if group != ASIDE and aside.isdisjoint(span):
                hits.setdefault(group, []).append(span)
        for group in {group for _, group in phrases if group in hits}:
            hits[group].sort()
        return hits

    def _phrases_in(self, text: PlainWords, at: list[Meaning]) -> Iterator[tuple[Span, str]]:
        """Where each phrase of the text stands, and the group it makes."""
        for place, (meaning, after) in enumerate(pairwise(at)):
            if not meaning.firsts or not after.seconds or text.sentences[place] != text.sentences[place + 1]:
                continue
            for first in meaning.firsts:
                following = self.phrases[first]
                for second in after.seconds:
                    for phrase in following.get(second, ()):
                        if not phrase.rest or _follows(phrase.rest, text, place + 2, at):
                            yield (place, place + 1 + len(phrase.rest)), phrase.group

    def _unknown(self, word: str) -> Meaning:
        """What a word means that no entry spells: by how it begins, or as a misspelt one."""
        groups = tuple(group for begin, group in self.beginnings.get(word[:KEY], ()) if word.startswith(begin))
        if groups or len(word) < SLIP_LEAST or not word[0].isalpha():
            return self.meaning((word,), groups) if groups else _NOTHING
        return self._misspelt(word)

    def meaning(self, spelt: Groups, groups: Groups) -> Meaning:
        """What a word means that is, or may be, one of `spelt`, as phrases know it."""
        names = (*spelt, *groups)
        firsts = tuple(name for name in names if name in self.phrases)
        return Meaning(groups, firsts, tuple(name for name in names if name in self.second_in_phrases), spelt)

    def _misspelt(self, word: str) -> Meaning:
        """What the words mean that `word` is one slip away from, unless it is a word of that language itself."""
        near: set[str] = set()
        for variant in variants(word):
            if variant in self.slips:
                near |= self.slips[variant]
        meant = tuple(sorted(one for one in near if _one_slip(word, one)))
        if not meant:
            return _NOTHING
        real_in = self.real_words.get(word, frozenset())
        found = {group for one in meant for group in self.words[one].groups if group[:2] not in real_in}
        return self.meaning(() if real_in else meant, tuple(sorted(found)))


_NOTHING = Meaning()


def variants(word: str) -> list[str]:
    """The word, and the word without one of its letters, the first excepted."""
    return [word, *(word[:place] + word[place + 1 :] for place in range(1, len(word)))]


def _follows(rest: tuple[str, ...], text: PlainWords, place: int, at: list[Meaning]) -> bool:
    """Whether `rest` stands at `place`, in the sentence of the word before."""
    end = place + len(rest) - 1
    if end >= len(at) or text.sentences[place - 1] != text.sentences[end]:
        return False
    return all(_fits(element, text.words[where], at[where]) for where, element in enumerate(rest, place))


def _fits(element: str, word: str, meaning: Meaning) -> bool:
    if element == word or element in meaning.groups or element in meaning.spelt:
        return True
    return element[-1] == "*" and word.startswith(element[:-1])


def _one_slip(one: str, other: str) -> bool:
    """One letter too many, missing, wrong, or two swapped; the first letter is right."""
    if one[0] != other[0] or abs(len(one) - len(other)) > 1:
        return False
    start = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    one, other = one[start:], other[start:]
    while one and other and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    return max(len(one), len(other)) <= 1 or one == other[::-1]
