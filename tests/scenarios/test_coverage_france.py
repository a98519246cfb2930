"""What French contracts cover: by formula, by supplement, by tier, by date, by what happened; the rest is referred, warmly."""

from datetime import UTC, datetime
from typing import Any

import pytest

from services.rules import ids
from tests.scenarios.roofs import EVERY, dispatched, holds, lives, rings, roof
from tests.scenarios.town import Town


@pytest.fixture(autouse=True)
def everyone(town: Town) -> None:
    town.everyone_on_duty("fr")


def covered(town: Town) -> set[str]:
    """The services that contracts give the last case."""
    return {service for one in town.case().granted if one.programme for service in one.services}


# --------------------------------------------------------------------------------------------------- through a firm
def test_alan_premium_gives_the_legal_track_alone_and_refers_the_rest(town: Town) -> None:
    roof(town, "h", holds("alan_premium")).reports("h", "insult_harassment")
    rings(town, "legal")
    assert dispatched(town) == {"legal": {"rights_information", "complaint_file", "procedure_support"}}
    assert town.track("legal").lead is True
    assert {"cyber_help", "harassment_line", "e_enfance_3018"} <= set(town.case().public_path)


def test_alan_without_the_premium_formula_is_no_cover(town: Town) -> None:
    roof(town, "h", holds("alan_premium", tier="basic")).reports("h", "insult_harassment")
    rings(town, "psychological")
    assert (town.case().member, covered(town)) == (False, set())


def test_alan_refers_nobody_whose_life_is_at_stake(town: Town) -> None:
    roof(town, "h", holds("alan_premium")).reports("h", "insult_harassment", signals=["self_harm"])
    rings(town, "psychological", "technical", "legal")
    assert "crisis_contact" in dispatched(town)["psychological"]


@pytest.mark.parametrize("option", ["malakoff_humanis_option", "harmonie_option"])
def test_malakoff_and_harmonie_cover_the_employee_whose_firm_bought_the_supplement(town: Town, option: str) -> None:
    roof(town, "h", holds(option, supplement=True)).reports("h", "defamation")
    rings(town, "legal", "psychological")
    assert dispatched(town)["psychological"] == {"listening_line", "consultation"}


@pytest.mark.parametrize("option", ["malakoff_humanis_option", "harmonie_option"])
def test_malakoff_and_harmonie_do_not_cover_an_employee_without_the_supplement(town: Town, option: str) -> None:
    roof(town, "h", holds(option, supplement=False)).reports("h", "defamation")
    rings(town, "legal")
    assert covered(town) == set()


def test_allianz_for_a_whole_staff_covers_each_employee_and_nobody_else_at_home(town: Town) -> None:
    staff = holds("allianz_cyber_protect", employer="firm-1", holder_member_id="m1")
    roof(town, "h", staff, members=[lives("m1", "employee"), lives("m2", "spouse")])
    town.reports("h", "identity_theft", victim_member_id="m1")
    rings(town, "legal", "technical", "financial", "psychological")
    assert {"funds_stop", "indemnity"} == dispatched(town)["financial"]
    town.reports("h", "identity_theft", victim_member_id="m2")
    rings(town, "legal")
    assert covered(town) == set()


def works_council(town: Town, **said: Any) -> None:
    budget = {"budget_open": True} | {key: said.pop(key) for key in ("budget_open", "funded_programme") if key in said}
    cover = holds("cse_collective_cover", **({"funded_programme": "allianz_cyber_protect"} | budget))
    roof(town, "h", cover).reports("h", "fake_profile", **said)


def test_works_council_cover_is_that_of_the_contract_it_funds_when_the_harm_is_tied_to_the_job(town: Town) -> None:
    works_council(town, work_related=True)
    rings(town, "technical", "legal", "psychological")
    assert {one.programme for one in town.case().granted} == {"cse_collective_cover"}


def test_works_council_cover_is_refused_outside_the_job_and_advice_is_given_all_the_same(town: Town) -> None:
    works_council(town, work_related=False)
    rings(town, "legal")
    assert dispatched(town) == {"legal": {"rights_information"}}
    assert [one.effect for one in town.case().granted] == ["advised"]


def test_works_council_without_social_budget_funds_nothing_and_advises(town: Town) -> None:
    works_council(town, work_related=True, budget_open=False)
    rings(town, "legal")
    assert dispatched(town) == {"legal": {"rights_information"}}


def test_works_council_money_waits_for_the_answer_about_work_and_help_does_not(town: Town) -> None:
    works_council(town)
    rings(town, "technical", "legal", "psychological")
    assert {one.effect for one in town.case().granted} == {"assistance_only"}


def test_works_council_that_names_no_contract_still_advises(town: Town) -> None:
    works_council(town, work_related=True, funded_programme="none")
    rings(town, "legal")
    assert dispatched(town) == {"legal": {"rights_information"}}


# ------------------------------------------------------------------------------------------------- bought by oneself
def test_axa_cyber_risks_is_a_legal_track_and_an_indemnity(town: Town) -> None:
    roof(town, "h", holds("axa_cyber_risks")).reports("h", "identity_theft")
    rings(town, "legal", "financial")
    assert dispatched(town) == {
        "legal": {"rights_information", "complaint_file", "procedure_support", "legal_costs"},
        "financial": {"indemnity"},
    }


def test_allianz_answers_at_three_in_the_morning(town: Town) -> None:
    town.passes(hours=5)
    assert town.now == datetime(2026, 3, 21, 2, 40, tzinfo=UTC)
    roof(town, "h", holds("allianz_cyber_protect")).reports("h", "fake_profile")
    rings(town, "technical", "legal", "psychological")


@pytest.mark.parametrize(
    ("day", "pillars"), [("2020-12-31", ("legal",)), ("2021-01-01", ("legal", "technical", "psychological"))]
)
def test_maif_covers_from_the_day_the_offer_existed(town: Town, day: str, pillars: tuple[str, ...]) -> None:
    roof(town, "h", holds("maif_e_reputation", "2019-06-01")).reports(
        "h", "defamation", happened_at=f"{day}T12:00:00+01:00"
    )
    rings(town, *pillars)
    assert bool(covered(town)) is (len(pillars) > 1)


def test_luko_is_one_persons_contract(town: Town) -> None:
    roof(town, "h", holds("luko_cyber")).reports("h", "phishing", victim_relation="holder")
    rings(town, "technical", "financial")
    town.reports("h", "phishing", victim_relation="spouse")
    rings(town, "technical")
    assert covered(town) == set()


def test_luko_pays_nobody_whose_relation_nobody_can_read_and_helps_them(town: Town) -> None:
    roof(town, "h", holds("luko_cyber")).reports("h", "identity_theft", victim_relation="titulaire")
    rings(town, "legal", "technical", "financial")
    assert dispatched(town)["financial"] == {"funds_stop"}


def test_a_home_clause_pays_after_other_cover(town: Town) -> None:
    roof(town, "h", holds("home_cyber_clause", ceiling_minor=300_000), holds("luko_cyber")).reports(
        "h", "identity_theft"
    )
    rings(town, "legal", "technical", "financial")
    assert "indemnity" in dispatched(town)["financial"]
    assert {one.programme for one in town.case().granted if "indemnity" in one.services} == {"luko_cyber"}


def test_a_home_clause_alone_gives_its_indemnity_and_a_way_on_for_the_rest(town: Town) -> None:
    roof(town, "h", holds("home_cyber_clause")).reports("h", "bank_fraud")
    rings(town, "financial")
    assert dispatched(town) == {"financial": {"indemnity"}}
    assert {"17cyber", "scam_complaint"} <= set(town.case().public_path)


def test_swisslife_has_exposed_data_removed_and_defended(town: Town) -> None:
    roof(town, "h", holds("swisslife_data_privacy")).reports("h", "personal_data_misuse")
    rings(town, "legal", "technical")
    assert dispatched(town)["technical"] == {"takedown", "dereferencing"}


@pytest.mark.parametrize(
    "name",
    ["axa_protection_familiale_integrale", "AXA Protection Familiale Intégr@le", "protection familiale integr@le"],
)
def test_protection_familiale_is_known_under_every_spelling(town: Town, name: str) -> None:
    roof(town, "h", holds(name)).reports("h", "fake_profile", victim_relation="child")
    rings(town, "technical", "legal", "psychological")
    assert town.case().programme == "axa_protection_familiale_integrale"


def test_protection_familiale_includes_the_psychological_pillar(town: Town) -> None:
    roof(town, "h", holds("axa_protection_familiale_integrale")).reports("h", "insult_harassment")
    rings(town, "psychological", "technical", "legal")
    assert dispatched(town)["psychological"] == {"listening_line", "consultation"} <= covered(town)


def test_protection_familiale_covers_the_digital_part_and_not_everyday_money(town: Town) -> None:
    roof(town, "h", holds("axa_protection_familiale_integrale")).reports("h", "bank_fraud")
    rings(town, "financial")
    assert (town.case().member, covered(town)) == (True, set())


def test_protection_familiale_leaves_out_what_the_victim_posted(town: Town) -> None:
    roof(town, "h", holds("axa_protection_familiale_integrale"))
    town.reports("h", "unwanted_publication", posted_by_the_victim=True)
    rings(town, "technical")
    assert covered(town) == set()


# -------------------------------------------------------------------------------------------------------- by tier
@pytest.mark.parametrize(
    ("tier", "financial", "psychological"),
    [
        ("essential", set(), {"listening_line", "consultation"}),
        ("comfort", {"number_change_cost"}, {"listening_line", "consultation"}),
        ("premium", {"number_change_cost"}, {"listening_line", "consultation", "group_workshop"}),
        ("gold", set(), {"listening_line", "consultation"}),
    ],
)
def test_tiers_of_the_mutual_give_more_the_higher_they_are_and_an_unread_one_counts_as_the_lowest(
    town: Town, tier: str, financial: set[str], psychological: set[str]
) -> None:
    roof(town, "h", holds("phone_harassment_mutual", tier=tier)).reports("h", "malicious_calls")
    rings(town, "technical", "legal", "psychological", *(("financial",) if financial else ()))
    assert (dispatched(town).get("financial", set()), dispatched(town)["psychological"]) == (financial, psychological)


def test_tiers_never_stand_between_a_victim_and_the_safety_floor(town: Town) -> None:
    roof(town, "h", holds("phone_harassment_mutual", tier="essential"))
    town.reports("h", "malicious_calls", signals=["self_harm"])
    rings(town, *EVERY)
    assert {"crisis_contact", "group_workshop"} <= dispatched(town)["psychological"]


# --------------------------------------------------------------------------------------------------- several at once
def test_the_richest_of_several_contracts_gives_each_service(town: Town) -> None:
    """The mutual's top tier has more consultations than the employer's option, whose first line costs nothing either way."""
    roof(town, "h", holds("malakoff_humanis_option"), holds("phone_harassment_mutual", tier="premium"))
    town.reports("h", "doxxing")
    rings(town, "technical", "legal", "psychological")
    (mutual,) = [one for one in town.case().granted if one.programme == "phone_harassment_mutual"]
    assert {"consultation", "group_workshop", "takedown"} <= set(mutual.services)


# ------------------------------------------------------------------------------------------------- decided again
def test_alan_refers_nothing_any_more_once_somebody_raises_the_case_to_p0(town: Town) -> None:
    roof(town, "h", holds("alan_premium")).reports("h", "insult_harassment")
    rings(town, "legal")
    town.asks("raise", band="P0", reason="agent_heard").expects_outcome("done")
    rings(town, "legal", "technical", "psychological")


def test_works_council_cover_is_decided_again_when_the_question_about_work_is_answered(town: Town) -> None:
    works_council(town)
    rings(town, "technical", "legal", "psychological")
    town.answers("accept", "r-technical-fr", "technical")
    town.asks("update", facts={"work_related": False}).expects_outcome("done")
    town.expects_offers("r-legal-fr")  # its services changed: advice alone
    town.expects("technical", "accepted", responder="r-technical-fr").expects("psychological", "not_covered_referred")
    assert town.track("legal").services == ("rights_information",)


def test_a_caller_placed_in_a_household_gets_what_it_holds_and_keeps_the_help_that_began(town: Town) -> None:
    roof(town, "h", holds("malakoff_humanis_option"))
    town.reports(None, "defamation", country="FR")
    rings(town, "legal", "technical", "psychological")
    town.answers("accept", "r-technical-fr", "technical")
    town.asks("place", real_household_id=ids.household_id("town", "h")).expects_offers(
        "r-legal-fr", "r-psychological-fr"
    )
    town.expects("technical", "accepted", responder="r-technical-fr")
    assert (town.case().programme, town.case().member) == ("malakoff_humanis_option", True)
    assert set(town.track("psychological").services) == {"listening_line", "consultation"}


# ---------------------------------------------------------------------------------------------------- the public path
def test_17cyber_is_where_a_known_household_without_contract_turns(town: Town) -> None:
    roof(town, "h").reports("h", "online_scam")
    rings(town, "financial")
    assert town.case().public_path[:2] == ("17cyber", "cybermalveillance")


def test_17cyber_has_no_psychological_or_financial_pillar_so_others_are_named_for_these(town: Town) -> None:
    roof(town, "h").reports("h", "phone_number_usurpation")
    rings(town, "technical")
    assert {"17cyber", "card_block", "harassment_line"} <= set(town.case().public_path)


def test_17cyber_is_named_to_somebody_nobody_knows_and_every_desk_helps_meanwhile(town: Town) -> None:
    town.reports(None, "defamation", country="FR")
    rings(town, "legal", "technical", "psychological")
    assert "17cyber" in town.case().public_path
    assert {one.effect for one in town.case().granted} == {"floor"}
    assert "legal_costs" not in dispatched(town)["legal"]


def test_cybermalveillance_is_never_the_only_way_on_at_night(town: Town) -> None:
    roof(town, "h", holds("luko_cyber", "2020-01-01", valid_to="2025-01-01")).reports("h", "malware")
    rings(town, "technical")
    assert town.case().public_path.index("17cyber") < town.case().public_path.index("cybermalveillance")


def test_3018_is_named_for_harassment_and_a_childs_line_first_for_a_child(town: Town) -> None:
    roof(town, "h").reports("h", "insult_harassment", victim_age_band="15_17")
    rings(town, "psychological")
    assert town.case().public_path[0] == "minors_line"
    assert "e_enfance_3018" in town.case().public_path


def test_3018_is_not_named_for_a_broken_computer(town: Town) -> None:
    roof(town, "h").reports("h", "malware")
    rings(town, "technical")
    assert "e_enfance_3018" not in town.case().public_path


def test_abroad_there_is_always_somebody_to_turn_to_at_night(town: Town) -> None:
    roof(town, "h", country="LU").reports("h", "malware")
    rings(town, "technical")
    assert town.case().public_path[-1] == "emergency"


def test_in_a_p0_abroad_the_emergency_services_come_first(town: Town) -> None:
    roof(town, "h", country="LU").reports("h", "threat", signals=["physical_danger"])
    assert (town.case().band, town.case().public_path[0]) == ("P0", "emergency")
    town.ignoring_what_was_told()
