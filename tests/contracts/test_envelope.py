"""The envelope: binary out, binary and structured in, the mode chosen by `content-type`, one error type whatever arrives."""

import json
from contextlib import suppress
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemas.base import Fact
from schemas.envelope import EnvelopeError, Event, Headers, Received, decode, encode, parse_strictly, rfc3339
from schemas.messages import MESSAGES, read
from schemas.outcomes import DONE, OutcomeDone
from schemas.topics import OUTCOMES
from schemas.words import DeadReason

CLOUDEVENT = ("content-type", b"application/cloudevents+json; charset=UTF-8")
JSON = ("content-type", b"application/json")
DATA = b'{"command_id":"c-1","subject":"case-1","version":1,"repeated":false}'
ATTRIBUTES = {"specversion": "1.0", "id": "e-1", "source": "urn:sameroof:router", "type": DONE}
NESTED = b"[" * 100_000 + b"]" * 100_000


def binary(*more: tuple[str, bytes], **changed: str | None) -> Headers:
    attributes = {**ATTRIBUTES, **changed}
    return (*((f"ce_{name}", text.encode()) for name, text in attributes.items() if text is not None), JSON, *more)


def structured(**changed: object) -> bytes:
    document = {**ATTRIBUTES, "data": json.loads(DATA), **changed}
    return json.dumps(document).encode()


def refusal(value: bytes | None, headers: Headers) -> DeadReason:
    """Why a record is refused; fails if it is not, or with anything but an `EnvelopeError`."""
    with pytest.raises(EnvelopeError) as caught:
        read(value, headers)
    return caught.value.reason


def test_what_is_encoded_is_decoded() -> None:
    data = OutcomeDone(command_id="c-1", subject="case-1", version=1)
    at = datetime(2026, 3, 29, 2, 30, tzinfo=timezone(timedelta(hours=2)))
    event = Event("e-1", DONE, "urn:sameroof:router", at, data, "c-1", correlationid="case-1")
    typed = read(*encode(event), frozenset(OUTCOMES))
    assert typed.data == data
    assert typed.envelope.time == "2026-03-29T00:30:00.000000Z"
    assert typed.envelope.attributes["correlationid"] == "case-1"
    assert "causationid" not in typed.envelope.attributes


def test_a_naive_instant_is_never_written() -> None:
    with pytest.raises(ValueError, match="zone"):
        rfc3339(datetime(2026, 3, 2))  # noqa: DTZ001 - the naive one is the point


def test_structured_is_read_as_structured_although_ce_headers_repeat_it() -> None:
    headers: Headers = (*((name, text) for name, text in binary() if name != "content-type"), CLOUDEVENT)
    assert read(structured(), headers).data == OutcomeDone(command_id="c-1", subject="case-1", version=1)


@pytest.mark.parametrize(
    "content_type", [b"application/cloudevents+json", b"Application/CloudEvents+JSON; charset=utf-8"]
)
def test_the_mode_is_chosen_by_content_type_in_any_case(content_type: bytes) -> None:
    assert decode(structured(), (("content-type", content_type),)).id == "e-1"


def test_a_record_without_content_type_is_read_as_binary_json() -> None:
    headers = tuple(header for header in binary() if header[0] != "content-type")
    assert read(DATA, headers).envelope.type == DONE


@pytest.mark.parametrize("name", ["content-type", "Content-Type", "CONTENT-TYPE"])
def test_header_names_are_read_in_any_case(name: str) -> None:
    assert decode(structured(), ((name, b"application/cloudevents+json"),)).type == DONE


def test_integer_and_boolean_attributes_are_read_as_their_canonical_text() -> None:
    """CloudEvents types: an attribute may be an integer or a boolean; null is the same as absent."""
    received = decode(structured(severitynumber=9, sampled=True, subject=None), (CLOUDEVENT,))
    assert received.attributes["severitynumber"] == "9"
    assert received.attributes["sampled"] == "true"
    assert "subject" not in received.attributes


@pytest.mark.parametrize(
    "claimed", ["yesterday", "2026-03-02T20:15:00", "9999-12-31T23:59:59+23:59", "1970-01-01T00:00:00Z"]
)
def test_an_impossible_or_naive_time_is_kept_as_claimed(claimed: str) -> None:
    assert decode(DATA, binary(time=claimed)).time == claimed
    assert decode(structured(time=claimed), (CLOUDEVENT,)).time == claimed


def test_no_value_is_no_event() -> None:
    assert refusal(None, binary()) is DeadReason.BROKEN_ENVELOPE


@pytest.mark.parametrize("name", ["ce_id", "ce_type", "ce_source", "ce_specversion", "content-type"])
def test_a_header_without_value_is_refused(name: str) -> None:
    """Kafka allows a null header value; aiokafka hands it over as None although its type says bytes."""
    headers = tuple((key, None if key == name else text) for key, text in binary())
    assert refusal(DATA, headers) is DeadReason.BROKEN_ENVELOPE  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["ce_id", "ce_time", "content-type"])
def test_a_header_that_is_not_utf8_is_refused(name: str) -> None:
    headers = tuple((key, b"\xff\xfe" if key == name else text) for key, text in binary(time="2026-03-02T20:15:00Z"))
    assert refusal(DATA, headers) is DeadReason.BROKEN_ENVELOPE


@pytest.mark.parametrize("name", ["ce_id", "ce_source", "CE_ID", "content-type"])
def test_a_header_that_appears_twice_is_refused(name: str) -> None:
    assert refusal(DATA, (*binary(), (name, b"application/json"))) is DeadReason.DUPLICATE_KEY


@pytest.mark.parametrize("name", ["specversion", "id", "source", "type"])
@pytest.mark.parametrize("text", [None, ""])
def test_a_missing_attribute_is_refused(name: str, text: str | None) -> None:
    assert refusal(DATA, binary(**{name: text})) is DeadReason.BROKEN_ENVELOPE
    assert refusal(structured(**{name: text}), (CLOUDEVENT,)) is DeadReason.BROKEN_ENVELOPE


def test_another_specversion_is_refused() -> None:
    assert refusal(DATA, binary(specversion="0.3")) is DeadReason.BROKEN_ENVELOPE


@pytest.mark.parametrize("text", ["a\x00b", "a\nb", "\u202egnp", "x" * 513])
def test_an_attribute_with_control_characters_or_without_end_is_refused(text: str) -> None:
    assert refusal(DATA, binary(id=text)) is DeadReason.BROKEN_ENVELOPE
    assert refusal(structured(id=text), (CLOUDEVENT,)) is DeadReason.BROKEN_ENVELOPE


@pytest.mark.parametrize("value", [[], {}, 1.5])
def test_an_attribute_that_is_no_cloudevents_type_is_refused(value: object) -> None:
    assert refusal(structured(subject=value), (CLOUDEVENT,)) is DeadReason.BROKEN_ENVELOPE


def test_another_content_type_is_refused() -> None:
    headers: Headers = (*binary()[:-1], ("content-type", b"application/avro"))
    assert refusal(DATA, headers) is DeadReason.BROKEN_ENVELOPE


@pytest.mark.parametrize("value", [b"", b"{", b"nonsense", b'{"a":1}}', b"\xff", DATA[:-1], b"\xef\xbb\xbf" + DATA])
def test_malformed_json_is_refused_in_both_modes(value: bytes) -> None:
    assert refusal(value, binary()) is DeadReason.BROKEN_JSON
    assert refusal(value, (CLOUDEVENT,)) is DeadReason.BROKEN_JSON


def test_json_nested_without_end_is_refused_in_both_modes() -> None:
    assert refusal(NESTED, (CLOUDEVENT,)) is DeadReason.TOO_DEEP
    assert refusal(structured()[:-1] + b',"x":' + NESTED + b"}", (CLOUDEVENT,)) is DeadReason.TOO_DEEP
    assert refusal(NESTED, binary()) in {DeadReason.TOO_DEEP, DeadReason.BROKEN_JSON}


@pytest.mark.parametrize("depth", [100, 190, 250, 500, 900, 990, 1_500, 3_000])
def test_any_depth_is_either_read_or_refused(depth: int) -> None:
    value = structured()[:-1] + b',"x":' + b"[" * depth + b"]" * depth + b"}"
    data = DATA[:-1] + b',"x":' + b"[" * depth + b"]" * depth + b"}"
    nested = structured(data=None).replace(b'"data": null', b'"data":' + data)
    for record, headers in ((value, (CLOUDEVENT,)), (nested, (CLOUDEVENT,)), (data, binary())):
        assert outcome(record, headers) in {"read", *DeadReason}


def test_a_key_named_twice_is_refused_in_structured_mode() -> None:
    assert refusal(structured()[:-1] + b',"id":"e-2"}', (CLOUDEVENT,)) is DeadReason.DUPLICATE_KEY


def test_a_lone_surrogate_is_refused_in_both_modes() -> None:
    data = DATA.replace(b"case-1", b"\\ud800")
    assert refusal(data, binary()) is DeadReason.BROKEN_JSON
    assert refusal(structured().replace(b"case-1", b"\\ud800"), (CLOUDEVENT,)) is DeadReason.BROKEN_JSON
    assert refusal(structured().replace(b"e-1", b"\\ud800"), (CLOUDEVENT,)) in {
        DeadReason.BROKEN_JSON,
        DeadReason.BROKEN_ENVELOPE,
    }


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity", b"1e999"])
def test_what_is_no_number_is_refused(number: bytes) -> None:
    for data in (DATA.replace(b":1,", b":" + number + b","), DATA[:-1] + b',"unknown":' + number + b"}"):
        nested = structured().replace(json.dumps(json.loads(DATA)).encode(), data)
        assert data in nested
        assert refusal(nested, (CLOUDEVENT,)) is DeadReason.NOT_A_NUMBER


def test_base64_data_is_refused() -> None:
    document = {**ATTRIBUTES, "data_base64": "e30="}
    assert refusal(json.dumps(document).encode(), (CLOUDEVENT,)) is DeadReason.BROKEN_ENVELOPE


def test_a_type_the_topic_does_not_carry_is_refused() -> None:
    assert refusal(DATA, binary(type="eu.sameroof.outcome.v2.done")) is DeadReason.UNKNOWN_TYPE
    with pytest.raises(EnvelopeError) as caught:
        read(DATA, binary(), frozenset({"eu.sameroof.report.v1.submitted"}))
    assert caught.value.reason is DeadReason.UNKNOWN_TYPE


def test_an_error_names_the_place_and_never_the_value() -> None:
    with pytest.raises(EnvelopeError) as caught:
        read(DATA.replace(b'"version":1', b'"version":"+32 canary"'), binary())
    assert caught.value.reason is DeadReason.WRONG_TYPE
    assert "/version" in caught.value.detail
    assert "canary" not in str(caught.value) + repr(caught.value.__cause__) + repr(caught.value.__context__)


def outcome(value: bytes | None, headers: Headers) -> str | DeadReason:
    """`read`, or the reason of the refusal; any other exception escapes and fails the test."""
    try:
        typed = read(value, headers)
    except EnvelopeError as error:
        return error.reason
    assert isinstance(typed.data, Fact)
    return "read"


FUZZ = settings(deadline=None)  # a busy machine is no bug
NAMES = st.sampled_from(
    ["ce_id", "ce_type", "ce_source", "ce_specversion", "ce_time", "content-type", "Content-Type", "x"]
)
TEXTS = st.sampled_from([b"1.0", DONE.encode(), CLOUDEVENT[1], JSON[1], b"", b"\xff"]) | st.binary(max_size=40)
HEADERS = st.lists(st.tuples(NAMES | st.text(max_size=12), st.none() | TEXTS), max_size=10).map(tuple)
TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@FUZZ
@given(value=st.none() | st.binary(max_size=200), headers=HEADERS)
@example(value=None, headers=())
def test_no_record_makes_decode_raise_anything_but_an_envelope_error(value: bytes | None, headers: Headers) -> None:
    assert outcome(value, headers) in {"read", *DeadReason}


@FUZZ
@given(tree=TREES, type_=st.sampled_from(sorted(MESSAGES)))
def test_no_data_in_a_good_envelope_raises_anything_but_an_envelope_error(tree: object, type_: str) -> None:
    document = json.dumps({**ATTRIBUTES, "type": type_, "data": tree}).encode()
    assert outcome(document, (CLOUDEVENT,)) in {"read", *DeadReason}
    assert outcome(json.dumps(tree).encode(), binary(type=type_)) in {"read", *DeadReason}


@FUZZ
@given(
    attributes=st.dictionaries(st.sampled_from([*ATTRIBUTES, "time", "data"]) | st.text(max_size=8), TREES, max_size=8)
)
def test_no_structured_envelope_raises_anything_but_an_envelope_error(attributes: dict[str, object]) -> None:
    document = json.dumps({**ATTRIBUTES, "data": {}, **attributes}).encode()
    assert outcome(document, (CLOUDEVENT,)) in {"read", *DeadReason}


@FUZZ
@given(raw=st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode()))
def test_no_bytes_make_the_strict_parser_raise_anything_but_an_envelope_error(raw: bytes) -> None:
    with suppress(EnvelopeError):
        parse_strictly(raw)


@FUZZ
@given(tree=TREES.filter(lambda tree: "NaN" not in json.dumps(tree) and "Infinity" not in json.dumps(tree)))
def test_what_the_strict_parser_accepts_means_what_it_says(tree: object) -> None:
    assert parse_strictly(json.dumps(tree).encode()) == tree


def test_a_received_event_is_a_value() -> None:
    received = decode(DATA, binary())
    assert received == Received("e-1", DONE, "urn:sameroof:router", None, received.attributes, DATA)
