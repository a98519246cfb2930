"""Every CloudEvents type and its payload model, in one table; how a record becomes a typed message."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from schemas import (
    active_release,
    case_commands,
    case_events,
    commands,
    dispatch,
    households,
    notices,
    outcomes,
    partners,
    progress,
    reports,
    rota_commands,
    workshops,
)
from schemas.base import Fact
from schemas.envelope import EnvelopeError, Headers, Received, WrongPlace, decode
from schemas.words import DeadReason

MESSAGES: dict[str, type[Fact]] = {
    reports.SUBMITTED: reports.ReportSubmitted,
    households.SNAPSHOT: households.HouseholdSnapshot,
    dispatch.TAKEN: dispatch.DispatchTaken,
    dispatch.WITHDRAWN: dispatch.DispatchWithdrawn,
    notices.ISSUED: notices.NoticeIssued,
    partners.UPDATED: partners.PartnerCaseUpdated,
    partners.REJECTED: partners.RejectionRaised,
    **outcomes.OUTCOMES,
    **progress.PROGRESS,
    **case_commands.ROUTER_COMMANDS,
    **commands.DESK_COMMANDS,
    **rota_commands.ROTA_COMMANDS,
    **workshops.WORKSHOP_COMMANDS,
    **active_release.CATALOGUE_COMMANDS,
    **case_events.CASE_EVENTS,
}

OF_SCHEMA = ("min_length", "max_length", "ge", "le", "expected", "pattern")


@dataclass(frozen=True, slots=True)
class Typed:
    """A checked envelope with its parsed payload."""

    envelope: Received
    data: Fact


def read(value: bytes | None, headers: Headers, allowed: frozenset[str] | None = None) -> Typed:
    """The typed message in a record of one of our own topics.

    `allowed` narrows the types (those the topic carries). Raises `EnvelopeError` with a reason of the closed list.
    """
    envelope = decode(value, headers)
    model = MESSAGES.get(envelope.type)
    if model is None or (allowed is not None and envelope.type not in allowed):
        raise EnvelopeError(DeadReason.UNKNOWN_TYPE, "no message of this type belongs on this topic")
    try:
        return Typed(envelope, model.model_validate_json(envelope.data))
    except ValidationError as error:
        raise wrong_type(error) from None


def wrong_type(error: ValidationError) -> EnvelopeError:
    """A validation error as an envelope error that names places, never values."""
    found = error.errors(include_input=False, include_url=False)
    if any(one["type"] == "json_invalid" for one in found):
        return EnvelopeError(DeadReason.BROKEN_JSON, "the body is not JSON")
    inside = {one["loc"][:depth] for one in found for depth in range(len(one["loc"]))}
    told = [
        one for one in found if one["type"] != "too_short" or one["loc"] not in inside
    ]  # a wrong entry is not counted
    return wrong_places([WrongPlace(pointer(one["loc"]), one["type"], _limits(one.get("ctx", {}))) for one in told])


def wrong_places(places: Sequence[WrongPlace]) -> EnvelopeError:
    """Values of a wrong type at these places."""
    detail = "; ".join(f"{one.pointer}: {one.kind}" for one in places[:5])
    return EnvelopeError(DeadReason.WRONG_TYPE, detail, places)


def _limits(context: Mapping[str, object]) -> dict[str, object]:
    """What our own schema says; the rest of an error's context may hold the input."""
    return {name: context[name] for name in OF_SCHEMA if name in context}


def pointer(place: tuple[int | str, ...]) -> str:
    """A validation error's place as a JSON pointer (RFC 6901)."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in place) or "/"
