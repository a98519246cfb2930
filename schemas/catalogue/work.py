"""`work.yaml`: how a desk shares out its work: weights, what is kept for a P0, how a search widens, who goes first."""

from datetime import timedelta
from typing import Annotated, Self

from pydantic import Field, model_validator

from schemas.catalogue.ahead import AHEAD, HUMANE, PRESENCES, Ahead, Humane, Presences
from schemas.catalogue.parts import Duration, Part, Sourced, Untrue
from schemas.words import Band, Clearance, Fluency, Presence, Signal

Units = Annotated[int, Field(ge=1, le=10)]
SPOKEN = (Fluency.NATIVE, Fluency.CERTIFIED)


class Reserve(Sourced):
    """Units of everybody's capacity that only a P0 may take, and the bands whose work, in this order, its responder sets aside for a track
    of an `interrupting` band (releases that do not say so: for a P0)."""

    units: Annotated[int, Field(ge=0, le=10)]
    sets_aside: tuple[Band, ...]
    interrupting: tuple[Band, ...] = (Band.P0,)


class SearchStep(Part):
    """Who may be asked at one step of a search: from which level of a skill on, speaking how well, in which presence."""

    level: Annotated[int, Field(ge=1, le=5)]
    fluency: tuple[Fluency, ...]
    presence: tuple[Presence, ...]
    at_once: Annotated[int, Field(ge=1, le=10)]


class Workshops(Sourced):
    """At most so many tracks in one group workshop, for so long; its leader is reminded so long before it begins."""

    seats: Annotated[int, Field(ge=2, le=50)]
    longest: Duration
    remind: Duration


RESERVE = Reserve(units=2, sets_aside=(Band.P3, Band.P2), source="D")
AT_FIRST = SearchStep(level=3, fluency=SPOKEN, presence=(Presence.AVAILABLE,), at_once=1)
WORKSHOPS = Workshops.model_validate({"seats": 12, "longest": "3 h", "remind": "1 h", "source": "D"})


class Work(Part):
    """`work.yaml`; a release from before there was one has these defaults."""

    source: str = "D"
    verified: bool = False
    weights: dict[Band, Units] = Field(default_factory=lambda: dict.fromkeys(Band, 1))
    reserve: Reserve = RESERVE
    search: Annotated[tuple[SearchStep, ...], Field(min_length=1)] = (AT_FIRST,)
    disturbs: dict[Band, tuple[Presence, ...]] = Field(default_factory=dict)
    first: tuple[tuple[Signal, ...], ...] = ()
    clearances: dict[Clearance, tuple[Signal, ...]] = Field(default_factory=dict)
    quiet: dict[Band, Duration] = Field(default_factory=lambda: dict.fromkeys(Band, timedelta(days=36_500)))
    cover: dict[Band, Duration] = Field(default_factory=lambda: dict.fromkeys(Band, timedelta(0)))
    unreachable_after: dict[Band, Annotated[int, Field(ge=1, le=20)]] = Field(default_factory=dict)
    presence: Presences = PRESENCES
    ahead: Ahead = AHEAD
    humane: Humane = HUMANE
    workshops: Workshops = WORKSHOPS

    @model_validator(mode="after")
    def _widens_and_favours_the_urgent(self) -> Self:
        for name, said in (("weights", self.weights), ("quiet", self.quiet), ("cover", self.cover)):
            if missing := [band for band in Band if band not in said]:
                raise ValueError(f"{name}: {missing[0]} is missing")
        urgent = {Band.P0, Band.P1}
        if urgent.intersection(self.reserve.sets_aside):
            raise Untrue("reserve/sets_aside: what is urgent is never set aside")
        if not urgent.issuperset(self.reserve.interrupting):
            raise Untrue("reserve/interrupting: only for what is urgent something is set aside")
        if Presence.AVAILABLE not in self.search[0].presence:
            raise Untrue("search: whoever is available is asked from the first step on")
        for earlier, later in zip(self.search, self.search[1:], strict=False):
            narrows = {*earlier.fluency} - {*later.fluency} or {*earlier.presence} - {*later.presence}
            if narrows or later.level > earlier.level or later.at_once < earlier.at_once:
                raise Untrue("search: each step asks everybody the step before did, and at least as many at once")
        return self

    def disturbed(self, band: Band, presence: Presence) -> bool:
        """Whether somebody of this presence may be asked about a track of this band at all."""
        return presence is Presence.AVAILABLE or presence in self.disturbs.get(band, ())
