"""Entered by an agent, asked for, then needed: what a household is said to be entitled to is what its case gets (DOMAIN section 9)."""

from typing import Any

from schemas.words import Role
from services.rules import ids
from tests.unit.intake.wired.door import Desk

HOUSEHOLD = ids.household_id("town", "h")
DAY = "2026-03-20"


def held(programme: str, **said: Any) -> dict[str, Any]:
    return {"programme": programme, "valid_from": "2022-01-01", **said}


async def entitled(desk: Desk, *holdings: dict[str, Any]) -> dict[str, Any]:
    """Puts the household; what it is then said to be entitled to."""
    body = {"country": "FR", "language": "fr", "holdings": list(holdings)}
    headers = desk.signer.header(Role.AGENT) | {"If-None-Match": "*"}
    made = await desk.client.put(f"/v1/households/{HOUSEHOLD}", json=body, headers=headers)
    assert made.status_code == 200, made.text
    answer = await desk.get(f"/v1/households/{HOUSEHOLD}/entitlements?at={DAY}")
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
