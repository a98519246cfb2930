"""The router's record of a case (`cases`): one problem of one household, its tracks, clocks and pages."""

from schemas.base import Code, Explanation, Id, Instant, Record, RecordPart
from schemas.coverage import GrantedBy
from schemas.personal import Personal, PersonalPart
from schemas.words import Band, CaseState, Channel, ClockKind, ClockState, Flag, Pillar, Signal, TrackState


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
    """One pillar's work on a case. `desk_epoch` is that of the latest dispatch; `responder_id` the live assignment."""

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
    next_contact_at: Instant | None = None
    clocks: tuple[Clock, ...] = ()
    pages: tuple[Page, ...] = ()


class CasePersonal(PersonalPart):
    """What a responder needs to reach the victim."""

    safe_contact: Personal | None = None


class CaseRecord(Record):
    """Snapshot of a case; `version` rises by one per change. Times are UTC; `received_at` is our receipt of its first report."""

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
    tracks: tuple[Track, ...] = ()
    personal: CasePersonal = CasePersonal()
