"""What a caller is told on the spot: the lines, tools and public services of the seeds, by what happened and where (DOMAIN section 9)."""

from typing import Any

import pytest

from tests.unit.intake.wired.door import Desk, shipped

TOOLS = ["haveibeenpwned.com", "signal.org", "google.com/alerts"]
CANARY = "canary@mail.example"


def contacts(told: dict[str, Any]) -> list[str]:
    return [one["contact"] for one in told["referrals"] if "contact" in one]


def referral(told: dict[str, Any], contact: str) -> dict[str, Any]:
    (one,) = [one for one in told["referrals"] if one.get("contact") == contact]
    return dict(one)


async def test_tools_to_use_by_oneself_are_named_last_and_nothing_of_the_victim_is_in_them(desk: Desk) -> None:
    personal = {"free_text": CANARY, "reporter_name": CANARY, "safe_contact": CANARY}
    told = await desk.reports(None, "phishing", key="r", country="FR", personal=personal)
    assert contacts(told)[-3:] == TOOLS
    assert CANARY not in str(told["referrals"])


@pytest.mark.parametrize("said", [{"signals": ["money_leaving"]}, {"covert": True}], ids=["in a P0", "covertly"])
async def test_no_tools_are_named_while_it_is_urgent_or_somebody_near_could_see_them(
    desk: Desk, said: dict[str, Any]
) -> None:
    told = await desk.reports(None, "phishing", key="r", country="FR", **said)
    assert set(TOOLS) & set(contacts(told)) == set()


async def test_danger_in_france_names_the_police_and_112_before_anybody_else(desk: Desk) -> None:
    told = await desk.reports(None, "threat", key="r", country="FR", language="fr", signals=["physical_danger"])
    assert (told["band"], contacts(told)[:2]) == ("P0", ["17", "112"])
    assert [one["always_open"] for one in told["referrals"][:2]] == [True, True]


@pytest.mark.parametrize(("code", "key"), [("online_scam", "scam_complaint"), ("ransomware", "org_incident")])
@pytest.mark.parametrize("subject", ["person", "company", "association", "local_authority"])
async def test_17cyber_is_named_to_people_firms_associations_and_authorities(
    desk: Desk, subject: str, code: str, key: str
) -> None:
    told = await desk.reports(None, code, key="r", country="FR", facts={"subject": subject})
    (seventeen,) = [one for one in told["referrals"] if "17cyber" in one.get("contact", "").lower()]
    assert (key in seventeen["keys"], seventeen["source"], seventeen["verified"]) == (True, "S2", False)


async def test_cybermalveillance_is_named_for_a_computer_that_behaves_oddly(desk: Desk) -> None:
    told = await desk.reports(None, "malware", key="r", country="FR")
    (state,) = [one for one in told["referrals"] if "cybermalveillance" in one.get("contact", "").lower()]
    assert (state["by"], state["verified"]) == ("web", False)


async def test_3018_is_named_at_once_for_a_harassed_child(desk: Desk) -> None:
    told = await desk.reports(None, "insult_harassment", key="r", country="FR", victim_age_band="under_15")
    assert contacts(told)[0] == "3018"
    assert {"minors_line", "harassment_line"} <= set(referral(told, "3018")["keys"])
    assert referral(told, "3018")["source"] == "S4"


@pytest.mark.parametrize("language", ["fr", "nl", "de", "en"])
async def test_advice_names_its_release_and_every_line_its_source(desk: Desk, language: str) -> None:
    told = await desk.reports(None, "phishing", key="r", country="BE", language=language)
    assert (told["advice"]["language"], told["advice"]["explanation"]["catalogue"]) == (language, shipped().version)
    assert all(one["source"] and one["verified"] is False for one in told["referrals"])
