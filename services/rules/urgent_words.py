"""Could these bytes be about a life? Codes, signals, answers and free text are looked for in bytes nobody has parsed, or can (DESIGN 8).

Whatever makes a report P0 is found in its bytes, unless a letter of it is spelt as an escape; in doubt upwards.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from schemas.catalogue import Catalogue
from schemas.catalogue.asked import AnswerType
from schemas.catalogue.incidents import UNCLASSIFIED, Incidents
from schemas.words import Band, Pillar, Signal
from services.rules.answers import UNREAD, Answer, meets, read
from services.rules.dated import HAPPENED
from services.rules.detection import detect
from services.rules.raising import weigh
from services.rules.reasons import Reason
from services.rules.triage import SIGNALS

NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)  # no instant is read here: whatever is dated counts as close
_WORD = re.compile(rb"[a-z0-9]+(?:_[a-z0-9]+)*")
_ANSWER = re.compile(rb"""(?<![a-z0-9_])([a-z][a-z0-9_]{1,63})["']?\s*[:=]\s*\[?\s*("[^"\\]*"|[^\s,{}\[\]]*)""")
_FREE_TEXT = re.compile(  # to its end, or as far as it goes
    rb"""free_text["']?\s*[:=]\s*(?:"([^"\\]*(?:\\.[^"\\]*)*)|'([^'\\]*(?:\\.[^'\\]*)*))""", re.DOTALL
)
_LONGEST_TEXT = 4_000  # letters; a report with more is refused whatever they say
_SIGNALS = re.compile(rb"""signals["']?\s*[:=]\s*\[([^\]]*)""")


@dataclass(frozen=True, slots=True)
class Urgent:
    """A hit: the code, signal or answer that makes it P0, and the pillar whose work it suggests."""

    word: str
    pillar: Pillar


def urgent_words(raw: bytes | None, catalogue: Catalogue) -> Urgent | None:
    """The first word in `raw` that could make its report a P0; `None` when there is none."""
    text = (raw or b"").replace(b"\x00", b"")  # without zeros, UTF-16 reads like ASCII
    words = {match.decode() for match in _WORD.findall(text.lower())}
    incidents = catalogue.incidents
    codes = [code for code in incidents.codes if code in words]
    signals = list(dict.fromkeys([*(SIGNALS[word] for word in SIGNALS if word in words), *_said(text)]))
    answers = _worst_answers(text, incidents)
    if not signals and not answers.keys() - {HAPPENED} and _raises_nothing(codes, incidents):
        return None
    weighed = weigh(codes or (UNCLASSIFIED,), signals, answers, at=NO_TIME, incidents=incidents)
    weighed.reasons += _unknown_words(text, incidents)
    if weighed.band is not Band.P0:
        return None
    alone = (one for one in weighed.reasons if one.band is Band.P0)
    decisive = next(alone, None) or next(one for one in weighed.reasons if one.band is None)
    lead = incidents.codes[weighed.main].lead if codes else Pillar.PSYCHOLOGICAL
    return Urgent(decisive.inputs[0].removeprefix("code:"), lead)


def _said(text: bytes) -> Iterator[Signal]:
    """The signals in free text, as far as it can be made out."""
    for match in _FREE_TEXT.finditer(text):
        quoted = (match[1] or match[2] or b"").decode("utf-8", "replace")
        try:
            said = str(json.loads(f'"{quoted}"', strict=False))
        except ValueError:
            said = quoted
        yield from (found.signal for found in detect(said[:_LONGEST_TEXT], None))


def _raises_nothing(codes: list[str], incidents: Incidents) -> bool:
    """Whether these codes are no P0 by themselves: at most one, and no rule of it holds without an answer."""
    entries = [incidents.codes[code] for code in codes]
    return len(entries) < 2 and all(
        one.base is not Band.P0 and all(rule.when for rule in one.raises) for one in entries
    )


def _unknown_words(text: bytes, incidents: Incidents) -> Iterator[Reason]:
    yield Reason("unknown.code", incidents.unknown.code, ("code",))  # any word may be one
    for listed in _SIGNALS.findall(text):
        if any(word.decode() not in SIGNALS for word in _WORD.findall(listed.lower())):
            yield Reason("unknown.signal", incidents.unknown.signal, ("signals",))


def _worst_answers(text: bytes, incidents: Incidents) -> dict[str, Answer]:
    """The answers that raise something; one given twice, or that nobody can read, is the worst there is."""
    found: dict[str, Answer] = {}
    for name, answer in _answers(text, incidents):
        found[name] = answer if found.get(name, answer) == answer else UNREAD
    return found


def _answers(text: bytes, incidents: Incidents) -> Iterator[tuple[str, Answer]]:
    for match in _ANSWER.finditer(text):
        name = match[1].decode()
        asked = incidents.read.get(name)
        if asked is None or match[2] == b"null":
            continue
        try:
            said = json.loads(match[2])
        except ValueError:
            said = None
        timeless = asked.type not in (AnswerType.INSTANT, AnswerType.MONEY)
        answer = read(said, asked, received_at=NO_TIME) if timeless else UNREAD
        if answer is UNREAD or any(meets(condition, answer, at=NO_TIME) for condition in incidents.conditions[name]):
            yield name, answer
