"""Personal data is marked, lies in a `personal` sub-object, and travels only on topics that say so (DESIGN section 8)."""

import json
from collections.abc import Iterator
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import pytest
from pydantic import BaseModel

from schemas.messages import MESSAGES
from schemas.personal import PersonalData, PersonalPart
from schemas.records import RECORDS
from schemas.topics import DEAD, Topic, every_topic

MODELS: dict[str, type[BaseModel]] = {**MESSAGES, **RECORDS}
GENERATED = Path(__file__).parents[2] / "schemas" / "generated"
EVERY_MODEL = pytest.mark.parametrize("name", sorted(MODELS))


def marked(annotation: object) -> bool:
    """Whether the marker sits anywhere in a type: `Personal`, `Personal | None`, `tuple[Personal, ...]`."""
    metadata = getattr(annotation, "__metadata__", ())
    return any(isinstance(one, PersonalData) for one in metadata) or any(marked(one) for one in get_args(annotation))


def models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and get_origin(annotation) is None:
        if issubclass(annotation, BaseModel):
            yield annotation
        return
    if get_origin(annotation) in {Annotated, Union, UnionType, tuple, list, dict, frozenset}:
        for argument in get_args(annotation):
            yield from models_in(argument)


def marked_fields(
    model: type[BaseModel], path: tuple[str, ...] = ()
) -> Iterator[tuple[type[BaseModel], tuple[str, ...]]]:
    """Every marked field below `model`: the model that declares it, and its path."""
    for name, field in model.model_fields.items():
        here = (*path, name)
        if any(isinstance(one, PersonalData) for one in field.metadata) or marked(field.annotation):
            yield model, here
        for inner in models_in(field.annotation):
            yield from marked_fields(inner, here)


def personal_parts(
    model: type[BaseModel], path: tuple[str, ...] = ()
) -> Iterator[tuple[type[BaseModel], tuple[str, ...]]]:
    for name, field in model.model_fields.items():
        for inner in models_in(field.annotation):
            if issubclass(inner, PersonalPart):
                yield inner, (*path, name)
            yield from personal_parts(inner, (*path, name))


@EVERY_MODEL
def test_a_marked_field_lies_inside_a_personal_sub_object(name: str) -> None:
    for owner, path in marked_fields(MODELS[name]):
        assert issubclass(owner, PersonalPart), path
        assert path[-2:-1] == ("personal",), path


@EVERY_MODEL
def test_a_personal_sub_object_holds_marked_fields_only(name: str) -> None:
    for part, path in personal_parts(MODELS[name]):
        assert path[-1] == "personal", path
        assert {where[0] for _, where in marked_fields(part)} == set(part.model_fields), path


@pytest.mark.parametrize(
    "topic",
    [one for one in every_topic(["proximus"]) if not one.personal and one.carries != DEAD],
    ids=lambda one: one.name,
)
def test_a_topic_without_the_flag_carries_no_personal_field(topic: Topic) -> None:
    assert {name: list(marked_fields(MODELS[name])) for name in topic.carries} == {name: [] for name in topic.carries}


@pytest.mark.parametrize("topic", [one for one in every_topic() if one.carries == DEAD], ids=lambda one: one.name)
def test_dead_letters_count_as_personal_throughout(topic: Topic) -> None:
    assert topic.personal


def test_the_walk_finds_the_marker_where_it_is_known_to_be() -> None:
    """Guards the tests above: a walk that found nothing would let everything pass."""
    found = {".".join(path) for _, path in marked_fields(MODELS["eu.sameroof.report.v1.submitted"])}
    assert {"body.personal.free_text", "body.personal.content_urls", "body.personal.safe_contact"} <= found
    assert ("entry", "personal", "addresses") in {path for _, path in marked_fields(MODELS["ResponderRecord"])}


@EVERY_MODEL
def test_the_generated_schema_shows_the_marker_on_every_marked_field(name: str) -> None:
    path = f"records/{name}.json" if name in RECORDS else f"{name}/1.0.json"
    document: dict[str, Any] = json.loads((GENERATED / path).read_text("utf-8"))
    definitions = document.get("$defs", {})
    for owner, where in marked_fields(MODELS[name]):
        assert '"x-personal": true' in json.dumps(definitions[owner.__name__]["properties"][where[-1]]), where
