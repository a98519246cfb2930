"""`cases.yaml`: when two reports are about the same thing, when a resolved case is followed up, how long a desk may hold on."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from schemas.base import Code
from schemas.catalogue.parts import Duration, Sourced
from schemas.words import Band

Parts = Annotated[tuple[Code, ...], Field(min_length=1, max_length=4)]


class Duplicates(Sourced):
    """Per incident code, the sets of facts that make two reports one thing; `not_telling` are answers that count as empty."""

    version: Annotated[int, Field(ge=1)]
    window: Duration
    not_telling: tuple[Code, ...]
    keys: dict[Code, tuple[Parts, ...]]


class CaseRules(Sourced):
    """`cases.yaml`."""

    duplicates: Duplicates
    follow_up_after: dict[Band, Duration]
    release_within: Duration
    smallest_group: Annotated[int, Field(ge=2)]

    @model_validator(mode="after")
    def _follows_up_every_band(self) -> Self:
        missing = [band for band in Band if band not in self.follow_up_after]
        if missing:
            raise ValueError(f"follow_up_after: {', '.join(missing)} missing")
        return self
