"""What is promised on a track? The matrix, the lead track of a P0, milestones of its services, and what its programmes promise on top."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from schemas.catalogue import Catalogue
from schemas.catalogue.sla import Milestone
from schemas.catalogue.terms import SlaOverride
from schemas.coverage import GrantedBy
from schemas.words import Band, ClockKind, Pillar
from services.rules.working_days import end_of_working_days

EVERY_TRACK = (ClockKind.ACKNOWLEDGE, ClockKind.FIRST_RESPONSE, ClockKind.NEXT_CONTACT, ClockKind.RESOLVE)


@dataclass(frozen=True, slots=True)
class About:
    """The track that promises. `code` is its case's, `services` are those it may use, `region` is its desk's, `overrides` its
    programmes'."""

    band: Band
    pillar: Pillar
    lead: bool
    region: str
    code: str = ""
    services: tuple[str, ...] = ()
    overrides: tuple[SlaOverride, ...] = ()


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise: real time `within`, or whole working days of a zone; `rule` says where it is written.

    `by` is an instant that was promised to the victim: it may only be sooner.
    """

    kind: ClockKind
    rule: str
    within: timedelta = timedelta(0)
    milestone: str | None = None
    working_days: int | None = None
    by: datetime | None = None
    zone: str = "UTC"
    holidays: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """As its clock is called."""
        return self.milestone or self.kind

    def due(self, since: datetime) -> datetime:
        """When it falls due if it was made at `since`."""
        if self.working_days is None:
            due = since + self.within
            return due if self.by is None or self.by <= since else min(due, self.by)
        return end_of_working_days(since, self.working_days, zone=self.zone, holidays=self.holidays)

    @property
    def length(self) -> str:
        """How long, for people: seconds, or working days."""
        days = self.working_days
        return f"{self.within.total_seconds():.0f} s" if days is None else f"{days} working days"


@lru_cache(maxsize=4_096)
def promises_of(about: About, catalogue: Catalogue) -> tuple[Promise, ...]:
    """Everything a track promises. Remembered, because tracks are many and what they are asked by is not."""
    return (*(promise_of(kind, about, catalogue) for kind in EVERY_TRACK), *milestones_of(about, catalogue))


def overrides_of(
    granted: Iterable[GrantedBy], services: Collection[str], catalogue: Catalogue
) -> tuple[SlaOverride, ...]:
    """What the programmes that give a track its services promise on top."""
    programmes = catalogue.programmes.programmes
    return tuple(
        override
        for grant in granted
        if grant.programme in programmes and any(service in services for service in grant.services)
        for version in programmes[grant.programme].versions
        if version.version == grant.version
        for override in version.sla_overrides
    )


def promise_of(kind: ClockKind, about: About, catalogue: Catalogue) -> Promise:
    """One of the four promises every track makes (DOMAIN section 8)."""
    within = catalogue.promise(about.band, about.pillar, kind, lead=about.lead)
    led = about.lead and about.band is Band.P0 and kind in (ClockKind.ACKNOWLEDGE, ClockKind.FIRST_RESPONSE)
    return _overridden(Promise(kind, "sla.lead_p0" if led else "sla.matrix", within), about)


def milestones_of(about: About, catalogue: Catalogue) -> tuple[Promise, ...]:
    """The milestones of a track: those of its services and of its case's code, and those its programmes promise on top."""
    named = {one.kind for one in about.overrides if _concerns(one, about)}
    on_top = {name: one for name, one in catalogue.sla.overrides.items() if name in named}
    found = (_milestone(name, one, about, catalogue) for name, one in (catalogue.sla.milestones | on_top).items())
    return tuple(_overridden(one, about) for one in found if one is not None)


def _milestone(name: str, milestone: Milestone, about: About, catalogue: Catalogue) -> Promise | None:
    wanted = milestone.service in about.services if milestone.code is None else milestone.code == about.code
    if milestone.pillar is not about.pillar or not wanted:
        return None
    if milestone.working_days is not None:
        region = catalogue.desks.regions.get(about.region) or catalogue.desks.regions[catalogue.desks.fallback]
        return Promise(
            ClockKind.MILESTONE,
            "sla.milestones",
            milestone=name,
            working_days=milestone.working_days,
            zone=region.zone,
            holidays=region.holidays,
        )
    within = milestone.within_of(about.band)
    return None if within is None else Promise(ClockKind.MILESTONE, "sla.milestones", within, name)


def _overridden(promise: Promise, about: About) -> Promise:
    """With the strictest override that concerns it; for P0 one may only be stricter (DOMAIN section 8)."""
    said = [one.within for one in about.overrides if one.kind == promise.name and _concerns(one, about)]
    if not said or (about.band is Band.P0 and promise.working_days is None and min(said) > promise.within):
        return promise
    return Promise(promise.kind, "programme.sla_overrides", min(said), promise.milestone)


def _concerns(override: SlaOverride, about: About) -> bool:
    return override.band in (None, about.band) and override.pillar in (None, about.pillar)
