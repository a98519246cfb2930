"""What do we know of a case after being told more? Facts add up, signals stay, and a machine only raises the band (DOMAIN section 3)."""

from dataclasses import dataclass
from datetime import datetime

from schemas.cases import CaseRecord, ClosedSignal
from schemas.catalogue import Catalogue
from schemas.catalogue.incidents import UNCLASSIFIED
from schemas.reports import ReportBody, ReportPersonal
from schemas.words import Signal
from services.rules.retriage import OpenCase, retriage, together
from services.rules.triage import Triage

ABOUT_THE_SENDER = ("household_id", "household_reference", "partner_id", "partner_reference")
FORGOTTEN: dict[str, object] = {**dict.fromkeys(ABOUT_THE_SENDER), "drill": False, "personal": ReportPersonal()}


@dataclass(frozen=True, slots=True)
class Learned:
    """What is known now, and what triage makes of it; the band is never less urgent than before."""

    facts: ReportBody
    decision: Triage
    signals: tuple[Signal, ...]
    closed_signals: tuple[ClosedSignal, ...]


def learn(
    case: CaseRecord, said: ReportBody, *, at: datetime, catalogue: Catalogue, dropped: tuple[str, ...] | None = None
) -> Learned:
    """Triage again on everything known. `dropped`: a human corrects the case (`None`: nobody does), these codes do not fit."""
    seen = seen_by_triage(case, without=dropped or ())
    decision = retriage(seen, said, received_at=at, catalogue=catalogue, corrects=dropped is not None)
    return Learned(
        facts=together(seen.facts, said),
        decision=decision,
        signals=tuple(sorted({*case.signals, *decision.signals})),
        closed_signals=tuple(one for one in case.closed_signals if one.signal not in decision.signals),
    )


def seen_by_triage(case: CaseRecord, *, without: tuple[str, ...] = ()) -> OpenCase:
    """An open case as triage sees it, `without` codes that turned out not to fit."""
    codes = [code for code in (case.code, *case.secondary_codes) if code not in without] or [UNCLASSIFIED]
    facts = facts_of(case).model_copy(update={"code": codes[0], "secondary_codes": tuple(codes[1:])})
    return OpenCase(
        code=codes[0],
        secondary_codes=tuple(codes[1:]),
        band=case.band,
        signals=open_signals(case),
        covert=case.covert,
        facts=facts,
        closed=tuple(one.signal for one in case.closed_signals),
        overruled=case.overruled,
    )


def facts_of(case: CaseRecord) -> ReportBody:
    """Everything known of a case as one report would say it; safety signals that a human closed are not said."""
    known = {"code": case.code, "secondary_codes": case.secondary_codes, "signals": open_signals(case)}
    return (case.facts or ReportBody()).model_copy(update=known | {"covert": case.covert})


def open_signals(case: CaseRecord) -> tuple[Signal, ...]:
    """The safety signals nobody has closed."""
    closed = {one.signal for one in case.closed_signals}
    return tuple(signal for signal in case.signals if signal not in closed)


def remembered(body: ReportBody) -> ReportBody:
    """A report's facts as its case keeps them: nothing personal, nothing about who sent it."""
    return body.model_copy(update=FORGOTTEN)


def missing_from(known: ReportBody, other: ReportBody) -> ReportBody:
    """What `other` says and `known` does not; lists are said again, they add up."""
    answered: dict[str, object] = {
        name: field.default
        for name, field in ReportBody.model_fields.items()
        if not isinstance(getattr(other, name), tuple | dict) and getattr(known, name) != field.default
    }
    facts = {name: answer for name, answer in other.facts.items() if name not in known.facts}
    return other.model_copy(update=answered | {"facts": facts})
