"""One version of a programme: who is covered, for which incidents, by which services, up to how much, who says so (DOMAIN 2)."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field, TypeAdapter, ValidationError, model_validator

from schemas.catalogue.parts import Duration, Part
from schemas.catalogue.programme_words import Condition, ExclusionEffect, SaleState, Scope, Source
from schemas.words import Band, Pillar

Amount = Annotated[int, Field(gt=0)]
FACTS = frozenset(  # what a figure may be about besides numbers in force; a price is information
    {
        *("sale_state", "valid_from", "valid_to", "languages", "beneficiary_scope", "relations_allowed", "eligibility"),
        *("incident_codes", "services", "tiers", "hours", "partners", "exclusions", "secondary", "price"),
        "pilot",
    }
)
NAMED = ("eligibility/", "exclusions/")
ALWAYS_SOURCED = ("beneficiary_scope", "incident_codes", "services")
_DURATION = TypeAdapter[timedelta](Duration)


class ServiceOffered(Part):
    """A slice of a pillar: `limit` names a ceiling or a session limit; no `tiers`: every tier; no `codes`: every code covered."""

    pillar: Pillar
    service: str
    limit: str | None = None
    tiers: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


class Ceiling(Part):
    """At most `amount_minor` (cents) per `per` and `period`, in at most `claims` claims."""

    guarantee: str
    amount_minor: Amount
    per: Literal["household", "person", "employee", "company"]
    period: Literal["contract_year", "event"]
    claims: Amount | None = None


class SessionLimit(Part):
    """At most `count` of something (sessions, takedown campaigns) per person and year, on one tier or on all."""

    limit: str
    count: Amount
    per: Literal["household", "person"]
    period: Literal["contract_year"]
    tier: str | None = None


class SlaOverride(Part):
    """A promise of the programme itself: a clock of one band and pillar, or a milestone (`takedown_done`)."""

    kind: str
    within: Duration
    band: Band | None = None
    pillar: Pillar | None = None


class Funding(Part):
    """Who pays the premium; `share` in percent, none when nobody says."""

    payer: str
    share: Annotated[int, Field(gt=0, le=100)] | None = None


class Exclusion(Part):
    """A circumstance that takes something away; one `decided_by` a human only makes money wait until decided."""

    code: str
    effect: ExclusionEffect
    decided_by: Literal["human", "machine"]


class Pilot(Part):
    """A test phase: sold through `until`, to at most `cohort` households; who holds it by then keeps it."""

    until: date
    cohort: Amount | None = None


class Figure(Part):
    """Where something comes from. `value` is the number in force, if it is one. Under D, P and K `said` is what the articles
    say: null when they are silent, words when they are vague. `verified` means checked with whoever sells it."""

    of: str
    value: Annotated[int, Field(gt=0)] | str | None = None
    said: str | None = None
    source: Source
    verified: bool

    @model_validator(mode="after")
    def _silence_is_spelt_out(self) -> Self:
        if self.source.stated is ("said" in self.model_fields_set):
            raise ValueError(f"{self.of}: `said` is for D, P and K, null where the articles are silent")
        return self


class ProgrammeVersion(Part):
    """What holds for harm between `valid_from` and `valid_to`, both included; none: open."""

    version: Amount
    valid_from: date | None = None
    valid_to: date | None = None
    sale_state: SaleState
    pilot: Pilot | None = None
    country: Annotated[str, Field(pattern="^([A-Z]{2}|any)$")]
    currency: Literal["EUR"]
    languages: Annotated[tuple[Literal["fr", "nl", "de", "en"], ...], Field(min_length=1)]
    beneficiary_scope: Scope
    relations_allowed: tuple[str, ...] = ()
    eligibility: tuple[Condition, ...] = ()
    incident_codes: tuple[str, ...]
    tiers: tuple[str, ...] = ()
    services: tuple[ServiceOffered, ...] = ()
    of_funded_contract: bool = False
    secondary: bool = False
    hours: Literal["always", "unstated"] = "unstated"
    ceilings: tuple[Ceiling, ...] = ()
    session_limits: tuple[SessionLimit, ...] = ()
    sla_overrides: tuple[SlaOverride, ...] = ()
    funding: tuple[Funding, ...] = ()
    partners: tuple[str, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    figures: tuple[Figure, ...]

    @property
    def for_several(self) -> bool:
        """Whether one contract is for everybody who lives together."""
        return self.beneficiary_scope in (Scope.FAMILY_UNDER_ONE_ROOF, Scope.HOUSEHOLD)

    @cached_property
    def covered_codes(self) -> frozenset[str]:
        """The incident codes it names."""
        return frozenset(self.incident_codes)

    @model_validator(mode="after")
    def _says_where_everything_comes_from(self) -> Self:
        numbers, told = dict(self.numbers()), {figure.of: figure for figure in self.figures}
        if len(told) < len(self.figures) or len(numbers) < len(tuple(self.numbers())):
            raise ValueError("figures: each thing is set once and has one source")
        facts = set(self._facts())
        for of in (*numbers, *ALWAYS_SOURCED, *facts):
            if of not in told:
                raise ValueError(f"figures: {of} has no source")
        for of, figure in told.items():
            if of in numbers:
                if not _same(figure.value, numbers[of]):
                    raise ValueError(f"figures: {of} says {figure.value}, in force is another value")
            elif of.partition("/")[0] not in FACTS or (of.startswith(NAMED) and of not in facts):
                raise ValueError(f"figures: {of} is about nothing here")
        return self

    @model_validator(mode="after")
    def _refers_only_to_what_it_has(self) -> Self:
        limits = {one.guarantee for one in self.ceilings} | {one.limit for one in self.session_limits}
        used = {one.limit for one in self.services if one.limit is not None}
        if used != limits:
            raise ValueError(f"services: limits {sorted(used ^ limits)} are named or set, but not both")
        tiers = {tier for one in self.services for tier in one.tiers} | {one.tier for one in self.session_limits}
        if tiers - {None} - set(self.tiers):
            raise ValueError(f"tiers: {sorted(tier for tier in tiers if tier and tier not in self.tiers)} unknown")
        if sum(one.share or 0 for one in self.funding) > 100:
            raise ValueError("funding: shares exceed 100 %")
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValueError("valid_to: lies before valid_from")
        return self

    def numbers(self) -> Iterator[tuple[str, int | timedelta]]:
        """Every number in force, under the name its figure has."""
        for ceiling in self.ceilings:
            yield f"ceilings/{ceiling.guarantee}", ceiling.amount_minor
            if ceiling.claims is not None:
                yield f"ceilings/{ceiling.guarantee}/claims", ceiling.claims
        for limit in self.session_limits:
            yield "/".join(part for part in ("session_limits", limit.limit, limit.tier) if part), limit.count
        for override in self.sla_overrides:
            yield (
                "/".join(part for part in ("sla_overrides", override.kind, override.band, override.pillar) if part),
                (override.within),
            )
        for payer in self.funding:
            if payer.share is not None:
                yield f"funding/{payer.payer}", payer.share
        if self.pilot is not None and self.pilot.cohort is not None:
            yield "pilot/cohort", self.pilot.cohort

    def _facts(self) -> Iterator[str]:
        yield from (f"exclusions/{one.code}" for one in self.exclusions)
        yield from (f"eligibility/{one}" for one in self.eligibility)
        named: dict[str, object] = {"valid_from": self.valid_from, "valid_to": self.valid_to, "partners": self.partners}
        named |= {"tiers": self.tiers, "secondary": self.secondary, "hours": self.hours == "always"}
        named |= {"sale_state": self.sale_state is SaleState.RUN_OFF, "relations_allowed": self.relations_allowed}
        named |= {"pilot": self.pilot}
        yield from (name for name, value in named.items() if value)


def _same(told: int | str | None, number: int | timedelta) -> bool:
    if isinstance(number, timedelta):
        try:
            return _DURATION.validate_python(told) == number
        except ValidationError:
            return False
    return told == number
