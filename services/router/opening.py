"""A report becomes a case: triage, coverage, pillars, then one dispatch per track."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from schemas.base import Explanation
from schemas.cases import Arrived, CasePersonal, CaseRecord, Link, Page
from schemas.catalogue import Catalogue
from schemas.reports import ReportSubmitted
from schemas.router_records import PagedRecord
from schemas.words import Band, CaseState, Channel, Flag, LinkKind, Pillar
from services.router.covering import tracks_wanted
from services.router.learning import remembered
from services.router.standing import advance, settle
from services.router.state import Partition
from services.router.threats import threatened
from services.router.timeline import Timeline
from services.router.tracking import settle_tracks
from services.router.walls import wall_off
from services.rules.detection import why_detected
from services.rules.duplicates import Judgement
from services.rules.step import Step
from services.rules.triage import Triage

SENT = ("household_id", "channel", "partner_id", "received_at", "provisional")
Kept = TypeVar("Kept")
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
BLANK = CaseRecord(  # copied for every case
    case_id="-",
    household_id="-",
    version=0,
    state=CaseState.TRIAGED,
    band=Band.P3,
    code="-",
    channel=Channel.AGENT,
    received_at=_NEVER,
    opened_at=_NEVER,
    changed_at=_NEVER,
    catalogue="-",
)
MOST_REPORTS = 32  # of which a case keeps the ids: the first, and the newest


@dataclass(frozen=True, slots=True)
class Opening:
    """A case about to open: its report, what triage says of it, and how it relates to what its household reported before."""

    case_id: str
    report: ReportSubmitted
    decision: Triage
    judgement: Judgement
    split_from: CaseRecord | None = None


def open_case(
    opening: Opening, partition: Partition, step: Step, *, now: datetime, cause: str, catalogue: Catalogue
) -> Timeline:
    """Open a case and dispatch its tracks. The caller saves it, and counts it in the books."""
    report, decision = opening.report, opening.decision
    household = partition.households.get(report.household_id)
    blank = _blank(opening, now=now, catalogue=catalogue)
    blank = threatened(blank, report.body.deadline_at, told_at=report.received_at, catalogue=catalogue)
    timeline = Timeline(blank, step, now=now, cause=cause)
    timeline.set(
        country=report.body.country or (household.body.country if household else None),
        language=report.body.language or (household.body.language if household else None),
    )
    repeats = () if opening.judgement.explanation is None else (opening.judgement.explanation,)
    also = (*repeats, *why_detected(report.detected, catalogue.version))
    wanted, why = tracks_wanted(timeline, decision, partition, catalogue, also=also)
    _tell_opened(timeline, opening, (*wanted.coverage.open_pillars, *wanted.coverage.referred), why)
    wall_off(timeline, partition, as_well_as=opening.split_from)
    settle_tracks(timeline, wanted, timeline.case, at=report.received_at, catalogue=catalogue)
    advance(timeline, "dispatched")
    settle(timeline, catalogue)
    if opening.case_id in partition.paged:
        take_over_page(timeline, partition.paged[opening.case_id])
    return timeline


def first_and_newest(known: tuple[Kept, ...], more: tuple[Kept, ...]) -> tuple[Kept, ...]:
    """What a case remembers of its reports: the first, and of all others the newest."""
    return (*known[:1], *(*known[1:], *more)[1 - MOST_REPORTS :])


def arrived(report: ReportSubmitted) -> Arrived:
    """A report as its case remembers it."""
    return Arrived(
        report_id=report.report_id,
        source=report.source,
        partner_id=report.partner_id,
        partner_reference=report.body.partner_reference,
    )


def _tell_opened(
    timeline: Timeline, opening: Opening, pillars: tuple[Pillar, ...], why: tuple[Explanation, ...]
) -> None:
    case, report = timeline.case, opening.report
    timeline.tell_trusted(
        "opened",
        report.actor,
        report_id=report.report_id,
        source=report.source,
        channel=report.channel,
        partner_id=report.partner_id,
        received_at=report.received_at,
        code=case.code,
        band=case.band,
        signals=case.signals,
        flags=case.flags,
        member=case.member,
        covert=case.covert,
        drill=case.drill,
        pillars=pillars,
        granted=case.granted,
        explanations=why,
        split_from=opening.split_from.case_id if opening.split_from else None,
        facts=case.facts,
        personal=report.body.personal,
    )


def _blank(opening: Opening, *, now: datetime, catalogue: Catalogue) -> CaseRecord:
    report, decision, personal = opening.report, opening.decision, opening.report.body.personal
    told = {"code": decision.code, "band": decision.band, "covert": decision.covert} | _signals(opening)
    sent = {name: getattr(report, name) for name in SENT}
    return BLANK.model_copy(
        update=told
        | sent
        | {
            "case_id": opening.case_id,
            "secondary_codes": decision.secondary_codes,
            "flags": _flags(report, decision),
            "drill": report.body.drill,
            "partner_reference": report.body.partner_reference,
            "opened_at": now,
            "changed_at": now,
            "last_report_at": report.received_at,
            "catalogue": catalogue.version,
            "reports": (report.report_id,),
            "arrivals": (arrived(report),),
            "facts": remembered(report.body),
            "duplicate_keys": opening.judgement.keys,
            "campaign": report.campaign,
            "links": _parts(opening, now),
            "placed": opening.split_from.placed if opening.split_from else None,
            "personal": CasePersonal(safe_contact=personal.safe_contact, code_word=personal.code_word),
        }
    )


def _parts(opening: Opening, now: datetime) -> tuple[Link, ...]:
    whole = opening.split_from
    return () if whole is None else (Link(case_id=whole.case_id, kind=LinkKind.SPLIT, at=now),)


def _signals(opening: Opening) -> dict[str, object]:
    """Those of the decision; what a human closed on a case stays closed on a part of it, and still says where the offender was."""
    said, whole = opening.decision.signals, opening.split_from
    closed = () if whole is None else tuple(one for one in whole.closed_signals if one.signal not in said)
    return {"signals": tuple(sorted({*said, *(one.signal for one in closed)})), "closed_signals": closed}


def _flags(report: ReportSubmitted, decision: Triage) -> tuple[Flag, ...]:
    flags = {*report.flags, *decision.flags}
    if report.channel is Channel.PARTNER and report.body.victim_age_band is None:
        flags |= {Flag.ASK_AGE_FIRST}  # a machine asked nobody (DOMAIN section 3, R2)
    return tuple(sorted(flags))


def take_over_page(timeline: Timeline, sent: PagedRecord) -> None:
    """A page that intake sent is the router's from now on; of a report that joined another case, it is about that one's lead track."""
    lead = next((one for one in timeline.case.tracks if one.lead), None)
    track = timeline.track(sent.track_id) or lead
    if track is None:
        return
    page = Page(
        page_id=sent.page_id,
        recipient=sent.recipient,
        reason=sent.reason,
        raised_at=sent.raised_at,
        delivered_at=sent.delivered_at,
    )
    timeline.put_track(track.model_copy(update={"pages": (*track.pages, page)}))
    timeline.tell(
        "page_raised",
        page_id=page.page_id,
        track_id=track.track_id,
        pillar=track.pillar,
        band=timeline.case.band,
        recipient=page.recipient,
        reason=page.reason,
    )
