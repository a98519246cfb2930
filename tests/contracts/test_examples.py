"""Every message and record has one golden example that says what it looks like, and nothing in it is approximate."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any, get_args, get_origin

import jsonschema  # type: ignore[import-untyped]
import pytest
from pydantic import BaseModel

from schemas.envelope import ATTRIBUTES, Event, Headers, decode, encode
from schemas.messages import MESSAGES, read
from schemas.personal import PersonalPart
from schemas.records import RECORDS
from schemas.topics import every_topic

ROOT = Path(__file__).parents[2] / "schemas"
EXAMPLES = ROOT / "examples"
STRUCTURED: Headers = (("content-type", b"application/cloudevents+json; charset=UTF-8"),)
EVERY_TYPE = pytest.mark.parametrize("type_", sorted(MESSAGES))
EVERY_RECORD = pytest.mark.parametrize("name", sorted(RECORDS))


def example(type_: str) -> bytes:
    return (EXAMPLES / f"{type_}.json").read_bytes()


def compact(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def event_of(type_: str) -> Event:
    """The golden example as the event its writer would publish."""
    document: dict[str, Any] = json.loads(example(type_))
    optional = {name: document.get(name) for name in ("correlationid", "causationid", "traceparent")}
    return Event(
        id=document["id"],
        type=type_,
        source=document["source"],
        time=datetime.fromisoformat(document["time"]),
        data=MESSAGES[type_].model_validate_json(json.dumps(document["data"])),
        partitionkey=document["partitionkey"],
        **optional,
    )


def schema(path: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((ROOT / "generated" / path).read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(document)
    return document


def valid(document: object, path: str) -> None:
    jsonschema.Draft202012Validator(schema(path)).validate(document)


def test_there_is_one_example_per_message_and_per_record_and_no_other() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.json")} == set(MESSAGES)
    assert {path.stem for path in (EXAMPLES / "records").glob("*.json")} == set(RECORDS)


@EVERY_TYPE
def test_an_example_round_trips_byte_for_byte_in_binary_mode(type_: str) -> None:
    value, headers = encode(event_of(type_))
    typed = read(value, headers)
    assert typed.data.model_dump_json(exclude_none=True).encode() == value
    assert value == compact(json.loads(example(type_))["data"])


@EVERY_TYPE
def test_an_example_is_read_alike_in_structured_and_in_binary_mode(type_: str) -> None:
    structured, binary = read(example(type_), STRUCTURED), read(*encode(event_of(type_)))
    assert structured.data == binary.data
    wanted = {name: structured.envelope.attributes.get(name) for name in ATTRIBUTES}
    assert {name: binary.envelope.attributes.get(name) for name in ATTRIBUTES} == wanted


@EVERY_TYPE
def test_an_example_obeys_its_generated_schema(type_: str) -> None:
    valid(json.loads(example(type_))["data"], f"{type_}/1.0.json")


@EVERY_TYPE
def test_a_field_nobody_declared_is_refused_by_the_schema_and_ignored_by_the_reader(type_: str) -> None:
    document = json.loads(example(type_))
    document["data"]["invented_by_a_newer_writer"] = 1
    with pytest.raises(jsonschema.ValidationError):
        valid(document["data"], f"{type_}/1.0.json")
    assert read(compact(document), STRUCTURED).data == read(example(type_), STRUCTURED).data


@EVERY_TYPE
def test_an_example_names_the_schema_it_obeys(type_: str) -> None:
    path = decode(example(type_), STRUCTURED).attributes["dataschema"].removeprefix("/schemas/")
    assert (ROOT / "generated" / path).is_file()


@EVERY_TYPE
def test_an_example_comes_from_a_producer_of_a_topic_that_carries_it(type_: str) -> None:
    source = decode(example(type_), STRUCTURED).source.split(":")
    producers = {who for topic in every_topic(["proximus"]) if type_ in topic.carries for who in topic.producers}
    sender = f"partner {source[2]}" if source[1] == "partner" else source[2]
    assert sender in producers


@EVERY_RECORD
def test_a_record_example_round_trips_byte_for_byte(name: str) -> None:
    document = json.loads((EXAMPLES / "records" / f"{name}.json").read_text("utf-8"))
    record = RECORDS[name].model_validate_json(compact(document))
    assert record.model_dump_json(exclude_none=True).encode() == compact(document)
    valid(document, f"records/{name}.json")


@EVERY_RECORD
def test_a_record_keeps_and_writes_back_what_a_newer_writer_added(name: str) -> None:
    document = json.loads((EXAMPLES / "records" / f"{name}.json").read_text("utf-8"))
    document["added_by_a_newer_writer"] = {"a": [1]}
    record = RECORDS[name].model_validate_json(compact(document))
    assert record.model_dump_json(exclude_none=True).encode() == compact(document)
    assert record.model_copy(update={"state_version": 2}).model_dump()["added_by_a_newer_writer"] == {"a": [1]}


def parts_of(model: type[BaseModel]) -> set[type[BaseModel]]:
    """The models below `model`, found in the type of its fields."""
    found: set[type[BaseModel]] = set()
    waiting: list[object] = [field.annotation for field in model.model_fields.values()]
    while waiting:
        annotation = waiting.pop()
        waiting += get_args(annotation)
        if isinstance(annotation, type) and get_origin(annotation) is None and issubclass(annotation, BaseModel):
            found |= {annotation} | parts_of(annotation)
    return found


def test_a_part_that_only_records_have_keeps_what_a_newer_writer_added() -> None:
    """Parts shared with messages (a roster entry, a dispatch) follow the rule of messages instead: unknown fields are ignored."""
    in_messages = set(MESSAGES.values()) | {part for model in MESSAGES.values() for part in parts_of(model)}
    in_records = {part for model in RECORDS.values() for part in parts_of(model)}
    own = {part for part in in_records - in_messages if not issubclass(part, PersonalPart)}
    assert own
    assert {part.__name__: part.model_config.get("extra") for part in own} == {part.__name__: "allow" for part in own}
