"""The sentences detection is measured on, and how it did: `python -m tests.unit.detection.sentences` prints every miss and false alarm."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from schemas.detection.loading import SAFE
from schemas.words import Signal
from services.rules.detection import detect

HERE = Path(__file__).parent
LANGUAGES = ("fr", "nl", "de", "en")
VOICES = {
    "positive": {"plain", "slang", "misspelt", "negated", "third_person"},
    "negative": {"negated", "near_miss"},
}


@dataclass(frozen=True)
class Measured:
    """How detection did on one signal and language: how many sentences, which it missed, and where it alarmed for nothing."""

    positives: int
    missed: tuple[str, ...]
    negatives: int
    false_alarms: tuple[str, ...]

    @property
    def recall(self) -> float:
        """0 to 1."""
        return 1 - len(self.missed) / self.positives

    @property
    def precision(self) -> float:
        """0 to 1; on sentences a third of which were written to mislead."""
        found = self.positives - len(self.missed)
        return found / max(1, found + len(self.false_alarms))


@cache
def read(path: str) -> Any:
    """One file of sentences, its path without `.yaml`."""
    return yaml.load((HERE / f"{path}.yaml").read_text("utf-8"), Loader=SAFE)


def corpus(language: str, signal: Signal) -> dict[str, dict[str, list[str]]]:
    """By label and voice."""
    found = read(f"corpus/{language}/{signal}")
    assert (found["language"], found["signal"]) == (language, signal)
    return {label: found[label] for label in VOICES}


def positives_in(folder: str, language: str) -> dict[Signal, list[str]]:
    """What must alarm in a smaller set: lists, or lists under `positive`, by signal."""
    found = {signal: read(f"{folder}/{language}").get(signal, []) for signal in Signal}
    return {signal: known["positive"] if isinstance(known, dict) else known for signal, known in found.items()}


def every_sentence() -> Iterator[str]:
    """All of them, whatever file and label."""
    for path in sorted(HERE.rglob("*.yaml")):
        yield from _strings(read(str(path.relative_to(HERE).with_suffix(""))))


def _strings(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for key, value in node.items():
            if key not in ("language", "signal"):
                yield from _strings(value)
    elif isinstance(node, list):
        for value in node:
            yield from _strings(value)


def alarms(sentence: str, signal: Signal, language: str | None) -> bool:
    """Whether `signal` is seen in the sentence."""
    return any(found.signal is signal for found in detect(sentence, language))


def measured(language: str, signal: Signal, *, told: bool) -> Measured:
    """Detection on the corpus, the language `told` or not."""
    labels = corpus(language, signal)
    yes, no = ([one for voice in labels[label].values() for one in voice] for label in ("positive", "negative"))
    given = language if told else None
    return Measured(
        len(yes),
        tuple(one for one in yes if not alarms(one, signal, given)),
        len(no),
        tuple(one for one in no if alarms(one, signal, given)),
    )


def line(language: str, signal: Signal, how: Measured) -> str:
    """One row of the table."""
    found = how.positives - len(how.missed)
    return (
        f"{language} {signal:22} recall {found:>2}/{how.positives} {how.recall:.3f}"
        f"  precision {how.precision:.3f}  false alarms {len(how.false_alarms)}/{how.negatives}"
    )


def main() -> None:
    """The whole table, then each miss and each false alarm."""
    for told in (True, False):
        print("\nlanguage told" if told else "\nlanguage unknown")
        for signal in Signal:
            for language in LANGUAGES:
                how = measured(language, signal, told=told)
                print(line(language, signal, how))
                print("".join(f"      missed       {one}\n" for one in how.missed), end="")
                print("".join(f"      false alarm  {one}\n" for one in how.false_alarms), end="")


if __name__ == "__main__":
    main()
