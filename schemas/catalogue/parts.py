"""What every catalogue file is made of: frozen parts that refuse unknown keys, and durations as people write them."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

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
