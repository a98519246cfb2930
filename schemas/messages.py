"""Every CloudEvents type and its payload model, in one table; how a record becomes a typed message."""

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
)
from schemas.base import Fact
from schemas.envelope import EnvelopeError, Headers, Received, decode
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
    **active_release.CATALOGUE_COMMANDS,
    **case_events.CASE_EVENTS,
}


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
    first = error.errors(include_input=False, include_url=False, include_context=False)
    if any(one["type"] == "json_invalid" for one in first):
        return EnvelopeError(DeadReason.BROKEN_JSON, "the body is not JSON")
    return EnvelopeError(DeadReason.WRONG_TYPE, "; ".join(f"{pointer(one['loc'])}: {one['type']}" for one in first[:5]))


def pointer(place: tuple[int | str, ...]) -> str:
    """A validation error's place as a JSON pointer (RFC 6901)."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in place) or "/"
