"""`incidents.yaml`: the incident codes with their routing, base band and raising rules; what is asked; the safety signals."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Self

from pydantic import Field, model_validator

from schemas.catalogue.asked import AnswerType, Asked, Name
from schemas.catalogue.parts import Sourced, Untrue
from schemas.catalogue.raised import Condition, Kind, Rule, RuleName, Within
from schemas.reports import ReportBody, ReportPersonal
from schemas.words import Band, Pillar, Role, Signal

UNCLASSIFIED = "unclassified_suspicion"
READ_BY_TIME = frozenset({"deadline_at", "paid_at", "executed_at", "happened_at", "money_lost", "paid"})
_FIELDS = {**ReportBody.model_fields, **ReportPersonal.model_fields}


class IncidentType(Sourced):
    """One incident code: lead and supporting pillars, the band before anything raises it, what it asks, what raises it."""

    definition: str
    lead: Pillar
    support: tuple[Pillar, ...]
    base: Band
    kinds: tuple[Kind, ...] = ()
    ask: tuple[Name, ...]
    raises: tuple[Rule, ...] = ()


class SafetySignal(Sourced):
    """What a safety signal forces whatever the code (DOMAIN section 4), and which human roles may close it, with a reason."""

    rule: RuleName
    raises: Band | None = None
    adds: tuple[Pillar, ...] = ()
    closed_by: Annotated[tuple[Role, ...], Field(min_length=1)]


class Unknown(Sourced):
    """How urgent a report is at least whose code, or one of whose signals, is unknown or missing."""

    code: Band
    signal: Band


class Incidents(Sourced):
    """`incidents.yaml`. `always` are fields of a report, `facts` its extra ones; one name means one thing in all codes."""

    deadlines: Within
    payments: Within
    unknown: Unknown
    signals: dict[Signal, SafetySignal]
    always: dict[Name, Asked]
    facts: dict[Name, Asked]
    everywhere: tuple[Rule, ...]
    codes: dict[Name, IncidentType]

    @cached_property
    def answers(self) -> Mapping[str, Asked]:
        """Everything that may be asked, by name."""
        return {**self.always, **self.facts}

    @cached_property
    def conditions(self) -> Mapping[str, tuple[Condition, ...]]:
        """Every condition upon an answer, by the answer's name; those of R5 and R6 have none here."""
        found: dict[str, tuple[Condition, ...]] = dict.fromkeys(READ_BY_TIME, ())
        for rule in [*self.everywhere, *(rule for code in self.codes.values() for rule in code.raises)]:
            for name, condition in rule.when.items():
                found[name] = (*found.get(name, ()), condition)
        return found

    @cached_property
    def read(self) -> Mapping[str, Asked]:
        """The answers that decide something."""
        return {name: asked for name, asked in self.answers.items() if name in self.conditions}

    @cached_property
    def always_read(self) -> Mapping[str, Asked]:
        """The fields of a report that decide something; personal ones apart."""
        return {
            name: one for name, one in self.always.items() if name in self.read and one.type is not AnswerType.PERSONAL
        }

    @cached_property
    def facts_read(self) -> Mapping[str, Asked]:
        """The extra facts that decide something."""
        return {name: one for name, one in self.facts.items() if name in self.read}

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        for fault in self._faults():
            raise Untrue(fault)
        return self

    def _faults(self) -> Iterator[str]:
        if UNCLASSIFIED not in self.codes:
            yield f"codes: {UNCLASSIFIED} is missing"
        for signal in Signal:
            if signal not in self.signals:
                yield f"signals: {signal} is missing"
        yield from _faults_of_answers(self)
        yield from _faults_of_rules("everywhere", self.everywhere, self)
        for code, entry in self.codes.items():
            yield from _faults_of_code(f"codes/{code}", entry, self)


def _faults_of_answers(incidents: Incidents) -> Iterator[str]:
    for name in READ_BY_TIME - incidents.answers.keys():
        yield f"always: {name} is missing"
    for name in incidents.always:
        if name not in _FIELDS:
            yield f"always/{name}: a report has no such field"
    for name in incidents.facts:
        if name in _FIELDS:
            yield f"facts/{name}: a field of every report belongs under always"
    for name, asked in incidents.answers.items():
        where = "always" if name in incidents.always else "facts"
        if asked.values is not None and asked.type is not AnswerType.CODE:
            yield f"{where}/{name}: only a code has values"
        if asked.values is not None and len(set(asked.values)) < len(asked.values):
            yield f"{where}/{name}: values names one twice"


def _faults_of_code(path: str, entry: IncidentType, incidents: Incidents) -> Iterator[str]:
    if entry.lead in entry.support:
        yield f"{path}: support: {entry.lead} leads already"
    for name in ("support", "kinds", "ask"):
        if len(set(getattr(entry, name))) < len(getattr(entry, name)):
            yield f"{path}: {name}: something is named twice"
    for name in entry.ask:
        if name not in incidents.answers:
            yield f"{path}: ask: no such answer: {name}"
    yield from _faults_of_rules(f"{path}/raises", entry.raises, incidents)


def _faults_of_rules(path: str, rules: tuple[Rule, ...], incidents: Incidents) -> Iterator[str]:
    names = [rule.rule for rule in rules]
    for rule in rules:
        if names.count(rule.rule) > 1:
            yield f"{path}: {rule.rule}: the name is taken"
        for fault in rule.faults(incidents.answers):
            yield f"{path}: {fault}"
        for code in (rule.becomes, rule.also):
            if code is not None and code not in incidents.codes:
                yield f"{path}: {rule.rule}: no such code: {code}"
        if rule.becomes is not None and path == "everywhere":
            yield f"{path}: {rule.rule}: only a rule of one code says what it becomes"
