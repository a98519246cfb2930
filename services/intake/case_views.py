"""What agents and supervisors are shown of a case. Never whose case is on the other side of a wall, never a code word."""

from pydantic import Field

from schemas.base import Instant
from schemas.cases import CaseRecord
from schemas.coverage import Effect
from schemas.words import Band, CaseState, Channel, LinkKind, Signal
from services.intake.views import ShownFlag, TrackSummary, View, flags_of, plain, track_summary


class GrantedView(View):
    """Services given alike: by one version of a programme, or by the safety floor, which is none."""

    programme: str | None = None
    version: int | None = None
    effect: Effect
    services: tuple[str, ...]


class LinkView(View):
    """Another case of the same household that has to do with this one."""

    case_id: str
    kind: LinkKind
    at: Instant


class ClosedSignalView(View):
    """A safety signal that a human closed."""

    signal: Signal
    at: Instant
    by: str
    reason: str


class CaseView(View):
    """A case with its tracks, clocks and pages."""

    case_id: str
    household_id: str
    version: int
    state: CaseState
    band: Band
    code: str
    secondary_codes: tuple[str, ...] = ()
    signals: tuple[Signal, ...] = ()
    flags: tuple[ShownFlag, ...] = ()
    covert: bool
    drill: bool
    member: bool
    programme: str | None = None
    programme_version: int | None = None
    granted: tuple[GrantedView, ...] = ()
    public_path: tuple[str, ...] = ()
    country: str | None = None
    language: str | None = None
    channel: Channel
    partner_id: str | None = None
    partner_reference: str | None = None
    received_at: Instant
    opened_at: Instant
    changed_at: Instant
    catalogue: str
    reports: tuple[str, ...]
    report_count: int = 1
    links: tuple[LinkView, ...] = ()
    merged_into: str | None = None
    campaign_id: str | None = None
    provisional: bool = False
    placed_household_id: str | None = Field(default=None, description="whose the case really is, once somebody knows")
    closed_signals: tuple[ClosedSignalView, ...] = ()
    resolved_at: Instant | None = None
    follow_up_at: Instant | None = None
    tracks: tuple[TrackSummary, ...]
    safe_contact: str | None = None


class CaseList(View):
    """Cases found; `next` continues the search when there are more."""

    cases: tuple[CaseView, ...]
    next: str | None = None


APART = {"flags", "tracks", "safe_contact", "campaign_id", "placed_household_id"}


def case_view(case: CaseRecord) -> CaseView:
    """A case as agents and supervisors see it."""
    return CaseView(
        **plain(case, CaseView.model_fields.keys() - APART),
        flags=flags_of(case),
        tracks=tuple(track_summary(one) for one in case.tracks),
        safe_contact=case.personal.safe_contact,
        campaign_id=case.campaign.campaign_id if case.campaign else None,
        placed_household_id=case.placed.household_id if case.placed else None,
    )
