"""Which groups of words does a text hold, and where? Whole words, beginnings, phrases, and one slip of the keyboard."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from services.rules.plain_words import PlainWords

ASIDE = "(set aside)"
KEY = 3  # letters of a beginning that find it; four as written are never fewer once doubled letters are one
SLIP_LEAST = 5  # letters of a word that a misspelt one may be taken for

Span = tuple[int, int]  # first and last word
Hits = Mapping[str, list[Span]]
Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """A word of phrases that was reached: the groups of those that end here, and how others go on."""

    groups: Names
    after: Mapping[str, "Step"]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one word stands for: its groups, the phrases it begins, and the names under which phrases go on with it."""

    groups: Names = ()
    begins: tuple[Step, ...] = ()
    names: Names = ()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What is known of a language.

    Phrases go from word to word; `begin*` and `<group>` may stand for one. `inside` are the names of their later words.
    `slips` lead from a word with a letter missing to the words it may be.
    """

    words: Mapping[str, Meaning]
    beginnings: Mapping[str, tuple[tuple[str, str], ...]]
    phrases: Mapping[str, Step]
    inside: frozenset[str]
    slips: Mapping[str, frozenset[str]]
    real_words: frozenset[str]

    def find(self, text: PlainWords) -> Hits:
        """Every group the text holds, and where, in order; what stands in a phrase that is set aside is not there."""
        at = [self.words.get(word) or self._unknown(word) for word in text.words]
        phrases = list(_phrases_in(text, at))
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

    def meaning(self, spelt: Names, groups: Names) -> Meaning:
        """What a word means that is, or may be, one of `spelt`, as phrases know it."""
        names = (*spelt, *groups)
        begins = tuple(self.phrases[name] for name in names if name in self.phrases)
        return Meaning(groups, begins, tuple(name for name in names if name in self.inside))

    def _unknown(self, word: str) -> Meaning:
        """What a word means that no entry spells: by how it begins, or as a misspelt one."""
        for begin, _ in self.beginnings.get(word[:KEY], ()):
            if word.startswith(begin):
                return self.meaning((word,), self._begun(word))
        if len(word) < SLIP_LEAST or word in self.real_words or not word[0].isalpha():
            return _NOTHING
        return self._misspelt(word)

    def _begun(self, word: str) -> Names:
        return tuple(group for begin, group in self.beginnings[word[:KEY]] if word.startswith(begin))

    def _misspelt(self, word: str) -> Meaning:
        """What the words mean that `word` is one slip away from."""
        near = [self.slips[variant] for variant in variants(word) if variant in self.slips]
        if not near:
            return _NOTHING
        meant = tuple(sorted(one for one in frozenset().union(*near) if _one_slip(word, one)))
        groups = {group for one in meant for group in self.words[one].groups}
        return self.meaning(meant, tuple(sorted(groups)))


_NOTHING = Meaning()


def variants(word: str) -> list[str]:
    """The word, and the word without one of its letters, the first excepted."""
    return [word, *[word[:place] + word[place + 1 :] for place in range(1, len(word))]]


def _phrases_in(text: PlainWords, at: list[Meaning]) -> Iterator[tuple[Span, str]]:
    """Where each phrase of the text stands, and the group it makes."""
    for start, meaning in enumerate(at):
        reached, place = meaning.begins, start + 1
        while reached and place < len(at) and text.sentences[place] == text.sentences[start]:
            names = at[place].names
            reached = tuple([step.after[name] for step in reached for name in names if name in step.after])
            for step in reached:
                for group in step.groups:
                    yield (start, place), group
            place += 1


def _one_slip(one: str, other: str) -> bool:
    """One letter too many, missing, wrong, or two swapped; the first letter is right."""
    if one[0] != other[0] or abs(len(one) - len(other)) > 1:
        return False
    start = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    one, other = one[start:], other[start:]
    while one and other and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    return max(len(one), len(other)) <= 1 or one == other[::-1]
