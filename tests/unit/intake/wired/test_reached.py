"""Through the door: a method is proved by a code, one-time links are good for one use, drills show who answered."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from schemas.notices import NoticeIssued
from schemas.words import NoticeKind, Role
from services.rules.codes import link_code, spoken_code
from services.rules.parcels import LINK_GOOD_FOR
from services.runtime.clock import Clock
from tests.shipped import ABLE
from tests.unit.intake.conftest import LINK_SECRET
from tests.unit.intake.wired.door import Desk

SECRET = LINK_SECRET.encode()
DESK = "psychological-fr"
ADDRESS = "https://canary.example/ring"
HOOK: dict[str, Any] = {
    "methods": [{"kind": "webhook"}, {"kind": "log", "verified": False}],
    "personal": {"addresses": [ADDRESS]},
}
P2 = "insult_harassment"


async def enters(desk: Desk, name: str, version: str = "0", **said: Any) -> httpx2.Response:
    body = {"desk_id": DESK, "capacity": 100, "methods": [{"kind": "log"}], **ABLE, **said}
    headers = desk.signer.header(Role.SUPERVISOR) | {"If-Match": f'"{version}"'}
    answer = await desk.client.put(f"/v1/responders/{name}", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer


async def tells(desk: Desk, name: str, path: str, body: object = None) -> httpx2.Response:
    return await desk.post(path, body, role=Role.RESPONDER, subject=name)


async def on_duty(desk: Desk, name: str) -> httpx2.Response:
    return await tells(desk, name, "/v1/me/presence", {"presence": "available"})


async def passes(desk: Desk, seconds: float) -> None:
    """Time passes; what falls due at the desks fires."""
    desk.wire.clock.offset += timedelta(seconds=seconds)
    desk.wire.log.fire(desk.wire.clock.now())
    await desk.wire.fold()


def notices(desk: Desk, kind: NoticeKind) -> list[NoticeIssued]:
    found = [event.data for topic, event in desk.wire.log.events if topic == "notices"]
    return [one for one in found if isinstance(one, NoticeIssued) and one.kind is kind]


@pytest.fixture
async def asked(desk: Desk, clock: Clock) -> AsyncIterator[NoticeIssued]:
    """Somebody is asked about a track: their notice."""
    await enters(desk, "r-1")
    assert (await on_duty(desk, "r-1")).status_code == 200
    await desk.reports(None, P2, key="first", country="FR")
    yield notices(desk, NoticeKind.OFFER)[-1]
    clock.offset = timedelta(0)


def link(notice: NoticeIssued) -> str:
    return f"/a/{link_code(SECRET, notice.notice_id)}"


# ------------------------------------------------------------------------------------------------------------ one-time
async def test_looking_at_a_link_changes_nothing_and_tells_nothing_apart(desk: Desk, asked: NoticeIssued) -> None:
    before = len(desk.wire.log.events)
    pages = [await desk.client.get(path) for path in (link(asked), "/a/never-made", link(asked))]
    assert [page.status_code for page in pages] == [200, 200, 200]
    assert len({page.text for page in pages}) == 1
    assert len(desk.wire.log.events) == before
    assert pages[0].headers["referrer-policy"] == "no-referrer"
    assert "no-store" in pages[0].headers["cache-control"]


async def test_a_link_says_once_that_an_offer_was_seen_and_then_no_more(desk: Desk, asked: NoticeIssued) -> None:
    assert (await desk.client.post(link(asked))).status_code == 200
    state = desk.wire.log.seats[-1].machine.partition  # type: ignore[attr-defined]
    assert state.tracks[asked.track_id].offers[0].seen_at is not None
    again, never = [await desk.client.post(path) for path in (link(asked), "/a/AAAA")]
    assert (again.status_code, again.text) == (never.status_code, never.text) == (410, never.text)


async def test_a_link_acknowledges_a_page_once(desk: Desk) -> None:
    case = await desk.reports(None, P2, key="nobody", country="FR")
    await passes(desk, 4 * 3600)
    page = notices(desk, NoticeKind.PAGE)[-1]
    open_pages = (await desk.get("/v1/pages", role=Role.SUPERVISOR)).json()["pages"]
    assert page.page_id in [one["page_id"] for one in open_pages]
    assert (await desk.client.post(link(page))).status_code == 200
    shown = await desk.case(case["case_id"])
    (seen,) = [one for track in shown["tracks"] for one in track["pages"] if one["page_id"] == page.page_id]
    assert seen["acknowledged_at"]
    assert (await desk.client.post(link(page))).status_code == 410


async def test_a_link_acknowledges_a_page_that_a_desk_issued_about_itself(desk: Desk) -> None:
    layer = {"name": "first", "zone": "Europe/Paris", "people": [], "hand_over_at": "08:00", "starts_on": "2026-01-05"}
    headers = desk.signer.header(Role.SUPERVISOR) | {"If-None-Match": "*"}
    put = await desk.client.put(f"/v1/desks/{DESK}/rota", json={"layers": [layer]}, headers=headers)
    assert put.status_code == 200, put.text
    await passes(desk, 1)
    page = notices(desk, NoticeKind.PAGE)[-1]
    assert (page.gap is not None, page.issuer_key) == (True, DESK)
    assert (await desk.client.post(link(page))).status_code == 200
    left = (await desk.get("/v1/pages", role=Role.SUPERVISOR)).json()["pages"]
    assert page.page_id not in [one["page_id"] for one in left]
    assert (await desk.client.post(link(page))).status_code == 410


async def test_an_expired_link_a_forged_one_and_one_of_another_secret_are_over(desk: Desk, asked: NoticeIssued) -> None:
    good = link(asked)
    forged = good[:-2] + ("AA" if not good.endswith("AA") else "BB")
    other = f"/a/{link_code(b'another secret', asked.notice_id)}"
    answers = [await desk.client.post(path) for path in (forged, other)]
    desk.wire.clock.offset += LINK_GOOD_FOR + timedelta(seconds=1)
    answers.append(await desk.client.post(good))
    assert [one.status_code for one in answers] == [410, 410, 410]
    assert len({one.text for one in answers}) == 1


async def test_a_link_speaks_the_language_of_whoever_opens_it(desk: Desk) -> None:
    spoken = [
        (await desk.client.get("/a/x", headers={"Accept-Language": said})).text
        for said in ("fr-BE,fr", "nl", "de-AT", "en", "ar", "pt;q=1, nl;q=0.5")
    ]
    assert len(set(spoken)) == 4
    assert (spoken[3], spoken[1]) == (spoken[4], spoken[5])


async def test_an_offer_is_seen_through_the_api_too_by_whom_it_was_made_to(desk: Desk, asked: NoticeIssued) -> None:
    path = f"/v1/offers/{asked.offer_id}:seen"
    assert (await tells(desk, "r-2", path)).status_code == 404
    assert (await tells(desk, "r-1", path)).status_code == 200
    assert (await tells(desk, "r-1", path)).status_code == 200  # saying it twice is saying it once


# ------------------------------------------------------------------------------------------------------------ verified
async def test_a_contact_method_is_proved_by_the_code_that_came_over_it(desk: Desk) -> None:
    await enters(desk, "r-1", **HOOK)
    refused = await on_duty(desk, "r-1")
    assert (refused.status_code, refused.json()["code"]) == (422, "not_eligible")
    assert ":verify" in refused.json()["detail"]
    assert (await tells(desk, "r-1", "/v1/me/methods/0:verify")).status_code == 200
    (sent,) = notices(desk, NoticeKind.VERIFICATION)
    wrong = await tells(desk, "r-1", "/v1/me/methods/0:confirm", {"code": "AAAA-AAAA"})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "#/code")
    assert "AAAA" not in wrong.text
    code = spoken_code(SECRET, sent.notice_id)
    assert (await tells(desk, "r-1", "/v1/me/methods/0:confirm", {"code": code.lower()})).status_code == 200
    assert (await on_duty(desk, "r-1")).status_code == 200
    shown = (await desk.get("/v1/me/methods", role=Role.RESPONDER, subject="r-1")).json()["methods"]
    assert [(one["kind"], one["verified"], one.get("address")) for one in shown] == [
        ("webhook", True, ADDRESS), ("log", False, None),
    ]  # fmt: skip


async def test_a_supervisor_who_enters_somebody_again_keeps_what_they_proved_and_proves_nothing_for_them(
    desk: Desk,
) -> None:
    await enters(desk, "r-1", **HOOK)
    await tells(desk, "r-1", "/v1/me/methods/0:verify")
    (sent,) = notices(desk, NoticeKind.VERIFICATION)
    code = spoken_code(SECRET, sent.notice_id)
    done = await tells(desk, "r-1", "/v1/me/methods/0:confirm", {"code": code})
    again = await enters(desk, "r-1", str(done.json()["version"]), **HOOK)
    assert (await on_duty(desk, "r-1")).status_code == 200
    version = str(again.json()["version"] + 1)
    await enters(desk, "r-1", version, **{**HOOK, "personal": {"addresses": ["https://other.example"]}})
    assert (await on_duty(desk, "r-1")).status_code == 422


async def test_no_code_is_said_back_that_was_never_sent(desk: Desk) -> None:
    await enters(desk, "r-1", **HOOK)
    answer = await tells(desk, "r-1", "/v1/me/methods/0:confirm", {"code": "AAAA-AAAA"})
    assert (answer.status_code, answer.json()["code"]) == (409, "wrong_state")
    assert (await tells(desk, "r-1", "/v1/me/methods/5:verify")).status_code == 404
    assert (await tells(desk, "r-1", "/v1/me/methods/8:verify")).status_code == 404
    assert (await tells(desk, "stranger", "/v1/me/methods/0:verify")).status_code == 404


async def test_no_secret_and_no_address_is_ever_on_the_topics_that_carry_ids_only(desk: Desk) -> None:
    await enters(desk, "r-1", **HOOK)
    await tells(desk, "r-1", "/v1/me/methods/0:verify")
    (sent,) = notices(desk, NoticeKind.VERIFICATION)
    code = spoken_code(SECRET, sent.notice_id)
    await tells(desk, "r-1", "/v1/me/methods/0:confirm", {"code": code})
    bytes_of = {topic: [one.value or b"" for one in log] for topic, log in desk.wire.log.log.items()}
    made = (code, code.replace("-", ""), link_code(SECRET, sent.notice_id) or "")
    everywhere = b"".join(value for values in bytes_of.values() for value in values)
    assert not any(one.encode() in everywhere for one in made)
    assert not any(
        b"canary" in value for topic in ("notices", "outcomes", "progress") for value in bytes_of.get(topic, [])
    )


# -------------------------------------------------------------------------------------------------------------- drills
async def test_a_drill_shows_who_answered_and_who_did_not_and_pages_nobody(desk: Desk) -> None:
    for name in ("r-1", "r-2"):
        await enters(desk, name)
    await enters(desk, "r-3", **HOOK)
    started = await desk.post(f"/v1/desks/{DESK}/drills", role=Role.SUPERVISOR, Idempotency_Key="one")
    assert started.status_code == 201, started.text
    drill = started.json()["subject"]
    await passes(desk, 1)
    (first, _) = notices(desk, NoticeKind.DRILL)
    assert (await desk.client.post(link(first))).status_code == 200
    shown = (await desk.get(f"/v1/desks/{DESK}/drills/{drill}", role=Role.SUPERVISOR)).json()
    assert (shown["complete"], shown["answered"]) == (True, 1)
    assert [(one["responder_id"], one["answered"], len(one["ways"])) for one in shown["responders"]] == [
        ("r-1", True, 1), ("r-2", False, 1), ("r-3", False, 0),
    ]  # fmt: skip
    assert (await tells(desk, "r-2", f"/v1/me/drills/{drill}:answer", {"method": 0})).status_code == 200
    assert (await tells(desk, "r-2", f"/v1/me/drills/{drill}:answer", {"method": 1})).status_code == 404
    await passes(desk, 4 * 3600)
    shown = (await desk.get(f"/v1/desks/{DESK}/drills/{drill}", role=Role.SUPERVISOR)).json()
    assert shown["answered"] == 2
    assert notices(desk, NoticeKind.PAGE) == []


async def test_a_drill_is_a_supervisors_of_a_desk_there_is_and_of_somebody_at_it(desk: Desk) -> None:
    await enters(desk, "r-1")
    assert (await desk.post(f"/v1/desks/{DESK}/drills", role=Role.RESPONDER)).status_code == 403
    assert (await desk.post("/v1/desks/nowhere/drills", role=Role.SUPERVISOR)).status_code == 404
    stranger = await desk.post(f"/v1/desks/{DESK}/drills", {"responder_id": "r-9"}, role=Role.SUPERVISOR)
    assert stranger.status_code == 404
    one = await desk.post(f"/v1/desks/{DESK}/drills", {"responder_id": "r-1"}, role=Role.SUPERVISOR)
    drill = one.json()["subject"]
    elsewhere = await desk.get(f"/v1/desks/legal-fr/drills/{drill}", role=Role.SUPERVISOR)
    assert (one.status_code, elsewhere.status_code) == (201, 404)
