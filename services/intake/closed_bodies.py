"""Does a body name a field that nobody knows? A mistyped name would silently do harm: it is refused, or told where it is tolerated.

A name nobody knows is the caller's own word: a problem does not repeat it, but points to its object and says what that takes. A report is
tolerant wherever it stands (its sender may be newer than we are); who sent one is told the places that changed nothing.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple, get_args, get_origin

from pydantic import BaseModel

from schemas.catalogue.asked import AnswerType
from schemas.catalogue.incidents import Incidents
from schemas.messages import pointer
from schemas.reports import ReportBody
from services.intake.problems import MOST_NAMED, FieldError

LONGEST_NAME = 64


class Strange(NamedTuple):
    """An object at `place` that has fields its model has not."""

    place: str
    names: list[str]
    known: list[str]


def unknown_fields(told: object, model: type[BaseModel]) -> Iterator[FieldError]:
    """Every object in `told` that has a field its model has not, reports left out. `told` was read as `model` already."""
    for one in _strange(told, model, "#"):
        yield FieldError(detail=f"an unknown field; there are {', '.join(one.known)}", pointer=one.place)


def unknown_in_report(told: object, body: ReportBody, incidents: Incidents, *, place: str = "#") -> tuple[str, ...]:
    """Where a report names fields and facts that nobody knows, the first few; `told` was read as `body`."""
    named = (_place(one.place, name) for one in _strange(told, ReportBody, place) for name in one.names)
    facts = ((f"{place}/facts", body.facts, False), (f"{place}/personal/facts", body.personal.facts, True))
    unread = (
        _place(where, name)
        for where, given, personal in facts
        for name in given
        if name not in incidents.facts or (incidents.facts[name].type is AnswerType.PERSONAL) is not personal
    )
    return tuple(islice((one for found in (named, unread) for one in found), MOST_NAMED))


def _place(place: str, name: str) -> str:
    return place + pointer((name,)) if len(name) <= LONGEST_NAME else place


def _strange(told: object, model: type[BaseModel], place: str) -> Iterator[Strange]:
    if not isinstance(told, dict):
        return
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    if names := [name for name in told if name not in fields]:
        yield Strange(place, names, list(fields))
    for name in fields.keys() & told.keys():
        inner = _model_in(fields[name].annotation)
        if inner is None or inner is ReportBody:
            continue
        parts = told[name]
        if get_origin(fields[name].annotation) is dict and isinstance(parts, dict):
            parts = list(parts.values())  # whose keys are a caller's own words: their place is their number
        yield from _inside(parts, inner, f"{place}/{name}")


def _inside(content: object, model: type[BaseModel], place: str) -> Iterator[Strange]:
    if not isinstance(content, list):
        yield from _strange(content, model, place)
        return
    for number, one in enumerate(content):
        yield from _strange(one, model, f"{place}/{number}")


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model of a field, be it alone, optional or a list."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for one in get_args(annotation) if (found := _model_in(one)) is not None), None)
