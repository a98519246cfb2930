"""Which languages may each sentence be in? Everyday words tell; in doubt, all of them."""

from collections.abc import Iterable, Mapping

from services.rules.plain_words import PlainWords

TELLING = 2  # everyday words of one language in a sentence that say something


def spoken(
    text: PlainWords, everyday: Mapping[str, tuple[str, ...]], languages: Iterable[str]
) -> dict[str, PlainWords]:
    """By language the sentences that may be in it: no other language has twice as many of its everyday words there.

    `everyday` words lead to the languages they are of.
    """
    counted = {language: [0] * (text.sentences[-1] + 1 if text.sentences else 0) for language in languages}
    for word, sentence in zip(text.words, text.sentences, strict=True):
        for language in everyday.get(word, ()):
            counted[language][sentence] += 1
    most = [max(counts) for counts in zip(*counted.values(), strict=True)]
    found = {}
    for language, counts in counted.items():
        wanted = [one < TELLING or 2 * count > one for count, one in zip(counts, most, strict=True)]
        if any(wanted):
            found[language] = text if all(wanted) else _only(text, wanted)
    return found


def _only(text: PlainWords, wanted: list[bool]) -> PlainWords:
    """The words of some sentences; each keeps its numbers."""
    kept = [place for place, sentence in enumerate(text.sentences) if wanted[sentence]]
    return PlainWords(
        tuple(text.words[place] for place in kept),
        tuple(text.sentences[place] for place in kept),
        tuple(text.clauses[place] for place in kept),
    )
