"""Telling more about a case only ever raises it; what a human lowered or closed stays so until something new speaks for it."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given

from schemas.reports import MOST_FACTS, ReportBody
from schemas.words import Band, Pillar, Signal
from services.rules.retriage import OpenCase, retriage, together
from services.rules.triage import Triage, triage
from tests.shipped import CATALOGUE
from tests.unit.rules.domain_table import KNOWN_AUTHORS
from tests.unit.rules.told import NOW, bodies


def said(**fields: Any) -> ReportBody:
    return ReportBody.model_validate(fields)


def opened(**fields: Any) -> OpenCase:
    """A case as its first report left it."""
    body = said(**fields)
    decision = triage(body, received_at=NOW, catalogue=CATALOGUE)
    return standing(decision, body)


def standing(decision: Triage, facts: ReportBody) -> OpenCase:
    return OpenCase(
        decision.code, decision.secondary_codes, decision.band, decision.signals, covert=decision.covert, facts=facts
    )


def lowered(case: OpenCase, band: Band, *closed: Signal) -> OpenCase:
    """The case after a human closed these signals and then lowered the band."""
    case = replace(case, signals=tuple(one for one in case.signals if one not in closed), closed=closed)
    again = retriage(case, ReportBody(), received_at=NOW, catalogue=CATALOGUE)
    return replace(case, band=band, overruled=again.reasons)


def tell(case: OpenCase, *, hours: float = 0, corrects: bool = False, **fields: Any) -> Triage:
    at = NOW + timedelta(hours=hours)
    return retriage(case, said(**fields), received_at=at, catalogue=CATALOGUE, corrects=corrects)


@given(bodies(), bodies())
def test_telling_more_never_lowers_never_forgets_a_signal_and_never_uncovers(
    first: dict[str, Any], more: dict[str, Any]
) -> None:
    before = opened(**first)
    after = tell(before, **more)
    assert after.band.rank <= before.band.rank
    assert set(after.signals) >= set(before.signals)
    assert after.covert >= before.covert


@given(bodies(), bodies())
def test_telling_more_is_at_least_as_urgent_as_a_case_that_knew_it_from_the_start(
    first: dict[str, Any], more: dict[str, Any]
) -> None:
    facts = together(said(**first), said(**more))
    at_once = triage(facts, received_at=NOW, catalogue=CATALOGUE)
    after = tell(opened(**first), **more)
    assert after.band.rank <= at_once.band.rank
    assert set(after.signals) >= set(at_once.signals)


@given(bodies())
def test_saying_the_same_again_changes_nothing(first: dict[str, Any]) -> None:
    before = opened(**first)
    after = tell(before, **first)
    assert (after.code, after.band, after.signals) == (before.code, before.band, before.signals)


def test_an_answer_to_an_earlier_code_raises_the_case() -> None:
    assert tell(opened(code="threat"), facts={"weapon": True}).band is Band.P0


def test_a_later_code_reads_what_was_told_before_it() -> None:
    before = opened(code="phishing", facts={"network_lost": True})
    assert before.band is Band.P3
    assert tell(before, secondary_codes=["phone_number_usurpation"]).band is Band.P0


def test_a_code_at_last_takes_the_place_of_none() -> None:
    after = tell(opened(personal={"free_text": "help"}), code="sextortion")
    assert (after.code, after.secondary_codes, after.lead) == ("sextortion", (), Pillar.PSYCHOLOGICAL)


def test_another_report_adds_its_code_and_leaves_the_lead_where_it_is() -> None:
    after = tell(opened(code="phishing"), code="threat")
    assert (after.code, after.secondary_codes, after.lead) == ("phishing", ("threat",), Pillar.TECHNICAL)
    assert Pillar.LEGAL in after.support


def test_a_human_who_knows_better_names_the_main_code() -> None:
    after = tell(opened(code="phishing"), code="threat", corrects=True)
    assert (after.code, after.secondary_codes, after.lead) == ("threat", ("phishing",), Pillar.LEGAL)


def test_a_band_that_a_human_raised_stays_above_what_a_machine_would_say() -> None:
    assert tell(replace(opened(code="phishing"), band=Band.P0), facts={"clicked": True}).band is Band.P0


@pytest.mark.parametrize("more", [{}, {"facts": {"clicked": True}}, {"ongoing": True}, {"money_lost": True}])
def test_what_a_human_lowered_stays_lowered_while_nothing_new_is_told(more: dict[str, Any]) -> None:
    case = lowered(opened(code="bank_fraud", money_lost=True, happened_at=NOW.isoformat()), Band.P2)
    assert tell(case, **more).band is Band.P2


@pytest.mark.parametrize("asked", [{"paid_at": "2026-01-01T00:00:00Z"}, {"happened_at": "x", "money_lost": True}])
def test_a_payment_that_a_human_judged_does_not_raise_the_case_by_growing_old(asked: dict[str, Any]) -> None:
    name = next(iter(asked))
    case = lowered(opened(code="bank_fraud", **asked | {name: (NOW - timedelta(hours=5)).isoformat()}), Band.P2)
    assert tell(case, platform="chat_app").band is Band.P2
    assert tell(case, hours=24, platform="chat_app").band is Band.P2


def test_what_a_human_lowered_rises_again_by_something_new() -> None:
    case = lowered(opened(code="bank_fraud"), Band.P3)
    assert tell(case, facts={"remote_session_open": True}).band is Band.P0


@pytest.mark.parametrize("author", KNOWN_AUTHORS)
def test_a_threat_by_somebody_known_is_p0_also_where_a_human_found_their_being_near_harmless(author: str) -> None:
    case = lowered(opened(code="phishing", offender_relation=author), Band.P3, Signal.SAME_ROOF_OFFENDER)
    assert tell(case, platform="chat_app").band is Band.P3
    assert tell(case, code="threat").band is Band.P0


def test_a_threat_by_a_stranger_is_no_p0_for_being_one() -> None:
    assert tell(opened(code="phishing", offender_relation="stranger"), code="threat").band is Band.P1


@pytest.mark.parametrize(
    ("author", "wanted"),
    [
        *((author, Band.P1) for author in ("spouse", "partner", "ex", "ex_partner")),
        ("sibling", Band.P2),
        ("friend", Band.P2),
    ],
)
def test_a_partners_spyware_is_one_band_up_also_where_a_human_found_that_they_live_apart(
    author: str, wanted: Band
) -> None:
    case = opened(code="phishing", offender_relation=author)
    apart = replace(case, signals=(), closed=(Signal.SAME_ROOF_OFFENDER,))
    assert tell(apart, code="malware").band is wanted


def test_another_answer_to_an_old_question_is_something_new() -> None:
    case = lowered(opened(code="bank_fraud", paid_at=(NOW - timedelta(hours=20)).isoformat()), Band.P2)
    assert tell(case, paid_at=(NOW - timedelta(hours=1)).isoformat()).band is Band.P0


def test_a_closed_signal_stays_closed_while_only_old_answers_speak_for_it() -> None:
    case = lowered(opened(code="phishing", self_harm_answer="yes"), Band.P2, Signal.SELF_HARM)
    after = tell(case, facts={"clicked": True}, self_harm_answer="yes")
    assert (after.signals, after.band) == ((), Band.P2)


@pytest.mark.parametrize("more", [{"signals": ["self_harm"]}, {"wellbeing_0_10": 1}])
def test_a_closed_signal_that_is_told_again_is_open_again_and_p0(more: dict[str, Any]) -> None:
    case = lowered(opened(code="phishing", self_harm_answer="yes"), Band.P2, Signal.SELF_HARM)
    after = tell(case, **more)
    assert (after.signals, after.band) == ((Signal.SELF_HARM,), Band.P0)


def test_a_deadline_that_comes_closer_raises_the_case_when_more_is_told() -> None:
    case = opened(code="sextortion", deadline_at=(NOW + timedelta(hours=60)).isoformat())
    assert case.band is Band.P1
    assert tell(case, hours=40, facts={"contacts_known": True}).band is Band.P0


def test_the_explanation_names_the_band_before() -> None:
    explanation = tell(opened(code="threat"), facts={"weapon": True}).explanation
    assert explanation.rule.startswith("retriage:threat.base+threat.means")
    asked = json.loads(explanation.inputs["asked"])
    assert (asked["before"], asked["answers"]["weapon"]) == ("P1", "true")


def test_the_newest_answer_counts_and_an_empty_one_says_nothing() -> None:
    first = said(code="phishing", country="BE", facts={"clicked": True, "weapon": True}, signals=["minor"])
    facts = together(first, said(code="threat", country=None, facts={"clicked": False, "weapon": None}, covert=True))
    assert (facts.code, facts.secondary_codes, facts.signals, facts.country) == (
        "phishing",
        ("threat",),
        ("minor",),
        "BE",
    )
    assert (facts.facts, facts.covert) == ({"weapon": True, "clicked": False}, True)


def test_nothing_personal_is_remembered() -> None:
    facts = together(said(code="phishing"), said(personal={"free_text": "it was my neighbour"}))
    assert "neighbour" not in facts.model_dump_json()


def test_a_case_remembers_no_more_than_a_report_may_say() -> None:
    first = said(code="phishing", facts={f"old_{number}": 1 for number in range(MOST_FACTS)})
    facts = together(first, said(facts={"weapon": True}))
    assert len(facts.facts) == MOST_FACTS
    assert facts.facts["weapon"] is True
