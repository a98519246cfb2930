"""What happens to a track's promises and to the pages about them, told on the timeline of its case (`case.events`)."""

from schemas.base import Code, Explanation, Fact, Id, Instant
from schemas.case_facts import CaseFact, case_type
from schemas.words import Band, ClockKind, ClockState, Pillar


class ClockTold(Fact):
    """A promise as it stands: until when it runs, under which epoch, since when."""

    kind: ClockKind
    milestone: Code | None = None
    started_at: Instant
    due: Instant
    epoch: int
    state: ClockState


class TrackFact(CaseFact):
    """Something about one track of the case."""

    track_id: Id
    pillar: Pillar
    band: Band


class ClocksChanged(TrackFact):
    """A track's promises run differently from now on: all of them as they stand, and why; `cause` is what changed them."""

    cause: Code
    clocks: tuple[ClockTold, ...]
    explanation: Explanation | None = None


class ClockFact(TrackFact):
    """Something about one promise of a track, under one epoch of its clock."""

    kind: ClockKind
    milestone: Code | None = None
    clock_epoch: int
    due: Instant
    lateness_seconds: float = 0.0


class ClockWarned(ClockFact):
    """So much of a promise's time is gone (`share`, percent); `responder_id` was reminded. Lateness is the publication's."""

    share: int
    responder_id: Id | None = None


class TimeUsed(Fact):
    """Who used the time of a promise, in seconds from its start to `stopped_at` (of a breach: to when it fell due)."""

    us_seconds: float
    victim_seconds: float
    third_party_seconds: float


class ClockSettled(ClockFact):
    """A promise was met, breached, made up for late, or its breach corrected: it was stopped before `due`, and we read of it after.

    `lateness_seconds` is how long after `due` a breach was published, or a broken promise made up for. `page_id` is the page
    that a breach raised; a breach noted only once its promise was made up for raises none.
    """

    stopped_at: Instant | None = None
    used: TimeUsed | None = None
    page_id: Id | None = None


class PageRaised(TrackFact):
    """A human is being paged about a track; `promise` is the one that failed, lateness the publication's.

    One of too many pages is told by a page about its `group`.
    """

    page_id: Id
    recipient: Id
    reason: Code
    promise: Code | None = None
    group: Id | None = None
    lateness_seconds: float = 0.0


class PageClimbed(TrackFact):
    """Nobody acknowledged a page: the ladder's next `step`, planned for `planned_at`; `to` is the desk or post it leads to."""

    page_id: Id
    step: Code
    to: Id
    planned_at: Instant
    lateness_seconds: float = 0.0


class PageAcknowledged(CaseFact):
    """A human has seen a page."""

    page_id: Id
    track_id: Id


class PageWithdrawn(CaseFact):
    """What a page was about is done, or never was: it climbs no further."""

    page_id: Id
    track_id: Id
    reason: Code


CLOCK_EVENTS: dict[str, type[CaseFact]] = {
    case_type("clocks_changed"): ClocksChanged,
    case_type("clock_warned"): ClockWarned,
    case_type("clock_met"): ClockSettled,
    case_type("clock_breached"): ClockSettled,
    case_type("clock_corrected"): ClockSettled,
    case_type("clock_late"): ClockSettled,
    case_type("page_raised"): PageRaised,
    case_type("page_climbed"): PageClimbed,
    case_type("page_acknowledged"): PageAcknowledged,
    case_type("page_withdrawn"): PageWithdrawn,
}
