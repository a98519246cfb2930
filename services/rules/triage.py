"""How urgent is it, and which pillars does it concern? Base band of the code, raised by signals; machines only raise (DOMAIN section 3)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from schemas.base import Explanation
from schemas.catalogue import Catalogue
from schemas.reports import ReportBody
from schemas.words import Band, Flag, Pillar, Signal
from services.rules.claimed_times import read_claimed

UNKNOWN = "unclassified_suspicion"
AT_ONCE = frozenset({Signal.SELF_HARM, Signal.PHYSICAL_DANGER, Signal.MONEY_LEAVING, Signal.CHILD_SEXUAL_CONTENT})
MINOR_BANDS = frozenset({"under_15", "15_17", "minor"})


@dataclass(frozen=True, slots=True)
class Triage:
    """The decision: main code, band, sticky signals, lead and supporting pillars, and why."""

    code: str
    band: Band
    signals: tuple[Signal, ...]
    lead: Pillar
    support: tuple[Pillar, ...]
    covert: bool
    flags: tuple[Flag, ...]
    explanation: Explanation

    @property
    def pillars(self) -> tuple[Pillar, ...]:
        """The lead pillar first."""
        return (self.lead, *self.support)


def triage(body: ReportBody, *, received_at: datetime, catalogue: Catalogue) -> Triage:
    """Band and pillars of a report on its own. An unknown code or signal is never a reason to wait: it is flagged for a human."""
    codes = catalogue.incidents.codes
    code, signals = _code(body, catalogue), _signals(body)
    band, rules = urgency(body, received_at=received_at, catalogue=catalogue)
    return Triage(
        code=code,
        band=band,
        signals=signals,
        lead=codes[code].lead,
        support=_support(body, code, catalogue),
        covert=body.covert or Signal.SAME_ROOF_OFFENDER in signals,
        flags=_flags(body, catalogue),
        explanation=Explanation(
            rule="triage:" + "+".join(rules),
            catalogue=catalogue.version,
            inputs={"code": code, "base": codes[code].base, "signals": ",".join(signals)},
        ),
    )


def urgency(body: ReportBody, *, received_at: datetime, catalogue: Catalogue) -> tuple[Band, list[str]]:
    """The band alone, and the rules that led to it: what chooses the lane at the door."""
    codes = catalogue.incidents.codes
    code, signals = _code(body, catalogue), _signals(body)
    raised = [codes[code].base, *(codes[other].base for other in body.secondary_codes if other in codes)]
    rules = ["base"]
    for band, rule in _raised(body, signals, sexual=codes[code].sexual, received_at=received_at):
        raised.append(band)
        rules.append(rule)
    band = min(raised, key=lambda one: one.rank)
    if Signal.MINOR in signals:
        band, rules = band.raised(), [*rules, "R2"]
    if Signal.SAME_ROOF_OFFENDER in signals:
        band, rules = band.raised(), [*rules, "R9"]
    return band, rules


def _code(body: ReportBody, catalogue: Catalogue) -> str:
    return body.code if body.code in catalogue.incidents.codes else UNKNOWN


def _signals(body: ReportBody) -> tuple[Signal, ...]:
    found = {Signal(name) for name in body.signals if name in Signal.__members__.values()}
    if body.victim_age_band in MINOR_BANDS:
        found.add(Signal.MINOR)
    if body.wellbeing_0_10 is not None and body.wellbeing_0_10 <= 2:
        found.add(Signal.SELF_HARM)
    return tuple(sorted(found))


def _raised(
    body: ReportBody, signals: tuple[Signal, ...], *, sexual: bool, received_at: datetime
) -> list[tuple[Band, str]]:
    found: list[tuple[Band, str]] = [(Band.P0, f"signal.{signal}") for signal in signals if signal in AT_ONCE]
    if Signal.MINOR in signals and sexual:
        found.append((Band.P0, "R2.sexual"))
    if Signal.ADDRESS_EXPOSED in signals:
        found.append((Band.P0 if body.code == "threat" else Band.P1, "R4"))
    deadline = read_claimed(body.deadline_at, received_at=received_at).instant
    if deadline is not None and deadline <= received_at + timedelta(hours=24):
        found.append((Band.P0, "R5.24h"))
    elif deadline is not None and deadline <= received_at + timedelta(hours=72):
        found.append((Band.P1, "R5.72h"))
    elif Signal.ATTACKER_DEADLINE in signals:
        found.append((Band.P0, "R5.unread"))  # an ultimatum without a readable time is treated upward
    return found


def _support(body: ReportBody, code: str, catalogue: Catalogue) -> tuple[Pillar, ...]:
    codes = catalogue.incidents.codes
    concerned = list(codes[code].support)
    for other in body.secondary_codes:
        if other in codes:
            concerned += [codes[other].lead, *codes[other].support]
    return tuple(pillar for pillar in Pillar if pillar in concerned and pillar is not codes[code].lead)


def _flags(body: ReportBody, catalogue: Catalogue) -> tuple[Flag, ...]:
    flags: list[Flag] = []
    named = [code for code in (body.code, *body.secondary_codes) if code is not None]
    if any(code not in catalogue.incidents.codes for code in named):
        flags.append(Flag.UNKNOWN_CODE)
    if any(name not in Signal.__members__.values() for name in body.signals):
        flags.append(Flag.UNKNOWN_SIGNAL)
    if flags or body.code is None:
        flags.append(Flag.NEEDS_HUMAN)
    return tuple(flags)
