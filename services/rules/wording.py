"""How does a language's file become a vocabulary? Entries are split, spelt plainly and indexed, once."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache

from schemas.detection import Language
from services.rules.plain_words import plain
from services.rules.vocabulary import ASIDE, KEY, SLIP_LEAST, Meaning, Step, Vocabulary, variants

NOT, STOP = "(not)", "(stop)"  # groups of their own beside those of the file
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_APART = re.compile(r"[\s'-]+")


def called(group: str) -> str:
    """The name of a group where words stand beside it."""
    return f"<{group}>"


@dataclass(slots=True)
class _Step:
    """A step of phrases while it grows."""

    groups: set[str] = field(default_factory=set)
    after: dict[str, "_Step"] = field(default_factory=dict)

    def grown(self) -> Step:
        """The step as it stays."""
        return Step(tuple(sorted(self.groups)), {name: step.grown() for name, step in self.after.items()})


def vocabulary(language: Language) -> Vocabulary:
    """What a language knows, ready for use."""
    words: dict[str, set[str]] = defaultdict(set)
    beginnings: dict[str, set[tuple[str, str]]] = defaultdict(set)
    phrases, spelt, inside = _Step(), set[str](), set[str]()
    for parts, group in _entries(language):
        spelt.update(part for part in parts if part.isalnum())
        inside.update(parts[1:])
        step = phrases
        for part in parts:
            if part.endswith("*"):
                beginnings[part[:-1][:KEY]].add((part[:-1], part if len(parts) > 1 else group))
            step = step.after.setdefault(part, _Step()) if len(parts) > 1 else step
        if len(parts) > 1:
            step.groups.add(group)
        elif not parts[0].endswith("*"):
            words[parts[0]].add(group)
    known = Vocabulary(
        {},
        {key: tuple(sorted(found)) for key, found in beginnings.items()},
        phrases.grown().after,
        frozenset(inside),
        _slips(spelt),
        frozenset(plain(word) for word in language.real_words),
    )
    return replace(known, words=dict(_meanings(spelt, words, known)))


def _meanings(spelt: set[str], words: dict[str, set[str]], known: Vocabulary) -> Iterator[tuple[str, Meaning]]:
    """Every word an entry spells, alone or in a phrase, and what it means."""
    for word in spelt:
        begun = (group for begin, group in known.beginnings.get(word[:KEY], ()) if word.startswith(begin))
        yield word, known.meaning((word,), tuple(sorted({*words.get(word, ()), *begun})))


def _entries(language: Language) -> Iterator[tuple[tuple[str, ...], str]]:
    """The words of each entry, and the group they make."""
    named = [(entry, called(name)) for name, entries in language.groups.items() for entry in entries]
    named += [(entry, NOT) for entry in language.negation.words]
    named += [(entry, STOP) for entry in language.negation.stop]
    named += [(entry, ASIDE) for entry in language.set_aside]
    for entry, group in named:
        for spelling in sorted({entry, entry.translate(_UMLAUTS), entry.replace("'", "")}):
            yield tuple(_element(part) for part in _APART.split(spelling)), group


@lru_cache(maxsize=32_768)
def _element(part: str) -> str:
    """`word`, `begin*`, or `<group>`, which no word of a text can be."""
    return part if part.startswith("<") else plain(part) + ("*" if part.endswith("*") else "")


def _slips(words: Iterable[str]) -> dict[str, frozenset[str]]:
    """From a word, whole or without one of its letters, to the words it may be."""
    found: dict[str, set[str]] = defaultdict(set)
    for word in words:
        if len(word) >= SLIP_LEAST and word.isalpha():
            for variant in variants(word):
                found[variant].add(word)
    return {variant: frozenset(meant) for variant, meant in found.items()}
