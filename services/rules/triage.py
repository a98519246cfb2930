"""How urgent is it, and which pillars does it concern? Base band of its codes, raised by rules; machines only raise (DOMAIN section 3)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from schemas.base import Explanation
from schemas.catalogue import Catalogue
from schemas.catalogue.incidents import UNCLASSIFIED, Incidents
from schemas.reports import ReportBody
from schemas.words import Band, Flag, Pillar, Signal
from services.rules.answers import UNREAD, answers_of
from services.rules.asked_of_triage import Question
from services.rules.raising import Weighed, weigh
from services.rules.reasons import Reason

LONGEST_RULE = 512
PILLARS = tuple(Pillar)
NO_REMARKS: frozenset[Flag] = frozenset()
SIGNALS: Mapping[str, Signal] = {signal.value: signal for signal in Signal}


@dataclass(frozen=True, slots=True)
class Triage:
    """The decision: main code and others, band, sticky signals, lead and supporting pillars, and why.

    `reasons` are the rules that hold, by name; lowering by a human overrules them.
    """

    code: str
    secondary_codes: tuple[str, ...]
    band: Band
    signals: tuple[Signal, ...]
    lead: Pillar
    support: tuple[Pillar, ...]
    covert: bool
    flags: tuple[Flag, ...]
    reasons: tuple[str, ...]
    explanation: Explanation

    @property
    def pillars(self) -> tuple[Pillar, ...]:
        """The lead pillar first."""
        return (self.lead, *self.support)


def triage(body: ReportBody, *, received_at: datetime, catalogue: Catalogue) -> Triage:
    """Band and pillars of a report on its own. What is unknown is never a reason to wait: it is treated upward, and flagged."""
    question = _asked(body, received_at=received_at, incidents=catalogue.incidents)
    return decide(question, catalogue, remarks=remarks_on(body, catalogue.incidents))


def urgency(body: ReportBody, *, received_at: datetime, catalogue: Catalogue) -> Band:
    """The band alone: what chooses the lane at the door."""
    incidents = catalogue.incidents
    return demanded(_asked(body, received_at=received_at, incidents=incidents), incidents)


def demanded(question: Question, incidents: Incidents) -> Band:
    """The band that was asked for, whatever an open case had before."""
    return _weighed(question, incidents).band


def _asked(body: ReportBody, *, received_at: datetime, incidents: Incidents) -> Question:
    return Question(
        codes=known_codes(body, incidents),
        signals=known_signals(body),
        answers=answers_of(body, received_at=received_at, incidents=incidents),
        at=received_at,
        unknown=unknown_words(body, incidents),
        covert=body.covert,
    )


def _weighed(question: Question, incidents: Incidents) -> Weighed:
    settled, unknown = question.settled, incidents.unknown
    weighed = weigh(
        question.codes, question.signals, question.answers, at=question.at, incidents=incidents, settled=settled
    )
    for part in question.unknown:  # treated upward (RELIABILITY, Bad input)
        reason = Reason(
            *(("unknown.code", unknown.code) if part == "code" else ("unknown.signal", unknown.signal)), (part,)
        )
        if not settled.silences(reason):
            weighed.reasons.append(reason)
    return weighed


def known_codes(body: ReportBody, incidents: Incidents) -> tuple[str, ...]:
    """The codes of the catalogue that a report names, each once; `unclassified_suspicion` only when there is no other."""
    return fitting((body.code, *body.secondary_codes), incidents)


def fitting(codes: Iterable[str | None], incidents: Incidents) -> tuple[str, ...]:
    """The codes of the catalogue among these, each once and in order; `unclassified_suspicion` only when there is no other."""
    named = dict.fromkeys(codes)
    return tuple([code for code in named if code in incidents.codes and code != UNCLASSIFIED]) or (UNCLASSIFIED,)


def known_signals(body: ReportBody) -> frozenset[Signal]:
    """The signals a report names outright."""
    return frozenset([SIGNALS[name] for name in body.signals if name in SIGNALS])


def unknown_words(body: ReportBody, incidents: Incidents) -> tuple[str, ...]:
    """The parts of a report that hold a code or signal that its sender knows and we do not, or no code at all."""
    found = []
    codes = [code for code in (body.code, *body.secondary_codes) if code is not None]
    if not codes or any(code not in incidents.codes for code in codes):
        found.append("code")
    if any(name not in SIGNALS for name in body.signals):
        found.append("signals")
    return tuple(found)


def remarks_on(body: ReportBody, incidents: Incidents) -> frozenset[Flag]:
    """What a human has to see to about a report's words."""
    remarks: set[Flag] = set()
    if any(code not in incidents.codes for code in (body.code, *body.secondary_codes) if code is not None):
        remarks |= {Flag.UNKNOWN_CODE, Flag.NEEDS_HUMAN}
    if any(name not in SIGNALS for name in body.signals):
        remarks |= {Flag.UNKNOWN_SIGNAL, Flag.NEEDS_HUMAN}
    return frozenset(remarks)


def decide(question: Question, catalogue: Catalogue, *, remarks: frozenset[Flag] = NO_REMARKS) -> Triage:
    """The same from what was asked alone; an open case is never less urgent than it was."""
    weighed = _weighed(question, catalogue.incidents)
    codes, before = catalogue.incidents.codes, question.before
    band = weighed.band if before is None or weighed.band.rank < before.rank else before
    lead = codes[weighed.main].lead
    concerned = list(weighed.adds)
    for code in weighed.codes:
        concerned += (codes[code].lead, *codes[code].support)
    flags = weighed.flags | remarks
    if UNREAD in weighed.answers.values():
        flags |= {Flag.UNREAD_FACT, Flag.NEEDS_HUMAN}
    return Triage(
        code=weighed.main,
        secondary_codes=tuple([code for code in weighed.codes if code != weighed.main]),
        band=band,
        signals=tuple(sorted(weighed.signals)),
        lead=lead,
        support=tuple([pillar for pillar in PILLARS if pillar in concerned and pillar is not lead]),
        covert=question.covert or weighed.near or Signal.SAME_ROOF_OFFENDER in weighed.signals,
        flags=tuple(sorted(flags)),
        reasons=weighed.rules,
        explanation=_explanation(question, weighed, band, catalogue),
    )


def _explanation(question: Question, weighed: Weighed, band: Band, catalogue: Catalogue) -> Explanation:
    """For people: the case's code, what it is by itself, and what it is now; `asked` is all it was decided from."""
    incidents = catalogue.incidents
    inputs: dict[str, str] = {
        "code": weighed.main,
        "base": incidents.codes[weighed.main].base,
        "band": band,
        "asked": question.told(incidents),
    }
    if len(weighed.codes) > 1:
        inputs["codes"] = ",".join(weighed.codes)
    if weighed.signals:
        inputs["signals"] = ",".join(sorted(weighed.signals))
    outranked = sum([reason.band is not None and reason.band.rank > band.rank for reason in weighed.reasons])
    rejected = {"outranked": outranked, "not_met": weighed.unmet, "not_answered": weighed.unanswered}
    return Explanation.trusted(
        rule=_within_bounds(("triage:" if question.before is None else "retriage:") + "+".join(weighed.rules)),
        catalogue=catalogue.version,
        inputs=inputs,
        rejected={why: count for why, count in rejected.items() if count},
    )


def _within_bounds(rule: str) -> str:
    return rule if len(rule) <= LONGEST_RULE else rule[: LONGEST_RULE - 5].rpartition("+")[0] + "+more"
