"""What people say decides how urgent it is and who is rung: reports come in by the door, offers and cases come out."""

import json
from datetime import timedelta

from schemas.words import Band, Channel, Flag, Pillar, Signal
from tests.scenarios.town import Town

ALL_FOUR = ("r-technical-fr", "r-legal-fr", "r-financial-fr", "r-psychological-fr")


def lead(town: Town) -> Pillar:
    (track,) = [one for one in town.case().tracks if one.lead]
    return track.pillar


def test_a_girl_of_15_blackmailed_until_midnight_rings_the_psychologist_first_and_nobody_tells_her_parents(
    town: Town,
) -> None:
    midnight = (town.now + timedelta(minutes=80)).isoformat()
    town.everyone_on_duty().reports(
        "h1", "sextortion", victim_age_band="15_17", deadline_at=midnight, covert=True, facts={"content_exists": "yes"}
    ).expects_offers(*ALL_FOUR, paged="duty-lead-psychological-fr")
    assert (town.case().band, lead(town), town.case().covert) == (Band.P0, Pillar.PSYCHOLOGICAL, True)
    assert town.case().signals == (Signal.ATTACKER_DEADLINE, Signal.MINOR)


def test_money_sent_twelve_minutes_ago_with_the_thief_still_on_the_screen_is_p0(town: Town) -> None:
    paid = (town.now - timedelta(minutes=12)).isoformat()
    town.everyone_on_duty().reports(
        "h1", "bank_fraud", paid_at=paid, amount_minor=420_000, facts={"remote_session_open": True}
    ).expects_offers(*ALL_FOUR, paged="duty-lead-financial-fr")
    assert (town.case().band, lead(town)) == (Band.P0, Pillar.FINANCIAL)


def test_a_spouse_tracked_by_the_subscriber_is_helped_covertly(town: Town) -> None:
    town.everyone_on_duty().reports(
        "h1", "malware", secondary_codes=["unwanted_publication"], offender_relation="subscriber"
    ).expects_offers(*ALL_FOUR)
    case = town.case()
    assert (case.band, case.covert, case.signals) == (Band.P1, True, (Signal.SAME_ROOF_OFFENDER,))


def test_phishing_that_moved_money_is_led_as_the_bank_fraud_it_became(town: Town) -> None:
    town.everyone_on_duty().reports("h1", "phishing", money_lost=True).expects_offers(*ALL_FOUR)
    case = town.case()
    assert (case.code, case.secondary_codes, case.band) == ("bank_fraud", ("phishing",), Band.P1)
    assert lead(town) is Pillar.FINANCIAL


def test_dark_thoughts_in_a_report_about_phishing_ring_a_psychologist_at_once(town: Town) -> None:
    town.everyone_on_duty().reports(None, "phishing", self_harm_answer="maybe")
    town.expects_offers("r-technical-fr", "r-financial-fr", "r-psychological-fr", paged="duty-lead-technical-fr")
    assert town.case().band is Band.P0


def test_somebody_isolated_gets_a_psychologist_beside_the_technician(town: Town) -> None:
    town.everyone_on_duty().reports(None, "unclassified_suspicion", facts={"vulnerability": "isolation"})
    town.expects_offers("r-technical-fr", "r-psychological-fr")


def test_a_word_nobody_knows_makes_nobody_wait_and_is_shown_to_a_human(town: Town) -> None:
    town.everyone_on_duty().reports(None, "witchcraft").expects_offers("r-technical-fr")
    assert town.case().band is Band.P2
    assert {Flag.UNKNOWN_CODE, Flag.NEEDS_HUMAN} <= set(town.case().flags)


def test_a_machine_that_asked_no_age_leaves_the_question_to_whoever_calls_first(town: Town) -> None:
    told = town.everyone_on_duty().report("h1", "phishing")
    town.arrives(told.model_copy(update={"channel": Channel.PARTNER, "partner_id": "telco"}))
    town.expects_offers("r-technical-fr", "r-financial-fr")
    assert Flag.ASK_AGE_FIRST in town.case().flags


def test_an_agent_asks_for_the_age_anyway(town: Town) -> None:
    town.everyone_on_duty().reports("h1", "phishing").expects_offers("r-technical-fr", "r-financial-fr")
    assert Flag.ASK_AGE_FIRST not in town.case().flags


def test_the_case_says_which_rules_made_it_urgent(town: Town) -> None:
    town.everyone_on_duty().reports("h1", "threat", facts={"weapon": True})
    town.expects_offers("r-legal-fr", "r-psychological-fr", "r-technical-fr", paged="duty-lead-legal-fr")
    (told,) = town.facts("opened")
    why = told.data.explanations[0]  # type: ignore[attr-defined]
    assert why.rule == "triage:threat.base+threat.means+R3.physical_danger"
    assert json.loads(why.inputs["asked"])["answers"] == {"weapon": "true"}
