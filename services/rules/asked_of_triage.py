"""What triage is decided from: nothing else, so that the recorded words of it suffice to decide again."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from json import JSONEncoder
from typing import Any

from schemas.catalogue.asked import AnswerType
from schemas.catalogue.incidents import Incidents
from schemas.words import Band, Signal
from services.rules.answers import UNREAD, Answer, Answers, told
from services.rules.reasons import NOTHING_SETTLED, Settled


@dataclass(frozen=True, slots=True)
class Question:
    """`codes` are of the catalogue, each once, the main one first; `at` is our receipt of what was told. `unknown` are the parts
    of a report (`code`, `signals`) that hold a word nobody here knows; `before` the band of an open case, `settled` what a human
    decided on it."""

    codes: tuple[str, ...]
    signals: frozenset[Signal]
    answers: Answers
    at: datetime
    unknown: tuple[str, ...] = ()
    covert: bool = False
    before: Band | None = None
    settled: Settled = NOTHING_SETTLED

    def told(self, incidents: Incidents) -> str:
        """Everything of it, as JSON: what an explanation keeps; never a word the catalogue does not know."""
        said: dict[str, Any] = {"codes": self.codes, "at": self.at.isoformat()}
        if self.signals:
            said["signals"] = sorted(self.signals)
        if self.answers:
            said["answers"] = {name: told(answer, incidents.answers[name]) for name, answer in self.answers.items()}
        if self.unknown:
            said["unknown"] = self.unknown
        if self.covert:
            said["covert"] = True
        if self.before is not None:
            said["before"] = self.before
        if self.settled is not NOTHING_SETTLED:
            settled = (self.settled.closed, self.settled.overruled, self.settled.changed)
            said["settled"] = [sorted(one) for one in settled]
        return _ENCODER.encode(said)


_ENCODER = JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def read_question(text: str, incidents: Incidents) -> Question:
    """What `told` wrote under the same release. Raises `ValueError` or `LookupError` for anything else."""
    said = json.loads(text)
    codes = tuple(said["codes"])
    if not codes or any(code not in incidents.codes for code in codes):
        raise ValueError("no codes of the catalogue")
    closed, overruled, changed = said.get("settled", ((), (), ()))
    return Question(
        codes=codes,
        signals=frozenset(map(Signal, said.get("signals", ()))),
        answers=_answers(said.get("answers", {}), incidents),
        at=datetime.fromisoformat(said["at"]),
        unknown=tuple(said.get("unknown", ())),
        covert=said.get("covert", False),
        before=Band(said["before"]) if "before" in said else None,
        settled=Settled(frozenset(map(Signal, closed)), frozenset(overruled), frozenset(changed)),
    )


def _answers(said: Mapping[str, str], incidents: Incidents) -> dict[str, Answer]:
    return {name: _answer(text, incidents.answers[name].type) for name, text in said.items()}


def _answer(text: str, type_: AnswerType) -> Answer:
    if text == UNREAD.value:
        return UNREAD
    match type_:
        case AnswerType.BOOLEAN:
            return text == "true"
        case AnswerType.NUMBER | AnswerType.MONEY:
            return int(text)
        case AnswerType.INSTANT:
            return datetime.fromisoformat(text)
        case _:
            return text
