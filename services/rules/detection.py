"""Which safety signals do these words hold? Detection may add a signal, never remove one (DOMAIN section 4)."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import permutations

from schemas.base import Explanation
from schemas.detection import LANGUAGES, Language, load
from schemas.detection.language import Reach, Rule
from schemas.reports import MOST_CODES, Detected, ReportBody
from schemas.words import Signal
from services.rules.plain_words import PlainWords, plain, plain_words
from services.rules.saying import Said, Sequence
from services.rules.spoken import spoken
from services.rules.vocabulary import Vocabulary
from services.rules.wording import vocabulary

_ORDER = {signal: number for number, signal in enumerate(Signal)}


@dataclass(frozen=True, slots=True)
class _Detector:
    """One language's rules by number; each order of a rule's groups is found by the group fewest words stand for."""

    vocabulary: Vocabulary
    rules: tuple[Detected, ...]
    sequences: dict[str, tuple[tuple[Sequence, int], ...]]

    def see(self, words: PlainWords) -> Iterator[Detected]:
        """What the rules see, each at most once."""
        said = Said.of(words, self.vocabulary.find(words))
        seen: set[int] = set()
        for group in said.hits:
            for sequence, rule in self.sequences.get(group, ()):
                if rule not in seen and said.holds(sequence):
                    seen.add(rule)
                    yield self.rules[rule]


def detect(text: str, language: str | None) -> tuple[Detected, ...]:
    """The signals in `text`, each rule once, by signal, language and rule.

    `language` is one of ours; any other, or none, tries in each sentence all that it may be spoken in. Pure: the same text gives
    the same answer, and no part of it.
    """
    words = plain_words(text)
    tried = {language: words} if language in LANGUAGES else spoken(words, _everyday(), LANGUAGES)
    found = (one for spoken_in, said in tried.items() for one in _detector(spoken_in).see(said))
    return tuple(sorted(found, key=lambda one: (_ORDER[one.signal], one.language, one.rule)))


def signals_in(body: ReportBody) -> tuple[Detected, ...]:
    """The signals in a report's free text. All languages are tried: `language` is the victim's, who wrote may have another."""
    return detect(body.personal.free_text, None) if body.personal.free_text else ()


def with_signals(body: ReportBody) -> tuple[ReportBody, tuple[Detected, ...]]:
    """The report with the signals of its free text among those it names; and what they were seen by, a rule of each language."""
    found = {(one.signal, one.language): one for one in reversed(signals_in(body)) if one.signal not in body.signals}
    if not found:
        return body, ()
    signals = dict.fromkeys([*(str(one.signal) for one in found.values()), *body.signals])
    known_first = sorted(signals, key=lambda name: name not in set(Signal))
    return body.model_copy(update={"signals": tuple(known_first[:MOST_CODES])}), tuple(reversed(found.values()))


def why_detected(detected: tuple[Detected, ...], catalogue: str) -> tuple[Explanation, ...]:
    """Which signals nobody named, and the rules that saw them in the free text, if any; for a human who judges whether they are
    meant."""
    if not detected:
        return ()
    seen: dict[str, str] = {}
    for one in detected:
        rule = f"{one.language}/{one.rule}"
        seen[one.signal] = f"{seen[one.signal]},{rule}" if one.signal in seen else rule
    return (Explanation(rule="detection:" + "+".join(seen), catalogue=catalogue, inputs=seen),)


def prepare() -> None:
    """Reads and indexes the words of all languages, about a second, so that no report has to wait for it."""
    _everyday()
    for language in LANGUAGES:
        _detector(language)


@cache
def _languages() -> dict[str, Language]:
    return {one.language: one for one in load()}


@cache
def _everyday() -> dict[str, tuple[str, ...]]:
    """Every everyday word, and the languages it is of."""
    of = [(plain(word), name) for name, one in _languages().items() for word in one.everyday]
    return {word: tuple(name for other, name in of if other == word) for word, _ in of}


@cache
def _detector(name: str) -> _Detector:
    language = _languages()[name]
    rules: list[Detected] = []
    sequences: dict[str, list[tuple[Sequence, int]]] = {}
    for signal, rule_name, rule in language.each_rule():
        for sequence in _sequences(language, rule):
            sequences.setdefault(sequence.rarest[0], []).append((sequence, len(rules)))
        rules.append(Detected(signal=signal, rule=rule_name, language=name))
    by_group = {group: tuple(found) for group, found in sequences.items()}
    return _Detector(vocabulary(language), tuple(rules), by_group)


def _sequences(language: Language, rule: Rule) -> Iterator[Sequence]:
    """Every order in which a rule's groups may stand."""
    for said in rule.say:
        for ordered in permutations(said) if rule.reach is Reach.SENTENCE else (said,):
            yield Sequence.of(ordered, rule, language)
