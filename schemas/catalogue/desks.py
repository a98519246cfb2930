"""`desks.yaml`: which region answers for a country or language, and the posts staffed by contract."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from schemas.catalogue.parts import Part


class Region(Part):
    """Which countries and languages a region's desks answer for."""

    countries: tuple[str, ...]
    languages: tuple[str, ...]


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
        if not {"sink", "duty-lead"} <= self.posts.keys():
            raise ValueError("posts: sink and duty-lead are required")
        return self
