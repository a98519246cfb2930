"""What the gateway process needs to start; refused field by field."""

from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import NoDecode

from schemas import topics
from services.runtime.settings import RuntimeSettings


class GatewaySettings(RuntimeSettings):
    """SAMEROOF_* variables of `python -m services.intake gateway`."""

    partners: Annotated[tuple[str, ...], NoDecode] = Field(default=(), description="partner ids, comma separated")

    @field_validator("partners", mode="before")
    @classmethod
    def _ids(cls, given: object) -> object:
        """Refuses an id that could collide with our own names."""
        if not isinstance(given, str):
            return given
        named = tuple(one.strip() for one in given.split(",") if one.strip())
        for one in named:
            topics.partner(one)
        return named
