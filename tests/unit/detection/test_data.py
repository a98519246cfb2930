"""The languages' files: whole, refused with the place of the mistake, and without a sentence they are measured on."""

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from schemas.detection import FOLDER, LANGUAGES, DetectionError, Language, load
from schemas.words import Signal
from services.rules.plain_words import plain_words
from tests.unit.detection.sentences import every_sentence

SMALL = {
    "language": "xx",
    "negation": {"words": "not", "before": 1, "after": 0, "stop": "i"},
    "everyday": "the",
    "set_aside": "no joke",
    "real_words": "word",
    "groups": {"bad": "bad, awful*", "thing": "thing, <bad> thing"},
    "rules": {signal.value: {"seen": {"say": "bad thing"}} for signal in Signal},
}


def small(**changes: object) -> Language:
    return Language.model_validate({**SMALL, **changes})


def test_every_language_has_rules_for_every_signal() -> None:
    assert [one.language for one in load()] == list(LANGUAGES)
    assert {signal for one in load() for signal in one.rules} == set(Signal)


def test_an_entry_is_a_turn_of_phrase_not_a_sentence() -> None:
    longest = {
        one.language: max(one.every_entry(), key=lambda entry: len(re.split(r"[\s'-]+", entry))) for one in load()
    }
    assert {language: entry for language, entry in longest.items() if len(re.split(r"[\s'-]+", entry)) > 6} == {}


def test_no_measured_sentence_stands_in_the_data() -> None:
    entries = {plain_words(entry.replace("*", "")).words for one in load() for entry in one.every_entry()}
    assert [sentence for sentence in every_sentence() if plain_words(sentence).words in entries] == []


def test_no_entry_is_most_of_a_measured_sentence() -> None:
    """A fifth of its words apart; sentences of five words and fewer are turns of phrase themselves."""
    entries = {plain_words(entry.replace("*", "")).words for one in load() for entry in one.every_entry()}
    copied = []
    for sentence in every_sentence():
        words = plain_words(sentence).words
        size = -(-4 * len(words) // 5)
        if size > 4 and any(words[start : start + size] in entries for start in range(len(words) - size + 1)):
            copied.append(sentence)
    assert copied == []


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"groups": {"bad": "bad"}}, "no group is called thing"),
        ({"groups": {**SMALL["groups"], "idle": "idle"}}, "no rule uses idle"),  # type: ignore[dict-item]
        ({"groups": {"bad": "bad", "thing": "th*"}}, "four letters or more"),
        ({"groups": {"bad": "bad", "thing": "thing!"}}, "is not words"),
        ({"groups": {"bad": "bad, ", "thing": "thing"}}, "is not words"),
        ({"rules": {"minor": {"seen": {"say": "bad thing"}}}}, "self_harm, physical_danger"),
        ({"rules": {**SMALL["rules"], "sadness": {}}}, "Input should be 'self_harm'"),  # type: ignore[dict-item]
        ({"set_aside": "<nobody> there"}, "no group is called nobody"),
        ({"negation": {"words": "not", "before": 9, "after": 0, "stop": "i"}}, "less than or equal to 5"),
        ({"mood": "sad"}, "Extra inputs are not permitted"),
    ],
)
def test_a_mistake_in_the_data_is_refused(changes: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(told)):
        small(**changes)


def copied(folder: Path) -> Path:
    for path in FOLDER.glob("*.yaml"):
        (folder / path.name).write_text(path.read_text("utf-8"), "utf-8")
    return folder


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        ("language: nl", "language: the file's name says fr"),
        ("groups:\n  vide: a b c!\n", "Field required"),
        ("groups: [", "not YAML"),
        (None, "the file is missing"),
    ],
)
def test_the_error_names_the_file(broken: str | None, told: str, tmp_path: Path) -> None:
    path = copied(tmp_path) / "fr.yaml"
    text = path.read_text("utf-8")
    path.unlink()
    if broken is not None:
        path.write_text(text.replace("language: fr", broken) if broken == "language: nl" else broken, "utf-8")
    with pytest.raises(DetectionError, match=re.escape(told)) as refused:
        load(tmp_path)
    assert str(path) in str(refused.value)
