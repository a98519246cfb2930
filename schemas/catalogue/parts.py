"""What every catalogue file is made of: frozen parts that refuse unknown keys, and durations as people write them."""

import re
from datetime import date, timedelta
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from schemas.words import Language

_UNITS = {"s": "seconds", "min": "minutes", "h": "hours", "d": "days"}


class CatalogueError(ValueError):
    """The catalogue cannot be used; the text names file, path and rule."""


class Part(BaseModel):
    """A piece of catalogue data: frozen, and a key nobody declared is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _duration(raw: object) -> object:
    match = re.fullmatch(r"(\d+) (s|min|h|d)", raw) if isinstance(raw, str) else None
    if match is None:
        raise ValueError("a duration is a whole number and s, min, h or d")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


Duration = Annotated[timedelta, BeforeValidator(_duration), Field(gt=timedelta(0))]
Percent = Annotated[int, Field(gt=0, lt=100)]


def _every_language(words: dict[Language, str]) -> dict[Language, str]:
    if set(words) != set(Language):
        raise ValueError("one text per language")
    return words


InEveryLanguage = Annotated[
    dict[Language, Annotated[str, Field(min_length=2, max_length=160)]], AfterValidator(_every_language)
]
Source = Annotated[str, Field(pattern=r"^(S[0-4]|D|P|K)( (S[0-4]|D|P|K))*$")]


class Checked(Part):
    """A piece an operator checks: `verified` once somebody has, `checked_on` when last; until then it is shown as unproven."""

    verified: bool = False
    checked_on: date | None = None

    @model_validator(mode="after")
    def _was_checked_on_that_day(self) -> Self:
        if self.checked_on is not None and not self.verified:
            raise Untrue("checked_on: what was checked is verified")
        return self


class Sourced(Checked):
    """A piece that comes from somewhere: `S0` to `S4` the seed articles, `D` our default, `P` read once, `K` general knowledge."""

    source: Source


class Untrue(ValueError):
    """The data contradict a fact of the domain; the text names path and rule. `file` when the rule is about several files."""

    def __init__(self, text: str, *, file: str | None = None) -> None:
        super().__init__(text)
        self.file = file


class Apart(ValueError):
    """Two files do not fit each other: one names what the other lacks. `file` is the one to put right."""

    def __init__(self, text: str, *, file: str) -> None:
        super().__init__(text)
        self.file = file
