"""Who is told about a track, and under which ids: the same for the router and for intake's dead man (DESIGN section 8)."""

from dataclasses import dataclass
from datetime import datetime

from schemas.catalogue import Catalogue
from schemas.households import HouseholdBody
from schemas.notices import NoticeIssued
from schemas.reports import ReportSubmitted
from schemas.words import Band, NoticeKind, Pillar
from services.rules import ids
from services.rules.desks_of import desk_of, duty_lead_of
from services.rules.triage import Triage

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


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to reach somebody about a page: whom, which try of the page it is, by which of their methods."""

    page_id: str
    recipient: str
    number: int = 1
    method_rank: int = 0


def first_attempt(about: About) -> Attempt:
    """The first attempt of the page that a track's first acknowledge promise ends in: what intake sends itself, the router would."""
    return Attempt(ids.page_id(about.track_id, STEP), duty_lead_of(about.desk_id))


def page_notice(about: About, *, reason: str, at: datetime, attempt: Attempt | None = None) -> NoticeIssued:
    """One attempt of a page about a track, issued under the household's key; the first one unless given."""
    attempt = attempt or first_attempt(about)
    return NoticeIssued.trusted(
        notice_id=ids.notice_id(attempt.page_id, attempt.recipient, attempt.number),
        page_id=attempt.page_id,
        kind=NoticeKind.PAGE,
        recipient=attempt.recipient,
        band=about.band,
        attempt=attempt.number,
        method_rank=attempt.method_rank,
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


def reminder_notice(
    about: About, *, promise: str, epoch: int, share: int, due: datetime, to: str, at: datetime
) -> NoticeIssued:
    """Tell whoever has a track that so much (`share`, percent) of the time of one of its promises is gone."""
    cause = ids.derived("reminder", about.track_id, promise, epoch, share)
    page = page_notice(about, reason=f"{promise}_{share}", at=at, attempt=Attempt(cause, to))
    return page.model_copy(update={"kind": NoticeKind.REMINDER, "page_id": None, "until": due})


def page_of_report(
    report: ReportSubmitted, decision: Triage, catalogue: Catalogue, *, household: HouseholdBody | None = None
) -> NoticeIssued:
    """The page about the lead track of a report's case, before any router has seen it, by what was decided about the report.

    Its page id is the router's own; so are desk and recipient if `household` is what the router knows of it.
    """
    country = report.body.country or (household.country if household else None)
    language = report.body.language or (household.language if household else None)
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
    return page_notice(about, reason="bus_down", at=report.received_at)
