"""Does a body name a field that nobody knows? Where it replaces or narrows something, a mistyped name would silently do harm.

A name nobody knows is the caller's own word and is not repeated: a problem points to its object and says what that takes.
"""

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel

from services.intake.problems import FieldError

MOST_NAMED = 5


def unknown_fields(told: object, model: type[BaseModel], place: str = "#") -> Iterator[FieldError]:
    """Every object in `told` that has a field its model has not. `told` was read as `model` already."""
    if not isinstance(told, dict):
        return
    fields = model.model_fields
    if not told.keys() <= fields.keys():
        yield FieldError(detail=f"an unknown field; there are {', '.join(fields)}", pointer=place)
    for name in fields.keys() & told.keys():
        inner = _model_in(fields[name].annotation)
        if inner is not None:
            yield from _inside(told[name], inner, f"{place}/{name}")


def _inside(content: object, model: type[BaseModel], place: str) -> Iterator[FieldError]:
    if not isinstance(content, list):
        yield from unknown_fields(content, model, place)
        return
    for number, one in enumerate(content):
        yield from unknown_fields(one, model, f"{place}/{number}")


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model of a field, be it alone, optional or a list."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for one in get_args(annotation) if (found := _model_in(one)) is not None), None)
