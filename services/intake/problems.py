"""Every way a call can fail, as RFC 9457 problems from one closed list; no problem ever repeats what the caller sent."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, Field

from schemas.envelope import EnvelopeError
from schemas.words import DeadReason, Refusal
from services.intake.wrong_fields import sentence

MEDIA_TYPE = "application/problem+json"
MOST_NAMED = 5
TYPE_PREFIX = "urn:sameroof:problem:"


class Code(StrEnum):
    """The closed list; a code never changes its meaning."""

    MALFORMED_REQUEST = "malformed_request"
    BROKEN_JSON = "broken_json"
    DUPLICATE_KEY = "duplicate_key"
    NOT_A_NUMBER = "not_a_number"
    TOO_DEEP = "too_deep"
    IDEMPOTENCY_KEY_REQUIRED = "idempotency_key_required"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    CSRF_REFUSED = "csrf_refused"
    FALSE_SENDER = "false_sender"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    SUPERSEDED = "superseded"
    ALREADY_TAKEN = "already_taken"
    OFFER_OVER = "offer_over"
    NOT_YOURS = "not_yours"
    WRONG_STATE = "wrong_state"
    OPPOSITE_SIDES = "opposite_sides"
    SAFETY_SIGNAL_OPEN = "safety_signal_open"
    STALE_VERSION = "stale_version"
    TOO_LARGE = "too_large"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"
    WRONG_TYPE = "wrong_type"
    EMPTY_REPORT = "empty_report"
    ID_CONFLICT = "id_conflict"
    NOT_ELIGIBLE = "not_eligible"
    SAME_CASE = "same_case"
    NOTHING_LEFT = "nothing_left"
    OTHER_HOUSEHOLD = "other_household"
    SAFETY_CHECK_NEEDED = "safety_check_needed"
    UNKNOWN_RELEASE = "unknown_release"
    VERSION_REQUIRED = "version_required"
    TOO_MANY_REQUESTS = "too_many_requests"
    INTERNAL_ERROR = "internal_error"
    BUS_UNAVAILABLE = "bus_unavailable"


@dataclass(frozen=True, slots=True)
class Kind:
    """What a code means to everybody: its status and its title."""

    status: int
    title: str


KINDS: Mapping[Code, Kind] = {
    Code.MALFORMED_REQUEST: Kind(400, "The request is malformed"),
    Code.BROKEN_JSON: Kind(400, "The body is not JSON"),
    Code.DUPLICATE_KEY: Kind(400, "A JSON object names a key twice"),
    Code.NOT_A_NUMBER: Kind(400, "NaN and Infinity are not JSON"),
    Code.TOO_DEEP: Kind(400, "The JSON is nested too deeply"),
    Code.IDEMPOTENCY_KEY_REQUIRED: Kind(400, "This call needs an Idempotency-Key header"),
    Code.UNAUTHENTICATED: Kind(401, "A valid bearer token is needed"),
    Code.FORBIDDEN: Kind(403, "Your role may not do this"),
    Code.CSRF_REFUSED: Kind(403, "A change from the board needs the Sameroof-CSRF header of its session"),
    Code.FALSE_SENDER: Kind(403, "The report claims another sender"),
    Code.NOT_FOUND: Kind(404, "There is no such thing, or not for you"),
    Code.METHOD_NOT_ALLOWED: Kind(405, "This method is not allowed here"),
    Code.SUPERSEDED: Kind(409, "The track has moved on"),
    Code.ALREADY_TAKEN: Kind(409, "Somebody else has it already"),
    Code.OFFER_OVER: Kind(409, "The offer is over"),
    Code.NOT_YOURS: Kind(409, "It is not yours"),
    Code.WRONG_STATE: Kind(409, "Its state does not allow this"),
    Code.NOTHING_LEFT: Kind(409, "Nothing would be left of the case"),
    Code.OPPOSITE_SIDES: Kind(409, "The people of these cases are on opposite sides"),
    Code.SAFETY_SIGNAL_OPEN: Kind(409, "A safety signal is open; a human must close it first, with a reason"),
    Code.STALE_VERSION: Kind(412, "It is not at the version you named"),
    Code.TOO_LARGE: Kind(413, "The body is too large"),
    Code.UNSUPPORTED_MEDIA_TYPE: Kind(415, "This call takes another media type"),
    Code.WRONG_TYPE: Kind(422, "A field has a wrong type or value"),
    Code.EMPTY_REPORT: Kind(422, "A report needs a code, a signal or free text"),
    Code.ID_CONFLICT: Kind(422, "This Idempotency-Key was used with another body"),
    Code.NOT_ELIGIBLE: Kind(422, "This responder cannot take it"),
    Code.SAME_CASE: Kind(422, "Both are the same case, or were merged into one"),
    Code.OTHER_HOUSEHOLD: Kind(422, "The other case is another household's"),
    Code.SAFETY_CHECK_NEEDED: Kind(422, "A human must have asked about safety before this case is closed"),
    Code.UNKNOWN_RELEASE: Kind(422, "There is no such release of the catalogue here"),
    Code.VERSION_REQUIRED: Kind(428, "This call needs the version you read"),
    Code.TOO_MANY_REQUESTS: Kind(429, "Too many calls, slow down"),
    Code.INTERNAL_ERROR: Kind(500, "Something is wrong on our side"),
    Code.BUS_UNAVAILABLE: Kind(503, "The call cannot be taken right now, try again with the same key"),
}
OF_REASON: Mapping[DeadReason, Code] = {
    reason: Code(reason.value) for reason in DeadReason if reason.value in Code.__members__.values()
}
OF_REFUSAL: Mapping[Refusal, Code] = {refusal: Code(refusal.value) for refusal in Refusal}


class FieldError(BaseModel):
    """One failing place: what is wrong there, and a JSON pointer to it."""

    detail: str
    pointer: str


class ProblemBody(BaseModel):
    """An RFC 9457 problem. `code` repeats the end of `type` for clients that want a short word."""

    type: str = Field(json_schema_extra={"enum": [TYPE_PREFIX + code.value for code in Code]})
    title: str
    status: int
    code: Code
    detail: str | None = None
    errors: list[FieldError] | None = None
    idempotency_key: str | None = Field(default=None, description="repeated when a report could not be taken")
    page_id: str | None = Field(default=None, description="the page sent for a P0 report that could not be taken")


class Problem(Exception):
    """Ends a call with a problem. `detail` and `errors` are our own words, never the caller's."""

    def __init__(
        self,
        code: Code,
        detail: str | None = None,
        *,
        errors: list[FieldError] | None = None,
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(code.value)
        self.code = code
        self.headers = dict(headers or {})
        kind = KINDS[code]
        self.body = ProblemBody(
            type=TYPE_PREFIX + code.value,
            title=kind.title,
            status=kind.status,
            code=code,
            detail=detail,
            errors=errors,
            **dict(extra or {}),
        )

    @property
    def status(self) -> int:
        """The HTTP status."""
        return KINDS[self.code].status


def problem_of(refused: EnvelopeError) -> Problem:
    """A refused body as a problem; the places of `wrong_type` become JSON pointers with a sentence each."""
    code = OF_REASON.get(refused.reason, Code.MALFORMED_REQUEST)
    if code is not Code.WRONG_TYPE:
        return Problem(code, refused.detail)
    return wrong_fields(
        FieldError(detail=sentence(one.kind, one.limits), pointer="#" + one.pointer.removesuffix("/"))
        for one in refused.places
    )


def wrong_fields(errors: Iterable[FieldError], code: Code = Code.WRONG_TYPE) -> Problem:
    """Fields that are wrong: the first few, and how many there are when those are not all."""
    found = list(errors)
    some = f"{len(found)} fields are wrong, the first {MOST_NAMED} are named" if len(found) > MOST_NAMED else None
    return Problem(code, some, errors=found[:MOST_NAMED])


def problem_of_refusal(reason: Refusal) -> Problem:
    """A refused command as a problem."""
    return Problem(OF_REFUSAL[reason])
