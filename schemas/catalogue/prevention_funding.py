"""`prevention_funding.yaml`: what may help a firm pay for prevention; hearsay that expires and decides nothing (DOMAIN section 9)."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from schemas.catalogue.parts import InEveryLanguage, Part, Percent, Source, Untrue


class Note(Part):
    """One of them, as somebody wrote it. Shown through the day it `expires`; checking one makes it something else than a note."""

    name: InEveryLanguage
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    at_most_minor: Annotated[int, Field(gt=0)] | None = None
    currency: Literal["EUR"] | None = None
    at_least_percent: Percent | None = None
    at_most_percent: Percent | None = None
    expires: date
    source: Source
    verified: Literal[False]

    @model_validator(mode="after")
    def _says_figures_that_can_be_read(self) -> Self:
        if (self.at_most_minor is None) != (self.currency is None):
            raise Untrue("currency: an amount has one, and nothing else has")
        if self.at_least_percent is not None and self.at_least_percent >= (self.at_most_percent or 100):
            raise Untrue("at_least_percent: less than the most")
        return self


class PreventionFunding(Part):
    """`prevention_funding.yaml`; a release from before there was one has no notes."""

    source: str = "D"
    notes: dict[str, Note] = Field(default_factory=dict)
