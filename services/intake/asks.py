"""What callers may send, besides a report. Read strictly and closed: a mistyped name would do harm (`closed_bodies`)."""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    WrapValidator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from schemas.base import Code, Id
from schemas.rosters import ReachRule, RosterPersonal, Training
from schemas.words import Band, CaseState, Clearance, Fluency, Pillar, Presence
from services.rules.ids import HOUSEHOLD_ID

LONGEST_NOTE = 4_000
RFC_3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})", re.IGNORECASE
)


def _instant(value: object) -> datetime:
    """Strict mode alone would read numbers in a text as seconds since 1970. An instant outside the years 1 to 9999 is none."""
    if isinstance(value, str) and RFC_3339.fullmatch(value) is not None:
        with suppress(ValueError, OverflowError):
            return datetime.fromisoformat(value.upper()).astimezone(UTC)
    raise PydanticCustomError("no_instant", "an instant is RFC 3339 with a zone, in the years 1 to 9999")


Instant = Annotated[AwareDatetime, BeforeValidator(_instant)]


def _not_blank(value: str) -> str:
    if not value.strip():
        raise PydanticCustomError("blank", "is blank")
    return value


def _plain(raw: object, checked: Callable[[object], object]) -> object:
    """Whatever is no code may be free words: refused as such, whichever rule it broke."""
    try:
        return checked(raw)
    except ValidationError:
        raise PydanticCustomError("free_words", "a plain code; free words belong in a note") from None


def _uuid(raw: object, checked: Callable[[object], object]) -> object:
    """Every household and case of ours has such an id."""
    try:
        return checked(raw)
    except ValidationError:
        raise PydanticCustomError("not_a_uuid", "a UUID in lower case") from None


Words = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_NOTE), AfterValidator(_not_blank)]
PlainCode = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,64}$"), WrapValidator(_plain)]
Uuid = Annotated[str, StringConstraints(pattern=f"^{HOUSEHOLD_ID}$"), WrapValidator(_uuid)]
Limit = Annotated[int, Field(ge=1, le=200)]
Cursor = Annotated[str, StringConstraints(max_length=400)]


class Ask(BaseModel):
    """Base of every request body."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",  # refused by `bodies.parse`, which repeats no name
        hide_input_in_errors=True,
        json_schema_extra={"additionalProperties": False},
    )


class ReleaseChoice(Ask):
    """The release that shall be the active one."""

    release: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]


class CaseSearch(Ask):
    """Cases by any of these; the newest receipt first. Covert cases are never found by searching, nor are those of people on
    opposite sides by their household."""

    household_id: Id | None = None
    state: CaseState | None = None
    band: Band | None = None
    code: Code | None = None
    pillar: Pillar | None = None
    desk_id: Code | None = None
    responder_id: Id | None = None
    partner_id: Code | None = None
    partner_reference: Id | None = None
    campaign_id: Id | None = None
    received_from: Instant | None = None
    received_before: Instant | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


class HouseholdSearch(Ask):
    """Households by partner and reference, or by what a member or a contact is called (at least three letters)."""

    partner_id: Code | None = None
    reference: Id | None = None
    name: Annotated[str, StringConstraints(min_length=3, max_length=200)] | None = None
    limit: Limit = 20
    cursor: Cursor | None = None


class Note(Ask):
    """A note on a case, by an agent or a supervisor."""

    text: Words


class TrackNote(Ask):
    """A note on a track; `sealed` shows it to the track's pillar and to no other responder. `milestone`: it tells of one reached."""

    text: Words
    sealed: bool = False
    milestone: PlainCode | None = None


class Raise(Ask):
    """Raise a case's band."""

    band: Band
    reason: PlainCode


class Reason(Ask):
    """Why, as a code."""

    reason: PlainCode | None = None


class Contacted(Ask):
    """How an attempt to speak with the victim ended (only `spoke` is a first response), and when they hear from us next."""

    result: Literal["spoke", "no_answer", "voicemail", "refused"]
    next_contact_at: Instant | None = None


class Wait(Ask):
    """Whom the work waits for: promises that may pause do so for the victim alone."""

    result: Annotated[Literal["victim", "third_party"], Field(alias="for")]
    next_contact_at: Instant | None = None


class Work(Ask):
    """What an owner reports: a result code, and when the victim hears from us next."""

    result: PlainCode | None = None
    next_contact_at: Instant | None = None


class GivenBack(Work):
    """A track given back, with what the next one should know: the note is kept before the track goes, sealed to its pillar."""

    note: Words | None = None


class PresenceSaid(Ask):
    """Whether work may be offered to me; or, without `presence`, a beat: my device is there. Who promises beats (`heartbeat_seconds`) and
    misses three is away until the next one."""

    presence: Presence | None = None
    heartbeat_seconds: Annotated[int, Field(ge=5, le=3_600)] | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "PresenceSaid":
        if self.presence is None and self.heartbeat_seconds is None:
            raise PydanticCustomError("says_nothing", "presence or a beat")
        return self


class Assign(Ask):
    """Give a track to a responder; a reason is needed to exceed their capacity. With `only_waiting` nobody who has accepted it
    meanwhile loses it."""

    responder_id: Id
    reason: PlainCode | None = None
    only_waiting: bool = False


class MethodSaid(Ask):
    """One way to reach a responder, of those the pager can use; a webhook needs its URL, smtp its mail address in `personal.addresses`.

    Only a line in the log is `verified` because it is said here: whatever has an address is proved by its owner (`:verify`), once.
    """

    kind: Literal["webhook", "smtp", "log"]
    verified: bool = True


class SaidBack(Ask):
    """The code that came over a contact method; how it is written does not matter."""

    code: Annotated[str, StringConstraints(min_length=8, max_length=32)]


class DrillAnswer(Ask):
    """Over which of my contact methods a drill reached me."""

    method: Annotated[int, Field(ge=0, le=7)]


class DrillOf(Ask):
    """Of whom alone to try the contact methods."""

    responder_id: Id | None = None


class RosterBody(Ask):
    """A responder's entry in a desk's roster; `personal.addresses` in the order of `methods`.

    `training` says more of some `skills` (level 3 without end unless it does), `fluency` of some `languages` (certified unless it does).
    `post` is kept and decides nothing: a page to a post, such as the duty lead, goes where the catalogue says (`desks.yaml`, `posts`).
    """

    desk_id: Code
    languages: Annotated[tuple[Code, ...], Field(max_length=32)] = ()
    skills: Annotated[tuple[Code, ...], Field(max_length=64)] = ()
    capacity: Annotated[int, Field(ge=1, le=10_000)] = 3
    post: Code | None = None
    methods: Annotated[tuple[MethodSaid, ...], Field(min_length=1, max_length=8)]
    training: Annotated[dict[Code, Training], Field(max_length=64)] = Field(default_factory=dict)
    fluency: Annotated[dict[Code, Fluency], Field(max_length=32)] = Field(default_factory=dict)
    interprets: Annotated[tuple[Code, ...], Field(max_length=32)] = ()
    clearances: tuple[Clearance, ...] = ()
    organisation: Code | None = None
    household_id: Id | None = None
    reach: Annotated[tuple[ReachRule, ...], Field(max_length=32)] = ()
    personal: RosterPersonal = RosterPersonal()
