"""A programme in its test phase says so and until when; who held it by then stays covered, nobody new is (DOMAIN section 9)."""

from functools import cache
from typing import Any

import pytest

from schemas.catalogue import Catalogue
from schemas.words import Role
from services.rules import ids
from tests.unit.catalogue.folders import with_change
from tests.unit.intake.wired.door import Desk

HOUSEHOLD = ids.household_id("town", "h")
UNTIL, LAST, AFTER = "2026-02-28", "2026-02-28", "2026-03-01"
PILOT = {"until": UNTIL, "cohort": 200}


def _begin_a_pilot(told: Any) -> None:
    (version,) = told["programmes"]["luko_cyber"]["versions"]
    version["pilot"] = PILOT
    version["figures"] += [
        {"of": "pilot", "said": None, "source": "D", "verified": False},
        {"of": "pilot/cohort", "value": 200, "said": None, "source": "D", "verified": False},
    ]


@cache
def _with_a_pilot() -> Catalogue:
    return with_change("programmes", _begin_a_pilot)


@pytest.fixture
def catalogue() -> Catalogue:
    return _with_a_pilot()


async def holds(desk: Desk, since: str, programme: str = "luko_cyber") -> None:
    body = {"country": "FR", "holdings": [{"programme": programme, "valid_from": since}]}
    headers = desk.signer.header(Role.AGENT) | {"If-None-Match": "*"}
    assert (await desk.client.put(f"/v1/households/{HOUSEHOLD}", json=body, headers=headers)).status_code == 200


async def contract(desk: Desk, at: str = "2026-06-01") -> dict[str, Any]:
    (told,) = (await desk.get(f"/v1/households/{HOUSEHOLD}/entitlements?at={at}")).json()["programmes"]
    found: dict[str, Any] = told
    return found


async def coverage(desk: Desk, case_id: str) -> dict[str, Any]:
    """The last explanation of what covers a case."""
    shown = (await desk.get(f"/v1/cases/{case_id}/explanation")).json()
    assert shown["differs"] is False
    every = [why for decision in shown["decisions"] for why in decision["explanations"]]
    found: dict[str, Any] = [why for why in every if why["rule"].startswith("coverage:")][-1]
    return found


async def test_entitlements_say_that_a_programme_is_a_pilot_until_when_and_for_how_many(desk: Desk) -> None:
    await holds(desk, LAST)
    told = await contract(desk)
    assert (told["pilot"], told["in_force"]) == (PILOT, True)
    assert {"pilot", "pilot/cohort"} <= set(told["unverified"])


async def test_a_programme_that_is_no_pilot_says_nothing_of_one(desk: Desk) -> None:
    await holds(desk, AFTER, "allianz_cyber_protect")
    assert "pilot" not in await contract(desk)
    case = await desk.reports("h", "identity_theft", key="r")
    assert "pilot" not in (await coverage(desk, case["case_id"]))["inputs"]


async def test_who_held_a_pilot_by_its_end_stays_covered_after_it(desk: Desk) -> None:
    await holds(desk, LAST)
    case = await desk.case((await desk.reports("h", "identity_theft", key="r"))["case_id"])
    assert "luko_cyber" in {one.get("programme") for one in case["granted"]}
    why = await coverage(desk, case["case_id"])
    assert why["inputs"]["pilot"] == f"luko_cyber until {UNTIL}"
    assert f"Pilot: luko_cyber until {UNTIL}." in why["words"]


async def test_who_would_begin_a_pilot_after_its_end_is_told_why_it_gives_nothing(desk: Desk) -> None:
    await holds(desk, AFTER)
    told = await contract(desk)
    assert (told["in_force"], told["reason"], told["pilot"]["until"]) == (False, "pilot_ended", UNTIL)
    case = await desk.case((await desk.reports("h", "identity_theft", key="r"))["case_id"])
    assert "luko_cyber" not in {one.get("programme") for one in case["granted"]}
    assert case["public_path"]
    why = await coverage(desk, case["case_id"])
    assert "luko_cyber pilot_ended" in why["inputs"]["set_aside"]


async def test_a_pilot_that_ended_turns_nobody_away_whose_life_is_at_stake(desk: Desk) -> None:
    await holds(desk, AFTER)
    told = await desk.reports("h", "identity_theft", key="r", signals=["self_harm"])
    assert told["band"] == "P0"
    given = {service for one in (await desk.case(told["case_id"]))["granted"] for service in one["services"]}
    assert "crisis_contact" in given
