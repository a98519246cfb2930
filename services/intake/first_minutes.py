"""Which first minutes does the sender of a report get? Those of the whole case once there is one, else of the report alone."""

from schemas.cases import CaseRecord
from schemas.catalogue import Catalogue, Releases
from schemas.catalogue.referrals import Audience
from schemas.households import HouseholdBody
from schemas.reports import ReportBody
from schemas.words import Signal
from services.rules.advising import Advice, Situation, advise
from services.rules.triage import Triage

SAID_AS = {"money_lost": "amount_minor"}  # a question and the field that takes its answer, where they differ
UNKNOWN_AGE = "unknown"


def of_case(case: CaseRecord, body: ReportBody, household: HouseholdBody | None, *, releases: Releases) -> Advice:
    """The first minutes of a case, from the release it was opened under."""
    situation = Situation(
        codes=(case.code, *case.secondary_codes),
        signals=case.signals,
        band=case.band,
        covert=case.covert,
        languages=(body.language, household.language if household else None, case.language),
        country=body.country or (household.country if household else None) or case.country,
        victim=_victim(body, case.signals),
        platform=body.platform or (case.facts.platform if case.facts else None),
        answered=answered_in(body) | (answered_in(case.facts) if case.facts else frozenset()),
    )
    return advise(situation, releases.find(case.catalogue) or releases.own)


def of_report(body: ReportBody, decision: Triage, household: HouseholdBody | None, *, catalogue: Catalogue) -> Advice:
    """The first minutes of a report whose case is not there yet: nobody waits for a slow bus to learn what to do."""
    situation = Situation(
        codes=(decision.code, *decision.secondary_codes),
        signals=decision.signals,
        band=decision.band,
        covert=decision.covert,
        languages=(body.language, household.language if household else None),
        country=body.country or (household.country if household else None),
        victim=_victim(body, decision.signals),
        platform=body.platform,
        answered=answered_in(body),
    )
    return advise(situation, catalogue)


def answered_in(body: ReportBody) -> frozenset[str]:
    """Every field and fact a report says something about, by the name of its question."""
    personal = body.personal
    said: dict[str, object] = {
        **body.model_dump(exclude={"personal", "facts"}),
        **personal.model_dump(exclude={"facts"}),
    }
    said |= {**body.facts, **personal.facts}
    given = {field for field, content in said.items() if content not in (None, "", (), [], {})}
    return frozenset(given | {question for question, field in SAID_AS.items() if field in given})


def _victim(body: ReportBody, signals: tuple[Signal, ...]) -> Audience | None:
    if Signal.MINOR in signals:
        return Audience.MINORS
    return Audience.ADULTS if body.victim_age_band not in (None, UNKNOWN_AGE) else None
