"""An outside organisation works at a desk by the calls of any responder; its own system sees its people's tracks and no others."""

from typing import Any

import pytest

from schemas.words import Role
from tests.unit.intake.wired.door import Desk
from tests.unit.intake.wired.test_supervisors import DESK, comes, offers, threat, track_of

AXA = "axa_partners"


async def asks(desk: Desk, path: str, *, of: str = AXA, role: Role = Role.RESPONDER) -> Any:
    """What the system of an organisation is told."""
    answer = await desk.client.get(path, headers=desk.signer.system_of(of, role))
    return answer.json() if answer.status_code == 200 else answer.status_code


async def says(desk: Desk, path: str, body: object = None, *, of: str = AXA) -> int:
    """How a call of the system of an organisation ends."""
    answer = await desk.client.post(path, json=body or {}, headers=desk.signer.system_of(of))
    return answer.status_code


async def test_its_system_is_told_what_its_people_are_asked_and_answers_for_them(desk: Desk) -> None:
    await comes(desk, "theirs", organisation=AXA)
    case = await threat(desk, "one")
    (offer,) = (await asks(desk, "/v1/me/offers"))["offers"]
    assert (offer["responder_id"], offer["track_id"]) == ("theirs", track_of(case))
    for verb in ("seen", "accept"):
        assert await says(desk, f"/v1/offers/{offer['offer_id']}:{verb}") == 200
    (held,) = (await asks(desk, "/v1/me/tracks"))["tracks"]
    assert (held["track_id"], held["responder_id"], held["state"]) == (track_of(case), "theirs", "accepted")
    assert (await asks(desk, f"/v1/tracks/{track_of(case)}"))["state"] == "accepted"
    for call in (("contacted", {"result": "spoke"}), ("done", {})):
        assert await says(desk, f"/v1/tracks/{track_of(case)}:{call[0]}", call[1]) == 200
    assert (await asks(desk, "/v1/me/tracks"))["tracks"] == []


async def test_what_its_people_do_not_have_is_not_there_for_it(desk: Desk) -> None:
    await comes(desk, "ours")
    case = await threat(desk, "one")
    (offer,) = await offers(desk, "ours")
    await comes(desk, "theirs", organisation=AXA)
    assert (await asks(desk, "/v1/me/offers"))["offers"] == []
    assert await says(desk, f"/v1/offers/{offer['offer_id']}:accept") == 404
    assert await asks(desk, f"/v1/tracks/{track_of(case)}") == 404
    assert await says(desk, f"/v1/tracks/{track_of(case)}/notes", {"text": "seen"}) == 404


async def test_another_organisation_sees_nothing_of_it(desk: Desk) -> None:
    await comes(desk, "theirs", organisation=AXA)
    case = await threat(desk, "one")
    (offer,) = (await asks(desk, "/v1/me/offers"))["offers"]
    assert (await asks(desk, "/v1/me/offers", of="another_one"))["offers"] == []
    for verb in ("seen", "accept"):
        assert await says(desk, f"/v1/offers/{offer['offer_id']}:{verb}", of="another_one") == 404
    assert await asks(desk, f"/v1/tracks/{track_of(case)}", of="another_one") == 404


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.AGENT, Role.OPERATOR])
async def test_no_other_role_opens_anything_to_the_system_of_an_organisation(desk: Desk, role: Role) -> None:
    case = await threat(desk, "one")
    paths = (f"/v1/desks/{DESK}/queue", "/v1/desks", "/v1/pages", f"/v1/cases/{case['case_id']}", "/v1/me/offers")
    assert {await asks(desk, path, role=role) for path in paths} == {403}
    assert await asks(desk, f"/v1/tracks/{track_of(case)}", role=role) == 403


async def test_a_case_with_another_side_is_known_to_the_person_and_not_to_the_system(desk: Desk) -> None:
    await comes(desk, "theirs", organisation=AXA)
    hers, his = [await desk.reports("h1", "defamation", key=one, country="FR", duplicate_key=one) for one in ("a", "b")]
    assert len((await asks(desk, "/v1/me/offers"))["offers"]) == 2
    walls = {"other_case_id": his["case_id"], "kind": "opposite_sides", "reason": "separated"}
    assert (await desk.post(f"/v1/cases/{hers['case_id']}:link", walls)).status_code == 200
    left = await offers(desk, "theirs")
    assert left, "one of the two sides stays with whoever is asked about it"
    assert (await asks(desk, "/v1/me/offers"))["offers"] == []
    assert {await says(desk, f"/v1/offers/{one['offer_id']}:accept") for one in left} == {404}
    assert {await asks(desk, f"/v1/tracks/{one['track_id']}") for one in left} == {404}
    mine = await desk.get(f"/v1/tracks/{left[0]['track_id']}", role=Role.RESPONDER, subject="theirs")
    assert mine.status_code == 200


async def test_a_track_is_given_back_with_what_the_next_one_should_know(desk: Desk) -> None:
    await comes(desk, "a")
    case = await threat(desk, "one")
    (offer,) = await offers(desk, "a")
    await desk.post(f"/v1/offers/{offer['offer_id']}:accept", role=Role.RESPONDER, subject="a")
    await comes(desk, "b")
    clocks = {one["kind"]: one["due"] for one in (await desk.case(case["case_id"]))["tracks"][0]["clocks"]}
    path, note = f"/v1/tracks/{track_of(case)}:handover", {"note": "Calls back after six."}
    for _ in range(2):
        given = await desk.post(path, note, role=Role.RESPONDER, subject="a", Idempotency_Key="once")
        assert given.status_code == 200, given.text
    (offer,) = await offers(desk, "b")
    await desk.post(f"/v1/offers/{offer['offer_id']}:accept", role=Role.RESPONDER, subject="b")
    shown = (await desk.get(f"/v1/tracks/{track_of(case)}", role=Role.RESPONDER, subject="b")).json()
    assert [one["text"] for one in shown["notes"]] == ["Calls back after six."]
    after = {one["kind"]: one["due"] for one in (await desk.case(case["case_id"]))["tracks"][0]["clocks"]}
    assert after["resolve"] == clocks["resolve"]
    assert after["first_response"] == clocks["first_response"]


async def test_what_gets_another_side_after_it_was_taken_is_on_no_list_of_the_system_either(desk: Desk) -> None:
    await comes(desk, "theirs", organisation=AXA)
    hers = await desk.reports("h1", "defamation", key="a", country="FR", duplicate_key="a")
    (offer,) = (await asks(desk, "/v1/me/offers"))["offers"]
    assert await says(desk, f"/v1/offers/{offer['offer_id']}:accept") == 200
    his = await desk.reports("h1", "defamation", key="b", country="FR", duplicate_key="b")
    walls = {"other_case_id": his["case_id"], "kind": "opposite_sides", "reason": "separated"}
    assert (await desk.post(f"/v1/cases/{hers['case_id']}:link", walls)).status_code == 200
    assert (await asks(desk, "/v1/me/tracks"))["tracks"] == []
    mine = await desk.get("/v1/me/tracks", role=Role.RESPONDER, subject="theirs")
    assert [one["track_id"] for one in mine.json()["tracks"]] == [track_of(hers)]


async def test_what_became_covert_after_it_was_taken_is_shown_as_covert_to_who_has_it(desk: Desk) -> None:
    await comes(desk, "a")
    case = await threat(desk, "one")
    (offer,) = await offers(desk, "a")
    assert (
        await desk.post(f"/v1/offers/{offer['offer_id']}:accept", role=Role.RESPONDER, subject="a")
    ).status_code == 200
    told = await desk.post(f"/v1/cases/{case['case_id']}:update", {"facts": {"signals": ["same_roof_offender"]}})
    assert told.status_code == 200, told.text
    (mine,) = (await desk.get("/v1/me/tracks", role=Role.RESPONDER, subject="a")).json()["tracks"]
    assert (mine["covert"], mine["band"]) == (True, (await desk.case(case["case_id"]))["band"])
