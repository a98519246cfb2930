"""What supervisors do to desks and people: through the door, decided by the desks, shown at once; a dry run changes nothing."""

from typing import Any

import pytest

from schemas.words import Band, Role
from tests.shipped import ABLE, CATALOGUE
from tests.unit.intake.wired.door import Desk

DESK = "legal-fr"
S = Role.SUPERVISOR


async def comes(desk: Desk, who: str, home: str = DESK, **said: Any) -> None:
    """Somebody able to take anything enters a roster and is there."""
    body = {"desk_id": home, "methods": [{"kind": "log"}], **ABLE, **said}
    headers = desk.signer.header(S) | {"If-None-Match": "*"}
    put = await desk.client.put(f"/v1/responders/{who}", json=body, headers=headers)
    assert put.status_code == 200, put.text
    there = await desk.post("/v1/me/presence", {"presence": "available"}, role=Role.RESPONDER, subject=who)
    assert there.status_code == 200, there.text


async def offers(desk: Desk, who: str) -> list[dict[str, Any]]:
    answer = await desk.get("/v1/me/offers", role=Role.RESPONDER, subject=who)
    found: list[dict[str, Any]] = answer.json()["offers"]
    return found


async def threat(desk: Desk, key: str, **said: Any) -> dict[str, Any]:
    return await desk.reports("h1", "defamation", key=key, country="FR", **said)


def track_of(case: dict[str, Any], pillar: str = "legal") -> str:
    return str(next(one["track_id"] for one in case["tracks"] if one["pillar"] == pillar))


async def test_a_paused_desk_offers_nothing_but_a_p0_until_it_is_resumed(desk: Desk) -> None:
    await comes(desk, "a")
    paused = await desk.post(f"/v1/desks/{DESK}:pause", {"reason": "fire_drill"}, role=S)
    assert paused.status_code == 200
    await threat(desk, "one")
    assert await offers(desk, "a") == []
    await threat(desk, "two", signals=["physical_danger"])
    assert [one["band"] for one in await offers(desk, "a")] == ["P0"]
    shown = (await desk.get("/v1/desks", role=S)).json()["desks"]
    assert [one["desk_id"] for one in shown if one["paused"]] == [DESK]
    await desk.post(f"/v1/desks/{DESK}:resume", {"reason": "drill_over"}, role=S)
    assert len(await offers(desk, "a")) == 2


async def test_whoever_is_drained_keeps_what_they_have_and_is_asked_no_more(desk: Desk) -> None:
    await comes(desk, "a")
    case = await threat(desk, "one")
    (offer,) = await offers(desk, "a")
    await desk.post(f"/v1/offers/{offer['offer_id']}:accept", role=Role.RESPONDER, subject="a")
    assert (await desk.post("/v1/responders/a:drain", {"reason": "leaves_at_noon"}, role=S)).status_code == 200
    await threat(desk, "two")
    assert await offers(desk, "a") == []
    mine = await desk.get(f"/v1/tracks/{track_of(case)}", role=Role.RESPONDER, subject="a")
    assert mine.status_code == 200
    assert (await desk.get("/v1/responders/a", role=S)).json()["drained"]
    await desk.post("/v1/responders/a:drain", {"reason": "stays", "drained": False}, role=S)
    assert len(await offers(desk, "a")) == 1
    assert not (await desk.get("/v1/responders/a", role=S)).json()["drained"]


async def test_somebodys_load_is_shown_in_the_units_of_their_capacity(desk: Desk) -> None:
    await comes(desk, "a")
    await threat(desk, "one")
    await threat(desk, "two", signals=["physical_danger"])
    bands = [one["band"] for one in await offers(desk, "a")]
    shown = (await desk.get("/v1/responders/a", role=S)).json()
    assert (shown["load"], shown["entry"]["capacity"]) == (sum(CATALOGUE.work.weights[Band(one)] for one in bands), 3)
    assert shown["load"] > len(bands) == 2


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"/v1/desks/{DESK}:pause", {"reason": "fire_drill"}),
        ("/v1/responders/a:drain", {"reason": "leaves"}),
    ],
)
async def test_a_dry_run_changes_nothing(desk: Desk, path: str, body: dict[str, Any]) -> None:
    await comes(desk, "a")
    tried = await desk.post(f"{path}?dry_run=true", body, role=S)
    assert tried.status_code == 200
    await threat(desk, "one")
    assert len(await offers(desk, "a")) == 1


@pytest.mark.parametrize("query", ["dryrun=true", "dry-run=true", "dry_run=true&force=1"])
async def test_a_mistyped_dry_run_is_refused_and_nothing_is_done(desk: Desk, query: str) -> None:
    await comes(desk, "a")
    answer = await desk.post(f"/v1/desks/{DESK}:pause?{query}", {"reason": "fire_drill"}, role=S)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_request")
    assert "dry_run" in answer.json()["detail"]
    assert "force" not in answer.text
    shown = (await desk.get("/v1/desks", role=S)).json()["desks"]
    assert not any(one["paused"] for one in shown)


async def test_without_the_clearance_nobody_is_given_a_track_and_without_the_skill_only_with_a_reason(
    desk: Desk,
) -> None:
    await comes(desk, "unskilled", skills=[])
    await comes(desk, "uncleared", clearances=[])
    case = await threat(desk, "one", signals=["minor"])
    path = f"/v1/tracks/{track_of(case)}:assign"
    for who, reason, status in (("uncleared", "by_hand", 422), ("unskilled", None, 422), ("unskilled", "by_hand", 200)):
        said = {"responder_id": who} | ({"reason": reason} if reason else {})
        assert (await desk.post(path, said, role=S)).status_code == status, (who, reason)


async def test_an_assignment_can_be_tried_and_says_why_it_would_not_be(desk: Desk) -> None:
    await comes(desk, "a", capacity=1)
    case = await threat(desk, "one")
    track = track_of(case)
    full = await threat(desk, "two")
    path = f"/v1/tracks/{track_of(full)}:assign?dry_run=true"
    refused = await desk.post(path, {"responder_id": "a"}, role=S)
    assert (refused.status_code, refused.json()["code"]) == (422, "not_eligible")
    assert "full, which a reason gets past" in refused.json()["detail"]
    with_reason = await desk.post(path, {"responder_id": "a", "reason": "agreed"}, role=S)
    assert with_reason.status_code == 200
    told = (await desk.get(f"/v1/tracks/{track_of(full)}", role=S)).json()
    assert (told["state"], told.get("responder_id")) == ("pending", None)
    assert (await desk.get(f"/v1/tracks/{track}", role=S)).json()["state"] == "offered"


async def test_many_tracks_move_at_once_and_what_cannot_is_named(desk: Desk) -> None:
    await comes(desk, "a")
    one, two = await threat(desk, "one"), await threat(desk, "two")
    tracks = [track_of(one), track_of(two), "nowhere"]
    body = {"tracks": tracks, "region": "be", "reason": "storm"}
    tried = (await desk.post("/v1/tracks:move?dry_run=true", body, role=S)).json()["tracks"]
    assert [each["result"] for each in tried] == ["would_move", "would_move", "refused"]
    assert (await desk.get(f"/v1/tracks/{tracks[0]}", role=S)).json()["desk_id"] == "legal-fr"
    moved = (await desk.post("/v1/tracks:move", body, role=S)).json()["tracks"]
    assert [each["result"] for each in moved] == ["moved", "moved", "refused"]
    assert (await desk.get(f"/v1/tracks/{tracks[1]}", role=S)).json()["desk_id"] == "legal-be"
    again = (await desk.post("/v1/tracks:move", body, role=S)).json()["tracks"]
    assert {each["detail"] for each in again[:2]} == {"it is there already"}


async def test_a_region_that_does_not_exist_is_named_and_nothing_moves(desk: Desk) -> None:
    answer = await desk.post("/v1/tracks:move", {"tracks": ["t"], "region": "moon", "reason": "why_not"}, role=S)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "#/region")
    assert answer.json()["errors"][0]["detail"] == "no such region; there are be, fr"


async def test_the_sheet_of_a_desk_says_what_is_urgent_who_is_there_and_what_is_due(desk: Desk) -> None:
    await comes(desk, "a")
    urgent = await threat(desk, "one", signals=["physical_danger"])
    (offer,) = await offers(desk, "a")
    await desk.post(f"/v1/offers/{offer['offer_id']}:accept", role=Role.RESPONDER, subject="a")
    await threat(desk, "two")
    sheet = (await desk.get(f"/v1/desks/{DESK}/handover", role=S)).json()
    assert (sheet["on_duty"], sheet["paused"]) == (["a"], False)
    assert [(one["track_id"], one["owner"]) for one in sheet["urgent"]] == [(track_of(urgent), "a")]
    assert [one["track_id"] for one in sheet["contacts_due"]] == [track_of(urgent)]
    assert (await desk.get("/v1/desks/legal-moon/handover", role=S)).status_code == 404


async def test_a_queue_shows_priorities_raw_and_with_age(desk: Desk) -> None:
    await threat(desk, "one")
    (entry,) = (await desk.get(f"/v1/desks/{DESK}/queue", role=S)).json()["tracks"]
    assert entry["priority"] == 2
    assert 1 < entry["effective_priority"] <= 2


@pytest.mark.parametrize(
    "path", ["/v1/desks/legal-fr:pause", "/v1/responders/a:drain", "/v1/tracks:move", "/v1/desks/legal-fr/handover"]
)
async def test_only_supervisors_do_so(desk: Desk, path: str) -> None:
    ask = desk.get if path.endswith("handover") else desk.post
    for role in (Role.AGENT, Role.RESPONDER):
        assert (await ask(path, role=role)).status_code == 403
