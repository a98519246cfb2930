"""What a caller is asked: each answer's name, its type, and for a closed list of codes its values (DOMAIN section 3.2)."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from schemas.catalogue.parts import Sourced

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,64}$")]


class AnswerType(StrEnum):
    """How an answer is written: money in minor units, an instant as RFC 3339 text, `personal` only inside `personal`."""

    BOOLEAN = "boolean"
    CODE = "code"
    CODES = "codes"
    NUMBER = "number"
    MONEY = "money"
    INSTANT = "instant"
    PERSONAL = "personal"


class Asked(Sourced):
    """One answer; a `code` with `values` is a closed list, any other word counts as an answer nobody can read."""

    type: AnswerType
    values: Annotated[tuple[Name, ...], Field(min_length=1)] | None = None
