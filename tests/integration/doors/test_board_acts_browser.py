"""A human at the board acts: what they press is on the bus, once; what they may not is told and changes nothing."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from deploy.local.kafka import Broker
from schemas.words import Pillar
from tests.stage.brokers import broker
from tests.stage.browser import browser, chromium
from tests.stage.dumps import dump
from tests.stage.fleet import wait_until
from tests.stage.intake import BOARD_CODE, Door, door, settled
from tests.stage.product import product

__all__ = ["broker", "chromium"]
pytestmark = [pytest.mark.kafka, pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(180)]
P0 = {"code": "grooming_of_minor"}
P2 = {"code": "defamation"}
ELSEWHERE = "http://elsewhere.test/"


@pytest.fixture(scope="module")
def town(chromium: str, broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    home = tmp_path_factory.mktemp("board")
    with product(broker, home) as running, door(running, home) as opened:
        running.start_core(Pillar.PSYCHOLOGICAL, Pillar.LEGAL)
        yield opened


@pytest.fixture(scope="module")
def opened(chromium: str, town: Door) -> Iterator[Browser]:  # after the town: Playwright's loop would be in its way
    with browser(chromium) as running:
        yield running


@pytest.fixture
def page(opened: Browser) -> Iterator[Page]:
    """A browser nobody has signed in with."""
    context = opened.new_context()
    made = context.new_page()
    made.set_default_timeout(10_000)
    expect.set_options(timeout=10_000)
    yield made
    context.close()


def sign_in(page: Page, town: Door, role: str, subject: str | None = None) -> None:
    """By the form, as a human does."""
    page.goto(f"{town.url}/board")
    page.get_by_label("Access token").fill(town.token(role, subject))
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#link")).to_have_attribute("data-state", "live")


def report(town: Door, key: str, body: dict[str, str], country: str) -> dict[str, Any]:
    with town.client("agent") as agent:
        answer = settled(agent, {**body, "country": country}, key)
    told: dict[str, Any] = answer.json()
    return told


def track_of(case: dict[str, Any], pillar: str) -> str:
    return str(next(one["track_id"] for one in case["tracks"] if one["pillar"] == pillar))


def track(town: Door, track_id: str) -> dict[str, Any]:
    with town.client("supervisor") as supervisor:
        found: dict[str, Any] = supervisor.get(f"/v1/tracks/{track_id}").json()
    return found


def on_the_bus(town: Door, topic: str, kind: str) -> list[dict[str, Any]]:
    """The bodies of every committed event of this kind."""
    kept = dump(town.product.broker.bootstrap_servers, topic)
    return [json.loads(one.value) for one in kept if one.value and one.headers["ce_type"].endswith(f".{kind}".encode())]


def told_by_desks(town: Door, kind: str, track_id: str) -> list[dict[str, Any]]:
    """What desks say on the bus about a track."""
    return [one for one in on_the_bus(town, "progress", kind) if one["track_id"] == track_id]


def offer_row(page: Page, desk: str) -> Locator:
    return page.locator("#offers li").filter(has_text=desk).first


def test_a_responder_accepts_with_a_double_click_and_has_it_once(page: Page, town: Door) -> None:
    town.product.on_duty("rita", "psychological-fr")
    sign_in(page, town, "responder", "rita")
    expect(page.locator("#offers-none")).to_be_visible()
    expect(page.get_by_role("button", name="Queue of psychological-fr")).to_have_count(0)
    mine = track_of(report(town, "accepted", P0, "FR"), "psychological")
    row = offer_row(page, "psychological-fr")
    expect(row.locator("time")).to_contain_text("in ")
    row.get_by_role("button", name="Accept").dblclick()
    expect(page.locator("#told")).to_contain_text("It is yours")
    expect(page.locator("#offers li")).to_have_count(0)
    wait_until("the track is hers", lambda: track(town, mine).get("responder_id") == "rita")
    assert [one["responder_id"] for one in told_by_desks(town, "accepted", mine)] == ["rita"]


def test_a_responder_declines_and_says_why(page: Page, town: Door) -> None:
    town.product.on_duty("dirk", "psychological-be")
    sign_in(page, town, "responder", "dirk")
    declined = track_of(report(town, "declined", P0, "BE"), "psychological")
    row = offer_row(page, "psychological-be")
    row.get_by_label("Why you decline").select_option("language")
    row.get_by_role("button", name="Decline").click()
    expect(page.locator("#told")).to_contain_text("Declined")
    expect(page.locator("#offers li")).to_have_count(0)
    (said,) = told_by_desks(town, "declined", declined)
    assert (said["responder_id"], said["reason"]) == ("dirk", "language")


def test_a_supervisor_assigns_by_keyboard_and_says_why_somebody_full_gets_more(page: Page, town: Door) -> None:
    town.product.on_duty("felix", "legal-fr", capacity=1)
    report(town, "first", P2, "FR")
    with town.client("responder", "felix") as felix:
        wait_until("he is full", lambda: bool(felix.get("/v1/me/offers").json()["offers"]))
    second = track_of(report(town, "second", P2, "FR"), "legal")
    page.goto(f"{town.url}/board?code={BOARD_CODE}")
    expect(page.locator("#who")).to_contain_text("dev-supervisor (supervisor)")
    page.get_by_role("button", name="Queue of legal-fr").focus()
    page.keyboard.press("Enter")
    row = page.locator(f'#queue [data-track="{second}"]')
    row.get_by_role("button", name="Assign").focus()
    page.keyboard.press("Enter")
    expect(row.get_by_label("Give it to", exact=True)).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    why = row.get_by_label("Why beyond what they can carry")
    expect(why).to_be_focused()
    expect(page.locator("dialog .told")).to_contain_text("felix is full")
    assert track(town, second)["state"] == "pending"
    why.select_option("agreed_with_them")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("dialog .told")).to_contain_text("Assigned to felix")
    expect(row).to_have_attribute("data-state", "accepted")
    assert [one["responder_id"] for one in told_by_desks(town, "accepted", second)] == ["felix"]
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Queue of legal-fr")).to_be_focused()


def test_what_somebody_took_meanwhile_stays_theirs_and_the_supervisor_is_told(page: Page, town: Door) -> None:
    for name in ("gina", "hugo"):
        town.product.on_duty(name, "legal-be", capacity=30)
    wanted = track_of(report(town, "wanted", P2, "BE"), "legal")
    sign_in(page, town, "supervisor")
    page.get_by_role("button", name="Queue of legal-be").click()
    row = page.locator(f'#queue [data-track="{wanted}"]')
    row.get_by_role("button", name="Assign").click()
    row.get_by_label("Give it to", exact=True).select_option("hugo")

    def somebody_is_faster(route: Route) -> None:
        with town.client("supervisor") as other:
            assert other.post(f"/v1/tracks/{wanted}:assign", json={"responder_id": "gina"}).status_code == 200
        route.continue_()

    page.route("**:assign", somebody_is_faster, times=1)
    row.get_by_role("button", name="Give it to them").click()
    expect(page.locator("dialog .told")).to_contain_text("Somebody else has it already")
    expect(row.get_by_role("button")).to_have_count(0)
    assert track(town, wanted)["responder_id"] == "gina"


def open_pages(town: Door) -> list[str]:
    with town.client("supervisor") as supervisor:
        return [one["page_id"] for one in supervisor.get("/v1/pages").json()["pages"]]


def a_page(page: Page, town: Door, key: str) -> tuple[str, Locator]:
    """A page about a P0 that nobody takes, and its row on the board."""
    case = report(town, key, P0, "FR")
    sign_in(page, town, "supervisor")

    def of_case() -> list[str]:
        with town.client("supervisor") as supervisor:
            found = supervisor.get("/v1/pages").json()["pages"]
        return [one["page_id"] for one in found if one["case_id"] == case["case_id"]]

    wait_until("a page", lambda: bool(of_case()))
    page_id = of_case()[0]
    return page_id, page.locator(f'#pages [data-page="{page_id}"]')


def test_a_supervisor_acknowledges_a_page_and_the_button_comes_back_from_a_failure(page: Page, town: Door) -> None:
    page_id, row = a_page(page, town, "paged")
    keys: list[str] = []

    def busy_then_lost_then_open(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) == 1:
            route.fulfill(status=429, json={"code": "too_many_requests"})
        elif len(keys) == 2:
            route.abort()
        else:
            route.continue_()

    page.route("**:acknowledge", busy_then_lost_then_open)
    press = row.get_by_role("button", name="Acknowledge")
    press.click()
    expect(page.locator("#told")).to_contain_text("Try again in a moment")
    expect(press).to_have_attribute("aria-busy", "false")
    assert page_id in open_pages(town)
    press.click()
    expect(press).to_have_attribute("aria-busy", "true")
    expect(page.locator("#told")).to_contain_text("Acknowledged")
    assert keys[1:] == [keys[1]] * 2  # what was lost on its way is asked for again as the same deed
    expect(row).to_have_count(0)
    assert page_id not in open_pages(town)
    acknowledged = [one for one in on_the_bus(town, "commands", "acknowledge") if one["page_id"] == page_id]
    assert [one["actor"]["id"] for one in acknowledged] == ["dev-supervisor"]


def test_a_call_without_its_header_and_another_site_change_nothing(page: Page, town: Door) -> None:
    page_id, row = a_page(page, town, "guarded")
    path = f"/v1/pages/{page_id}:acknowledge"
    refused = page.evaluate(
        "path => fetch(path, {method: 'POST'}).then(a => a.json().then(b => [a.status, b.code]))", path
    )
    assert refused == [403, "csrf_refused"]
    other = page.context.new_page()
    other.route(ELSEWHERE, lambda route: route.fulfill(body="<p>elsewhere", content_type="text/html"))
    other.goto(ELSEWHERE)
    tried = """async url => {
        const simple = {method: 'POST', credentials: 'include', mode: 'no-cors'};
        const headed = {method: 'POST', credentials: 'include', headers: {'Sameroof-CSRF': 'x'}};
        const read = {credentials: 'include'};
        const say = (one, at) => fetch(at, one).then(a => a.type + a.status, () => 'refused');
        return [await say(simple, url.path), await say(headed, url.path), await say(read, url.session)];
    }"""
    said = other.evaluate(tried, {"path": town.url + path, "session": f"{town.url}/board/session"})
    assert said[0] in {"opaque0", "refused"}
    assert said[1:] == ["refused", "refused"]
    assert page_id in open_pages(town)
    expect(row).to_be_visible()


def test_signing_out_leads_to_the_sign_in_and_ends_the_session(page: Page, town: Door) -> None:
    sign_in(page, town, "supervisor")
    kept = page.context.cookies()[0]["value"]
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Access token")).to_be_visible()
    page.context.add_cookies([{"name": "sameroof_board", "value": kept, "url": town.url}])
    page.goto(f"{town.url}/board")
    expect(page.get_by_label("Access token")).to_be_visible()
