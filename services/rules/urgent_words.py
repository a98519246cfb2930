"""Could these bytes be about a life? What is about to be dead-lettered is scanned for P0 codes and signals (DESIGN section 8)."""

import re
from dataclasses import dataclass

from schemas.catalogue import Catalogue
from schemas.words import Band, Pillar, Signal
from services.rules.triage import AT_ONCE, MINOR_BANDS

ALONE = (*AT_ONCE, Signal.ATTACKER_DEADLINE)
_WORD = re.compile(rb"[a-z0-9]+(?:_[a-z0-9]+)*")
_LOW_WELLBEING = re.compile(rb"wellbeing_0_10[^0-9a-z]{1,8}[0-2](?![0-9])")


@dataclass(frozen=True, slots=True)
class Urgent:
    """A hit: the code or signal that makes it P0, and the pillar whose work it suggests."""

    word: str
    pillar: Pillar


def urgent_words(raw: bytes | None, catalogue: Catalogue) -> Urgent | None:
    """The first word in `raw` that could make its report a P0, in doubt upwards; `None` when there is none."""
    text = (raw or b"").replace(b"\x00", b"").lower()  # without zeros, UTF-16 reads like ASCII
    words = {match.group().decode() for match in _WORD.finditer(text)}
    codes = catalogue.incidents.codes
    named = [code for code in codes if code in words]
    suspected = codes[named[0]].lead if named else Pillar.PSYCHOLOGICAL
    for code in named:
        if codes[code].base is Band.P0:
            return Urgent(code, codes[code].lead)
    for signal in ALONE:
        if signal in words:
            return Urgent(signal, suspected)
    if _LOW_WELLBEING.search(text):
        return Urgent(Signal.SELF_HARM, suspected)
    if words & (MINOR_BANDS | {Signal.MINOR}) and any(codes[code].sexual for code in named):
        return Urgent(Signal.MINOR, suspected)
    if {"threat", Signal.ADDRESS_EXPOSED} <= words:
        return Urgent(Signal.ADDRESS_EXPOSED, suspected)
    return None
