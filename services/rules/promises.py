"""What is promised on a track? The matrix, the lead track of a P0, milestones of its services, and what its programmes promise on top."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache

from schemas.catalogue import Catalogue
from schemas.catalogue.sla import Milestone
from schemas.catalogue.terms import SlaOverride
from schemas.words import Band, ClockKind, Pillar
from services.rules.asked_of_promises import Asked
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


def promises_of(asked: Asked, catalogue: Catalogue, *, next_contact_at: datetime | None) -> dict[str, Promise]:
    """Everything a track promises, by name; the next contact by the instant that was promised to the victim, if any."""
    found = {one.name: one for one in _written(asked, catalogue)}
    if next_contact_at is not None:
        found[ClockKind.NEXT_CONTACT] = replace(found[ClockKind.NEXT_CONTACT], by=next_contact_at)
    return found


@lru_cache(maxsize=4_096)
def _written(asked: Asked, catalogue: Catalogue) -> tuple[Promise, ...]:
    """Remembered, because tracks are many and what they are asked by is not."""
    about = About(
        band=asked.band,
        pillar=asked.pillar,
        lead=asked.lead,
        region=asked.desk.partition("-")[2],
        code=asked.code,
        services=asked.services,
        overrides=overrides_of(asked.programmes, catalogue),
    )
    return (*(promise_of(kind, about, catalogue) for kind in EVERY_TRACK), *milestones_of(about, catalogue))


def overrides_of(programmes: Iterable[str], catalogue: Catalogue) -> tuple[SlaOverride, ...]:
    """What these versions of programmes (`name@1`) promise on top; one the release does not know, nothing. Raises `ValueError`
    for any other text."""
    known = catalogue.programmes.programmes
    return tuple(
        override
        for name, _, number in (one.partition("@") for one in programmes)
        if name in known
        for version in known[name].versions
        if version.version == int(number)
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
