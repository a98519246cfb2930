"""`sla.yaml`: what each track promises and by when, for how long one offer stands, when a search widens (DOMAIN section 8)."""

from datetime import timedelta
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from schemas.catalogue.parts import Duration, Part, Percent, Sourced, Untrue
from schemas.words import Band, ClockKind, Pillar

Row = tuple[Duration, Duration, Duration, Duration]
ORDER = {
    ClockKind.ACKNOWLEDGE: 0,
    ClockKind.FIRST_RESPONSE: 1,
    ClockKind.NEXT_CONTACT: 2,
    ClockKind.RESOLVE: 3,
}  # of the cells in a row
Share = Annotated[int, Field(ge=1, le=10)]


class LeadPromise(Part):
    """What the lead track of a P0 case answers within, whatever its pillar."""

    acknowledge: Duration
    first_response: Duration


class Milestone(Sourced):
    """One more promise on a track whose services include `service`, or while `code` is its case's: within a time per band, or
    within working days.

    `within` is one duration for all bands, or one per band; a band that is not named has no such milestone.
    """

    pillar: Pillar
    service: str | None = None
    code: str | None = None
    within: Duration | dict[Band, Duration] | None = None
    working_days: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _is_measured_one_way(self) -> Self:
        if (self.within is None) == (self.working_days is None):
            raise ValueError("a milestone has either within or working_days")
        if (self.service is None) == (self.code is None):
            raise ValueError("a milestone has either service or code")
        return self

    def within_of(self, band: Band) -> timedelta | None:
        """How long the milestone may take in this band; `None` when it is counted in working days or not promised."""
        return self.within.get(band) if isinstance(self.within, dict) else self.within


class Widening(Part):
    """How a desk's search widens: whom it asks at once, and at which shares of the acknowledge clock it asks more."""

    at_percent: tuple[Percent, ...]
    at_once: dict[Band, Share]

    @model_validator(mode="after")
    def _grows_and_favours_the_urgent(self) -> Self:
        if any(later <= earlier for earlier, later in pairwise(self.at_percent)):
            raise Untrue("at_percent: each step comes later than the one before")
        if missing := [band for band in Band if band not in self.at_once]:
            raise ValueError(f"at_once: {missing[0]} is missing")
        counts = [self.at_once[band] for band in Band]
        if any(less > more for more, less in pairwise(counts)):
            raise Untrue("at_once: a less urgent band never rings more people")
        return self


class Margin(Part):
    """How long before an attacker's deadline ours is: a share of what remains, and at least so much."""

    percent: Percent
    at_least: Duration


class Rung(Part):
    """One step of the ladder, so many percent of the acknowledge promise after the step before."""

    to: Literal["duty_lead", "neighbours", "sink"]
    after_percent: Annotated[int, Field(ge=0, le=1_000)]


class Ladder(Sourced):
    """Where a track goes when nobody answers, from the end of its acknowledge promise on (DESIGN section 2).

    At its end the sink is told again every `repeat`.
    Above `group_above` pages a minute to one post, those of P2 and P3 become one per desk, with a count.
    """

    steps: Annotated[tuple[Rung, ...], Field(min_length=2)]
    repeat: dict[Band, Duration]
    group_above: Annotated[int, Field(ge=1)]  # in a minute

    @model_validator(mode="after")
    def _begins_with_the_duty_lead_and_ends_in_the_sink(self) -> Self:
        order = [rung.to for rung in self.steps]
        if (order[0], order[-1]) != ("duty_lead", "sink") or len(order) != len(set(order)):
            raise Untrue("steps: the duty lead first, the sink last, nobody twice")
        missing = [band for band in Band if band not in self.repeat]
        if missing:
            raise ValueError(f"repeat: {', '.join(missing)} missing")
        return self


class Promises(Part):
    """`sla.yaml`: per band and pillar acknowledge, first response, next contact, resolve; every value a default unless it says more."""

    source: str
    verified: bool = False
    lead_p0: LeadPromise
    offer_window: dict[Band, Duration]
    widening: Widening
    warn_at_percent: tuple[Percent, Percent]
    deadline_margin: Margin
    ladder: Ladder
    matrix: dict[Band, dict[Pillar, Row]]
    milestones: dict[str, Milestone]
    overrides: dict[str, Milestone]

    @model_validator(mode="after")
    def _says_something_for_every_band_and_pillar(self) -> Self:
        for band in Band:
            if band not in self.offer_window:
                raise ValueError(f"offer_window: {band} is missing")
            missing = [pillar for pillar in Pillar if pillar not in self.matrix.get(band, {})]
            if missing:
                raise ValueError(f"matrix/{band}: {', '.join(missing)} missing")
        return self

    @model_validator(mode="after")
    def _warns_twice(self) -> Self:
        if self.warn_at_percent[0] >= self.warn_at_percent[1]:
            raise Untrue("warn_at_percent: the second warning comes later")
        return self

    def promise(self, band: Band, pillar: Pillar, kind: ClockKind, *, lead: bool) -> timedelta:
        """How long `kind` may take on a track (DOMAIN section 8)."""
        if lead and band is Band.P0 and kind in (ClockKind.ACKNOWLEDGE, ClockKind.FIRST_RESPONSE):
            return self.lead_p0.acknowledge if kind is ClockKind.ACKNOWLEDGE else self.lead_p0.first_response
        return self.matrix[band][pillar][ORDER[kind]]
