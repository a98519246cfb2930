"""The timeline of a case (`case.events`): every fact with an id, published once, with the explanation of the decision behind it."""

from schemas.base import Code, Explanation, Id, Instant
from schemas.case_facts import (
    Absorbed,
    AcceptanceSuperseded,
    CaseFact,
    CoverageDecided,
    Linked,
    LookedUp,
    Merged,
    PlacedInHousehold,
    ReportAttached,
    SignalClosed,
    Split,
    Updated,
    Walled,
    case_type,
)
from schemas.clock_events import CLOCK_EVENTS
from schemas.coverage import GrantedBy
from schemas.personal import Personal, PersonalPart
from schemas.reports import ReportBody, ReportPersonal
from schemas.words import Band, CaseState, Channel, Flag, Pillar, Signal, TrackState


class CaseOpened(CaseFact):
    """A report became a case."""

    report_id: Id
    source: Id
    channel: Channel
    partner_id: Id | None = None
    received_at: Instant
    code: Code
    band: Band
    signals: tuple[Signal, ...] = ()
    flags: tuple[Flag, ...] = ()
    member: bool
    covert: bool = False
    drill: bool = False
    pillars: tuple[Pillar, ...]
    granted: tuple[GrantedBy, ...] = ()
    explanations: tuple[Explanation, ...]
    split_from: Id | None = None
    facts: ReportBody | None = None
    personal: ReportPersonal = ReportPersonal()


class ReportRepeated(CaseFact):
    """A report we had already seen, with the same body, came again: one case, one more arrival."""

    report_id: Id
    source: Id


class TrackDispatched(CaseFact):
    """A track went to a desk under an epoch; `promised` is by when, for each promise still to be kept."""

    track_id: Id
    pillar: Pillar
    desk_id: Id
    band: Band
    epoch: int
    lead: bool
    acknowledge_by: Instant
    promised: dict[Code, Instant] | None = None
    explanation: Explanation | None = None


class TrackMoved(CaseFact):
    """A track changed state; `cause` is the progress fact or command behind it."""

    track_id: Id
    pillar: Pillar
    epoch: int
    state: TrackState
    cause: Code
    responder_id: Id | None = None
    offer_id: Id | None = None
    result: Code | None = None
    explanation: Explanation | None = None


class NotedPersonal(PersonalPart):
    """The text of a note."""

    text: Personal


class Noted(CaseFact):
    """A note; one with a pillar is shown to that pillar and to nobody else of the responders."""

    pillar: Pillar | None = None
    track_id: Id | None = None
    milestone: Code | None = None
    personal: NotedPersonal


class StateChanged(CaseFact):
    """The case moved to another state, or its band changed; `safety_checked`: a human asked about safety before it was closed.

    Once resolved: by when that was promised, and how late it was.
    """

    state: CaseState
    band: Band
    reason: Code
    safety_checked: bool | None = None
    resolve_by: Instant | None = None
    lateness_seconds: float = 0.0
    explanation: Explanation | None = None


CASE_EVENTS: dict[str, type[CaseFact]] = {
    case_type("opened"): CaseOpened,
    case_type("report_repeated"): ReportRepeated,
    case_type("report_attached"): ReportAttached,
    case_type("updated"): Updated,
    case_type("signal_closed"): SignalClosed,
    case_type("linked"): Linked,
    case_type("walled"): Walled,
    case_type("merged"): Merged,
    case_type("absorbed"): Absorbed,
    case_type("split"): Split,
    case_type("placed"): PlacedInHousehold,
    case_type("coverage_decided"): CoverageDecided,
    case_type("looked_up"): LookedUp,
    case_type("acceptance_superseded"): AcceptanceSuperseded,
    case_type("track_dispatched"): TrackDispatched,
    case_type("track_moved"): TrackMoved,
    case_type("noted"): Noted,
    case_type("state_changed"): StateChanged,
    **CLOCK_EVENTS,
}
