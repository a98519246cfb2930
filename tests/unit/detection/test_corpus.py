"""The sentences detection is measured on: every signal and language, in every voice."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from schemas.words import Signal

HERE = Path(__file__).parent
LANGUAGES = ("fr", "nl", "de", "en")
VOICES = {
    "positive": {"plain", "slang", "misspelt", "negated", "third_person"},
    "negative": {"negated", "near_miss"},
}


def corpus(language: str, signal: Signal) -> dict[str, dict[str, list[str]]]:
    found: dict[str, Any] = yaml.safe_load((HERE / "corpus" / language / f"{signal}.yaml").read_text("utf-8"))
    assert (found["language"], found["signal"]) == (language, signal)
    return {label: found[label] for label in VOICES}


@pytest.mark.parametrize("signal", Signal)
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_signal_and_language_has_sixty_different_sentences_in_every_voice(language: str, signal: Signal) -> None:
    found = corpus(language, signal)
    assert {label: set(voices) for label, voices in found.items()} == VOICES
    sentences = [sentence for voices in found.values() for voice in voices.values() for sentence in voice]
    assert len(set(sentences)) == len(sentences) >= 60
    assert sum(len(voice) for voice in found["positive"].values()) >= 40
