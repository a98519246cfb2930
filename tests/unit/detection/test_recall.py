"""Detection is measured on sentences written before it: what it must see, and what it may alarm about for nothing."""

import pytest

from schemas.words import Signal
from services.rules.detection import detect
from tests.unit.detection.sentences import LANGUAGES, VOICES, alarms, corpus, line, measured, positives_in, read

LIFE = (Signal.SELF_HARM, Signal.PHYSICAL_DANGER)
FLOORS = dict.fromkeys(Signal, 0.88) | dict.fromkeys(LIFE, 0.95)
SETS = ("held_out", "unseen", "widening")


@pytest.mark.parametrize("signal", Signal)
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_signal_and_language_has_sixty_different_sentences_in_every_voice(language: str, signal: Signal) -> None:
    found = corpus(language, signal)
    assert {label: set(voices) for label, voices in found.items()} == VOICES
    sentences = [sentence for voices in found.values() for voice in voices.values() for sentence in voice]
    assert len(set(sentences)) == len(sentences) >= 60
    assert sum(len(voice) for voice in found["positive"].values()) >= 40


@pytest.mark.parametrize("told", [True, False], ids=["language told", "language unknown"])
@pytest.mark.parametrize("signal", Signal)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_signal_is_seen_as_often_as_promised(language: str, signal: Signal, told: bool) -> None:
    how = measured(language, signal, told=told)
    assert how.recall >= FLOORS[signal], "\n".join([line(language, signal, how), *how.missed])


@pytest.mark.parametrize("signal", Signal)
@pytest.mark.parametrize("folder", SETS)
def test_what_the_other_sets_say_is_seen_too(folder: str, signal: Signal) -> None:
    said = [(language, one) for language in LANGUAGES for one in positives_in(folder, language)[signal]]
    missed = [one for language, one in said if not alarms(one, signal, language)]
    assert said
    assert len(missed) <= (0.1 if signal in LIFE else 0.15) * len(said), "\n".join(missed)


@pytest.mark.parametrize("language", LANGUAGES)
def test_false_alarms_are_few_and_printed(language: str, capsys: pytest.CaptureFixture[str]) -> None:
    how = {signal: measured(language, signal, told=False) for signal in Signal}
    with capsys.disabled():
        for signal, one in how.items():
            print(f"\n  {line(language, signal, one)}", *one.false_alarms, sep="\n      false alarm: ", end="")
    assert sum(len(one.false_alarms) for one in how.values()) <= 0.06 * sum(one.negatives for one in how.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_ordinary_report_almost_never_alarms(language: str, capsys: pytest.CaptureFixture[str]) -> None:
    reports = read(f"ordinary/{language}")["reports"]
    alarmed = [(one, detect(one, None)) for one in reports if detect(one, None)]
    with capsys.disabled():
        print(f"\n  {language} ordinary reports that alarm: {len(alarmed)}/{len(reports)}", end="")
    assert len(alarmed) <= 0.05 * len(reports), alarmed
    assert not [one for one, found in alarmed if {each.signal for each in found} & set(LIFE)]
