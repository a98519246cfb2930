"""What follows from what is known of a case now? Band, coverage and tracks are decided again, in this order, each explained."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from schemas.base import Actor, Explanation
from schemas.case_commands import HouseholdTell
from schemas.cases import CaseRecord
from schemas.catalogue import Catalogue
from schemas.reports import ReportBody
from schemas.words import Band, CaseState, Flag
from services.router.covering import tracks_wanted
from services.router.escalation import climb_faster
from services.router.keeping import Moment, classified
from services.router.learning import Learned, learn, seen_by_triage
from services.router.standing import advance, settle
from services.router.state import Partition
from services.router.telling import rebase_track
from services.router.threats import threatened
from services.router.timeline import ROUTER, Timeline
from services.router.tracking import settle_tracks
from services.router.walls import wall_off
from services.rules.lifecycle import UNOWNED
from services.rules.retriage import retriage

UNSURE = frozenset({Flag.UNKNOWN_CODE, Flag.NEEDS_HUMAN})
Explanations = tuple[Explanation, ...]


@dataclass(frozen=True, slots=True)
class News:
    """What was said and when we received it; `dropped` are codes a human took back (`None`: no human corrects the case); the case
    is at least as urgent as `band`, and its promises are cut to `cut_at` where the deadline that was said has been cut to it before."""

    said: ReportBody
    at: datetime
    dropped: tuple[str, ...] | None = None
    band: Band = Band.P3
    cut_at: datetime | None = None


def take_in(
    timeline: Timeline, news: News, *, partition: Partition, catalogue: Catalogue, tell: Callable[[Explanations], None]
) -> None:
    """Take in what was said: the case knows it, `tell` says so with the explanations, and what follows is done."""
    before = timeline.case
    learned = learn(before, news.said, at=news.at, catalogue=catalogue, dropped=news.dropped)
    _know(timeline, learned, news, catalogue)
    wanted, why = tracks_wanted(timeline, learned.decision, partition, catalogue)
    tell(why)
    classified(timeline, before, Moment(news.at, ROUTER, catalogue))
    wall_off(timeline, partition)
    rebase_case(timeline, before, catalogue, reason="raised_by_rule")
    settle_tracks(timeline, wanted, before, at=news.at, catalogue=catalogue)
    work_again(timeline)
    settle(timeline, catalogue)


def decide_again(
    timeline: Timeline,
    before: CaseRecord,
    *,
    at: datetime,
    partition: Partition,
    catalogue: Catalogue,
    told_by: HouseholdTell | None = None,
) -> None:
    """Coverage and tracks anew, on what is known already, and why; `told_by` is the answer of the household it was placed in."""
    decision = retriage(seen_by_triage(timeline.case), ReportBody(), received_at=at, catalogue=catalogue)
    wanted, why = tracks_wanted(timeline, decision, partition, catalogue)
    timeline.tell(
        "coverage_decided",
        real_household_id=told_by.real_household_id if told_by else None,
        household_version=told_by.household_version if told_by else None,
        member=timeline.case.member,
        explanations=why,
    )
    settle_tracks(timeline, wanted, before, at=at, catalogue=catalogue)
    work_again(timeline)
    settle(timeline, catalogue)


def rebase_case(
    timeline: Timeline, before: CaseRecord, catalogue: Catalogue, *, reason: str, actor: Actor = ROUTER
) -> None:
    """Tell of another band, and re-base every promise that runs on it, and on an attacker's deadline we did not know of."""
    case = timeline.case
    if case.band is not before.band:
        timeline.tell("state_changed", actor, state=case.state, band=case.band, reason=reason)
    if (case.band, case.cut_at) != (before.band, before.cut_at):
        for track in timeline.case.tracks:
            climb_faster(timeline, rebase_track(timeline, track, reason, catalogue, actor=actor), catalogue)


def work_again(timeline: Timeline) -> None:
    """A case whose work was done has work again: it is reopened."""
    waits = any(track.state in UNOWNED for track in timeline.case.tracks)
    if waits and timeline.case.state in (CaseState.RESOLVED, CaseState.FOLLOW_UP):
        advance(timeline, "reopened", reason="work_added")
        timeline.set(resolved_at=None, follow_up_at=None)
    advance(timeline, "dispatched")


def _know(timeline: Timeline, learned: Learned, news: News, catalogue: Catalogue) -> None:
    case, said, decision = timeline.case, news.said, learned.decision
    flags = {*case.flags, *decision.flags}
    if said.code is not None and not UNSURE & {*decision.flags}:
        flags -= UNSURE  # somebody named what it is
    personal = {name: value for name, value in said.personal if name in {"safe_contact", "code_word"} and value}
    timeline.set(
        facts=learned.facts,
        code=decision.code,
        secondary_codes=decision.secondary_codes,
        band=min(decision.band, news.band, key=lambda band: band.rank),
        signals=learned.signals,
        closed_signals=learned.closed_signals,
        flags=tuple(sorted(flags)),
        covert=case.covert or decision.covert,
        country=said.country or case.country,
        language=said.language or case.language,
        personal=case.personal.model_copy(update=personal),
    )
    timeline.case = threatened(timeline.case, news.said.deadline_at, told_at=news.at, catalogue=catalogue)
    if news.cut_at is not None:
        timeline.set(cut_at=news.cut_at)
