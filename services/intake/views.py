"""What agents and supervisors are shown of reports, cases and commands."""

from collections.abc import Collection
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from schemas.base import Actor, Instant
from schemas.cases import CaseRecord, Clock, Page, Track
from schemas.words import Flag, Pillar, TrackState


class View(BaseModel):
    """Base of every answer."""

    model_config = ConfigDict(frozen=True)


ShownFlag = Flag | Literal["no_code_word"]
UnknownFields = Annotated[
    tuple[str, ...] | None,
    Field(description="JSON pointers to fields and facts of the body that nobody here knows: they changed nothing"),
]


class ClockView(View):
    """One promise: when it is due and how it stands."""

    kind: str
    due: Instant
    state: str
    settled_at: Instant | None = None


class PageView(View):
    """A page and what became of it."""

    page_id: str
    recipient: str
    reason: str
    raised_at: Instant
    delivered_at: Instant | None = None
    acknowledged_at: Instant | None = None
    withdrawn_at: Instant | None = None


class TrackSummary(View):
    """One pillar's work, as agents and supervisors see it."""

    track_id: str
    pillar: Pillar
    desk_id: str
    lead: bool
    state: TrackState
    offered_at: Instant | None = None
    responder_id: str | None = None
    exhausted: bool = False
    services: tuple[str, ...] = ()
    next_contact_at: Instant | None = None
    clocks: tuple[ClockView, ...] = ()
    pages: tuple[PageView, ...] = ()


class TimelineEntry(View):
    """One fact; `data` without what is shown beside it. A sealed note comes without its text."""

    id: str
    fact: str
    at: Instant
    actor: Actor
    version: int
    sealed: bool = False
    data: dict[str, Any] = Field(default_factory=dict)


class NoteView(View):
    """A note the reader may see."""

    at: Instant
    actor: Actor
    text: str


class Timeline(View):
    """Every fact of a case, oldest first; `next` continues."""

    case_id: str
    entries: tuple[TimelineEntry, ...]
    next: str | None = None


class DifferenceView(View):
    """What is stored and what comes out when it is decided again; `none` where there is nothing."""

    what: str
    stored: str
    again: str


class Explained(View):
    """An explanation as it is stored, in words, and what came of deciding it again from what was asked, by the frozen release.

    `again`: `same` or `differs` (see `differences`), `recorded` for what cannot be decided from here (what a human, a desk or
    another case decided, a promise that was broken), `release_missing` when this process does not have the release.
    """

    rule: str
    catalogue: str
    inputs: dict[str, str]
    rejected: dict[str, int]
    words: str
    again: Literal["same", "differs", "recorded", "release_missing"]
    differences: tuple[DifferenceView, ...] = ()


class Decision(View):
    """One decision on a case and why it came out as it did."""

    at: Instant
    fact: str
    track_id: str | None = None
    explanations: tuple[Explained, ...]


class ExplanationView(View):
    """Every decision on a case; `differs`: whether any comes out otherwise when it is decided again."""

    case_id: str
    catalogue: str
    differs: bool
    decisions: tuple[Decision, ...]


class CommandView(View):
    """How a command ended, or that it has not yet."""

    command_id: str
    state: Literal["pending", "done", "refused"]
    subject: str | None = None
    version: int | None = None
    reason: str | None = None
    case_id: str | None = Field(default=None, description="the case, when the command was a report")


class Accepted(View):
    """A command sent whose outcome was not there in time; `Location` says where it will be."""

    command_id: str
    state: Literal["pending"] = "pending"
    unknown_fields: UnknownFields = None


class Done(View):
    """A command carried out: the record it changed and the version that shows it."""

    command_id: str
    subject: str
    version: int
    unknown_fields: UnknownFields = None


def plain(record: BaseModel, names: Collection[str]) -> dict[str, Any]:
    """These fields of a record as plain data; those that are left out when it is written are at their usual value."""
    written = record.model_dump(include=set(names))
    return {name: written[name] if name in written else getattr(record, name) for name in names}


def flags_of(case: CaseRecord) -> tuple[ShownFlag, ...]:
    """A case's flags, and `no_code_word` when a covert one opens to whoever of us has its reference."""
    return (*case.flags, "no_code_word") if case.covert and case.personal.agreed_word is None else case.flags


def clock_view(clock: Clock) -> ClockView:
    """A clock as shown."""
    return ClockView(kind=clock.name, due=clock.due, state=clock.state, settled_at=clock.settled_at)


def page_view(page: Page) -> PageView:
    """A page as shown inside its track."""
    return PageView(**plain(page, PageView.model_fields))


def track_summary(track: Track) -> TrackSummary:
    """A track as shown inside its case."""
    return TrackSummary(
        **plain(track, TrackSummary.model_fields.keys() - {"clocks", "pages"}),
        clocks=tuple(clock_view(one) for one in track.clocks),
        pages=tuple(page_view(one) for one in track.pages),
    )
