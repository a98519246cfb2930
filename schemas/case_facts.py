"""What every fact of a case's timeline says, and the facts that tie a case to reports, other cases, a household."""

from schemas.base import Actor, Code, Explanation, Fact, Id, Instant
from schemas.reports import ReportBody, ReportPersonal
from schemas.words import Channel, LinkKind, Pillar, Signal


def case_type(fact: str) -> str:
    """The CloudEvents type of a fact on a case."""
    return f"eu.sameroof.case.v1.{fact}"


class CaseFact(Fact):
    """Every fact: its case, the case's version after it, the instant decided (`at`) and who caused it."""

    case_id: Id
    household_id: Id
    version: int
    at: Instant
    actor: Actor


class ReportAttached(CaseFact):
    """A further report of the same thing (the typed key they share is in the explanation); `facts` is what it said."""

    report_id: Id
    source: Id
    channel: Channel
    partner_id: Id | None = None
    received_at: Instant
    facts: ReportBody
    explanations: tuple[Explanation, ...]
    personal: ReportPersonal = ReportPersonal()


class Updated(CaseFact):
    """A human told more, or something else, or an attacker's deadline came near; the case's code and signals after it."""

    facts: ReportBody
    code: Code
    signals: tuple[Signal, ...] = ()
    reason: Code | None = None
    explanations: tuple[Explanation, ...]
    personal: ReportPersonal = ReportPersonal()


class SignalClosed(CaseFact):
    """A human closed a safety signal."""

    signal: Signal
    reason: Code


class Linked(CaseFact):
    """Another case of the household has to do with this one; `explanation` when a machine found so."""

    other_case_id: Id
    kind: LinkKind
    reason: Code
    explanation: Explanation | None = None


class Walled(CaseFact):
    """Somebody of the household is on the other side: another team, no shared view. Whose case that is, is told to nobody."""

    explanation: Explanation


class Merged(CaseFact):
    """This case goes on in another one."""

    into_case_id: Id
    reason: Code


class Absorbed(CaseFact):
    """Another case goes on in this one."""

    from_case_id: Id
    reason: Code
    explanations: tuple[Explanation, ...]


class Split(CaseFact):
    """Part of this case became a case of its own."""

    into_case_id: Id
    code: Code
    reports: tuple[Id, ...] = ()
    reason: Code


class PlacedInHousehold(CaseFact):
    """The household a caller belongs to became known."""

    real_household_id: Id


class CoverageDecided(CaseFact):
    """Coverage was decided again: a human raised the case to P0 or split it, or the household it was placed in answered; then whose
    snapshot it was decided on."""

    real_household_id: Id | None = None
    household_version: int | None = None
    member: bool
    explanations: tuple[Explanation, ...]


class LookedUp(CaseFact):
    """Somebody asked for this covert case by its reference; `found`: with the right code word."""

    found: bool


class AcceptanceSuperseded(CaseFact):
    """A desk took an acceptance of a track that had been moved away from it already: it counts for nothing."""

    track_id: Id
    pillar: Pillar
    epoch: int
    responder_id: Id
