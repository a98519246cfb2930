"""The two kinds of model on the bus: facts (events, frozen, readers ignore unknown fields) and records (state, unknown fields kept)."""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from schemas.words import Role

Instant = AwareDatetime
Code = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Id = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[\x21-\x7e]+$")]
ClaimedTime = Annotated[str, StringConstraints(max_length=64)]


_NEW, _SET = object.__new__, object.__setattr__  # past what pydantic forbids outside


class Fact(BaseModel):
    """A message: frozen; unknown fields are ignored when read and cannot be written."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    @classmethod
    def trusted(cls, **values: Any) -> Self:
        """One of values that are right already, not validated again; a quarter of the cost. Every field without a default is given."""
        made = _NEW(cls)
        _SET(made, "__dict__", {**_defaults(cls), **values})
        _SET(made, "__pydantic_extra__", None)
        _SET(made, "__pydantic_fields_set__", set(values))
        _SET(made, "__pydantic_private__", None)
        return made


@cache
def _defaults(model: type[BaseModel]) -> dict[str, Any]:
    """The defaults that nobody can change."""
    return {name: field.default for name, field in model.model_fields.items() if not field.is_required()}


class RecordPart(BaseModel):
    """A part of a record that no message carries: what a newer writer put into it is kept and written back too."""

    model_config = ConfigDict(frozen=True, extra="allow", hide_input_in_errors=True)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """This, with known fields changed and not validated again; a quarter of the cost of pydantic's own way."""
        assert not deep, "what is frozen need not be copied in depth"
        copied = _NEW(self.__class__)
        _SET(copied, "__dict__", self.__dict__ if update is None else {**self.__dict__, **update})
        _SET(copied, "__pydantic_extra__", self.__pydantic_extra__)
        _SET(copied, "__pydantic_fields_set__", self.__pydantic_fields_set__)
        _SET(copied, "__pydantic_private__", None)
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
