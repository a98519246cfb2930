"""What agents and supervisors are shown of reports, cases and commands."""

from collections.abc import Collection
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from schemas.base import Actor, Instant
from schemas.cases import CaseRecord, Clock, Page, Track
from schemas.words import Band, CaseState, Flag, Pillar, TrackState
from services.intake.advice_views import (
    AdviceView,
    PlatformView,
    ReferralView,
    advice_view,
    platform_view,
    referral_view,
)
from services.rules.advising import Advice


class View(BaseModel):
    """Base of every answer."""

    model_config = ConfigDict(frozen=True)


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


class ReportAnswer(View):
    """A report that became (or joined) a case. `explanation` names the rules of its decisions; the case's `/explanation` says each in
    words."""

    case_id: str
    household_id: str
    version: int
    state: CaseState
    band: Band
    code: str
    flags: tuple[Flag, ...]
    tracks: tuple[TrackSummary, ...]
    public_path: tuple[str, ...] = ()
    explanation: tuple[str, ...]
    advice: AdviceView | None = None
    referrals: tuple[ReferralView, ...] = ()
    platform: PlatformView | None = None


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


class ReportAccepted(Accepted):
    """A report on its way, and what can be said and done before its case is there."""

    advice: AdviceView
    referrals: tuple[ReferralView, ...] = ()
    platform: PlatformView | None = None


class Done(View):
    """A command carried out: the record it changed and the version that shows it."""

    command_id: str
    subject: str
    version: int


def plain(record: BaseModel, names: Collection[str]) -> dict[str, Any]:
    """These fields of a record as plain data; those that are left out when it is written are at their usual value."""
    written = record.model_dump(include=set(names))
    return {name: written[name] if name in written else getattr(record, name) for name in names}


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


def report_accepted(report_id: str, advice: Advice) -> ReportAccepted:
    """What the sender of a report learns when its case is not there in time."""
    return ReportAccepted(command_id=report_id, **_first_minutes(advice))


def report_answer(case: CaseRecord, advice: Advice) -> ReportAnswer:
    """What the sender of a report learns at once."""
    return ReportAnswer(
        case_id=case.case_id,
        household_id=case.household_id,
        version=case.version,
        state=case.state,
        band=case.band,
        code=case.code,
        flags=case.flags,
        tracks=tuple(track_summary(one) for one in case.tracks),
        public_path=case.public_path,
        explanation=case.rules,
        **_first_minutes(advice),
    )


def _first_minutes(advice: Advice) -> dict[str, Any]:
    return {
        "advice": advice_view(advice),
        "referrals": tuple(referral_view(one) for one in advice.referrals),
        "platform": platform_view(advice.platform) if advice.platform else None,
    }
