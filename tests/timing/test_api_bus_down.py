"""The API without its bus: it says so in time, pages P0 by itself, shows what it knows, and loses nothing."""

import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from deploy.local.kafka import Broker, provide
from schemas import topics
from schemas.words import Pillar
from tests.stage.dumps import dump
from tests.stage.fleet import wait_until
from tests.stage.intake import Door, door, post, settled
from tests.stage.product import product

pytestmark = [pytest.mark.kafka, pytest.mark.slow, pytest.mark.timeout(180)]
P0 = {"code": "grooming_of_minor", "country": "FR"}
P3 = {"code": "phishing", "country": "FR"}


@pytest.fixture
def broker() -> Iterator[Broker]:
    made = provide()
    yield made
    made.close()


@pytest.fixture
def town(broker: Broker, tmp_path: Path) -> Iterator[Door]:
    with product(broker, tmp_path) as running, door(running, tmp_path) as opened:
        running.start_core(Pillar.PSYCHOLOGICAL)
        yield opened


def refused(answer: httpx2.Response, key: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (503, "bus_unavailable")
    assert int(answer.headers["retry-after"]) >= 1
    assert answer.json()["idempotency_key"] == key


def test_without_the_bus_every_promise_of_the_api_holds_and_all_works_again_after(broker: Broker, town: Door) -> None:
    with town.client("agent") as agent, town.client("supervisor") as supervisor:
        before = settled(agent, P3, "before").json()
        broker.stop()
        for key, body in (("ordinary", P3), ("urgent", P0), ("again", P3)):
            started = time.monotonic()
            answer = post(agent, body, key)
            assert time.monotonic() - started < 3.0
            refused(answer, key)
        page_id = post(agent, P0, "urgent").json()["page_id"]
        wait_until("the page at the sink", lambda: [page["page_id"] for page in town.pages()] == [page_id])
        assert town.pages()[0]["band"] == "P0"
        assert town.member.ready()
        assert agent.get(f"/v1/cases/{before['case_id']}").status_code == 200
        assert supervisor.get("/v1/desks").status_code == 200

        broker.restart()
        settled(agent, P3, "after")
        urgent, ordinary = (settled(agent, body, key) for key, body in (("urgent", P0), ("ordinary", P3)))
        assert (urgent.status_code, ordinary.status_code) == (201, 201)
        wait_until("nothing is left to record", lambda: town.metric('sameroof_dead_man_open{state="paged"}') == 0)
        once_each(broker, agent, {"before", "ordinary", "urgent", "again", "after"})
        assert [page["page_id"] for page in town.pages()] == [page_id]
        told = [
            record
            for record in dump(broker.bootstrap_servers, topics.COMMANDS.name)
            if page_id.encode() in (record.value or b"")
        ]
        assert told
        case = agent.get(f"/v1/cases/{urgent.json()['case_id']}").json()
        assert [page["page_id"] for track in case["tracks"] for page in track["pages"]].count(page_id) == 1


def once_each(broker: Broker, agent: httpx2.Client, keys: set[str]) -> None:
    """As many cases as reports, however often each of them landed."""

    def cases() -> int:
        return len(agent.post("/v1/cases:search", json={"limit": 200}).json()["cases"])

    wait_until("a case for each report", lambda: cases() == len(keys))
    opened = [
        record
        for record in dump(broker.bootstrap_servers, topics.CASE_EVENT_LOG.name)
        if record.headers["ce_type"].endswith(b".opened")
    ]
    assert len(opened) == len(keys)


def test_a_process_started_without_the_bus_pages_and_delivers_when_it_returns(broker: Broker, town: Door) -> None:
    with town.client("agent") as agent:
        town.member.stop()
        broker.stop()
        town.start()
        wait_until("it listens", lambda: town.member.get("/livez")[0] == 200)
        wait_until("it answers", lambda: _status(agent) == 503)
        page_id = post(agent, P0, "urgent").json()["page_id"]
        wait_until("the page at the sink", lambda: [page["page_id"] for page in town.pages()] == [page_id])
        town.member.kill()
        town.start()
        broker.restart()
        town.member.wait_ready()
        # Nobody tries again: the report and its page were kept, and are put on the bus by themselves.
        wait_until("the case", lambda: _found(agent, "grooming_of_minor") == 1)
        assert [page["page_id"] for page in town.pages()] == [page_id]


def _status(agent: httpx2.Client) -> int:
    try:
        return post(agent, P3, "probe").status_code
    except httpx2.TransportError:
        return 0


def _found(agent: httpx2.Client, code: str) -> int:
    return len(agent.post("/v1/cases:search", json={"code": code}).json()["cases"])
