"""Who is paged about a track, and under which ids: the same for the router and for intake's dead man (DESIGN section 8)."""

from dataclasses import dataclass
from datetime import datetime

from schemas.catalogue import Catalogue
from schemas.households import HouseholdBody
from schemas.notices import NoticeIssued
from schemas.reports import ReportSubmitted
from schemas.words import Band, NoticeKind, Pillar
from services.rules import ids
from services.rules.desks_of import desk_of, duty_lead_of
from services.rules.triage import triage

STEP = "acknowledge"


@dataclass(frozen=True, slots=True)
class About:
    """The track a page is about."""

    track_id: str
    case_id: str
    household_id: str
    desk_id: str
    pillar: Pillar
    band: Band
    drill: bool = False


def page_notice(about: About, *, reason: str, at: datetime) -> NoticeIssued:
    """The first attempt of the one page that a track's acknowledge promise ends in, issued under the household's key."""
    page = ids.page_id(about.track_id, STEP)
    recipient = duty_lead_of(about.desk_id)
    return NoticeIssued(
        notice_id=ids.notice_id(page, recipient, 1),
        page_id=page,
        kind=NoticeKind.PAGE,
        recipient=recipient,
        band=about.band,
        attempt=1,
        method_rank=0,
        issuer_topic="commands",
        issuer_key=about.household_id,
        household_id=about.household_id,
        case_id=about.case_id,
        track_id=about.track_id,
        desk_id=about.desk_id,
        pillar=about.pillar,
        reason=reason,
        at=at,
        drill=about.drill,
    )


def page_of_report(
    report: ReportSubmitted, catalogue: Catalogue, *, household: HouseholdBody | None = None, reason: str = "bus_down"
) -> NoticeIssued:
    """The page about the lead track of a report's case, before any router has seen it.

    Its page id is the router's own; so are desk and recipient if `household` is what the router knows of it.
    """
    country = report.body.country or (household.country if household else None)
    language = report.body.language or (household.language if household else None)
    decision = triage(report.body, received_at=report.received_at, catalogue=catalogue)
    case = ids.case_id(report.household_id, report.source, report.report_id)
    about = About(
        track_id=ids.track_id(case, decision.lead),
        case_id=case,
        household_id=report.household_id,
        desk_id=desk_of(decision.lead, country, language, catalogue),
        pillar=decision.lead,
        band=decision.band,
        drill=report.body.drill,
    )
    return page_notice(about, reason=reason, at=report.received_at)
