"""One attack on many households in one call: all reports or none, one campaign, counts for its sponsor only from ten on."""

from typing import Any

import pytest

from schemas.words import Role
from services.rules import ids
from tests.unit.intake.wired.door import Desk


def bulk(number: int, **said: Any) -> dict[str, Any]:
    return {
        "reports": [{"code": "doxxing", "household_id": ids.household_id("staff", str(one))} for one in range(number)]
    } | said


async def test_campaign_of_nine_reports_is_nine_cases_under_one_id(desk: Desk) -> None:
    answer = await desk.post("/v1/incidents:bulk", bulk(9), Idempotency_Key="night")
    assert answer.status_code == 201
    told = answer.json()
    assert len({one["case_id"] for one in told["reports"]}) == 9
    assert {(await desk.case(one["case_id"]))["campaign_id"] for one in told["reports"]} == {told["campaign_id"]}
    shown = (await desk.get(answer.headers["location"])).json()
    assert (shown["cases"], shown["by_code"]) == (9, {"doxxing": 9})


async def test_campaign_sent_again_with_its_key_is_the_same_campaign(desk: Desk) -> None:
    first = await desk.post("/v1/incidents:bulk", bulk(3), Idempotency_Key="night")
    again = await desk.post("/v1/incidents:bulk", bulk(3), Idempotency_Key="night")
    assert first.json() == again.json()
    other = await desk.post("/v1/incidents:bulk", bulk(4), Idempotency_Key="night")
    assert (other.status_code, other.json()["code"]) == (422, "id_conflict")


@pytest.mark.parametrize(("number", "count"), [(9, None), (10, 10)])
async def test_campaign_counts_are_told_to_its_sponsor_only_from_ten_on(
    desk: Desk, number: int, count: int | None
) -> None:
    made = await desk.post("/v1/incidents:bulk", bulk(number, sponsor_id="employer-1"), Idempotency_Key="night")
    path = made.headers["location"]
    told = (await desk.get(path, role=Role.PARTNER, subject="employer-1")).json()
    assert told == {"campaign_id": made.json()["campaign_id"]} | ({"cases": count} if count else {})
    assert (await desk.get(path, role=Role.PARTNER, subject="employer-2")).status_code == 404


async def test_campaign_grows_by_a_later_call(desk: Desk) -> None:
    first = (await desk.post("/v1/incidents:bulk", bulk(2), Idempotency_Key="night")).json()
    more = {"reports": [{"code": "doxxing"}], "campaign_id": first["campaign_id"]}
    second = await desk.post("/v1/incidents:bulk", more, Idempotency_Key="morning")
    assert second.json()["campaign_id"] == first["campaign_id"]
    assert (await desk.get(second.headers["location"])).json()["cases"] == 3
    unknown = await desk.post("/v1/incidents:bulk", more | {"campaign_id": "other"}, Idempotency_Key="noon")
    assert unknown.status_code == 404


async def test_campaign_against_a_firm_serves_its_clients_who_are_no_members_by_the_floor(desk: Desk) -> None:
    client = ids.household_id("clients", "1")
    headers = desk.signer.header(Role.AGENT) | {"If-None-Match": "*"}
    put = await desk.client.put(f"/v1/households/{client}", json={"country": "FR"}, headers=headers)
    assert put.status_code == 200, put.text
    exposed = {"code": "doxxing", "household_id": client, "victim_member_id": "one"}
    endangered = exposed | {"victim_member_id": "two", "signals": ["physical_danger"]}
    answer = await desk.post("/v1/incidents:bulk", {"reports": [exposed, endangered]}, Idempotency_Key="night")
    calm, urgent = [await desk.case(one["case_id"]) for one in answer.json()["reports"]]
    assert (calm["member"], urgent["member"]) == (False, False)
    assert calm["granted"] == [{"effect": "floor", "services": ["takedown"]}]
    assert {"17cyber", "harassment_line"} <= set(calm["public_path"])
    assert urgent["band"] == "P0"
    assert "not_covered_referred" not in {track["state"] for track in urgent["tracks"]}


async def test_campaign_with_one_bad_report_opens_nothing_and_names_its_place(desk: Desk) -> None:
    said = {"reports": [{"code": "doxxing"}, {"language": "fr"}]}
    answer = await desk.post("/v1/incidents:bulk", said, Idempotency_Key="night")
    assert (answer.status_code, answer.json()["code"]) == (422, "empty_report")
    assert answer.json()["errors"][0]["pointer"] == "#/reports/1"
    assert (await desk.post("/v1/cases:search", {})).json()["cases"] == []


async def test_campaign_needs_an_idempotency_key(desk: Desk) -> None:
    answer = await desk.post("/v1/incidents:bulk", bulk(1))
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_required")
