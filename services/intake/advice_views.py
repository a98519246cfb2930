"""What whoever takes a call is shown of the first minutes: what to say, what never to say, what to ask, whom to turn to."""

from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from schemas.base import Explanation
from schemas.catalogue.parts import Checked
from schemas.catalogue.referrals import By
from schemas.words import Language
from services.rules.advising import Advice, Spoken
from services.rules.platform_reports import PlatformReports, Route
from services.rules.referring import Referral


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class _Told(_View):
    """Who says so; `checked_on` the day an operator last checked it, left out while nobody has."""

    source: str
    verified: bool
    checked_on: date | None = None


class _Sheet(_View):
    """The same of words that are read out; an answer that was given before they had a source, and is repeated, has none."""

    source: str | None = None
    verified: bool = False
    checked_on: date | None = None


class SpokenView(_Sheet):
    """About one signal or code: what to keep, what to say in this order, what never to say or do."""

    about: str
    keep: str | None = None
    say: tuple[str, ...]
    never: tuple[str, ...]
    ask: tuple[str, ...] = Field(default=(), description="facts of this code that nobody has told yet")


class QuestionView(_View):
    """A question still open, and the field of the report that takes its answer."""

    field: str
    question: str


class AdviceView(_Sheet):
    """The first minutes in one language, from the sheet of the catalogue's release that `explanation` names."""

    language: Language
    say_always: tuple[str, ...]
    safety: tuple[SpokenView, ...] = ()
    codes: tuple[SpokenView, ...] = ()
    never: tuple[str, ...] = Field(description="for any code, to whoever takes the call")
    ask: tuple[QuestionView, ...] = ()
    aloud_only: bool = Field(description="send and write nothing of this where somebody else could read it")
    explanation: Explanation


class ReferralView(_Told):
    """A place to turn to. `countries` is empty when it is for any other country; unverified until an operator has checked it."""

    keys: tuple[str, ...]
    name: str
    contact: str | None = None
    by: By
    countries: tuple[str, ...] = ()
    languages: tuple[Language, ...] = ()
    always_open: bool | None = None


class ExpectedView(_Told):
    """How long an answer takes: what the platform says (left out while nobody knows), and what we go by."""

    said: str | None = None
    within_seconds: int


class RouteView(_Told):
    """A report that a platform takes: which to choose, where to begin, what to have at hand first, when to expect an answer."""

    kind: str
    name: str
    how: str
    codes: tuple[str, ...]
    evidence: tuple[str, ...]
    expected: ExpectedView


class PlatformView(_Told):
    """The platform that was named, and the reports it takes about this."""

    platform: str
    name: str
    routes: tuple[RouteView, ...]


def advice_view(advice: Advice) -> AdviceView:
    """Advice as shown."""
    return AdviceView(
        language=advice.language,
        say_always=advice.always,
        safety=tuple(_spoken(one) for one in advice.safety),
        codes=tuple(_spoken(one) for one in advice.codes),
        never=advice.never,
        ask=tuple(QuestionView(field=field, question=question) for field, question in advice.ask),
        aloud_only=advice.aloud_only,
        explanation=advice.explanation,
        **_told(advice.words.source, advice.words),
    )


def _spoken(part: Spoken) -> SpokenView:
    told = _told(part.source, part.checked)
    return SpokenView(about=part.about, keep=part.keep, say=part.say, never=part.never, ask=part.ask, **told)


def referral_view(referral: Referral) -> ReferralView:
    """A referral as shown."""
    return ReferralView(
        keys=referral.keys,
        name=referral.name,
        contact=referral.contact,
        by=referral.by,
        countries=referral.countries,
        languages=referral.languages,
        always_open=referral.always_open,
        source=referral.source,
        verified=referral.verified,
        checked_on=referral.checked_on,
    )


def platform_view(reports: PlatformReports) -> PlatformView:
    """A platform's reports as shown."""
    return PlatformView(
        platform=reports.platform,
        name=reports.name,
        routes=tuple(_route(one) for one in reports.routes),
        **_told(reports.told_by.source, reports.told_by),
    )


def _route(route: Route) -> RouteView:
    expected = route.expected
    return RouteView(
        kind=route.kind,
        name=route.name,
        how=route.how,
        codes=route.codes,
        evidence=route.evidence,
        expected=ExpectedView(
            said=expected.said,
            within_seconds=round(expected.within.total_seconds()),
            **_told(expected.source, expected),
        ),
        **_told(route.told_by.source, route.told_by),
    )


def _told(source: str, checked: Checked) -> dict[str, Any]:
    return {"source": source, "verified": checked.verified, "checked_on": checked.checked_on}
