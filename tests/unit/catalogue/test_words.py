"""What is read aloud to a frightened person is short, calm and kept: nothing we must never say, nothing left untranslated."""

import re
from collections.abc import Iterator

import pytest

from schemas.words import Language
from tests.shipped import CATALOGUE

EACH = pytest.mark.parametrize("language", list(Language))
LONGEST_SENTENCE_IN_WORDS = 22
PROMISES = {
    Language.FR: r"sera supprim|sera effac|serez rembours|nous garantissons|c'est garanti",
    Language.NL: r"wordt verwijderd\b|wordt gewist|krijgt .* terug\b|garanderen",
    Language.DE: r"wird gelöscht|wird entfernt|bekommen .* zurück\b|garantieren",
    Language.EN: r"will be deleted|will be removed|will be refunded|will get .* back|guarantee",
}
BLAME = {
    Language.FR: r"vous auriez dû|votre faute$",
    Language.NL: r"u had .* moeten",
    Language.DE: r"Sie hätten",
    Language.EN: r"you should have|why did you",
}
FAMILIAR = {
    Language.FR: r"\b(tu|te|toi|ton|ta|tes)\b",
    Language.NL: r"\b(je|jij|jou|jouw|jullie)\b",
    Language.DE: r"\b(du|dich|dir|dein\w*|euch|euer)\b",
    Language.EN: r"\bthou\b",
}
LAST = re.compile(r"[.?!»”\"]$")


def told(language: Language) -> Iterator[str]:
    """Everything said to the caller in a language."""
    words = CATALOGUE.words(language)
    yield from words.always
    yield from words.covert
    yield from words.ask.values()
    for signal in words.signals.values():
        yield from signal.say
    for code in words.codes.values():
        yield code.keep
        yield from code.say


def every_line(language: Language) -> Iterator[str]:
    """Everything said, and everything that whoever takes the call is warned of."""
    words = CATALOGUE.words(language)
    yield from told(language)
    yield from words.never
    for signal in words.signals.values():
        yield from signal.never
    for code in words.codes.values():
        yield from code.never


@EACH
def test_a_sentence_is_short_enough_to_be_said_in_one_breath(language: Language) -> None:
    sentences = [one for line in told(language) for one in re.split(r"(?<=[.?!])\s+", line)]
    assert [one for one in sentences if len(one.split()) > LONGEST_SENTENCE_IN_WORDS] == []


@EACH
def test_a_line_ends_as_a_sentence_and_nobody_shouts(language: Language) -> None:
    assert [line for line in every_line(language) if not LAST.search(line) or "!" in line] == []


@EACH
def test_nothing_is_promised_that_we_cannot_keep(language: Language) -> None:
    assert [line for line in told(language) if re.search(PROMISES[language], line)] == []


@EACH
def test_nobody_is_blamed(language: Language) -> None:
    wrong = re.compile(BLAME[language])
    assert [line for line in told(language) if wrong.search(line) and "pas votre faute" not in line] == []


@EACH
def test_a_caller_is_addressed_in_one_form_throughout(language: Language) -> None:
    familiar = re.compile(FAMILIAR[language], re.IGNORECASE)
    assert [line for line in every_line(language) if familiar.search(line)] == []


def test_no_line_stands_untranslated() -> None:
    seen: dict[str, Language] = {}
    for language in Language:
        for line in every_line(language):
            assert seen.setdefault(line, language) is language, line


@EACH
def test_every_code_has_its_steps_in_every_language(language: Language) -> None:
    words, other = CATALOGUE.words(language), CATALOGUE.words(Language.EN)
    steps = {code: (len(one.say), len(one.never)) for code, one in words.codes.items()}
    assert steps == {code: (len(one.say), len(one.never)) for code, one in other.codes.items()}


@EACH
def test_no_line_asks_for_a_secret_or_an_image(language: Language) -> None:
    wanted = {
        Language.FR: r"(donnez|dites|envoyez)[- ](moi|nous)[^.]*(mot de passe|code secret|image|photo)",
        Language.NL: r"(geef|zeg|stuur) (mij|ons)[^.]*(wachtwoord|pincode|beeld|foto)",
        Language.DE: r"(geben|sagen|schicken) Sie (mir|uns)[^.]*(Passwort|PIN|Bild|Foto)",
        Language.EN: r"(give|tell|send) (me|us)[^.]*(password|PIN|picture|image|photo)",
    }
    allowed = ("not the pictures", "niet de beelden", "nicht die Bilder", "pas les images")
    found = [line for line in told(language) if re.search(wanted[language], line, re.IGNORECASE)]
    assert [line for line in found if not any(word in line for word in allowed)] == []
