"""What callers may send about rotas: layers, overrides, swaps, leave; read strictly, like every body of ours."""

from typing import Annotated, Self

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from schemas.base import Code, Id
from schemas.rotas import LONGEST, YEARS, Layer
from services.intake.asks import Ask, Instant


class RotaBody(Ask):
    """A desk's layers; overrides, swaps and leave are calls of their own and stay as they are."""

    layers: Annotated[tuple[Layer, ...], Field(max_length=64)]

    @model_validator(mode="after")
    def _names_each_layer_once(self) -> Self:
        if len({layer.name for layer in self.layers}) != len(self.layers):
            raise PydanticCustomError("named_twice", "each layer has a name of its own")
        return self


class Times(BaseModel):
    """From when until when."""

    begins: Instant
    ends: Instant

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if not self.begins < self.ends <= self.begins + LONGEST or self.begins.year not in YEARS:
            raise PydanticCustomError("no_stretch", "it ends after it begins, within a year")
        return self


class ReturnSaid(Times, Ask):
    """When I would work instead of the other, in return."""


class OverrideSaid(Times, Ask):
    """In one layer somebody works instead of somebody else, or of whoever it is."""

    layer: Code
    who: Id
    instead_of: Id | None = None


class LeaveSaid(Times, Ask):
    """Somebody is not there, whatever the rota says."""

    responder_id: Id


class SwapSaid(Times, Ask):
    """I ask somebody of my desk to work instead of me, and may offer to work instead of them in return."""

    layer: Code
    asked_of: Id
    in_return: ReturnSaid | None = None
