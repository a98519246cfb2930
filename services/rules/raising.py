"""What raises it? Every rule of the catalogue and of R1 to R10 that holds for some codes, signals and answers (DOMAIN section 3)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from schemas.catalogue.incidents import Incidents
from schemas.catalogue.raised import Kind, Rule
from schemas.words import Band, Flag, Pillar, Signal
from services.rules.answers import Answers, meets
from services.rules.dated import of_deadline, of_payments
from services.rules.reasons import NOTHING_SETTLED, Reason, Settled


@dataclass(slots=True)
class Weighed:
    """Everything that follows from what was told: codes, signals, what they bring with them, and why it is so urgent."""

    main: str
    codes: list[str]
    signals: set[Signal]
    answers: Answers
    kinds: set[Kind] = field(default_factory=set)
    near: bool = False
    adds: set[Pillar] = field(default_factory=set)
    flags: set[Flag] = field(default_factory=set)
    reasons: list[Reason] = field(default_factory=list)
    unmet: int = 0
    unanswered: int = 0

    @property
    def band(self) -> Band:
        """The most urgent band any reason demands, one band more for each reason that says so."""
        demanded = [reason.band for reason in self.reasons if reason.band is not None]
        steps = len(self.reasons) - len(demanded)
        return min(demanded, key=_rank, default=Band.P3).raised(steps)

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules that hold, by name, each once."""
        return tuple(dict.fromkeys([reason.rule for reason in self.reasons]))


def weigh(
    codes: Iterable[str],
    signals: Iterable[Signal],
    answers: Answers,
    *,
    at: datetime,
    incidents: Incidents,
    settled: Settled = NOTHING_SETTLED,
) -> Weighed:
    """All that holds at `at`. `codes` are of the catalogue, each once, at least one, the main one first."""
    named = list(codes)
    weighed = Weighed(named[0], named, set(signals), answers)
    for rule in incidents.everywhere:
        _apply(rule, None, weighed, at=at, settled=settled)
    for code in weighed.codes:  # grows while codes bring others with them
        entry = incidents.codes[code]
        weighed.kinds.update(entry.kinds)
        weighed.reasons.append(Reason(f"{code}.base", entry.base, (of_code(code),)))
        for rule in entry.raises:
            _apply(rule, code, weighed, at=at, settled=settled)
    weighed.reasons += of_deadline(weighed.signals, answers, at=at, within=incidents.deadlines)
    weighed.reasons += of_payments(weighed.kinds, answers, at=at, within=incidents.payments)
    weighed.reasons += _of_signals(weighed, incidents)
    weighed.reasons = [one for one in weighed.reasons if not settled.silences(one)]
    return weighed


def _rank(band: Band) -> int:
    return band.rank


def of_code(code: str) -> str:
    """How a code is named among the inputs of a reason."""
    return f"code:{code}"


def _apply(rule: Rule, code: str | None, weighed: Weighed, *, at: datetime, settled: Settled) -> None:
    for asked, condition in rule.when.items():
        answer = weighed.answers.get(asked)
        if answer is None:
            if condition.present is not False:
                weighed.unanswered += 1
                return
        elif not meets(condition, answer, at=at):
            weighed.unmet += 1
            return
    inputs = tuple(rule.when) or ((of_code(code),) if code else ())
    if rule.to is not None:
        weighed.reasons.append(Reason(named(rule, code), rule.to, inputs))
    weighed.signals.update(one for one in rule.signals if not settled.keeps_closed(one, inputs))
    weighed.adds.update(rule.adds)
    weighed.flags.update(rule.flags)
    weighed.near |= rule.near
    if rule.kind is not None:
        weighed.kinds.add(rule.kind)
    brought = rule.becomes or rule.also
    if brought is not None and brought not in weighed.codes:
        weighed.codes.append(brought)
    if rule.becomes is not None and code == weighed.main:
        weighed.main = rule.becomes


def named(rule: Rule, code: str | None) -> str:
    """A rule's name in explanations: R1 to R10 are the domain's, all others belong to their code."""
    return rule.rule if code is None or rule.rule.startswith("R") else f"{code}.{rule.rule}"


def _of_signals(weighed: Weighed, incidents: Incidents) -> Iterator[Reason]:
    codes = tuple([of_code(code) for code in weighed.codes])
    for signal in sorted(weighed.signals):
        entry = incidents.signals[signal]
        weighed.adds.update(entry.adds)
        if entry.raises is not None:
            yield Reason(f"{entry.rule}.{signal}", entry.raises, (signal,))
    if Signal.MINOR in weighed.signals:
        yield Reason("R2", None, (Signal.MINOR,))
        if Kind.SEXUAL in weighed.kinds:
            yield Reason("R2.sexual", Band.P0, (Signal.MINOR, *codes))
    if Signal.ADDRESS_EXPOSED in weighed.signals and Kind.THREAT in weighed.kinds:
        yield Reason("R4.threat", Band.P0, (Signal.ADDRESS_EXPOSED, *codes))
    if weighed.near or Signal.SAME_ROOF_OFFENDER in weighed.signals:
        yield Reason("R9", None, (Signal.SAME_ROOF_OFFENDER, "offender_relation"))
