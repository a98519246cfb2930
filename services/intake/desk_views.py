"""What responders and supervisors are shown of tracks, offers, desks, households and pages."""

from collections.abc import Iterable
from typing import Any

from pydantic import Field

from schemas.base import Instant
from schemas.desk_records import DeskTrackRecord
from schemas.households import HouseholdBody
from schemas.rosters import RosterEntry
from schemas.words import Band, Pillar, Presence, Signal, TrackState
from services.intake.access import Sight, track_of
from services.intake.case_queries import EventFound
from services.intake.queries import TrackFound
from services.intake.timeline import notes_for, told_by
from services.intake.views import ClockView, NoteView, PageView, View, clock_view, plain
from services.intake.workshops_shown import TrackWorkshopView


class HouseholdView(View):
    """A household as last put."""

    household_id: str
    version: int
    changed_at: Instant
    household: HouseholdBody


class HouseholdList(View):
    """Households found."""

    households: tuple[HouseholdView, ...]
    next: str | None = None


class OfferView(View):
    """What a responder is asked: enough to decide, nothing personal."""

    offer_id: str
    responder_id: str
    track_id: str
    case_id: str
    desk_id: str
    pillar: Pillar
    band: Band
    lead: bool
    code: str
    signals: tuple[Signal, ...] = ()
    language: str | None = None
    covert: bool
    received_at: Instant
    services: tuple[str, ...] = ()
    acknowledge_by: Instant
    offered_until: Instant


class OfferList(View):
    """Offers open now, the most urgent first."""

    offers: tuple[OfferView, ...]


class TrackView(View):
    """A track for the responder it is offered to or assigned to; what `access.Sight` leaves out is absent."""

    track_id: str
    case_id: str
    desk_id: str
    pillar: Pillar
    lead: bool
    state: TrackState
    band: Band
    code: str
    secondary_codes: tuple[str, ...] = ()
    signals: tuple[Signal, ...] = ()
    language: str | None = None
    country: str | None = None
    covert: bool
    responder_id: str | None = None
    offer_id: str | None = None
    received_at: Instant
    services: tuple[str, ...] = ()
    version: int
    clocks: tuple[ClockView, ...] = ()
    safe_contact: str | None = None
    told: tuple[dict[str, Any], ...] = Field(default=(), description="what the reports said, in the victim's words")
    notes: tuple[NoteView, ...] = ()
    workshops: tuple[TrackWorkshopView, ...] = ()


class ResponderView(View):
    """A responder's entry, presence and load."""

    responder_id: str
    version: int
    presence: Presence
    silent: bool = Field(
        default=False, description="away because no beat came; the next one brings back what they said"
    )
    drained: bool = Field(default=False, description="keeps what they have, and is asked about nothing more")
    on_shift_since: Instant | None = None
    load: int = Field(description="units of work held or offered, of the entry's `capacity`")
    entry: RosterEntry


class BandCount(View):
    """How many tracks of one band wait at a desk, since when the oldest, and how many are worked on."""

    band: Band
    waiting: int
    oldest_since: Instant | None = None
    working: int


class DeadlineView(View):
    """A promise that is due next."""

    track_id: str
    band: Band
    kind: str
    due: Instant


class DeskView(View):
    """A desk on the board; covert cases and drills are not counted. A paused one offers nothing but a P0."""

    desk_id: str
    pillar: Pillar
    paused: bool = False
    on_duty: int
    bands: tuple[BandCount, ...]
    deadlines: tuple[DeadlineView, ...]


class DeskList(View):
    """Every desk of the catalogue."""

    desks: tuple[DeskView, ...]


class QueueEntry(View):
    """A track in a desk's queue. `priority` is that of its band (0 is P0); `effective_priority` less the share of its promise that is
    gone, always less than one band: of those that wait the smallest goes first."""

    track_id: str
    case_id: str
    band: Band
    priority: int
    effective_priority: float | None = None
    state: TrackState
    responder_id: str | None = None
    received_at: Instant


class Queue(View):
    """A desk's open tracks, most urgent first; covert ones are not shown."""

    desk_id: str
    tracks: tuple[QueueEntry, ...]
    next: str | None = None


class OpenPage(PageView):
    """A page with what it is about; with `dead_letter` it is about a record nobody could use, and `case_id` is that letter's id. With
    `gap_id` it is about what nobody at its desk covers (`GET /v1/coverage`), and `case_id` is the gap's id."""

    case_id: str
    track_id: str
    desk_id: str
    pillar: Pillar
    band: Band
    attempts: int = 0
    dead_letter: bool = False
    gap_id: str | None = None


class PageList(View):
    """Pages, the oldest first."""

    pages: tuple[OpenPage, ...]
    next: str | None = None


def offer_view(desk: DeskTrackRecord, responder_id: str) -> OfferView | None:
    """An offer as its responder sees it; `None` when there is none."""
    asking = desk.asking_of(responder_id)
    if asking is None:
        return None
    told = desk.dispatch.model_dump(include=set(OfferView.model_fields))
    return OfferView(**told, offer_id=asking.offer_id, responder_id=responder_id, offered_until=asking.until)


def track_view(found: TrackFound, sight: Sight, events: Iterable[EventFound]) -> TrackView:
    """A track as its responder sees it; an offer shows nothing personal."""
    case, track, desk = found.case, track_of(found), found.desk
    shared = {"case_id", "band", "code", "secondary_codes", "signals", "language", "country", "covert", "received_at"}
    view = TrackView(
        **plain(case, shared),
        **plain(track, {"track_id", "desk_id", "pillar", "lead", "services"}),
        state=desk.state if desk else track.state,
        responder_id=desk.owner if desk else track.responder_id,
        offer_id=desk.offer_id if desk else track.offer_id,
        version=desk.version if desk else case.version,
        clocks=tuple(clock_view(one) for one in track.clocks),
    )
    if sight is not Sight.WORK:
        return view
    kept = tuple(events)
    personal = {
        "safe_contact": case.personal.safe_contact,
        "told": told_by(kept),
        "notes": notes_for(kept, track.pillar),
    }
    return view.model_copy(update=personal)
