"""What if nobody moves? A page about the promise that failed climbs the ladder until somebody acknowledges it, or it is kept."""

from datetime import datetime

from schemas.cases import CaseRecord, Clock, Page, Track
from schemas.catalogue import Catalogue
from schemas.words import ClockKind, ClockState
from services.router.dispatching import move_track
from services.router.timeline import SOURCE, Timeline
from services.rules import ids, ladder
from services.rules.desks_of import duty_lead_of
from services.rules.ladder import SINK, Climb
from services.rules.paging import About, Attempt, page_notice

TO_HUMANS = 2  # steps of a ladder without desks to go to
MOST_ENDED = 3  # pages that climb no further and are still remembered by a track
REASONS = {
    ClockKind.ACKNOWLEDGE: "not_acknowledged",
    ClockKind.FIRST_RESPONSE: "no_first_response",
    ClockKind.NEXT_CONTACT: "no_next_contact",
    ClockKind.RESOLVE: "not_resolved",
    ClockKind.MILESTONE: "milestone_missed",
}


def about(case: CaseRecord, track: Track) -> About:
    """The track a notice is about."""
    return About(track.track_id, case.case_id, case.household_id, track.desk_id, track.pillar, case.band, case.drill)


def page_id_of(case: CaseRecord, track: Track, clock: Clock) -> str:
    """The id of the page about this run of a promise: of the first acknowledgement, the one that intake would derive too."""
    this_run = ids.page_id(track.track_id, f"{clock.name}@{clock.started_at.isoformat()}.{clock.epoch}")
    if clock.kind is not ClockKind.ACKNOWLEDGE:
        return this_run
    first = clock.started_at == case.received_at
    known = ids.page_id(track.track_id, clock.name if first else f"{clock.name}@{clock.started_at.isoformat()}")
    # Taken, given back and promised anew within one instant is another run of the promise: another page.
    return this_run if any(page.page_id == known and page.withdrawn_at for page in track.pages) else known


def escalate(
    timeline: Timeline, track: Track, clock: Clock, *, reason: str, planned_at: datetime, catalogue: Catalogue
) -> Track:
    """Page the duty lead about a promise, once, and have the page climb from `planned_at` on; one sent before climbs from now on."""
    page_id = page_id_of(timeline.case, track, clock)
    steps = steps_of(timeline.case, track, clock.name, catalogue)
    climb = ladder.first_step(steps, planned_at)
    before = next((page for page in track.pages if page.page_id == page_id), None)
    if before is not None:
        return _climb_from(timeline, track, before, climb) if before.waits and before.next_at is None else track
    page = Page(
        page_id=page_id,
        recipient=climb.step.to,
        reason=reason,
        raised_at=timeline.now,
        promise=clock.name,
        planned_at=planned_at,
        next_at=climb.next_at,
    )
    return _raise(timeline, track, page, moves=len(steps) > TO_HUMANS)


def page_uncovered(timeline: Timeline) -> None:
    """A P0 that nothing covers is helped all the same, and a human is told at once (DESIGN section 8): the duty lead of its lead
    track, unless somebody has that already. Only when nobody takes it in time does the page climb."""
    lead = next((track for track in timeline.case.tracks if track.lead), None)
    clock = next((one for one in lead.clocks if one.kind is ClockKind.ACKNOWLEDGE), None) if lead else None
    if lead is None or clock is None or clock.state is not ClockState.RUNNING:
        return
    page_ahead(timeline, lead, clock, reason="not_covered")


def page_ahead(timeline: Timeline, track: Track, clock: Clock, *, reason: str) -> Track:
    """Tell the duty lead about a promise before it is broken, once; the page climbs only when it is."""
    page_id = page_id_of(timeline.case, track, clock)
    if any(page.page_id == page_id for page in track.pages):
        return track
    to = duty_lead_of(track.desk_id)
    page = Page(page_id=page_id, recipient=to, reason=reason, raised_at=timeline.now, promise=clock.name)
    return _raise(timeline, track, page)


def _raise(timeline: Timeline, track: Track, page: Page, *, moves: bool = False) -> Track:
    page = _issue(timeline, track, page, moves=moves)
    track = track.model_copy(update={"pages": (*_remembered(track.pages), page)})
    timeline.put_track(track)
    _tell_raised(timeline, track, page)
    return track


def _climb_from(timeline: Timeline, track: Track, page: Page, climb: Climb) -> Track:
    climbing = page.model_copy(update={"planned_at": climb.planned_at, "next_at": climb.next_at})
    return _put_page(timeline, track, climbing)


def steps_of(case: CaseRecord, track: Track, promise: str, catalogue: Catalogue) -> tuple[ladder.Step, ...]:
    """The ladder of a page about a promise: only a track that nobody acknowledged goes to other desks."""
    within = catalogue.promise(case.band, track.pillar, ClockKind.ACKNOWLEDGE, lead=track.lead)
    return ladder.ladder_of(track.home_desk or track.desk_id, within, catalogue, moves=promise == ClockKind.ACKNOWLEDGE)


def climb(timeline: Timeline, track: Track, page: Page, *, planned_at: datetime, catalogue: Catalogue) -> Track:
    """Take the page's next step, planned for `planned_at`: the track goes to a neighbouring desk, or the sink is told (again)."""
    case = timeline.case
    steps = steps_of(case, track, page.promise, catalogue)
    repeat = ladder.repeat_of(case.band, catalogue)
    step = ladder.next_step(steps, page.step, planned_at, repeat=repeat, now=timeline.now)
    fields: dict[str, object] = {"step": step.number, "planned_at": step.planned_at, "next_at": step.next_at}
    if step.step.to == SINK:
        fields |= {"recipient": SINK, "attempt": page.attempt + 1}
    page = page.model_copy(update=fields)
    if not step.again:
        _tell_climbed(timeline, track, page, step)
    if step.step.to == SINK:
        page = _issue(timeline, track, page, methods=len(catalogue.desks.posts["sink"].methods))
        return _home_again(timeline, _put_page(timeline, track, page), catalogue)
    track = _put_page(timeline, track, page)
    return _to_neighbour(timeline, track, page, step=step, catalogue=catalogue)


def skip(timeline: Timeline, track: Track, *, at: datetime, catalogue: Catalogue) -> Track:
    """Nobody is left at this desk: a neighbouring one is passed over at once, never waiting for the next step's time."""
    page = next((one for one in track.pages if one.promise == ClockKind.ACKNOWLEDGE and one.waits), None)
    away = track.home_desk is not None and page is not None and page.recipient != SINK
    return climb(timeline, track, page, planned_at=at, catalogue=catalogue) if page and away else track


def _to_neighbour(timeline: Timeline, track: Track, page: Page, *, step: Climb, catalogue: Catalogue) -> Track:
    if track.moving_to is not None:
        return track  # on its way already
    if step.step.to == track.desk_id:
        return climb(timeline, track, page, planned_at=step.planned_at, catalogue=catalogue)
    away = track.model_copy(update={"home_desk": track.home_desk or track.desk_id})
    return move_track(timeline, away, step.step.to, reason="nobody_answered", catalogue=catalogue)


def _home_again(timeline: Timeline, track: Track, catalogue: Catalogue) -> Track:
    """Where nobody is, nobody can take it: at the end of the ladder a track waits at its own desk for whoever comes on duty."""
    if track.home_desk is None or not track.exhausted or track.moving_to is not None:
        return track
    home = track.model_copy(update={"home_desk": None})
    return move_track(timeline, home, track.home_desk, reason="nobody_eligible", catalogue=catalogue)


def climb_faster(timeline: Timeline, track: Track, catalogue: Catalogue) -> None:
    """The case's band changed: what waits for a human climbs from its last step on in the new band's time, from now at the earliest."""
    repeat = ladder.repeat_of(timeline.case.band, catalogue)
    for page in track.pages:
        if page.waits and page.next_at is not None and page.planned_at is not None:
            steps = steps_of(timeline.case, track, page.promise, catalogue)
            after = steps[page.step + 1].after if page.step + 1 < len(steps) else repeat
            planned = page.model_copy(update={"next_at": max(timeline.now, page.planned_at + after)})
            track = _put_page(timeline, track, planned)


def withdraw_pages(timeline: Timeline, track: Track, promise: str | None, *, reason: str) -> Track:
    """What these pages are about is done: they climb no further, and whoever was not told yet need not be."""
    for page in track.pages:
        if page.waits and promise in (None, page.promise):
            ended = page.model_copy(update={"withdrawn_at": timeline.now, "next_at": None})
            track = _put_page(timeline, track, ended)
            timeline.tell("page_withdrawn", page_id=page.page_id, track_id=track.track_id, reason=reason)
    return track


def is_attempt(page: Page, notice_id: str) -> bool:
    """Whether this notice was the latest attempt of the page."""
    return notice_id == ids.notice_id(page.page_id, page.recipient, page.attempt)


def acknowledged(page: Page, *, at: datetime, by: str) -> Page:
    """The page as a human has seen it: it climbs no further."""
    return page.model_copy(update={"acknowledged_at": at, "acknowledged_by": by, "next_at": None})


def _remembered(pages: tuple[Page, ...]) -> tuple[Page, ...]:
    """Pages that still wait, and the latest that do not: the rest is history."""
    ended = [page for page in pages if not page.waits]
    return tuple(page for page in pages if page.waits or page in ended[-MOST_ENDED:])


def _put_page(timeline: Timeline, track: Track, page: Page) -> Track:
    pages = tuple(page if one.page_id == page.page_id else one for one in track.pages)
    track = track.model_copy(update={"pages": pages})
    timeline.put_track(track)
    return track


def _issue(timeline: Timeline, track: Track, page: Page, *, methods: int = 1, moves: bool = False) -> Page:
    """One attempt; at the sink each uses the next of its contact methods. A page told by its group climbs no further by itself,
    but for the desks its track goes to (`moves`)."""
    rank = (page.attempt - 2) % methods if page.recipient == SINK else 0
    attempt = Attempt(page.page_id, page.recipient, page.attempt, rank)
    notice = page_notice(about(timeline.case, track), reason=page.reason, at=timeline.now, attempt=attempt)
    group = page.group or timeline.step.page(notice, SOURCE, cause=timeline.cause)
    if group is None:
        return page
    return page.model_copy(update={"group": group, "next_at": page.next_at if moves else None})


def _tell_raised(timeline: Timeline, track: Track, page: Page) -> None:
    timeline.tell_trusted(
        "page_raised",
        page_id=page.page_id,
        track_id=track.track_id,
        pillar=track.pillar,
        band=timeline.case.band,
        recipient=page.recipient,
        reason=page.reason,
        promise=page.promise,
        group=page.group,
        lateness_seconds=_late(timeline, page.planned_at),
    )


def _tell_climbed(timeline: Timeline, track: Track, page: Page, step: Climb) -> None:
    timeline.tell(
        "page_climbed",
        page_id=page.page_id,
        track_id=track.track_id,
        pillar=track.pillar,
        band=timeline.case.band,
        step=step.step.name,
        to=step.step.to,
        planned_at=step.planned_at,
        lateness_seconds=_late(timeline, step.planned_at),
    )


def _late(timeline: Timeline, planned_at: datetime | None) -> float:
    return max(0.0, (timeline.now - planned_at).total_seconds()) if planned_at else 0.0
