"""`skills.yaml`: what a track's responder must be trained in, and what protects those who carry hard cases (DOMAIN section 7)."""

from collections.abc import Collection
from datetime import timedelta
from typing import Annotated, Self

from pydantic import Field, model_validator

from schemas.catalogue.parts import Duration, Part, Sourced, Untrue
from schemas.words import Band, Language, Pillar, Signal


class Skill(Sourced):
    """A skill: the pillars it belongs to, and the codes and signals whose tracks need it."""

    pillars: Annotated[tuple[Pillar, ...], Field(min_length=1)]
    codes: tuple[str, ...] = ()
    signals: tuple[Signal, ...] = ()

    @model_validator(mode="after")
    def _is_needed_by_something(self) -> Self:
        if not self.codes and not self.signals:
            raise Untrue("a skill that nothing needs")
        return self


class StandIn(Sourced):
    """Who begins when nobody with `skill` is on duty, by when they hand over, how often somebody who has it is looked for until then."""

    skill: str
    by: str
    band: Band
    hand_over_within: Duration
    look_every: Duration = timedelta(hours=1)


class Shift(Sourced):
    """How many cases of these codes or signals one person takes in a shift (of so long), and after which bands somebody talks with them."""

    at_most: Annotated[int, Field(ge=1)]
    within: Duration = timedelta(hours=12)
    codes: tuple[str, ...]
    signals: tuple[Signal, ...]
    talk_after: tuple[Band, ...]


class Skills(Part):
    """`skills.yaml`."""

    source: str
    verified: bool = False
    languages: tuple[Language, ...]
    skills: dict[str, Skill]
    stand_in: StandIn
    shift: Shift

    @model_validator(mode="after")
    def _stands_in_with_skills_there_are(self) -> Self:
        if not {self.stand_in.skill, self.stand_in.by} <= self.skills.keys() or self.stand_in.skill == self.stand_in.by:
            raise Untrue("stand_in: two different skills of this file")
        return self

    def is_hard(self, codes: Collection[str], signals: Collection[Signal]) -> bool:
        """Whether a track of these is hard to bear, and shared out."""
        return bool({*self.shift.codes} & {*codes} or {*self.shift.signals} & {*signals})

    def needed(self, pillar: Pillar, codes: Collection[str], signals: Collection[Signal]) -> tuple[str, ...]:
        """The skills that whoever takes this pillar's track must have, by name."""
        return tuple(
            name
            for name, skill in sorted(self.skills.items())
            if pillar in skill.pillars and (set(skill.codes) & set(codes) or set(skill.signals) & set(signals))
        )
