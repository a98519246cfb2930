"""A report becomes a case: triage, coverage, pillars, then one dispatch per track."""

from datetime import datetime

from schemas import dispatch, topics
from schemas.cases import CasePersonal, CaseRecord, Page, Track
from schemas.catalogue import Catalogue
from schemas.envelope import Event
from schemas.reports import ReportSubmitted
from schemas.words import CaseState, Channel, Flag
from services.router.coverage import Coverage, cover
from services.router.pillars import dispatch_of, is_urgent, tracks_of
from services.router.state import Partition
from services.router.timeline import SOURCE, Timeline
from services.rules import ids
from services.rules.lifecycle import case_moved
from services.rules.step import Step
from services.rules.triage import Triage, triage


def open_case(
    report: ReportSubmitted, partition: Partition, step: Step, *, now: datetime, cause: str, catalogue: Catalogue
) -> CaseRecord:
    """Open the case of a report nobody has seen before; returns it as saved."""
    household = partition.households.get(report.household_id)
    decision = triage(report.body, received_at=report.received_at, catalogue=catalogue)
    coverage = cover(household, band=decision.band, at=report.received_at, catalogue=catalogue)
    country = report.body.country or (household.body.country if household else None)
    language = report.body.language or (household.body.language if household else None)
    blank = _blank(report, decision, coverage, now=now, catalogue=catalogue)
    blank = blank.model_copy(update={"country": country, "language": language})
    tracks, why = tracks_of(blank, decision, now=now, catalogue=catalogue)
    timeline = Timeline(blank, step, now=now, cause=cause)
    timeline.set(tracks=tracks, explanations=(decision.explanation, coverage.explanation, why))
    _tell_opened(timeline, report, decision)
    for track in tracks:
        send_track(timeline, track)
    advance(timeline, "dispatched")
    take_over_page(timeline, partition)
    timeline.save(partition)
    return timeline.case


def _tell_opened(timeline: Timeline, report: ReportSubmitted, decision: Triage) -> None:
    case = timeline.case
    timeline.tell(
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
        pillars=decision.pillars,
        explanations=case.explanations,
        personal=report.body.personal,
    )


def _blank(
    report: ReportSubmitted, decision: Triage, coverage: Coverage, *, now: datetime, catalogue: Catalogue
) -> CaseRecord:
    return CaseRecord(
        case_id=ids.case_id(report.household_id, report.source, report.report_id),
        household_id=report.household_id,
        version=0,
        state=CaseState.TRIAGED,
        band=decision.band,
        code=decision.code,
        secondary_codes=decision.secondary_codes,
        signals=decision.signals,
        flags=_flags(report, decision, coverage),
        covert=decision.covert,
        drill=report.body.drill,
        member=coverage.member,
        programme=coverage.programme,
        channel=report.channel,
        partner_id=report.partner_id,
        partner_reference=report.body.partner_reference,
        received_at=report.received_at,
        opened_at=now,
        changed_at=now,
        catalogue=catalogue.version,
        reports=(report.report_id,),
        personal=CasePersonal(safe_contact=report.body.personal.safe_contact),
    )


def _flags(report: ReportSubmitted, decision: Triage, coverage: Coverage) -> tuple[Flag, ...]:
    flags = {*report.flags, *decision.flags}
    if report.channel is Channel.PARTNER and report.body.victim_age_band is None:
        flags |= {Flag.ASK_AGE_FIRST}  # a machine asked nobody (DOMAIN section 3, R2)
    if not coverage.known:
        flags |= {Flag.UNKNOWN_HOUSEHOLD}
    return tuple(sorted(flags))


def send_track(timeline: Timeline, track: Track) -> None:
    """Hand a track to its desk under its present epoch, and tell so."""
    case = timeline.case
    taken = dispatch_of(case, track)
    event = Event(
        id=ids.derived("dispatch", track.track_id, track.desk_epoch),
        type=dispatch.TAKEN,
        source=SOURCE,
        time=timeline.now,
        data=taken,
        partitionkey=track.desk_id,
        correlationid=case.case_id,
        causationid=timeline.cause,
    )
    timeline.step.send(topics.dispatch(track.pillar, urgent=is_urgent(case.band)), track.track_id, event)
    timeline.tell(
        "track_dispatched",
        track_id=track.track_id,
        pillar=track.pillar,
        desk_id=track.desk_id,
        band=case.band,
        epoch=track.desk_epoch,
        lead=track.lead,
        acknowledge_by=taken.acknowledge_by,
    )


def advance(timeline: Timeline, event: str) -> None:
    """Move the case if its table lists the move, and tell so."""
    after = case_moved(timeline.case.state, event)
    if after is not None and after is not timeline.case.state:
        timeline.set(state=after)
        timeline.tell("state_changed", state=after, band=timeline.case.band, reason=event)


def take_over_page(timeline: Timeline, partition: Partition) -> None:
    """A page that intake sent before this case existed is the router's from now on."""
    sent = partition.paged.get(timeline.case.case_id)
    track = timeline.track(sent.track_id) if sent else None
    if sent is None or track is None:
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
