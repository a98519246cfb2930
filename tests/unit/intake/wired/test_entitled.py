"""Entered by an agent, asked for, then needed: what a household is said to be entitled to is what its case gets (DOMAIN section 9)."""

from typing import Any

import pytest

from schemas.words import Role
from services.rules import ids
from tests.unit.intake.wired.door import Desk

HOUSEHOLD = ids.household_id("town", "h")
DAY = "2026-03-20"


def held(programme: str, **said: Any) -> dict[str, Any]:
    return {"programme": programme, "valid_from": "2022-01-01", **said}


async def entitled(
    desk: Desk, *holdings: dict[str, Any], at: str = DAY, language: str = "fr", country: str = "FR"
) -> dict[str, Any]:
    """Puts the household; what it is then said to be entitled to."""
    body = {"country": country, "language": language, "holdings": list(holdings)}
    headers = desk.signer.header(Role.AGENT) | {"If-None-Match": "*"}
    made = await desk.client.put(f"/v1/households/{HOUSEHOLD}", json=body, headers=headers)
    assert made.status_code == 200, made.text
    answer = await desk.get(f"/v1/households/{HOUSEHOLD}/entitlements?at={at}")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def given_by(case: dict[str, Any], programme: str) -> set[str]:
    return {service for one in case["granted"] if one.get("programme") == programme for service in one["services"]}


async def test_what_several_contracts_give_is_one_answer_and_the_case_is_served_by_it(desk: Desk) -> None:
    told = await entitled(desk, held("home_cyber_clause"), held("luko_cyber"))
    by = {one["service"]: one["programme"] for one in told["services"]}
    case = await desk.case((await desk.reports("h", "identity_theft", key="r"))["case_id"])
    granted = {service: one["programme"] for one in case["granted"] for service in one["services"]}
    assert {service: by[service] for service in granted} == granted
    assert granted["indemnity"] == "luko_cyber"


async def test_alan_says_legal_alone_and_the_rest_of_its_case_is_referred(desk: Desk) -> None:
    told = await entitled(desk, held("alan_premium"))
    legal = {"rights_information", "complaint_file", "procedure_support"}
    assert {one["service"] for one in told["services"]} == legal
    case = await desk.case((await desk.reports("h", "insult_harassment", key="r"))["case_id"])
    assert given_by(case, "alan_premium") == legal
    assert {one["pillar"] for one in case["tracks"] if one["state"] == "not_covered_referred"} == {
        "psychological",
        "technical",
    }
    assert set(case["public_path"]) >= {"harassment_line", "cyber_help"}


async def test_luko_is_said_to_be_unproven_where_the_seeds_are_silent(desk: Desk) -> None:
    (contract,) = (await entitled(desk, held("luko_cyber")))["programmes"]
    assert {"services", "incident_codes", "ceilings/indemnity"} <= set(contract["unverified"])


async def test_a_home_clause_says_its_low_ceiling_and_never_that_it_is_proven(desk: Desk) -> None:
    (contract,) = (await entitled(desk, held("home_cyber_clause")))["programmes"]
    (limit,) = [one["limit"] for one in contract["services"] if one["service"] == "indemnity"]
    assert (limit["amount_minor"], limit["currency"], limit["verified"]) == (100_000, "EUR", False)


async def test_tiers_say_how_many_sessions_and_the_case_of_the_top_one_has_its_workshop(desk: Desk) -> None:
    (contract,) = (await entitled(desk, held("phone_harassment_mutual", tier="premium")))["programmes"]
    (limit,) = [one["limit"] for one in contract["services"] if one["service"] == "consultation"]
    assert limit["count"] == 12
    case = await desk.case((await desk.reports("h", "malicious_calls", key="r"))["case_id"])
    assert {"group_workshop", "number_change_cost", "digital_coaching"} <= given_by(case, "phone_harassment_mutual")


async def test_swisslife_names_the_partner_that_cleans_the_web_and_its_technical_track_is_that_cleaning(
    desk: Desk,
) -> None:
    (contract,) = (await entitled(desk, held("swisslife_data_privacy")))["programmes"]
    assert contract["partners"] == ["reputation_squad"]
    case = await desk.case((await desk.reports("h", "personal_data_misuse", key="r"))["case_id"])
    (technical,) = [one for one in case["tracks"] if one["pillar"] == "technical"]
    assert (technical["state"], technical["services"]) == ("pending", ["takedown", "dereferencing"])
    assert {"takedown", "dereferencing"} <= given_by(case, "swisslife_data_privacy")


# -------------------------------------------------------------------------------------------- what may fund prevention
NOTES: dict[str, dict[str, Any]] = {  # DOMAIN section 9: what S1 says may help a firm, without proof
    "opco": {},
    "fne_formation": {},
    "france_num": {},
    "training_tax_credit": {},
    "bpifrance_audit_voucher": {"at_most_minor": 500_000, "currency": "EUR"},
    "aid": {"at_most_percent": 50},
    "credit": {"at_least_percent": 30, "at_most_percent": 50},
}
SAID_OF_ALL = {"country": "FR", "expires": "2027-06-30", "source": "S1", "verified": False}
COMPANY = {
    "a formula of the firm": held("alan_premium"),
    "a supplement": held("malakoff_humanis_option", supplement=True),
    "a contract for its whole staff": held("allianz_cyber_protect", employer="firm-1"),
}


@pytest.mark.parametrize("contract", COMPANY)
async def test_whoever_advises_a_firm_sees_what_may_fund_prevention_and_that_nobody_has_checked_it(
    desk: Desk, contract: str
) -> None:
    told = (await entitled(desk, COMPANY[contract]))["prevention_funding"]
    assert {one["note"]: {k: v for k, v in one.items() if k not in {"note", "name"}} for one in told} == {
        note: SAID_OF_ALL | figures for note, figures in NOTES.items()
    }


@pytest.mark.parametrize(
    ("holding", "at"),
    [
        pytest.param(held("allianz_cyber_protect"), DAY, id="a private contract"),
        pytest.param(held("alan_premium", valid_to="2026-03-19"), DAY, id="a firm's that ended the day before"),
        pytest.param(held("malakoff_humanis_option", supplement=False), DAY, id="a firm's that is not this employee's"),
        pytest.param(held("proximus_cyber_care", employer="firm-1"), DAY, id="a Belgian contract"),
        pytest.param(held("alan_premium"), "2027-07-01", id="the day after it expired"),
    ],
)
async def test_what_may_fund_prevention_is_not_shown_beside(desk: Desk, holding: dict[str, Any], at: str) -> None:
    assert (await entitled(desk, holding, at=at)).get("prevention_funding", []) == []


async def test_a_note_that_has_expired_takes_nothing_from_the_contract_it_stood_beside(desk: Desk) -> None:
    last = await entitled(desk, held("alan_premium"), at="2027-06-30")
    after = (await desk.get(f"/v1/households/{HOUSEHOLD}/entitlements?at=2027-07-01")).json()
    assert (len(last.pop("prevention_funding")), after.pop("prevention_funding")) == (len(NOTES), [])
    assert last | {"at": None} == after | {"at": None}


@pytest.mark.parametrize(
    ("language", "name"),
    [
        ("fr", "Bpifrance, chèque audit"),
        ("nl", "Bpifrance, cheque voor een audit"),
        ("de", "Bpifrance, Gutschein für ein Audit"),
        ("en", "Bpifrance, voucher for an audit"),
    ],
)
async def test_what_may_fund_prevention_is_named_in_the_households_language(
    desk: Desk, language: str, name: str
) -> None:
    told = (await entitled(desk, held("alan_premium"), language=language))["prevention_funding"]
    assert [one["name"] for one in told if one["note"] == "bpifrance_audit_voucher"] == [name]
