"""`platforms.yaml`: how something is reported to the platform it happened on: routes, evidence, expected delay (DOMAIN section 9)."""

from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Self

from pydantic import Field, model_validator

from schemas.catalogue.parts import Duration, InEveryLanguage, Part, Sourced, Untrue
from schemas.catalogue.programmes import spelt

_Names = Annotated[tuple[str, ...], Field(min_length=1)]


class Expected(Sourced):
    """How long an answer takes. `said`: what the platform says, null while nobody knows; `within`: what we go by."""

    said: str | None
    within: Duration


class Kind(Sourced):
    """A kind of report: the incident codes it is for, what to have at hand, how long an answer takes."""

    name: InEveryLanguage
    codes: _Names
    evidence: _Names
    expected: Expected


class Evidence(Part):
    """Something to have at hand. `shows_it`: it is a copy of what was shown."""

    name: InEveryLanguage
    shows_it: bool = False


class Route(Part):
    """The way a platform takes one kind of report, and how long it takes itself, where somebody knows."""

    by: str
    expected: Expected | None = None


class Platform(Sourced):
    """A platform: other names it goes by, what it recognises a thing by, and its route for each kind of report it takes."""

    name: Annotated[str, Field(min_length=1)]
    aliases: tuple[str, ...] = ()
    identified_by: _Names
    routes: Annotated[dict[str, Route], Field(min_length=1)]


class Platforms(Part):
    """`platforms.yaml`; a release from before there was one knows no platform."""

    source: str = "D"
    verified: bool = False
    kinds: dict[str, Kind] = Field(default_factory=dict)
    ways: dict[str, InEveryLanguage] = Field(default_factory=dict)
    evidence: dict[str, Evidence] = Field(default_factory=dict)
    platforms: dict[str, Platform] = Field(default_factory=dict)

    @cached_property
    def _spellings(self) -> dict[str, str]:
        return {spelling: name for name, spelling in self._spelt()}

    def _spelt(self) -> Iterator[tuple[str, str]]:
        for name, one in self.platforms.items():
            yield from ((name, spelling) for spelling in {spelt(word) for word in (name, one.name, *one.aliases)})

    def find(self, said: str) -> str | None:
        """The id of a platform by any of its names, however it is spelt."""
        return self._spellings.get(spelt(said))

    @model_validator(mode="after")
    def _names_what_there_is(self) -> Self:
        for fault in (*self._unknown(), *self._unnamed()):
            raise ValueError(fault)
        spellings = [spelling for _, spelling in self._spelt()]
        for name, spelling in self._spelt():
            if spellings.count(spelling) > 1:
                raise Untrue(f"platforms/{name}: another platform is called {spelling} too")
        return self

    def _unknown(self) -> Iterator[str]:
        for name, kind in self.kinds.items():
            yield from (
                f"kinds/{name}/evidence: {one} is no evidence" for one in kind.evidence if one not in self.evidence
            )
        for name, platform in self.platforms.items():
            for one in platform.identified_by:
                if one not in self.evidence:
                    yield f"platforms/{name}/identified_by: {one} is no evidence"
            for kind_name, route in platform.routes.items():
                if kind_name not in self.kinds or route.by not in self.ways:
                    yield f"platforms/{name}/routes/{kind_name}: no such kind, or no such way"

    def _unnamed(self) -> Iterator[str]:
        used = {one for kind in self.kinds.values() for one in kind.evidence}
        used |= {one for platform in self.platforms.values() for one in platform.identified_by}
        yield from (f"evidence/{one}: nothing needs it" for one in self.evidence if one not in used)
