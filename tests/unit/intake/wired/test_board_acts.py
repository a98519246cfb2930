"""What a signed-in browser may do: the board's own few calls, as itself, with its session's header; and what is refused."""

import sqlite3
from collections.abc import AsyncGenerator
from contextlib import aclosing, closing
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.sse import ServerSentEvent

from schemas.words import Role
from services.intake import sessions
from services.intake.board_calls import stream
from services.intake.calling import Api
from services.intake.notebook import Notebook
from services.runtime.clock import Clock
from services.runtime.devissuer import ISSUER
from tests.unit.intake.conftest import BOARD_CODE
from tests.unit.intake.wired.door import Desk
from tests.unit.intake.wired.test_supervisors import DESK, comes, offers, threat, track_of

R, S = Role.RESPONDER, Role.SUPERVISOR
OPENED_BY_COOKIE = {
    ("DELETE", "/board/session"),
    ("GET", "/board/session"),
    ("GET", "/v1/desks/{desk_id}/queue"),
    ("GET", "/v1/me/offers"),
    ("GET", "/v1/stream"),
    ("GET", "/v1/tracks/{track_id}/candidates"),
    ("POST", "/v1/offers/{offer_id}:accept"),
    ("POST", "/v1/offers/{offer_id}:decline"),
    ("POST", "/v1/pages/{page_id}:acknowledge"),
    ("POST", "/v1/tracks/{track_id}:assign"),
}
CHANGES = [path.replace("{", "").replace("}", "") for verb, path in sorted(OPENED_BY_COOKIE) if verb == "POST"]


async def signed_in(desk: Desk, role: Role, subject: str | None = None) -> dict[str, str]:
    """Signs the test's browser in; the header its changes need."""
    opened = await desk.client.post("/board/session", headers=desk.signer.header(role, subject))
    assert opened.status_code == 204
    return await header(desk)


async def header(desk: Desk) -> dict[str, str]:
    told = (await desk.client.get("/board/session")).json()
    return {"Sameroof-CSRF": told["csrf"]}


async def owner(desk: Desk, track: str) -> Any:
    return (await desk.get(f"/v1/tracks/{track}", role=S)).json().get("responder_id")


async def page_of(desk: Desk) -> str:
    """A page about a P0 nobody is there for."""
    await desk.reports("h1", "threat", key="p0", country="FR", facts={"weapon": True})
    return str((await desk.get("/v1/pages", role=S)).json()["pages"][0]["page_id"])


def code_of(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def ways_in(app: FastAPI) -> dict[tuple[str, str], list[str]]:
    """Each call and the ways to say who calls it."""
    return {
        (method.upper(), path): [way for one in told["security"] for way in one]
        for path, methods in app.openapi()["paths"].items()
        for method, told in methods.items()
        if "security" in told
    }


def test_the_cookie_opens_what_the_board_needs_and_no_other_call(app: FastAPI) -> None:
    assert {call for call, ways in ways_in(app).items() if "APIKeyCookie" in ways} == OPENED_BY_COOKIE


async def test_every_other_call_takes_the_cookie_for_nobody(desk: Desk, app: FastAPI) -> None:
    headers = await signed_in(desk, S)
    others = [call for call, ways in ways_in(app).items() if "APIKeyCookie" not in ways]
    assert len(others) > 50
    for method, path in others:
        answer = await desk.client.request(method, path.replace("{", "").replace("}", ""), headers=headers)
        assert answer.status_code == 401, (method, path)


async def test_a_responder_accepts_their_own_offer_by_cookie(desk: Desk) -> None:
    await comes(desk, "a")
    case = await threat(desk, "one")
    headers = await signed_in(desk, R, "a")
    (offer,) = (await desk.client.get("/v1/me/offers")).json()["offers"]
    accepted = await desk.client.post(f"/v1/offers/{offer['offer_id']}:accept", json={}, headers=headers)
    assert accepted.status_code == 200, accepted.text
    assert await owner(desk, track_of(case)) == "a"


async def test_a_responder_declines_with_a_reason_by_cookie(desk: Desk) -> None:
    await comes(desk, "a")
    await threat(desk, "one")
    headers = await signed_in(desk, R, "a")
    (offer,) = await offers(desk, "a")
    path = f"/v1/offers/{offer['offer_id']}:decline"
    assert (await desk.client.post(path, json={"reason": "busy"}, headers=headers)).status_code == 200
    assert await offers(desk, "a") == []


async def test_a_supervisor_assigns_and_acknowledges_by_cookie(desk: Desk) -> None:
    page = await page_of(desk)
    await comes(desk, "a", capacity=1)
    await threat(desk, "one")
    case = await threat(desk, "two")
    headers = await signed_in(desk, S)
    path = f"/v1/tracks/{track_of(case)}:assign"
    full = await desk.client.post(path, json={"responder_id": "a"}, headers=headers)
    assert code_of(full) == (422, "not_eligible")
    body = {"responder_id": "a", "reason": "agreed_with_them"}
    assert (await desk.client.post(path, json=body, headers=headers)).status_code == 200
    assert await owner(desk, track_of(case)) == "a"
    assert (await desk.client.post(f"/v1/pages/{page}:acknowledge", json={}, headers=headers)).status_code == 200
    left = (await desk.get("/v1/pages", role=S)).json()["pages"]
    assert page not in {one["page_id"] for one in left}


@pytest.mark.parametrize("path", CHANGES)
@pytest.mark.parametrize("said", [None, "", "0" * 64, "é"])
async def test_a_change_without_its_sessions_header_is_refused(desk: Desk, path: str, said: str | None) -> None:
    await signed_in(desk, S)
    headers = {} if said is None else {b"sameroof-csrf": said.encode("latin-1")}
    answer = await desk.client.post(path, json={"responder_id": "a"}, headers=headers)
    assert code_of(answer) == (403, "csrf_refused")


async def test_the_header_of_another_session_is_refused(desk: Desk) -> None:
    page = await page_of(desk)
    others = await signed_in(desk, S, "somebody-else")
    await signed_in(desk, S)
    answer = await desk.client.post(f"/v1/pages/{page}:acknowledge", json={}, headers=others)
    assert code_of(answer) == (403, "csrf_refused")
    assert page in {one["page_id"] for one in (await desk.get("/v1/pages", role=S)).json()["pages"]}


async def test_no_other_site_may_read_the_header_or_send_it(desk: Desk) -> None:
    await signed_in(desk, S)
    asked = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"}
    ahead = await desk.client.options("/v1/pages/p:acknowledge", headers=asked)
    read = await desk.client.get("/board/session", headers={"Origin": "https://elsewhere.example"})
    assert ahead.status_code == 405
    assert not [name for one in (ahead, read) for name in one.headers if name.startswith("access-control")]
    assert read.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("verb", ["accept", "decline"])
async def test_a_supervisors_cookie_answers_no_offer(desk: Desk, verb: str) -> None:
    await comes(desk, "a")
    await threat(desk, "one")
    (offer,) = await offers(desk, "a")
    headers = await signed_in(desk, S)
    answer = await desk.client.post(f"/v1/offers/{offer['offer_id']}:{verb}", json={}, headers=headers)
    assert code_of(answer) == (403, "forbidden")
    assert len(await offers(desk, "a")) == 1


async def test_a_responders_cookie_answers_nobody_elses_offer(desk: Desk) -> None:
    await comes(desk, "a")
    await threat(desk, "one")
    (offer,) = await offers(desk, "a")
    headers = await signed_in(desk, R, "b")
    answer = await desk.client.post(f"/v1/offers/{offer['offer_id']}:accept", json={}, headers=headers)
    assert code_of(answer) == (404, "not_found")


@pytest.mark.parametrize("role", [R, Role.AGENT])
async def test_only_a_supervisors_cookie_assigns_acknowledges_and_sees_a_queue(desk: Desk, role: Role) -> None:
    headers = await signed_in(desk, role)
    for path in ("/v1/tracks/t:assign", "/v1/pages/p:acknowledge"):
        assert code_of(await desk.client.post(path, json={"responder_id": "a"}, headers=headers)) == (403, "forbidden")
    for path in (f"/v1/desks/{DESK}/queue", "/v1/tracks/t/candidates"):
        assert code_of(await desk.client.get(path)) == (403, "forbidden")


async def test_a_one_time_code_makes_a_supervisor_of_the_dev_issuer(desk: Desk) -> None:
    page = await page_of(desk)
    await desk.client.get(f"/board?code={BOARD_CODE}")
    told = (await desk.client.get("/board/session")).json()
    assert (told["subject"], told["roles"]) == ("dev-supervisor", ["supervisor"])
    acted = await desk.client.post(f"/v1/pages/{page}:acknowledge", json={}, headers=await header(desk))
    assert acted.status_code == 200


@pytest.mark.parametrize("changed", [{"dev_issuer": False}, {"issuer": "https://issuer.example"}])
async def test_a_session_ends_when_its_issuer_is_believed_no_more(desk: Desk, app: FastAPI, changed: Any) -> None:
    await desk.client.get(f"/board?code={BOARD_CODE}")
    api: Api = app.state.api
    for name, value in changed.items():
        object.__setattr__(api.settings, name, value)
    assert (await desk.client.get("/board/session")).status_code == 401
    assert (await desk.client.get(f"/board?code={BOARD_CODE}")).status_code == 401
    assert (await desk.client.get("/v1/stream")).status_code == 401


async def test_a_session_is_over_with_the_token_it_was_given_for(desk: Desk, clock: Clock) -> None:
    token = desk.signer.token(S, life=timedelta(seconds=-5))  # within the leeway, and over
    await desk.client.post("/board/session", headers={"Authorization": f"Bearer {token}"})
    assert (await desk.client.get(f"/v1/desks/{DESK}/queue")).status_code == 401


@pytest.mark.parametrize("role", [R, S])
async def test_the_system_of_an_organisation_is_no_human_at_a_board(desk: Desk, role: Role) -> None:
    system = desk.signer.system_of("axa_partners", role)
    assert code_of(await desk.client.post("/board/session", headers=system)) == (403, "forbidden")
    assert code_of(await desk.client.get("/v1/stream", headers=system)) == (403, "forbidden")


async def test_a_session_nobody_opened_is_nobody(desk: Desk) -> None:
    desk.client.cookies.set("sameroof_board", "guessed")
    assert code_of(await desk.client.get("/board/session")) == (401, "unauthenticated")
    assert code_of(await desk.client.post("/v1/pages/p:acknowledge", json={})) == (401, "unauthenticated")


async def test_sessions_from_before_they_knew_their_caller_are_over(tmp_path: Path, clock: Clock) -> None:
    file = tmp_path / "notebook.sqlite"
    with closing(sqlite3.connect(file)) as before:
        before.execute("CREATE TABLE board_sessions (digest TEXT PRIMARY KEY, until TEXT NOT NULL) WITHOUT ROWID")
        before.execute("INSERT INTO board_sessions VALUES ('d', '2999-01-01T00:00:00Z')")
        before.commit()
    notebook = Notebook(file)
    await notebook.open(clock.now())
    assert await notebook.session("d", ISSUER, clock.now()) is None
    await notebook.close()
    with closing(sqlite3.connect(file)) as after:
        assert ("board_sessions",) not in after.execute("SELECT name FROM sqlite_master").fetchall()


async def test_signing_out_ends_the_session_and_needs_the_header(desk: Desk) -> None:
    headers = await signed_in(desk, S)
    kept = dict(desk.client.cookies)
    assert code_of(await desk.client.delete("/board/session")) == (403, "csrf_refused")
    out = await desk.client.delete("/board/session", headers=headers)
    assert (out.status_code, "max-age=0" in out.headers["set-cookie"].lower()) == (204, True)
    desk.client.cookies.update(kept)  # a copy of it opens nothing any more
    assert (await desk.client.get("/board/session")).status_code == 401
    assert (await desk.client.get("/board")).status_code == 401


async def test_an_open_stream_tells_nothing_more_once_its_session_was_signed_out(desk: Desk, app: FastAPI) -> None:
    headers = await signed_in(desk, S)
    api: Api = app.state.api
    cookie = desk.client.cookies["sameroof_board"]
    caller = await sessions.whose(api, cookie)
    assert caller is not None
    async with aclosing(
        cast("AsyncGenerator[ServerSentEvent, None]", stream(api, caller, cookie, shared=True))
    ) as events:
        assert (await anext(events)).event == "snapshot"
        await threat(desk, "one")
        assert (await anext(events)).event == "change"
        await desk.client.delete("/board/session", headers=headers)
        await threat(desk, "two")
        with pytest.raises(StopAsyncIteration):
            await anext(events)


async def test_a_token_needs_no_header_even_beside_a_cookie(desk: Desk) -> None:
    page = await page_of(desk)
    await signed_in(desk, R)
    assert (await desk.post(f"/v1/pages/{page}:acknowledge", role=S)).status_code == 200


@pytest.mark.parametrize("hidden", ["covert", "drill"])
async def test_the_board_shows_no_offer_of_a_covert_case_or_a_drill(desk: Desk, hidden: str) -> None:
    await comes(desk, "a")
    case = await threat(desk, "one", **{hidden: True})
    assert [one["case_id"] for one in await offers(desk, "a")] == [case["case_id"]]
    await signed_in(desk, R, "a")
    assert (await desk.client.get("/v1/me/offers")).json() == {"offers": []}


async def test_what_somebody_accepted_meanwhile_is_not_taken_from_them_when_that_was_asked(desk: Desk) -> None:
    await comes(desk, "a")
    track = track_of(await threat(desk, "one"))
    (offer,) = await offers(desk, "a")
    await desk.post(f"/v1/offers/{offer['offer_id']}:accept", role=R, subject="a")
    await comes(desk, "b")
    path = f"/v1/tracks/{track}:assign"
    refused = await desk.post(path, {"responder_id": "b", "only_waiting": True}, role=S)
    assert code_of(refused) == (409, "already_taken")
    assert await owner(desk, track) == "a"
    assert (await desk.post(path, {"responder_id": "b"}, role=S)).status_code == 200
    assert await owner(desk, track) == "b"


async def test_candidates_are_who_is_able_with_room_first(desk: Desk) -> None:
    await comes(desk, "busy-one", capacity=1)
    await threat(desk, "takes-all-room-of-the-first")
    track = track_of(await threat(desk, "two"))
    await comes(desk, "knows-nothing", skills=[], training={})
    await comes(desk, "elsewhere", home="legal-be")
    await comes(desk, "free", capacity=2)
    await desk.post("/v1/me/presence", {"presence": "away"}, role=R, subject="free")
    await comes(desk, "drained")
    await desk.post("/v1/responders/drained:drain", {"reason": "leaves_at_noon"}, role=S)
    found = (await desk.get(f"/v1/tracks/{track}/candidates", role=S)).json()["candidates"]
    assert [(one["responder_id"], one["room"]) for one in found] == [("free", True), ("busy-one", False)]
    assert set(found[0]) == {"responder_id", "presence", "load", "capacity", "room"}


async def test_who_lives_in_the_household_is_no_candidate(desk: Desk) -> None:
    case = await threat(desk, "one")
    household = (await desk.case(case["case_id"]))["household_id"]
    await comes(desk, "one-of-them", household_id=household)
    await comes(desk, "stranger")
    found = (await desk.get(f"/v1/tracks/{track_of(case)}/candidates", role=S)).json()["candidates"]
    assert [one["responder_id"] for one in found] == ["stranger"]
    assert (await desk.get("/v1/tracks/nowhere/candidates", role=S)).status_code == 404
