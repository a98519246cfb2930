"""The router's record of a case (`cases`): one problem of one household, its tracks, clocks and pages."""

from schemas.base import Code, Explanation, Id, Instant, Record, RecordPart
from schemas.campaigns import Campaign
from schemas.coverage import GrantedBy
from schemas.households import HouseholdBody
from schemas.personal import Personal, PersonalPart
from schemas.reports import ReportBody
from schemas.words import Band, CaseState, Channel, ClockKind, ClockState, Flag, LinkKind, Pillar, Signal, TrackState


class Clock(RecordPart):
    """One promise on a track; `due` is absolute, `epoch` fences an older deadline, `settled_at` is the instant that settled it."""

    kind: ClockKind
    started_at: Instant
    due: Instant
    epoch: int
    state: ClockState = ClockState.RUNNING
    settled_at: Instant | None = None


class Page(RecordPart):
    """A notice that climbs until acknowledged."""

    page_id: Id
    recipient: Id
    reason: Code
    raised_at: Instant
    delivered_at: Instant | None = None
    acknowledged_at: Instant | None = None
    acknowledged_by: Id | None = None


class Track(RecordPart):
    """One pillar's work on a case. `desk_epoch` is that of the latest dispatch or withdrawal; `responder_id` the live assignment.

    `responded_at` is when a human first spoke with the victim. A track on its way to another desk goes to `moving_to`, when its
    desk lets go or at `moving_by`.
    """

    track_id: Id
    pillar: Pillar
    desk_id: Id
    lead: bool
    state: TrackState
    desk_epoch: int
    dispatched_at: Instant
    offered_at: Instant | None = None
    offer_id: Id | None = None
    responder_id: Id | None = None
    exhausted: bool = False
    services: tuple[Code, ...] = ()
    responded_at: Instant | None = None
    moving_to: Id | None = None
    moving_by: Instant | None = None
    next_contact_at: Instant | None = None
    clocks: tuple[Clock, ...] = ()
    pages: tuple[Page, ...] = ()


class CasePersonal(PersonalPart):
    """What a responder needs to reach the victim; a covert case is shown to who knows the code word."""

    safe_contact: Personal | None = None
    code_word: Personal | None = None


class Link(RecordPart):
    """Another case of the same household that has to do with this one."""

    case_id: Id
    kind: LinkKind
    at: Instant


class ClosedSignal(RecordPart):
    """A safety signal that a human closed, and why; said again, it is open again."""

    signal: Signal
    at: Instant
    by: Id
    reason: Code


class Placed(RecordPart):
    """The household to which a caller nobody could place turned out to belong; its snapshot, on which coverage is decided,
    holds nothing personal."""

    household_id: Id
    at: Instant
    by: Id
    household_version: int | None = None
    body: HouseholdBody | None = None


class Arrived(RecordPart):
    """A report of this case and who sent it: its sender hears of the case, and a split can take it along."""

    report_id: Id
    source: Id
    partner_id: Id | None = None
    partner_reference: Id | None = None


class CaseRecord(Record):
    """Snapshot of a case; `version` rises by one per change. Times are UTC; `received_at`: our receipt of its first report.

    `facts` is what has been said so far, without anything personal. `reports` and `arrivals` are the first and the newest of
    `report_count`. `overruled` are the raising rules that held when a human lowered the band. `walled_from` are the cases of
    people on the other side: internal, shown to nobody.
    """

    case_id: Id
    household_id: Id
    version: int
    state: CaseState
    band: Band
    code: Code
    secondary_codes: tuple[Code, ...] = ()
    signals: tuple[Signal, ...] = ()
    flags: tuple[Flag, ...] = ()
    covert: bool = False
    drill: bool = False
    member: bool = False
    programme: Code | None = None
    programme_version: int | None = None
    granted: tuple[GrantedBy, ...] = ()
    public_path: tuple[Code, ...] = ()
    country: Code | None = None
    language: Code | None = None
    channel: Channel
    partner_id: Id | None = None
    partner_reference: Id | None = None
    received_at: Instant
    opened_at: Instant
    changed_at: Instant
    catalogue: Code
    explanations: tuple[Explanation, ...] = ()
    reports: tuple[Id, ...] = ()
    report_count: int = 1
    last_report_at: Instant | None = None
    arrivals: tuple[Arrived, ...] = ()
    facts: ReportBody | None = None
    duplicate_keys: tuple[Code, ...] = ()
    closed_signals: tuple[ClosedSignal, ...] = ()
    overruled: tuple[Code, ...] = ()
    links: tuple[Link, ...] = ()
    walled_from: tuple[Id, ...] = ()
    merged_into: Id | None = None
    campaign: Campaign | None = None
    provisional: bool = False
    placed: Placed | None = None
    resolved_at: Instant | None = None
    follow_up_at: Instant | None = None
    tracks: tuple[Track, ...] = ()
    personal: CasePersonal = CasePersonal()
