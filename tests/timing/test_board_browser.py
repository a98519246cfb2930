"""A human at the board: signed in by the one-time link, sees a P0 within two seconds of its POST, and the bus going away."""

import time
from collections.abc import Iterator

import httpx2
import pytest
from playwright.sync_api import Page, Request, expect

from deploy.local.kafka import Broker
from schemas.words import Pillar
from tests.stage.brokers import broker
from tests.stage.browser import browser, chromium
from tests.stage.intake import BOARD_CODE, Door, door
from tests.stage.product import product

__all__ = ["broker", "chromium"]
pytestmark = [pytest.mark.kafka, pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(180)]
P0 = {"code": "grooming_of_minor", "country": "FR"}


@pytest.fixture(scope="module")
def town(chromium: str, broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    home = tmp_path_factory.mktemp("board")
    with product(broker, home) as running, door(running, home) as opened:
        running.start_core(Pillar.PSYCHOLOGICAL)
        yield opened


@pytest.fixture(scope="module")
def board(chromium: str, town: Door) -> Iterator[Page]:
    with browser(chromium) as opened:
        page = opened.new_page()
        page.set_default_timeout(10_000)
        page.goto(f"{town.url}/board?code={BOARD_CODE}")
        yield page


def post(town: Door, body: object, key: str) -> httpx2.Response:
    with town.client("agent") as agent:
        return agent.post("/v1/incidents", json=body, headers={"Idempotency-Key": key})


def waiting(board: Page, desk: str, band: str, count: int, *, within: float = 2.0) -> None:
    """The board shows so many tracks of a band waiting at a desk."""
    row = board.locator(f'[data-desk="{desk}"] tr[data-band="{band}"]')
    expect(row).to_have_attribute("data-waiting", str(count), timeout=within * 1000)


def test_the_one_time_link_shows_every_desk_live(board: Page, town: Door) -> None:
    assert board.url == f"{town.url}/board"
    expect(board.locator("#link")).to_have_attribute("data-state", "live")
    expect(board.locator("article.desk")).to_have_count(8)


def test_the_link_opens_the_board_for_nobody_else(board: Page, town: Door) -> None:
    with httpx2.Client(follow_redirects=True) as other:
        assert other.get(f"{town.url}/board?code={BOARD_CODE}").status_code == 401


def test_a_p0_is_on_the_board_within_two_seconds_of_its_post(board: Page, town: Door) -> None:
    expect(board.locator("#link")).to_have_attribute("data-state", "live")
    started = time.monotonic()
    assert post(town, P0, "seen").status_code in {201, 202}
    waiting(board, "psychological-fr", "P0", 1, within=2.0 - (time.monotonic() - started))
    print(f"post to board: {time.monotonic() - started:.3f} s")
    expect(board.locator('.total[data-band="P0"]')).to_have_attribute("data-waiting", "3")
    expect(board.locator("#pages li").first).to_be_visible()


def test_a_covert_case_never_gets_there(board: Page, town: Door) -> None:
    post(town, {**P0, "covert": True}, "covert")
    post(town, P0, "after")
    waiting(board, "psychological-fr", "P0", 2, within=5.0)


def test_the_page_loads_nothing_from_elsewhere_and_breaks_no_policy(board: Page, town: Door) -> None:
    asked: list[str] = []
    said: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    board.on("request", note)
    board.on("console", lambda message: said.append(message.text))
    board.on("pageerror", lambda error: said.append(str(error)))
    board.reload()
    expect(board.locator("#link")).to_have_attribute("data-state", "live")
    assert [url for url in asked if not url.startswith((town.url, "data:"))] == []
    assert said == []


def test_the_board_says_when_the_bus_is_gone_and_keeps_the_last_state(board: Page, town: Door, broker: Broker) -> None:
    broker.stop()
    expect(board.locator("#link")).to_have_attribute("data-state", "down", timeout=15_000)
    waiting(board, "psychological-fr", "P0", 2)
    page_id = post(town, P0, "bus-down").json()["page_id"]
    expect(board.locator(f'#pages li[data-page="{page_id}"]')).to_be_visible()
    broker.restart()
    expect(board.locator("#link")).to_have_attribute("data-state", "live", timeout=30_000)
    waiting(board, "psychological-fr", "P0", 3, within=15.0)
