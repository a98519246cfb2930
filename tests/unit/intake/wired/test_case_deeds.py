"""Every call on a case ends in the router's outcome: done with the version that shows it, or refused with a reason."""

from typing import Any

import pytest

from schemas.words import Role
from services.rules import ids
from tests.unit.intake.wired.door import Desk

NOWHERE = ids.derived("nowhere")


async def test_an_update_answers_with_the_version_that_shows_it(desk: Desk) -> None:
    case = await desk.reports("h1", "insult_harassment", key="a")
    answer = await desk.post(f"/v1/cases/{case['case_id']}:update", {"facts": {"signals": ["self_harm"]}})
    assert (answer.status_code, answer.headers["etag"]) == (200, f'"{answer.json()["version"]}"')
    shown = await desk.case(case["case_id"])
    assert (shown["band"], shown["signals"]) == ("P0", ["self_harm"])
    assert shown["version"] >= answer.json()["version"] > case["version"]


@pytest.mark.parametrize("verb", ["lower", "close", "merge", "split"])
async def test_what_could_harm_needs_the_version_its_author_saw(desk: Desk, verb: str) -> None:
    case = await desk.reports("h1", "phishing", key="a")
    other = await desk.reports("h1", "data_breach", key="b", secondary_codes=["threat"])
    asked: dict[str, dict[str, Any]] = {
        "lower": {"band": "P3"}, "close": {}, "split": {"code": "threat"}, "merge": {"into_case_id": case["case_id"]},
    }  # fmt: skip
    said = {"reason": "decided", **asked[verb]}
    path = f"/v1/cases/{other['case_id']}:{verb}"
    assert (await desk.post(path, said)).status_code == 428
    stale = await desk.post(path, said, If_Match=f'"{other["version"] - 1}"')
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    done = await desk.post(path, said, If_Match=f'"{other["version"]}"')
    assert done.status_code == 200, done.text


async def test_a_stale_version_is_told_with_the_one_that_counts(desk: Desk) -> None:
    case = await desk.reports("h1", "phishing", key="a")
    said = {"band": "P3", "reason": "quiet"}
    stale = await desk.post(f"/v1/cases/{case['case_id']}:lower", said, If_Match=f'"{case["version"] - 1}"')
    assert (stale.status_code, stale.headers["etag"]) == (412, f'"{case["version"]}"')
    assert stale.json()["detail"] == f"it is now at version {case['version']}"


async def test_a_household_that_exists_is_told_as_such_when_it_was_to_be_new(desk: Desk) -> None:
    path = f"/v1/households/{ids.household_id('town', 'h1')}"
    new = desk.signer.header(Role.AGENT) | {"If-None-Match": "*"}
    assert (await desk.client.put(path, json={}, headers=new)).status_code == 200
    again = await desk.client.put(path, json={"country": "BE"}, headers=new)
    assert (again.status_code, again.headers["etag"]) == (412, '"1"')
    assert again.json()["detail"] == "it exists already, at version 1"


async def test_a_household_that_does_not_exist_is_told_as_such_when_it_was_to_be_replaced(desk: Desk) -> None:
    path = f"/v1/households/{ids.household_id('town', 'h1')}"
    answer = await desk.client.put(path, json={}, headers=desk.signer.header(Role.AGENT) | {"If-Match": '"3"'})
    assert (answer.status_code, "etag" in answer.headers) == (412, False)
    assert "does not exist yet" in answer.json()["detail"]


@pytest.mark.parametrize("band", ["P2", "P3"])
async def test_a_case_that_is_raised_to_no_more_urgent_band_is_told_why(desk: Desk, band: str) -> None:
    case = await desk.reports("h1", "phishing", key="a")
    version = (await desk.post(f"/v1/cases/{case['case_id']}:raise", {"band": "P1", "reason": "worse"})).json()
    answer = await desk.post(f"/v1/cases/{case['case_id']}:raise", {"band": band, "reason": "worse"})
    assert (answer.status_code, answer.json()["code"], version["version"] > case["version"]) == (
        409,
        "wrong_state",
        True,
    )
    assert "more urgent band" in answer.json()["detail"]


async def test_a_track_assigned_to_nobody_known_is_told_so(desk: Desk) -> None:
    case = await desk.reports("h1", "phishing", key="a")
    track = case["tracks"][0]["track_id"]
    answer = await desk.post(f"/v1/tracks/{track}:assign", {"responder_id": "nobody"}, role=Role.SUPERVISOR)
    assert answer.status_code == 404
    assert "no such responder" in answer.json()["detail"]


@pytest.mark.parametrize("verb", ["update", "raise", "reopen", "reroute", "link", "place"])
async def test_elsewhere_a_version_may_be_named_and_is_then_kept_to(desk: Desk, verb: str) -> None:
    case = await desk.reports(None, "phishing", key="a")
    asked: dict[str, dict[str, Any]] = {
        "update": {"facts": {"language": "nl"}}, "raise": {"band": "P0", "reason": "heard"}, "reopen": {"reason": "again"},
        "reroute": {"pillar": "technical", "region": "be", "reason": "dutch"},
        "link": {"other_case_id": case["case_id"], "kind": "related", "reason": "x"},
        "place": {"household_id": ids.household_id("town", "h1")},
    }  # fmt: skip
    await desk.client.put(
        f"/v1/households/{ids.household_id('town', 'h1')}",
        json={},
        headers=desk.signer.header(Role.AGENT) | {"If-None-Match": "*"},
    )
    answer = await desk.post(f"/v1/cases/{case['case_id']}:{verb}", asked[verb], If_Match='"1"')
    assert answer.status_code == (200 if verb == "raise" else 412)


async def test_the_same_key_and_body_are_one_command_and_another_body_is_refused(desk: Desk) -> None:
    case = await desk.reports("h1", "phishing", key="a")
    path = f"/v1/cases/{case['case_id']}:update"
    first = await desk.post(path, {"facts": {"language": "nl"}}, Idempotency_Key="k")
    again = await desk.post(path, {"facts": {"language": "nl"}}, Idempotency_Key="k")
    assert (first.json(), again.status_code) == (again.json(), 200)
    other = await desk.post(path, {"facts": {"language": "de"}}, Idempotency_Key="k")
    assert (other.status_code, other.json()["code"]) == (422, "id_conflict")


async def test_merged_cases_point_to_where_they_go_on(desk: Desk) -> None:
    one = await desk.reports("h1", "phishing", key="a")
    other = await desk.reports("h1", "account_takeover", key="b")
    said = {"into_case_id": other["case_id"], "reason": "same_thing"}
    answer = await desk.post(f"/v1/cases/{one['case_id']}:merge", said, If_Match=f'"{one["version"]}"')
    assert answer.json()["subject"] == other["case_id"]
    gone = await desk.case(one["case_id"])
    assert (gone["state"], gone["merged_into"]) == ("merged", other["case_id"])
    noted = await desk.post(f"/v1/cases/{one['case_id']}/notes", {"text": "Rang again."})
    assert noted.json()["subject"] == other["case_id"]


async def test_another_households_case_is_refused_clearly(desk: Desk) -> None:
    one = await desk.reports("h1", "phishing", key="a")
    other = await desk.reports("h2", "phishing", key="b")
    said = {"into_case_id": other["case_id"], "reason": "same_thing"}
    answer = await desk.post(f"/v1/cases/{one['case_id']}:merge", said, If_Match=f'"{one["version"]}"')
    assert (answer.status_code, answer.json()["code"]) == (422, "other_household")


@pytest.mark.parametrize(
    ("verb", "said"),
    [
        ("merge", {"into_case_id": NOWHERE, "reason": "x"}),
        ("link", {"other_case_id": NOWHERE, "kind": "related", "reason": "x"}),
        ("place", {"household_id": NOWHERE}),
        ("reroute", {"pillar": "legal", "region": "atlantis", "reason": "x"}),
    ],
)
async def test_what_does_not_exist_is_not_found(desk: Desk, verb: str, said: dict[str, str]) -> None:
    case = await desk.reports(None, "unclassified_suspicion", key="a")
    answer = await desk.post(f"/v1/cases/{case['case_id']}:{verb}", said, If_Match=f'"{case["version"]}"')
    assert answer.status_code == 404
    assert (await desk.post("/v1/cases/nowhere:update", {})).status_code == 404


async def test_a_split_that_would_leave_nothing_says_so(desk: Desk) -> None:
    case = await desk.reports("h1", "phishing", key="a")
    said = {"code": "phishing", "reason": "x"}
    answer = await desk.post(f"/v1/cases/{case['case_id']}:split", said, If_Match=f'"{case["version"]}"')
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_left")
    assert "stays with it unless reports go along" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("verb", "said", "pointer"),
    [
        ("split", {"code": "shoe_theft", "reason": "x"}, "#/code"),
        ("lower", {"band": "P9", "reason": "x"}, "#/band"),
        ("reroute", {"pillar": "legal", "region": "be"}, "#/reason"),
        ("link", {"other_case_id": NOWHERE, "kind": "merged", "reason": "x"}, "#/kind"),
        ("update", {"facts": {"wellbeing_0_10": 11}}, "#/facts/wellbeing_0_10"),
    ],
)
async def test_a_wrong_field_is_named_by_its_place_and_never_repeated(
    desk: Desk, verb: str, said: dict[str, Any], pointer: str
) -> None:
    case = await desk.reports("h1", "phishing", key="a")
    answer = await desk.post(f"/v1/cases/{case['case_id']}:{verb}", said, If_Match=f'"{case["version"]}"')
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]
    assert "shoe_theft" not in answer.text


async def test_an_agent_closes_no_safety_signal_and_a_supervisor_does_with_a_reason(desk: Desk) -> None:
    case = await desk.reports("h1", "threat", key="a", signals=["physical_danger"])
    path, said = (
        f"/v1/cases/{case['case_id']}:update",
        {"closed_signals": ["physical_danger"], "reason": "police_there"},
    )
    assert (await desk.post(path, said)).status_code == 403
    without = await desk.post(path, {"closed_signals": ["physical_danger"]}, role=Role.SUPERVISOR)
    assert (without.status_code, without.json()["errors"][0]["pointer"]) == (422, "#/reason")
    assert (await desk.post(path, said, role=Role.SUPERVISOR)).status_code == 200
    (closed,) = (await desk.case(case["case_id"]))["closed_signals"]
    assert (closed["signal"], closed["reason"]) == ("physical_danger", "police_there")


async def test_a_case_with_an_open_safety_signal_is_not_lowered(desk: Desk) -> None:
    case = await desk.reports("h1", "threat", key="a", signals=["physical_danger"])
    said = {"band": "P2", "reason": "quiet"}
    answer = await desk.post(f"/v1/cases/{case['case_id']}:lower", said, If_Match=f'"{case["version"]}"')
    assert (answer.status_code, answer.json()["code"]) == (409, "safety_signal_open")


async def test_self_harm_is_not_closed_without_a_safety_check(desk: Desk) -> None:
    case = await desk.reports("h1", "insult_harassment", key="a", signals=["self_harm"])
    path = f"/v1/cases/{case['case_id']}"
    said = {"closed_signals": ["self_harm"], "reason": "doctor_there"}
    version = (await desk.post(f"{path}:update", said, role=Role.SUPERVISOR)).json()["version"]
    unchecked = await desk.post(f"{path}:close", {"reason": "well"}, If_Match=f'"{version}"')
    assert (unchecked.status_code, unchecked.json()["code"]) == (422, "safety_check_needed")
    checked = {"reason": "well", "safety_checked": True}
    assert (await desk.post(f"{path}:close", checked, If_Match=f'"{version}"')).status_code == 200


@pytest.mark.parametrize("role", [Role.RESPONDER, Role.OPERATOR, Role.PARTNER])
async def test_only_agents_and_supervisors_do_anything_to_a_case(desk: Desk, role: Role) -> None:
    case = await desk.reports("h1", "phishing", key="a")
    answer = await desk.post(f"/v1/cases/{case['case_id']}:update", {}, role=role)
    assert answer.status_code == 403


async def test_a_further_report_answers_with_the_case_it_joined_and_its_own_id_leads_there(desk: Desk) -> None:
    same = {"platform": "chat_app", "offender_relation": "classmate"}
    first = await desk.reports("h1", "threat", key="a", **same)
    second = await desk.reports("h1", "threat", key="b", **same)
    assert second["case_id"] == first["case_id"]
    expected = ids.case_id(
        ids.household_id("town", "h1"), "urn:sameroof:intake", ids.derived("report", "dev-agent", "b")
    )
    assert (await desk.case(expected))["case_id"] == first["case_id"]


async def test_a_case_of_the_other_side_is_not_found_by_its_household(desk: Desk) -> None:
    hers = await desk.reports("h1", "malware", key="a", victim_member_id="m1", offender_member_id="m2")
    his = await desk.reports("h1", "account_takeover", key="b", victim_member_id="m2")
    household = ids.household_id("town", "h1")
    assert (await desk.post("/v1/cases:search", {"household_id": household})).json()["cases"] == []
    shown = await desk.case(hers["case_id"])
    assert his["case_id"] not in str(shown)
