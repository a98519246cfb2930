"""What does more knowledge change? A case that has a band and signals is triaged again on all that was told; machines only raise."""

from dataclasses import dataclass
from datetime import datetime

from schemas.catalogue import Catalogue
from schemas.catalogue.incidents import Incidents
from schemas.reports import MOST_CODES, MOST_FACTS, ReportBody, ReportPersonal
from schemas.words import Band, Signal
from services.rules.answers import answers_of
from services.rules.asked_of_triage import Question
from services.rules.raising import of_code
from services.rules.reasons import Settled
from services.rules.triage import Triage, decide, fitting, known_signals, remarks_on, unknown_words

_STAYING = {
    "code",
    "secondary_codes",
    "signals",
    "covert",
    "facts",
    "personal",
    "drill",
    "household_id",
    "household_reference",
    "partner_id",
    "partner_reference",
}


@dataclass(frozen=True, slots=True)
class OpenCase:
    """An open case as triage sees it: what was decided, `facts` told so far, signals a human `closed`, rules a human `overruled`."""

    code: str
    secondary_codes: tuple[str, ...]
    band: Band
    signals: tuple[Signal, ...]
    covert: bool
    facts: ReportBody
    closed: tuple[Signal, ...] = ()
    overruled: tuple[str, ...] = ()


def retriage(
    before: OpenCase, told: ReportBody, *, received_at: datetime, catalogue: Catalogue, corrects: bool = False
) -> Triage:
    """The case's triage after `told`, at its receipt: the band never falls, signals and codes only grow.

    `corrects`: a human says which code it is, so a known `told.code` becomes the main one; it does too when no code fitted yet.
    What a human closed or overruled stays so until something new speaks for it: a signal said again, another answer, a new code.
    """
    incidents = catalogue.incidents
    facts = together(before.facts, told).model_copy(update={"personal": told.personal})
    answers = answers_of(facts, received_at=received_at, incidents=incidents)
    stood = answers_of(before.facts, received_at=received_at, incidents=incidents)
    said, codes = known_signals(told), _codes(before, told, incidents, corrects=corrects)
    changed = {name for name in answers if answers[name] != stood.get(name)}
    changed |= {of_code(code) for code in codes if code not in (before.code, *before.secondary_codes)}
    changed |= {str(signal) for signal in said if signal not in before.signals}
    changed |= {name for name in ("code", "signals") if getattr(told, name)}
    question = Question(
        codes=codes,
        signals=said.union(before.signals),
        answers=answers,
        at=received_at,
        unknown=unknown_words(facts, incidents),
        covert=before.covert or told.covert,
        before=before.band,
        settled=Settled(frozenset(before.closed) - said, frozenset(before.overruled), frozenset(changed)),
    )
    return decide(question, catalogue, remarks=remarks_on(told, incidents))


def _codes(before: OpenCase, told: ReportBody, incidents: Incidents, *, corrects: bool) -> tuple[str, ...]:
    """All codes the case has ever had, the main one first; `unclassified_suspicion` only while nothing else fits."""
    first = told.code if corrects else None
    return fitting((first, before.code, *before.secondary_codes, told.code, *told.secondary_codes), incidents)


def together(before: ReportBody, told: ReportBody) -> ReportBody:
    """Everything told so far, nothing personal: the newest answer counts, what is empty says nothing, codes and signals add up."""
    newer = {name: getattr(told, name) for name in told.model_fields_set - _STAYING}
    facts = {name: answer for name, answer in told.facts.items() if answer is not None}
    older = {name: answer for name, answer in before.facts.items() if name not in facts}
    return before.model_copy(
        update={name: value for name, value in newer.items() if value is not None and value != ()}
        | {
            "code": before.code or told.code,
            "secondary_codes": _added(before.secondary_codes, told.code, *told.secondary_codes),
            "signals": _added(before.signals, *told.signals),
            "covert": before.covert or told.covert,
            "facts": dict([*older.items(), *facts.items()][-MOST_FACTS:]),
            "personal": ReportPersonal(),
        }
    )


def _added(before: tuple[str, ...], *more: str | None) -> tuple[str, ...]:
    return tuple(one for one in dict.fromkeys((*before, *more)) if one is not None)[:MOST_CODES]
