"""What the sender of a report is shown: its case, or that it is on its way, with what can be said and done at once."""

from typing import Any

from schemas.cases import CaseRecord
from schemas.words import Band, CaseState
from services.intake.advice_views import (
    AdviceView,
    PlatformView,
    ReferralView,
    advice_view,
    platform_view,
    referral_view,
)
from services.intake.views import Accepted, ShownFlag, TrackSummary, UnknownFields, View, flags_of, track_summary
from services.rules.advising import Advice


class ReportAnswer(View):
    """A report that became (or joined) a case. `explanation` names the rules of its decisions; the case's `/explanation` says each in
    words."""

    case_id: str
    household_id: str
    version: int
    state: CaseState
    band: Band
    code: str
    flags: tuple[ShownFlag, ...]
    tracks: tuple[TrackSummary, ...]
    public_path: tuple[str, ...] = ()
    explanation: tuple[str, ...]
    advice: AdviceView | None = None
    referrals: tuple[ReferralView, ...] = ()
    platform: PlatformView | None = None
    unknown_fields: UnknownFields = None


class ReportAccepted(Accepted):
    """A report on its way, and what can be said and done before its case is there."""

    advice: AdviceView
    referrals: tuple[ReferralView, ...] = ()
    platform: PlatformView | None = None


def report_accepted(report_id: str, advice: Advice, unknown: tuple[str, ...] = ()) -> ReportAccepted:
    """What the sender of a report learns when its case is not there in time."""
    return ReportAccepted(command_id=report_id, unknown_fields=unknown or None, **_first_minutes(advice))


def report_answer(case: CaseRecord, advice: Advice, unknown: tuple[str, ...] = ()) -> ReportAnswer:
    """What the sender of a report learns at once."""
    return ReportAnswer(
        case_id=case.case_id,
        household_id=case.household_id,
        version=case.version,
        state=case.state,
        band=case.band,
        code=case.code,
        flags=flags_of(case),
        tracks=tuple(track_summary(one) for one in case.tracks),
        public_path=case.public_path,
        explanation=case.rules,
        unknown_fields=unknown or None,
        **_first_minutes(advice),
    )


def _first_minutes(advice: Advice) -> dict[str, Any]:
    return {
        "advice": advice_view(advice),
        "referrals": tuple(referral_view(one) for one in advice.referrals),
        "platform": platform_view(advice.platform) if advice.platform else None,
    }
