"""CloudEvents 1.0 on Kafka: binary mode out, binary and structured in, one error type (CONTRACTS, Events on the bus)."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, NamedTuple, NoReturn

from pydantic import BaseModel

from schemas.words import DeadReason

Headers = tuple[tuple[str, bytes], ...]

ATTRIBUTES = (
    "id",
    "source",
    "type",
    "time",
    "dataschema",
    "partitionkey",
    "correlationid",
    "causationid",
    "traceparent",
)
REQUIRED = ("id", "source", "type")
LONGEST_ATTRIBUTE = 512
DEEPEST_JSON = 128
JSON_TYPE = b"application/json"
STRUCTURED_TYPE = "application/cloudevents"


class WrongPlace(NamedTuple):
    """A JSON pointer to what is wrong, the kind of error, and the limits of our schema that it broke."""

    pointer: str
    kind: str
    limits: Mapping[str, object] = MappingProxyType({})


class EnvelopeError(ValueError):
    """A record that is no event of ours. `reason` is from the closed list; the text never contains the input."""

    def __init__(self, reason: DeadReason, detail: str, places: Sequence["WrongPlace"] = ()) -> None:
        super().__init__(f"{reason.value}: {detail}")
        self.reason = reason
        self.detail = detail
        self.places = places


class Event(NamedTuple):
    """One CloudEvent to publish: `data` is a frozen payload model; ids are derived by whoever builds it."""

    id: str
    type: str
    source: str
    time: datetime
    data: BaseModel
    partitionkey: str
    correlationid: str | None = None
    causationid: str | None = None
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """One CloudEvent as read: checked attributes, data still as JSON bytes for the payload model to parse."""

    id: str
    type: str
    source: str
    time: str | None
    attributes: dict[str, str]
    data: bytes


def dataschema(type_: str) -> str:
    """Where intake serves the JSON Schema of `type_`: `/schemas/<type>/<major>.<minor>.json`."""
    return f"/schemas/{type_}/1.0.json"


def rfc3339(instant: datetime) -> str:
    """An aware instant as RFC 3339 UTC with microseconds. Raises `ValueError` for a naive one."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs a zone")
    return instant.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def encode(event: Event) -> tuple[bytes, Headers]:
    """Value and headers of `event` in binary mode."""
    attributes = {
        "specversion": "1.0",
        "id": event.id,
        "source": event.source,
        "type": event.type,
        "time": rfc3339(event.time),
        "dataschema": dataschema(event.type),
        "partitionkey": event.partitionkey,
        "correlationid": event.correlationid,
        "causationid": event.causationid,
        "traceparent": event.traceparent,
    }
    headers = tuple((f"ce_{name}", value.encode()) for name, value in attributes.items() if value is not None)
    return event.data.model_dump_json(exclude_none=True).encode(), (*headers, ("content-type", JSON_TYPE))


def decode(value: bytes | None, headers: Headers) -> Received:
    """The event in a record; the mode is chosen by `content-type` first. Raises `EnvelopeError`, never anything else."""
    if value is None:
        raise EnvelopeError(DeadReason.BROKEN_ENVELOPE, "the record has no value")
    named = _by_name(headers)
    content_type = _text(named.get("content-type", JSON_TYPE), "content-type").lower()
    if content_type.startswith(STRUCTURED_TYPE):
        return _structured(value)
    if not content_type.startswith("application/json"):
        raise EnvelopeError(DeadReason.BROKEN_ENVELOPE, "content-type is neither JSON nor a CloudEvent")
    attributes = {name[3:]: _text(raw, "a CloudEvents header") for name, raw in named.items() if name.startswith("ce_")}
    return _received(attributes, value)


def _by_name(headers: Headers) -> dict[str, bytes]:
    """The headers that concern us by lower-case name; another system's may repeat, ours may not."""
    named: dict[str, bytes] = {}
    for written, raw in headers:
        name = written.lower()
        if name.startswith("ce_") or name == "content-type":
            if name in named:
                raise EnvelopeError(DeadReason.DUPLICATE_KEY, "a CloudEvents header appears twice")
            named[name] = raw
    return named


def _structured(value: bytes) -> Received:
    document = parse_strictly(value)
    if not isinstance(document, dict):
        raise EnvelopeError(DeadReason.BROKEN_ENVELOPE, "a structured event is a JSON object")
    if "data" not in document:
        raise EnvelopeError(DeadReason.BROKEN_ENVELOPE, "a structured event needs data")
    attributes: dict[str, str] = {}
    for name, content in document.items():
        if name not in {"data", "data_base64"} and content is not None:
            attributes[name] = _attribute(content)
    return _received(attributes, _as_json(document["data"]))


def _attribute(content: object) -> str:
    """An attribute's canonical text (CloudEvents, Type System); ours are strings, a partner's may be an integer or a boolean."""
    if isinstance(content, bool):
        return "true" if content else "false"
    if not isinstance(content, str | int):
        raise EnvelopeError(DeadReason.BROKEN_ENVELOPE, "an attribute is no string, integer or boolean")
    return str(content)


def _as_json(data: object) -> bytes:
    try:
        return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
    except RecursionError:
        raise EnvelopeError(DeadReason.TOO_DEEP, "the JSON is nested too deeply") from None
    except UnicodeEncodeError:  # half a surrogate pair, which JSON can spell and UTF-8 cannot
        raise EnvelopeError(DeadReason.BROKEN_JSON, "the body is not JSON") from None


def _received(attributes: dict[str, str], data: bytes) -> Received:
    if attributes.get("specversion") != "1.0":
        raise EnvelopeError(DeadReason.BROKEN_ENVELOPE, "specversion is not 1.0")
    for name in REQUIRED:
        if not attributes.get(name):
            raise EnvelopeError(DeadReason.BROKEN_ENVELOPE, f"attribute {name} is missing")
    if any(len(content) > LONGEST_ATTRIBUTE or not content.isprintable() for content in attributes.values()):
        raise EnvelopeError(DeadReason.BROKEN_ENVELOPE, "an attribute is too long or has control characters")
    return Received(
        attributes["id"], attributes["type"], attributes["source"], attributes.get("time"), attributes, data
    )


def _text(raw: bytes | None, what: str) -> str:
    try:
        return (raw or b"").decode("utf-8")
    except UnicodeDecodeError:
        raise EnvelopeError(DeadReason.BROKEN_ENVELOPE, f"{what} is not UTF-8") from None


def parse_strictly(raw: bytes) -> Any:
    """JSON as the standard means it: no duplicate keys, no NaN or Infinity, bounded depth, UTF-8. Raises `EnvelopeError`."""
    try:
        document = _STRICT.decode(raw.decode("utf-8"))
    except EnvelopeError:
        raise
    except RecursionError:
        raise EnvelopeError(DeadReason.TOO_DEEP, "the JSON is nested too deeply") from None
    except ValueError:
        raise EnvelopeError(DeadReason.BROKEN_JSON, "the body is not JSON") from None
    _refuse_deep(document)
    return document


def _refuse_deep(document: object) -> None:
    """The same bound for every reader, far below the one that depends on how deep the Python stack is already."""
    level: list[object] = [document]
    for _ in range(DEEPEST_JSON):
        level = [each for one in level if isinstance(one, dict | list) for each in _inside(one)]
        if not level:
            return
    raise EnvelopeError(DeadReason.TOO_DEEP, "the JSON is nested too deeply")


def _inside(one: dict[str, object] | list[object]) -> Iterable[object]:
    return one.values() if isinstance(one, dict) else one


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise EnvelopeError(DeadReason.DUPLICATE_KEY, "a JSON object names a key twice")
    return found


def _no_constant(_: str) -> NoReturn:
    raise EnvelopeError(DeadReason.NOT_A_NUMBER, "NaN and Infinity are not JSON")


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _no_constant(text)


_STRICT = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite)
