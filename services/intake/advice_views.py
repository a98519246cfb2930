"""What whoever takes a call is shown of the first minutes: what to say, what never to say, what to ask, whom to turn to."""

from pydantic import BaseModel, ConfigDict, Field

from schemas.base import Explanation
from schemas.catalogue.referrals import By
from schemas.words import Language
from services.rules.advising import Advice, Spoken
from services.rules.referring import Referral


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class SpokenView(_View):
    """About one signal or code: what to keep, what to say in this order, what never to say or do."""

    about: str
    keep: str | None = None
    say: tuple[str, ...]
    never: tuple[str, ...]


class QuestionView(_View):
    """A question still open, and the field of the report that takes its answer."""

    field: str
    question: str


class AdviceView(_View):
    """The first minutes in one language."""

    language: Language
    say_always: tuple[str, ...]
    safety: tuple[SpokenView, ...] = ()
    codes: tuple[SpokenView, ...] = ()
    never: tuple[str, ...] = Field(description="for any code, to whoever takes the call")
    ask: tuple[QuestionView, ...] = ()
    aloud_only: bool = Field(description="send and write nothing of this where somebody else could read it")
    explanation: Explanation


class ReferralView(_View):
    """A place to turn to. `countries` is empty when it is for any other country; unverified until an operator has checked it."""

    keys: tuple[str, ...]
    name: str
    contact: str | None = None
    by: By
    countries: tuple[str, ...] = ()
    languages: tuple[Language, ...] = ()
    always_open: bool | None = None
    source: str
    verified: bool


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
    )


def _spoken(part: Spoken) -> SpokenView:
    return SpokenView(about=part.about, keep=part.keep, say=part.say, never=part.never)


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
    )
