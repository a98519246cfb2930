"""Proximus Cyber Care: one contract for everybody of the family under one roof, in private life, day and night."""

import pytest

from tests.scenarios.roofs import dispatched, holds, lives, partners_roof, rings, roof
from tests.scenarios.town import Town

FAMILY = (
    lives("m1", "subscriber"),
    lives("m2", "spouse"),
    lives("m3", "child", valid_to="2025-12-31"),
    lives("m4", "flatmate"),
)
CARE = holds("proximus_cyber_care")


def family(town: Town, *more: dict[str, object]) -> Town:
    town.everyone_on_duty("be", "fr")
    return roof(town, "roof", CARE, *more, country="BE", members=FAMILY)


def test_proximus_takes_a_members_mere_suspicion_at_night(town: Town) -> None:
    family(town).reports("roof", "unclassified_suspicion", victim_member_id="m2")
    rings(town, "technical", region="be")
    assert dispatched(town) == {"technical": {"device_cleanup", "it_provider", "digital_coaching"}}
    assert (town.case().member, town.case().programme, town.case().public_path) == (True, "proximus_cyber_care", ())


def test_proximus_reads_its_households_from_the_telco(town: Town) -> None:
    town.everyone_on_duty("be", "fr")
    household = partners_roof(
        town, "proximus", "BE-H-1", country="BE", members=[lives("m1", "subscriber")], holdings=[CARE]
    )
    town.reports(None, "insult_harassment", household_id=household, victim_member_id="m1")
    rings(town, "psychological", "technical", "legal", region="be")
    assert dispatched(town)["psychological"] == {"listening_line", "consultation", "crisis_contact"}


def test_proximus_refunds_purchases_and_only_assists_where_the_bank_was_robbed(town: Town) -> None:
    family(town).reports("roof", "online_shopping_dispute")
    rings(town, "financial", "legal", region="be")
    assert "purchase_refund" in dispatched(town)["financial"]
    town.reports("roof", "bank_fraud")
    rings(town, "financial", "technical", "legal", "psychological", region="be")
    assert dispatched(town)["financial"] == {"funds_stop"}


@pytest.mark.parametrize(("day", "covered"), [("2025-12-31", True), ("2026-01-01", False)])
def test_proximus_looks_at_who_lived_there_on_the_day_of_the_harm(town: Town, day: str, *, covered: bool) -> None:
    """The child moved out with the year."""
    family(town).reports("roof", "insult_harassment", victim_member_id="m3", happened_at=f"{day}T12:00:00+01:00")
    rings(town, *(("psychological", "technical", "legal") if covered else ("psychological",)), region="be")
    assert town.case().member is covered


def test_proximus_counts_days_where_the_family_lives(town: Town) -> None:
    """Half past midnight in Brussels on 1 January is still December in UTC."""
    family(town).reports("roof", "insult_harassment", victim_member_id="m3", happened_at="2025-12-31T23:30:00+00:00")
    rings(town, "psychological", region="be")


def test_proximus_gives_a_flatmate_the_safety_floor_and_a_way_on(town: Town) -> None:
    family(town).reports("roof", "insult_harassment", victim_member_id="m4")
    rings(town, "psychological", region="be")
    assert dispatched(town) == {"psychological": set()}
    assert "harassment_line" in town.case().public_path
    town.reports("roof", "insult_harassment", victim_member_id="m4", signals=["self_harm"])
    rings(town, "psychological", "technical", "legal", region="be", paged="duty-lead-psychological-be")
    assert "crisis_contact" in dispatched(town)["psychological"]


def test_proximus_files_the_removal_of_a_flatmates_address_all_the_same(town: Town) -> None:
    family(town).reports("roof", "defamation", victim_member_id="m4", signals=["address_exposed"])
    rings(town, "technical", region="be")
    assert dispatched(town) == {"technical": {"takedown"}}


def test_proximus_is_for_private_life(town: Town) -> None:
    family(town).reports("roof", "defamation", work_related=True)
    rings(town, "legal", region="be")
    assert dispatched(town) == {"legal": set()}


def test_proximus_sold_no_more_still_covers_who_has_it(town: Town) -> None:
    assert town.catalogue.programmes.programmes["proximus_cyber_care"].versions[-1].sale_state == "run_off"
    family(town).reports("roof", "phishing")
    rings(town, "technical", "financial", region="be")


def test_proximus_assists_against_an_offender_at_home_while_a_human_decides_about_money(town: Town) -> None:
    family(town).reports("roof", "online_shopping_dispute", victim_member_id="m2", signals=["same_roof_offender"])
    rings(town, "financial", "legal", region="be")
    assert dispatched(town) == {"financial": {"funds_stop"}, "legal": {"rights_information", "complaint_file"}}
    assert town.case().covert is True


def test_proximus_bought_after_the_harm_assists_without_money(town: Town) -> None:
    town.everyone_on_duty("be")
    roof(town, "roof", holds("proximus_cyber_care", "2026-03-01"), country="BE")
    town.reports("roof", "online_shopping_dispute", happened_at="2026-02-20T10:00:00+01:00")
    rings(town, "financial", "legal", region="be")
    assert dispatched(town)["financial"] == {"funds_stop"}


def test_proximus_hears_of_a_purchase_after_a_year_and_a_day_and_assists_without_money(town: Town) -> None:
    family(town).reports("roof", "online_shopping_dispute", happened_at="2025-03-19T10:00:00+01:00")
    rings(town, "financial", "legal", region="be")
    assert dispatched(town)["financial"] == {"funds_stop"}


def test_a_child_of_two_homes_counts_in_both(town: Town) -> None:
    town.everyone_on_duty("be")
    for name in ("mother", "father"):
        roof(town, name, CARE, country="BE", members=[lives("kid", "child")])
        town.reports(name, "insult_harassment", victim_member_id="kid")
        rings(town, "psychological", "technical", "legal", region="be")


def test_an_unpaid_premium_refers_the_rest_and_never_blocks_a_p0(town: Town) -> None:
    town.everyone_on_duty("be")
    roof(town, "roof", holds("proximus_cyber_care", paid=False), country="BE")
    town.reports("roof", "insult_harassment")
    rings(town, "psychological", region="be")
    town.reports("roof", "threat", signals=["physical_danger"])
    rings(town, "legal", "psychological", "technical", region="be")
    assert {one.programme for one in town.case().granted} == {"proximus_cyber_care", None}
