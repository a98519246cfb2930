"""The router's record of a case (`cases`): one problem of one household, its tracks, clocks and pages."""

from datetime import timedelta

from pydantic import field_serializer

from schemas.base import Code, Id, Instant, Record, RecordPart, usual
from schemas.campaigns import Campaign
from schemas.coverage import GrantedBy
from schemas.households import HouseholdBody
from schemas.personal import Personal, PersonalPart
from schemas.reports import ReportBody
from schemas.words import Band, CaseState, Channel, ClockKind, ClockState, Flag, LinkKind, Pillar, Signal, TrackState


class Clock(RecordPart):
    """One promise on a track that is still to be kept, or that was broken and not made up for yet; the rest is history on `case.events`.

    `due` is absolute; a band change, a pause or a restart moves it under a new `epoch`, which fences deadlines of the older one.
    `policy_due` is what the policy alone would say, where an attacker's deadline cut it short. `warned` is the share of its
    time (percent) last warned of. `paused` is the time it stood still so far; `victim` and `third_party` are the segments it
    waited for them, ended ones only; what is left of its time is ours.
    """

    kind: ClockKind
    milestone: Code | None = None
    started_at: Instant
    due: Instant
    policy_due: Instant | None = None
    epoch: int = usual(1)
    state: ClockState = usual(ClockState.RUNNING)
    settled_at: Instant | None = None
    warned: int = usual(0)
    paused_at: Instant | None = None
    paused: timedelta = usual(timedelta(0))
    victim: timedelta = usual(timedelta(0))
    third_party: timedelta = usual(timedelta(0))

    @property
    def name(self) -> str:
        """The promise's name, one of its track: the kind, or which milestone."""
        return self.milestone or self.kind


class Page(RecordPart):
    """A notice that climbs until acknowledged, or until what it is about is done.

    `promise` is the clock it is about. `step` is the last step of the ladder it took, planned for `planned_at`; the next one, or
    the next try at the sink, is planned for `next_at` (none: it climbs no further). `withdrawn_at`: what it was about is done. One
    of too many is told by a page about its whole `group`.
    """

    page_id: Id
    recipient: Id
    reason: Code
    raised_at: Instant
    promise: Code = usual(ClockKind.ACKNOWLEDGE.value)
    group: Id | None = None
    step: int = usual(0)
    attempt: int = usual(1)
    planned_at: Instant | None = None
    next_at: Instant | None = None
    delivered_at: Instant | None = None
    acknowledged_at: Instant | None = None
    acknowledged_by: Id | None = None
    withdrawn_at: Instant | None = None

    @property
    def waits(self) -> bool:
        """Whether it still waits for a human."""
        return self.acknowledged_at is None and self.withdrawn_at is None


class Track(RecordPart):
    """One pillar's work on a case. `desk_epoch` is that of the latest dispatch or withdrawal; `responder_id` the live assignment.

    `responded_at` is when a human first spoke with the victim, `attempts` how often it was tried in vain since anybody last did.
    `held_since` is since when the track waits for somebody else. `met` are the milestones reached, `last_epoch` the latest of a
    clock that is history. A track on its way to another desk goes to `moving_to`, when its desk lets go or at `moving_by`;
    `home_desk` is where the ladder took it from.
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
    exhausted: bool = usual(False)  # noqa: FBT003
    services: tuple[Code, ...] = usual(())
    responded_at: Instant | None = None
    next_contact_at: Instant | None = None
    held_since: Instant | None = None
    attempts: int = usual(0)
    met: tuple[Code, ...] = usual(())
    last_epoch: int = usual(0)
    home_desk: Id | None = None
    moving_to: Id | None = None
    moving_by: Instant | None = None
    clocks: tuple[Clock, ...] = usual(())
    pages: tuple[Page, ...] = usual(())


class CasePersonal(PersonalPart):
    """What a responder needs to reach the victim; a covert case is shown to who knows the code word."""

    safe_contact: Personal | None = None
    code_word: Personal | None = None

    @property
    def agreed_word(self) -> str | None:
        """The code word, if one was agreed; a blank one is none."""
        return self.code_word if self.code_word and self.code_word.strip() else None


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
    `report_count`. `rules` are those of the latest decisions, explained on the timeline; `overruled` the raising rules
    that held when a human lowered the band. `walled_from` are the cases of people on the other side: internal, shown to nobody;
    `walled_people` who worked on them, however long ago; `worked` is who ever took a track of this one.
    `deadline_at` is the attacker's; promises made before `cut_at` are cut to that instant (DOMAIN section 8).
    """

    case_id: Id
    household_id: Id
    version: int
    state: CaseState
    band: Band
    code: Code
    secondary_codes: tuple[Code, ...] = usual(())
    signals: tuple[Signal, ...] = ()
    flags: tuple[Flag, ...] = usual(())
    covert: bool = usual(False)  # noqa: FBT003
    drill: bool = usual(False)  # noqa: FBT003
    member: bool = False
    programme: Code | None = None
    programme_version: int | None = None
    granted: tuple[GrantedBy, ...] = usual(())
    public_path: tuple[Code, ...] = usual(())
    country: Code | None = None
    language: Code | None = None
    channel: Channel
    partner_id: Id | None = None
    partner_reference: Id | None = None
    received_at: Instant
    deadline_at: Instant | None = None
    cut_at: Instant | None = None
    opened_at: Instant
    changed_at: Instant
    catalogue: Code
    rules: tuple[str, ...] = usual(())
    reports: tuple[Id, ...] = usual(())
    report_count: int = 1
    last_report_at: Instant | None = None
    arrivals: tuple[Arrived, ...] = usual(())
    facts: ReportBody | None = None
    duplicate_keys: tuple[Code, ...] = usual(())
    closed_signals: tuple[ClosedSignal, ...] = usual(())
    overruled: tuple[Code, ...] = usual(())
    links: tuple[Link, ...] = usual(())
    walled_from: tuple[Id, ...] = usual(())
    walled_people: tuple[Id, ...] = usual(())
    worked: tuple[Id, ...] = usual(())
    merged_into: Id | None = None
    campaign: Campaign | None = None
    provisional: bool = usual(False)  # noqa: FBT003
    placed: Placed | None = None
    resolved_at: Instant | None = None
    follow_up_at: Instant | None = None
    tracks: tuple[Track, ...] = ()
    personal: CasePersonal = CasePersonal()

    @field_serializer("facts", when_used="json-unless-none")
    def _said(self, facts: ReportBody) -> dict[str, object]:
        """What nobody said takes no room."""
        return facts.model_dump(mode="json", exclude_defaults=True)
