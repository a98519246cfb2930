"""The CloudEvents SDK as oracle: what it writes we read, what we write it reads, in both modes."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cloudevents.core.bindings.kafka import (
    KafkaMessage,
    from_binary_event,
    from_kafka,
    to_binary_event,
    to_structured_event,
)
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.envelope import Event, Headers, decode, encode
from schemas.messages import MESSAGES, read
from schemas.outcomes import DONE, OutcomeDone

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EXAMPLES = Path(__file__).parents[2] / "schemas" / "examples"
EVERY_TYPE = pytest.mark.parametrize("type_", sorted(MESSAGES))
PLAIN = st.text(st.characters(max_codepoint=0x2FF, categories=["L", "N", "P", "S"]), min_size=1, max_size=40)
FUZZ = settings(deadline=None)  # a busy machine is no bug
IDS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=40)
INSTANTS = st.integers(0, 32_000_000_000_000_000).map(lambda microseconds: EPOCH + timedelta(microseconds=microseconds))


def golden(type_: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((EXAMPLES / f"{type_}.json").read_bytes())
    return document


def sdk_event(document: dict[str, Any]) -> CloudEvent:
    attributes = {name: value for name, value in document.items() if name != "data"}
    attributes["time"] = datetime.fromisoformat(document["time"])
    return CloudEvent(attributes, document["data"])


def headers_of(message: KafkaMessage) -> Headers:
    return tuple(message.headers.items())


def message_of(value: bytes, headers: Headers) -> KafkaMessage:
    return KafkaMessage(headers=dict(headers), key=None, value=value)


@EVERY_TYPE
def test_what_the_sdk_writes_in_binary_mode_we_read(type_: str) -> None:
    message = to_binary_event(sdk_event(golden(type_)))
    typed = read(message.value, headers_of(message))
    assert typed.envelope.id == golden(type_)["id"]
    assert json.loads(typed.data.model_dump_json(exclude_none=True)) == golden(type_)["data"]


@EVERY_TYPE
def test_what_the_sdk_writes_in_structured_mode_we_read(type_: str) -> None:
    message = to_structured_event(sdk_event(golden(type_)))
    typed = read(message.value, headers_of(message))
    assert typed.envelope.source == golden(type_)["source"]
    assert json.loads(typed.data.model_dump_json(exclude_none=True)) == golden(type_)["data"]


@EVERY_TYPE
def test_what_we_write_the_sdk_reads(type_: str) -> None:
    document = golden(type_)
    data = MESSAGES[type_].model_validate_json(json.dumps(document["data"]))
    at = datetime.fromisoformat(document["time"])
    value, headers = encode(
        Event(
            document["id"], type_, document["source"], at, data, document["partitionkey"], document.get("correlationid")
        )
    )
    seen = from_binary_event(message_of(value, headers))
    assert seen.get_data() == document["data"]
    assert (seen.get_id(), seen.get_type(), seen.get_source(), seen.get_time()) == (
        document["id"],
        type_,
        document["source"],
        at,
    )
    assert seen.get_dataschema() == document["dataschema"]
    assert seen.get_datacontenttype() == "application/json"
    assert seen.get_extension("partitionkey") == document["partitionkey"]
    assert seen.get_extension("correlationid") == document.get("correlationid")


def test_we_read_as_structured_what_the_sdk_mistakes_for_binary() -> None:
    """A structured record may repeat its attributes as `ce_` headers; the oracle is known to be wrong there, and we are not."""
    document = golden(DONE)
    both = {**to_binary_event(sdk_event(document)).headers, "content-type": b"application/cloudevents+json"}
    value = to_structured_event(sdk_event(document)).value
    mistaken = from_kafka(KafkaMessage(headers=both, key=None, value=value), JSONFormat())
    assert mistaken.get_data() != document["data"]
    assert json.loads(decode(value, tuple(both.items())).data) == document["data"]


@FUZZ
@given(
    id_=IDS,
    source=IDS,
    subject=IDS,
    key=PLAIN,
    at=INSTANTS,
)
def test_any_event_of_ours_is_read_alike_by_the_sdk_and_by_us(
    id_: str, source: str, subject: str, *, key: str, at: datetime
) -> None:
    data = OutcomeDone(command_id=id_, subject=subject, version=1)
    value, headers = encode(Event(id_, DONE, source, at, data, key))
    sdk, ours = from_binary_event(message_of(value, headers)), decode(value, headers)
    assert (sdk.get_id(), sdk.get_source(), sdk.get_type()) == (ours.id, ours.source, ours.type)
    assert sdk.get_time() == at
    assert sdk.get_data() == json.loads(ours.data)
    assert sdk.get_extension("partitionkey") == ours.attributes["partitionkey"] == key


@FUZZ
@given(
    id_=IDS,
    at=INSTANTS,
    text=PLAIN,
    number=st.integers(-(2**31), 2**31 - 1),
)
def test_any_event_of_the_sdk_is_read_alike_in_both_modes(id_: str, at: datetime, text: str, number: int) -> None:
    attributes = {
        "id": id_,
        "source": "urn:partner:telco:crm",
        "type": DONE,
        "time": at,
        "datacontenttype": "application/json",
    }
    event = CloudEvent({**attributes, "severitynumber": number, "severitytext": text}, {"command_id": text})
    binary, structured = to_binary_event(event), to_structured_event(event)
    one, other = decode(binary.value, headers_of(binary)), decode(structured.value, headers_of(structured))
    assert json.loads(one.data) == json.loads(other.data)
    shown = {name: value for name, value in other.attributes.items() if name != "datacontenttype"}
    assert one.attributes == shown
