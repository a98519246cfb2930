"""Commands about when somebody works at a desk, and about its own pages."""

from typing import Annotated

from pydantic import Field, model_validator

from schemas.base import Id
from schemas.commands import Command, DeskCommand, command_type
from schemas.rotas import Layer, Leave, Override, Swap, SwapState


class RotaPut(DeskCommand):
    """Replace the layers of a desk's rota; overrides, swaps and leave stay."""

    layers: Annotated[tuple[Layer, ...], Field(max_length=64)]

    @model_validator(mode="after")
    def _names_each_layer_once(self) -> "RotaPut":
        if len({layer.name for layer in self.layers}) != len(self.layers):
            raise ValueError("each layer has a name of its own")
        return self


class RotaOverride(DeskCommand):
    """Add an override, or take one back (`cancel`)."""

    override_id: Id
    override: Override | None = None
    cancel: bool = False


class RotaLeave(DeskCommand):
    """Add somebody's leave, or take it back (`cancel`)."""

    leave_id: Id
    leave: Leave | None = None
    cancel: bool = False


class RotaSwap(DeskCommand):
    """Ask somebody to swap (`asked`), or answer: `accepted` or `declined` by the other, `withdrawn` by who asked."""

    swap_id: Id
    responder_id: Id
    state: SwapState
    swap: Swap | None = None


class Beat(DeskCommand):
    """A responder's device is there; three missing ones make them unreachable. An older one that comes late is ignored."""

    responder_id: Id
    heartbeat_seconds: Annotated[int, Field(ge=5, le=3_600)]


class PageSeen(DeskCommand):
    """A human has seen a page that a desk issued about itself."""

    page_id: Id


ROTA_COMMANDS: dict[str, type[Command]] = {
    command_type("rota_put"): RotaPut,
    command_type("rota_override"): RotaOverride,
    command_type("rota_leave"): RotaLeave,
    command_type("rota_swap"): RotaSwap,
    command_type("beat"): Beat,
    command_type("page_acknowledge"): PageSeen,
}
