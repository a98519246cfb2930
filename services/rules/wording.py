"""How do the languages' files become a vocabulary? Entries are split, spelt plainly and indexed, once."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from schemas.detection import Language
from services.rules.plain_words import plain
from services.rules.vocabulary import ASIDE, KEY, SLIP_LEAST, Meaning, Phrase, Vocabulary, variants

NOT, STOP, EVERYDAY = "(not)", "(stop)", "(everyday)"
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_APART = re.compile(r"[\s'-]+")


def vocabulary(languages: Iterable[Language]) -> Vocabulary:
    """What some languages know, ready for use; negations, the words that stop them and everyday words are groups too."""
    words: dict[str, set[str]] = defaultdict(set)
    beginnings: dict[str, set[tuple[str, str]]] = defaultdict(set)
    phrases: dict[str, dict[str, list[Phrase]]] = defaultdict(lambda: defaultdict(list))
    real_words: dict[str, set[str]] = defaultdict(set)
    spelt: set[str] = set()
    for language in languages:
        for parts, group in _entries(language):
            spelt.update(part for part in parts if part.isalnum())
            if len(parts) > 1:
                first, second = (_name(part, language.language, beginnings) for part in parts[:2])
                phrases[first][second].append(Phrase(parts[2:], group))
            elif parts[0].endswith("*"):
                beginnings[parts[0][:-1][:KEY]].add((parts[0][:-1], group))
            else:
                words[parts[0]].add(group)
        for word in language.real_words:
            real_words[plain(word)].add(language.language)
    found = Vocabulary(
        {},
        {key: tuple(sorted(known)) for key, known in beginnings.items()},
        {first: {second: tuple(all_) for second, all_ in known.items()} for first, known in phrases.items()},
        frozenset(second for known in phrases.values() for second in known),
        _slips(spelt),
        {word: frozenset(known) for word, known in real_words.items()},
    )
    return replace(found, words=dict(_meanings(spelt, words, found)))


def _meanings(spelt: set[str], words: dict[str, set[str]], known: Vocabulary) -> Iterator[tuple[str, Meaning]]:
    """Every word an entry spells, alone or in a phrase, and what it means."""
    for word in spelt:
        begun = (group for begin, group in known.beginnings.get(word[:KEY], ()) if word.startswith(begin))
        yield word, known.meaning((word,), tuple(sorted({*words.get(word, ()), *begun})))


def _entries(language: Language) -> Iterator[tuple[tuple[str, ...], str]]:
    """The words of each entry, and the group they make, with every group under its full name."""
    prefix = language.language
    named = [(entry, f"{prefix}.{name}") for name, entries in language.groups.items() for entry in entries]
    named += [(entry, f"{prefix}.{NOT}") for entry in language.negation.words]
    named += [(entry, f"{prefix}.{STOP}") for entry in language.negation.stop]
    named += [(entry, f"{prefix}.{EVERYDAY}") for entry in language.everyday]
    named += [(entry, ASIDE) for entry in language.set_aside]
    for entry, group in named:
        for spelling in sorted({entry, entry.translate(_UMLAUTS), entry.replace("'", "")}):
            yield tuple(_element(part, prefix) for part in _APART.split(spelling)), group


def _element(part: str, prefix: str) -> str:
    if part.startswith("<"):
        return f"{prefix}.{part[1:-1]}"
    return plain(part) + ("*" if part.endswith("*") else "")


def _name(part: str, language: str, beginnings: dict[str, set[tuple[str, str]]]) -> str:
    """What finds a phrase by one of its first two words; a beginning there becomes a group of its own."""
    if not part.endswith("*"):
        return part
    group = f"{language}:{part}"
    beginnings[part[:-1][:KEY]].add((part[:-1], group))
    return group


def _slips(words: Iterable[str]) -> dict[str, frozenset[str]]:
    """From a word, whole or without one of its letters, to the words it may be."""
    found: dict[str, set[str]] = defaultdict(set)
    for word in words:
        if len(word) >= SLIP_LEAST and word.isalpha():
            for variant in variants(word):
                found[variant].add(word)
    return {variant: frozenset(meant) for variant, meant in found.items()}
