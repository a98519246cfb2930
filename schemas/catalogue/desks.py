"""`desks.yaml`: which region answers for a country or language, and the posts staffed by contract."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from schemas.catalogue.parts import Part
from schemas.zones import Zone


class Region(Part):
    """Which countries and languages a region's desks answer for, and which regions help it out, in order.

    `zone` and `holidays` (`MM-DD`, every year) are what its working days are counted by; holidays that move are not listed,
    which makes a promise shorter, never longer.
    """

    countries: tuple[str, ...]
    languages: tuple[str, ...]
    neighbours: tuple[str, ...] = ()
    zone: Zone
    holidays: tuple[Annotated[str, Field(pattern=r"^\d\d-\d\d$")], ...] = ()


class Post(Part):
    """A post staffed by contract and its contact methods in order."""

    methods: Annotated[tuple[str, ...], Field(min_length=1)]


class Desks(Part):
    """`desks.yaml`."""

    source: str
    fallback: str
    regions: dict[str, Region]
    posts: dict[str, Post]

    @model_validator(mode="after")
    def _never_leaves_anybody_without_a_desk_or_a_sink(self) -> Self:
        if self.fallback not in self.regions:
            raise ValueError("fallback: no such region")
        for name, region in self.regions.items():
            if name in region.neighbours or not self.regions.keys() >= set(region.neighbours):
                raise ValueError(f"regions/{name}/neighbours: other regions only")
        if not {"sink", "duty-lead"} <= self.posts.keys():
            raise ValueError("posts: sink and duty-lead are required")
        return self
