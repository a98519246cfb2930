"""The name of a time zone, as IANA spells it."""

from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError


def _known(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise PydanticCustomError("no_zone", "no such time zone") from None
    return name


Zone = Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(_known)]
