"""The board's page is safe and legible; its stream's ids mean the same on every replica."""

import asyncio
import json
import re
from contextlib import aclosing
from datetime import timedelta
from html.parser import HTMLParser
from itertools import combinations
from pathlib import Path

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import topics
from schemas.envelope import Event, encode
from schemas.words import DeadReason, Pillar, Role
from services.intake import board_calls
from services.intake.board_stream import STREAMED, BoardUpdate, feed
from services.intake.calling import Api
from services.intake.positions import behind, id_of, positions_of
from services.rules.dead_letter_page import dead_letter_notice, dead_letter_page
from tests.unit.intake.conftest import BOARD_CODE, Signer
from tests.unit.intake.records import AT, Log, running_case

STATIC = Path(board_calls.__file__).with_name("static")
TEXTS = ("text", "soft", "p0", "p1", "p2", "p3", "late", "soon", "accent")


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_every_text_of_the_board_is_legible_on_every_ground() -> None:
    colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", (STATIC / "board.css").read_text("utf-8")))
    poor = {
        (text, ground): round(contrast(colours[text], colours[ground]), 2)
        for text in TEXTS
        for ground in ("ground", "card")
        if contrast(colours[text], colours[ground]) < 4.5
    }
    assert poor == {}


class Inline(HTMLParser):
    """Collects what a strict content security policy would block."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.languages: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One tag."""
        told = dict(attrs)
        if tag == "html":
            self.languages.append(told.get("lang"))
        if (
            (tag == "script" and "src" not in told)
            or tag == "style"
            or any(n == "style" or n.startswith("on") for n in told)
        ):
            self.found.append(tag)
        self.found += [value for name, value in attrs if name in {"src", "href"} and value and value.startswith("http")]


@pytest.mark.parametrize("name", ["board.html", "signin.html"])
def test_a_page_brings_nothing_inline_and_nothing_from_elsewhere(name: str) -> None:
    reader = Inline()
    reader.feed((STATIC / name).read_text("utf-8"))
    assert (reader.found, reader.languages) == ([], ["en"])


@pytest.mark.parametrize("name", board_calls.SCRIPTS)
def test_a_script_never_turns_data_into_html(name: str) -> None:
    text = (STATIC / name).read_text("utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function", text)


async def test_every_asset_is_served_and_nothing_else(client: httpx2.AsyncClient) -> None:
    there = {one.name for one in STATIC.iterdir() if one.suffix != ".html"}
    assert there == set(board_calls.FILES)
    for name, kind in board_calls.FILES.items():
        answer = await client.get(f"/board/{name}")
        assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, kind)
    assert (await client.get("/board/board.html")).status_code == 404


async def test_the_board_is_shown_to_nobody_who_has_not_signed_in(client: httpx2.AsyncClient) -> None:
    page = await client.get("/board")
    assert page.status_code == 401
    assert "Sign in" in page.text
    assert (await client.get("/v1/stream")).status_code == 401


async def test_a_token_becomes_a_session_no_script_and_no_other_site_can_use(
    client: httpx2.AsyncClient, signer: Signer
) -> None:
    answer = await client.post("/board/session", headers=signer.header(Role.AGENT))
    assert answer.status_code == 204
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    page = await client.get("/board")
    assert page.status_code == 200
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]


async def test_a_session_opens_the_board_and_no_call_of_others(client: httpx2.AsyncClient, signer: Signer) -> None:
    await client.post("/board/session", headers=signer.header(Role.SUPERVISOR))
    assert (await client.get("/board")).status_code == 200
    assert (await client.get("/v1/desks")).status_code == 401
    assert (await client.post("/v1/incidents", json={"code": "threat"})).status_code == 401


async def test_a_sign_in_code_opens_one_session(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/board?code=wrong")).status_code == 401
    first = await client.get(f"/board?code={BOARD_CODE}")
    assert (first.status_code, first.headers["location"]) == (303, "/board")
    assert (await client.get("/board")).status_code == 200
    client.cookies.clear()
    assert (await client.get(f"/board?code={BOARD_CODE}")).status_code == 401


positions = st.dictionaries(
    st.tuples(st.sampled_from(STREAMED), st.integers(0, 11)), st.integers(0, 10**15), max_size=40
)


@given(positions)
def test_an_id_gives_back_the_positions_it_was_made_of(given_positions: dict[tuple[str, int], int]) -> None:
    back = positions_of(id_of(given_positions, STREAMED), STREAMED)
    assert back is not None
    assert {place: offset for place, offset in back.items() if offset} == {
        place: offset for place, offset in given_positions.items() if offset
    }


@given(st.text(max_size=200))
def test_a_foreign_id_is_no_position(text: str) -> None:
    assert positions_of(text, STREAMED) is None


def test_a_replica_that_has_read_less_is_behind() -> None:
    there = {(topics.CASES.name, 0): 5}
    assert behind(there, {})
    assert not behind(there, {(topics.CASES.name, 0): 5})
    assert all(not behind(one, one) for one in (there, {}))
    assert [behind(*pair) for pair in combinations([{("a", 0): 1}, {("a", 0): 2}], 2)] == [False]


async def first(api: Api, last_event_id: str | None) -> tuple[str | None, str | None, BoardUpdate]:
    async with aclosing(feed(api, last_event_id, api.now() + timedelta(minutes=1))) as events:
        event = await anext(events)
        assert isinstance(event.data, BoardUpdate)
        return event.event, event.id, event.data


async def test_a_new_board_gets_a_snapshot_of_every_desk(api: Api) -> None:
    case, log = running_case(), Log()
    log.state(topics.CASES, case.case_id, case)
    await api.model.apply(log.messages, AT)
    kind, _, update = await first(api, None)
    assert kind == "snapshot"
    assert len(update.desks) == 4 * len(api.catalogue.desks.regions)
    assert update.pages
    assert {page.desk_id for page in update.pages} <= {track.desk_id for track in case.tracks}


async def test_a_resumed_board_gets_what_changed_since_and_no_more(api: Api) -> None:
    case, log = running_case(), Log()
    log.state(topics.CASES, case.case_id, case.model_copy(update={"tracks": case.tracks[:1]}))
    await api.model.apply(log.messages, AT)
    _, seen, _ = await first(api, None)
    await api.model.apply(
        [log.state(topics.CASES, "other", case.model_copy(update={"case_id": "other", "tracks": case.tracks[1:]}))], AT
    )
    kind, _, update = await first(api, seen)
    assert kind == "change"
    assert {desk.desk_id for desk in update.desks} == {track.desk_id for track in case.tracks[1:]}


@pytest.mark.parametrize("foreign", ["x", "cases=9", "cases=1.2.3,desks.legal=0"])
async def test_an_id_nobody_can_resume_from_gets_a_fresh_snapshot(api: Api, foreign: str) -> None:
    assert (await first(api, foreign))[0] == "snapshot"


async def test_a_board_asking_for_what_this_replica_has_not_read_waits_for_it(api: Api) -> None:
    case, log = running_case(), Log()
    message = log.state(topics.CASES, case.case_id, case)
    ahead = id_of({(topics.CASES.name, 0): 1}, STREAMED)
    waiting = asyncio.create_task(first(api, ahead))
    await asyncio.sleep(0)
    applied = await api.model.apply([message], AT)
    api.waiters.tell(applied.changes)
    assert (await waiting)[0] == "change"


async def test_nothing_personal_and_no_covert_case_is_on_the_board(api: Api) -> None:
    case, log = running_case(), Log()
    told = case.model_copy(update={"personal": case.personal.model_copy(update={"safe_contact": "CANARY"})})
    log.state(topics.CASES, case.case_id, told)
    log.state(topics.CASES, "covert", told.model_copy(update={"case_id": "covert", "covert": True}))
    await api.model.apply(log.messages, AT)
    text = json.dumps((await first(api, None))[2].model_dump(mode="json"))
    assert "CANARY" not in text
    assert "covert" not in text


async def page_about_a_letter(api: Api) -> str:
    """The page about a record of a P0 lane that nobody could read, folded; its id."""
    broken = Log().raw(topics.INCIDENTS_P0, "k", b"{", ())
    notice = dead_letter_notice(broken, reason=DeadReason.BROKEN_JSON, at=AT, desk_id="none", pillar=Pillar.TECHNICAL)
    send, log = dead_letter_page(notice, source="urn:sameroof:router"), Log()
    assert isinstance(send.body, Event)
    value, headers = encode(send.body)
    await api.model.apply([log.raw(topics.NOTICES_TOPIC, notice.recipient, value, headers)], AT)
    assert notice.page_id is not None
    return notice.page_id


async def test_a_page_about_a_dead_letter_is_on_the_board_and_listed(
    api: Api, client: httpx2.AsyncClient, signer: Signer
) -> None:
    page_id = await page_about_a_letter(api)
    (shown,) = (await first(api, None))[2].pages or ()
    assert (shown.page_id, shown.dead_letter, shown.attempts) == (page_id, True, 1)
    listed = await client.get("/v1/pages", headers=signer.header(Role.SUPERVISOR))
    assert [one["page_id"] for one in listed.json()["pages"]] == [page_id]


async def test_a_page_about_a_dead_letter_says_how_it_ends(
    api: Api, client: httpx2.AsyncClient, signer: Signer
) -> None:
    page_id = await page_about_a_letter(api)
    answer = await client.post(f"/v1/pages/{page_id}:acknowledge", headers=signer.header(Role.SUPERVISOR))
    assert (answer.status_code, answer.json()["code"]) == (409, "wrong_state")
    assert "replayed or dropped" in answer.json()["detail"]
