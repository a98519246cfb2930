"""What `work.yaml` says of presence and rotas: when a silent device is given up, how far ahead gaps are seen, what is too much."""

from itertools import pairwise
from typing import Annotated, Self

from pydantic import Field, model_validator

from schemas.catalogue.parts import Duration, Part, Sourced, Untrue
from schemas.words import Band, Language


class Presences(Sourced):
    """A wrap-up ends by itself after `wrap_up`; `missed_beats` in a row make a device unreachable."""

    wrap_up: Duration
    missed_beats: Annotated[int, Field(ge=1, le=100)]


class Warn(Part):
    """A page so long `before` a gap begins, in a band."""

    before: Duration
    band: Band


class Ahead(Sourced):
    """A desk looks `look` ahead at who is able to take what in its region's `languages`, warns of gaps, and of those there are `now`."""

    look: Duration
    languages: dict[str, tuple[Language, ...]]
    warn: Annotated[tuple[Warn, ...], Field(max_length=8)]
    now: Band

    @model_validator(mode="after")
    def _warns_later_and_later_of_what_it_sees(self) -> Self:
        if any(later.before >= sooner.before for sooner, later in pairwise(self.warn)):
            raise Untrue("ahead/warn: each page comes later than the one before")
        if self.warn and self.warn[0].before >= self.look:
            raise Untrue("ahead/look: farther than the first page")
        return self


class Humane(Sourced):
    """A rota is judged by the longest shift and the least rest between two, and by how unevenly hours are shared out."""

    longest_shift: Duration
    least_rest: Duration


# What a release from before there were any is taken to say.
PRESENCES = Presences.model_validate({"wrap_up": "15 min", "missed_beats": 3, "source": "D"})
AHEAD = Ahead.model_validate({"look": "14 d", "languages": {}, "warn": (), "now": "P1", "source": "D"})
HUMANE = Humane.model_validate({"longest_shift": "12 h", "least_rest": "11 h", "source": "D"})
