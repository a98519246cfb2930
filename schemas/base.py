"""The two kinds of model on the bus: facts (events, frozen, readers ignore unknown fields) and records (state, unknown fields kept)."""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from schemas.words import Role

Instant = AwareDatetime
Code = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Id = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[\x21-\x7e]+$")]
ClaimedTime = Annotated[str, StringConstraints(max_length=64)]


class Fact(BaseModel):
    """A message: frozen; unknown fields are ignored when read and cannot be written."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class RecordPart(BaseModel):
    """A part of a record that no message carries: what a newer writer put into it is kept and written back too."""

    model_config = ConfigDict(frozen=True, extra="allow", hide_input_in_errors=True)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """This, with known fields changed and not validated again; a quarter of the cost of pydantic's own way."""
        assert not deep, "what is frozen need not be copied in depth"
        copied = self.__class__.__new__(self.__class__)
        given = self.__dict__ if update is None else {**self.__dict__, **update}
        for name, value in (
            ("__dict__", given),
            ("__pydantic_extra__", self.__pydantic_extra__),
            ("__pydantic_fields_set__", self.__pydantic_fields_set__),
            ("__pydantic_private__", None),
        ):
            object.__setattr__(copied, name, value)
        return copied


class Record(RecordPart):
    """A changelog record: frozen; unknown fields of a newer writer are kept and written back (DESIGN section 4)."""

    state_version: int = 1


def usual(value: object) -> Any:
    """A field's default that is left out when written: what every record has in common takes no room in any of them."""
    return Field(default=value, exclude_if=lambda given: given == value)


class Actor(Fact):
    """Who acted: a role, and an opaque id (token subject, partner id or service name)."""

    role: Role
    id: Id


class Explanation(Fact):
    """Why a decision came out as it did: the rule, the catalogue it used, its inputs as codes, and what was set aside and why.

    The input `asked` holds all of what was asked, so that it can be decided again.
    """

    rule: Annotated[str, StringConstraints(min_length=1, max_length=512)]
    catalogue: Code
    inputs: dict[str, str] = Field(default_factory=dict)
    rejected: dict[str, int] = Field(default_factory=dict)
