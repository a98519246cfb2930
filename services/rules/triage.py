"""How urgent is it, and which pillars does it concern? Base band of its codes, raised by rules; machines only raise (DOMAIN section 3)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from schemas.base import Explanation
from schemas.catalogue import Catalogue
from schemas.catalogue.incidents import UNCLASSIFIED, Incidents
from schemas.reports import ReportBody
from schemas.words import Band, Flag, Pillar, Signal
from services.rules.answers import UNREAD, answers_of, told
from services.rules.raising import Weighed, weigh
from services.rules.reasons import NOTHING_SETTLED, Reason, Settled

LONGEST_RULE = 512
PILLARS = tuple(Pillar)
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
    weighed = _weighed(body, received_at=received_at, catalogue=catalogue)
    remarks = remarks_on(body, catalogue.incidents)
    return decided(weighed, remarks=remarks, covert=body.covert, catalogue=catalogue)


def urgency(body: ReportBody, *, received_at: datetime, catalogue: Catalogue) -> Band:
    """The band alone: what chooses the lane at the door."""
    return _weighed(body, received_at=received_at, catalogue=catalogue).band


def _weighed(body: ReportBody, *, received_at: datetime, catalogue: Catalogue) -> Weighed:
    incidents = catalogue.incidents
    answers = answers_of(body, received_at=received_at, incidents=incidents)
    weighed = weigh(known_codes(body, incidents), known_signals(body), answers, at=received_at, incidents=incidents)
    weighed.reasons += unknown_words(body, incidents)
    return weighed


def known_codes(body: ReportBody, incidents: Incidents) -> tuple[str, ...]:
    """The codes of the catalogue that a report names, each once; `unclassified_suspicion` only when there is no other."""
    return fitting((body.code, *body.secondary_codes), incidents)


def fitting(codes: Iterable[str | None], incidents: Incidents) -> tuple[str, ...]:
    """The codes of the catalogue among these, each once and in order; `unclassified_suspicion` only when there is no other."""
    named = dict.fromkeys(codes)
    return tuple([code for code in named if code in incidents.codes and code != UNCLASSIFIED]) or (UNCLASSIFIED,)


def known_signals(body: ReportBody) -> set[Signal]:
    """The signals a report names outright."""
    return {SIGNALS[name] for name in body.signals if name in SIGNALS}


def unknown_words(body: ReportBody, incidents: Incidents, settled: Settled = NOTHING_SETTLED) -> list[Reason]:
    """A code or signal that the sender knows and we do not, or no code at all, is treated upward (RELIABILITY, Bad input)."""
    found = []
    codes = [code for code in (body.code, *body.secondary_codes) if code is not None]
    if not codes or any(code not in incidents.codes for code in codes):
        found.append(Reason("unknown.code", incidents.unknown.code, ("code",)))
    if any(name not in SIGNALS for name in body.signals):
        found.append(Reason("unknown.signal", incidents.unknown.signal, ("signals",)))
    return [reason for reason in found if not settled.silences(reason)]


def remarks_on(body: ReportBody, incidents: Incidents) -> set[Flag]:
    """What a human has to see to about a report's words."""
    remarks = set()
    if any(code not in incidents.codes for code in (body.code, *body.secondary_codes) if code is not None):
        remarks |= {Flag.UNKNOWN_CODE, Flag.NEEDS_HUMAN}
    if any(name not in SIGNALS for name in body.signals):
        remarks |= {Flag.UNKNOWN_SIGNAL, Flag.NEEDS_HUMAN}
    return remarks


def decided(
    weighed: Weighed, *, remarks: set[Flag], covert: bool, catalogue: Catalogue, before: Band | None = None
) -> Triage:
    """The decision on what was weighed; an open case is never less urgent than `before`."""
    codes = catalogue.incidents.codes
    band = weighed.band if before is None or weighed.band.rank < before.rank else before
    lead = codes[weighed.main].lead
    concerned = list(weighed.adds)
    for code in weighed.codes:
        concerned += (codes[code].lead, *codes[code].support)
    flags = weighed.flags | remarks
    if UNREAD in weighed.answers.values():
        flags |= {Flag.UNREAD_FACT, Flag.NEEDS_HUMAN}
    reasons = tuple(dict.fromkeys([reason.rule for reason in weighed.reasons]))
    return Triage(
        code=weighed.main,
        secondary_codes=tuple([code for code in weighed.codes if code != weighed.main]),
        band=band,
        signals=tuple(sorted(weighed.signals)),
        lead=lead,
        support=tuple([pillar for pillar in PILLARS if pillar in concerned and pillar is not lead]),
        covert=covert or weighed.near or Signal.SAME_ROOF_OFFENDER in weighed.signals,
        flags=tuple(sorted(flags)),
        reasons=reasons,
        explanation=_explanation(weighed, reasons, band, catalogue, before=before),
    )


def _explanation(
    weighed: Weighed, reasons: tuple[str, ...], band: Band, catalogue: Catalogue, *, before: Band | None
) -> Explanation:
    incidents = catalogue.incidents
    inputs: dict[str, str] = {"code": weighed.main, "base": incidents.codes[weighed.main].base}
    if len(weighed.codes) > 1:
        inputs["codes"] = ",".join(weighed.codes)
    if weighed.signals:
        inputs["signals"] = ",".join(sorted(weighed.signals))
    if before is not None:
        inputs["before"] = before
    for name, answer in weighed.answers.items():
        inputs[name] = told(answer, incidents.answers[name])
    outranked = sum([reason.band is not None and reason.band.rank > band.rank for reason in weighed.reasons])
    rejected = {"outranked": outranked, "not_met": weighed.unmet, "not_answered": weighed.unanswered}
    return Explanation(
        rule=_within_bounds(("triage:" if before is None else "retriage:") + "+".join(reasons)),
        catalogue=catalogue.version,
        inputs=inputs,
        rejected={why: count for why, count in rejected.items() if count},
    )


def _within_bounds(rule: str) -> str:
    return rule if len(rule) <= LONGEST_RULE else rule[: LONGEST_RULE - 5].rpartition("+")[0] + "+more"
