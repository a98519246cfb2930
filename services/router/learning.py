"""What do we know of a case after being told more? Facts add up, signals stay, and a machine only raises the band (DOMAIN section 3)."""

from dataclasses import dataclass
from datetime import datetime

from schemas.cases import CaseRecord, ClosedSignal
from schemas.catalogue import Catalogue
from schemas.reports import ReportBody, ReportPersonal
from schemas.words import Band, Signal
from services.rules.triage import Triage, triage

ABOUT_THE_SENDER = ("household_id", "household_reference", "partner_id", "partner_reference", "drill")
MOST_CODES = 16


@dataclass(frozen=True, slots=True)
class Learned:
    """What is known now, and what triage makes of it; `band` is never less urgent than before."""

    facts: ReportBody
    decision: Triage
    band: Band
    signals: tuple[Signal, ...]
    closed_signals: tuple[ClosedSignal, ...]


def learn(case: CaseRecord, said: ReportBody, *, at: datetime, catalogue: Catalogue) -> Learned:
    """Triage again on everything known. What a human lowered stays lowered until something new raises it."""
    before = facts_of(case)
    after = _together(before, said)
    was = triage(before, received_at=at, catalogue=catalogue)
    now = triage(after, received_at=at, catalogue=catalogue)
    said_anew = {*said.signals, *(set(now.signals) - set(was.signals))}
    more_urgent = now.band.rank < min(was.band.rank, case.band.rank)
    return Learned(
        facts=remembered(after),
        decision=now,
        band=now.band if more_urgent else case.band,
        signals=tuple(sorted({*case.signals, *now.signals})),
        closed_signals=tuple(one for one in case.closed_signals if one.signal not in said_anew),
    )


def facts_of(case: CaseRecord) -> ReportBody:
    """Everything known of a case as one report would say it; safety signals that a human closed are not said."""
    facts = case.facts or ReportBody()
    known = {"code": case.code, "secondary_codes": case.secondary_codes, "signals": open_signals(case)}
    return facts.model_copy(update=known | {"covert": case.covert})


def open_signals(case: CaseRecord) -> tuple[Signal, ...]:
    """The safety signals nobody has closed."""
    closed = {one.signal for one in case.closed_signals}
    return tuple(signal for signal in case.signals if signal not in closed)


def remembered(body: ReportBody) -> ReportBody:
    """A report's facts as its case keeps them: nothing personal, nothing about who sent it."""
    nothing = dict.fromkeys(ABOUT_THE_SENDER) | {"drill": False}
    return body.model_copy(update=nothing | {"personal": ReportPersonal()})


def _together(before: ReportBody, said: ReportBody) -> ReportBody:
    """What was said last counts; codes, signals and extra answers add up; an empty answer says nothing."""
    known: dict[str, object] = {}
    for name, field in ReportBody.model_fields.items():
        value = getattr(said, name)
        if name in ABOUT_THE_SENDER or value is None or value == field.default:
            continue
        old = getattr(before, name)
        if isinstance(value, tuple):
            value = tuple(dict.fromkeys((*old, *value)))[:MOST_CODES]
        elif isinstance(value, dict):
            value = old | value
        known[name] = value
    return before.model_copy(update=known)


def missing_from(known: ReportBody, other: ReportBody) -> ReportBody:
    """What `other` says and `known` does not; lists are said again, they add up."""
    answered = {
        name: field.default
        for name, field in ReportBody.model_fields.items()
        if not isinstance(getattr(other, name), tuple | dict) and getattr(known, name) != field.default
    }
    return other.model_copy(update=answered)
