"""Who works at a desk: what they are trained in, which languages they speak, what they may see, how they are reached."""

from datetime import date
from typing import Annotated

from pydantic import Field, model_validator

from schemas.base import Code, Fact, Id
from schemas.personal import Personal, PersonalData, PersonalPart
from schemas.words import Band, Clearance, Fluency

USUAL_LEVEL = 3


class ContactMethod(Fact):
    """One way to reach a responder; `address` is personal data, `kind` is `log`, `webhook` or `smtp`."""

    kind: Code
    verified: bool = True


class RosterPersonal(PersonalPart):
    """Who a responder is and where notices go; `addresses` in the order of `methods`."""

    name: Personal | None = None
    addresses: Annotated[tuple[Annotated[str, Field(max_length=500)], ...], PersonalData()] = ()


class Training(Fact):
    """What is known of a skill: its level (1 knows of it, 3 works alone, 5 teaches it), the last day it holds, where the proof is kept."""

    level: Annotated[int, Field(ge=1, le=5)] = USUAL_LEVEL
    expires_on: date | None = None
    evidence: Code | None = None


class ReachRule(Fact):
    """For notices of `band`: which contact method (by its place in `methods`), so long after the notice, so often, so far apart."""

    band: Band
    method: Annotated[int, Field(ge=0, le=7)]
    after_seconds: Annotated[int, Field(ge=0, le=3_600)] = 0
    times: Annotated[int, Field(ge=1, le=10)] = 1
    repeat_seconds: Annotated[int, Field(ge=10, le=3_600)] = 60


class RosterEntry(Fact):
    """A responder as their home desk knows them.

    `capacity` is in units of work held or offered at once, which a track of each band weighs by `work.yaml`. `training` says more of
    some of the `skills`; one it does not name is held at level 3 without end. `fluency` says more of some of the `languages`; one it
    does not name is spoken at a certified level. `household_id` is their own household, whose cases they never get. `organisation` is
    the partner they work for. `reach` are their own rules for being told; without any, their methods are tried in order.
    """

    responder_id: Id
    desk_id: Id
    languages: tuple[Code, ...] = ()
    skills: tuple[Code, ...] = ()
    capacity: Annotated[int, Field(ge=1, le=10_000)] = 3
    post: Code | None = None
    methods: Annotated[tuple[ContactMethod, ...], Field(min_length=1, max_length=8)]
    training: dict[Code, Training] = Field(default_factory=dict)
    fluency: dict[Code, Fluency] = Field(default_factory=dict)
    interprets: tuple[Code, ...] = ()
    clearances: tuple[Clearance, ...] = ()
    organisation: Code | None = None
    household_id: Id | None = None
    reach: Annotated[tuple[ReachRule, ...], Field(max_length=32)] = ()
    personal: RosterPersonal = RosterPersonal()

    @model_validator(mode="after")
    def _says_more_only_of_what_there_is(self) -> "RosterEntry":
        if not self.training.keys() <= {*self.skills} or not self.fluency.keys() <= {*self.languages}:
            raise ValueError("training is of skills, fluency of languages that are listed")
        if any(rule.method >= len(self.methods) for rule in self.reach):
            raise ValueError("reach names a method that is not listed")
        return self
