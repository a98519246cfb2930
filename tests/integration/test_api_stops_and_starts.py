"""The API while its writer is silent, while it is told to stop, and with its read model thrown away."""

import shutil
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import httpx2
import pytest

from deploy.local.kafka import provide
from schemas.words import Pillar
from tests.stage.fleet import Member, wait_until
from tests.stage.intake import Door, door, post, settled, start_bare
from tests.stage.product import product

pytestmark = [pytest.mark.kafka, pytest.mark.slow, pytest.mark.timeout(180)]
P0 = {"code": "grooming_of_minor", "country": "FR"}
P3 = {"code": "phishing", "country": "FR"}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Door, Member]]:
    broker, home = provide(), tmp_path_factory.mktemp("api")
    try:
        with product(broker, home) as running, door(running, home) as opened:
            yield opened, running.start_core(Pillar.PSYCHOLOGICAL)["router"]
    finally:
        broker.close()


def test_a_silent_writer_is_answered_202_and_the_outcome_is_found_later(town: tuple[Door, Member]) -> None:
    opened, router = town
    with opened.client("agent") as agent:
        router.signal(signal.SIGSTOP)
        try:
            started = time.monotonic()
            answer = post(agent, P3, "silent")
            assert time.monotonic() - started < 6.0
            assert (answer.status_code, agent.get(answer.headers["location"]).json()["state"]) == (202, "pending")
        finally:
            router.signal(signal.SIGCONT)
        where = answer.headers["location"]
        wait_until("the outcome", lambda: agent.get(where).json()["state"] == "done")
        case_id = agent.get(where).json()["case_id"]
        assert settled(agent, P3, "silent").json()["case_id"] == case_id
        assert agent.get("/v1/commands/00000000-0000-4000-8000-000000000000").status_code == 404


def test_an_accepted_p0_nobody_offers_is_paged_by_intake_itself(town: tuple[Door, Member]) -> None:
    opened, router = town
    with opened.client("agent") as agent:
        router.signal(signal.SIGSTOP)
        try:
            command_id = post(agent, P0, "stuck").json()["command_id"]
            wait_until("a page", lambda: any(page["reason"] == "no_offer" for page in opened.pages()), seconds=15)
        finally:
            router.signal(signal.SIGCONT)
        page = next(page for page in opened.pages() if page["reason"] == "no_offer")
        wait_until("the outcome", lambda: agent.get(f"/v1/commands/{command_id}").json()["state"] == "done")
        case = agent.get(f"/v1/commands/{command_id}").json()["case_id"]

        def recorded() -> bool:
            tracks = agent.get(f"/v1/cases/{case}").json()["tracks"]
            return any(one["page_id"] == page["page_id"] for track in tracks for one in track["pages"])

        wait_until("the page on its case", recorded)


def test_what_is_shown_is_rebuilt_with_every_file_deleted(town: tuple[Door, Member]) -> None:
    opened, _ = town
    with opened.client("agent") as agent, opened.client("supervisor") as supervisor:
        case_id = settled(agent, P0, "rebuild").json()["case_id"]
        wait_until("everything read", lambda: opened.metric("sameroof_read_model_lag_records") == 0)

        def shown() -> list[object]:
            paths = (f"/v1/cases/{case_id}", f"/v1/cases/{case_id}/timeline", f"/v1/cases/{case_id}/explanation")
            return [
                *(agent.get(path).json() for path in paths),
                agent.post("/v1/cases:search", json={}).json(),
                [supervisor.get(path).json() for path in ("/v1/desks", "/v1/pages")],
            ]

        before: list[object] = []

        def quiet() -> bool:
            before[:], earlier = shown(), before.copy()
            return before == earlier

        wait_until("nothing moves", quiet)
        opened.member.stop()
        shutil.rmtree(opened.home / "state")
        opened.start().wait_ready()
        assert shown() == before


def test_rows_that_come_from_another_log_are_thrown_away(town: tuple[Door, Member]) -> None:
    opened, _ = town
    with opened.client("agent") as agent:
        case_id = settled(agent, P3, "another-log").json()["case_id"]
        opened.member.stop()
        with closing(sqlite3.connect(opened.home / "state" / "read_model.sqlite")) as rows, rows:
            rows.execute("UPDATE positions SET next = 1000000000")
            rows.execute("DELETE FROM cases")
        opened.start().wait_ready()
        assert agent.get(f"/v1/cases/{case_id}").status_code == 200


def test_a_call_in_progress_is_answered_when_the_process_is_told_to_stop(town: tuple[Door, Member]) -> None:
    opened, router = town
    answers: list[httpx2.Response] = []
    with opened.client("agent") as agent:
        assert settled(agent, P3, "warm").status_code == 201
        router.signal(signal.SIGSTOP)
        try:
            call = threading.Thread(target=lambda: answers.append(post(agent, P3, "draining")))
            call.start()
            wait_until("the call is on the bus", lambda: opened.metric("sameroof_bus_records_sent_total") > 1)
            assert opened.member.popen is not None
            opened.member.popen.terminate()
            call.join(10)
        finally:
            router.signal(signal.SIGCONT)
    assert [answer.status_code for answer in answers] == [202]
    assert opened.member.ended() == 0
    opened.start().wait_ready()


def test_a_stream_ends_when_the_process_is_told_to_stop(town: tuple[Door, Member]) -> None:
    opened, _ = town
    with opened.client("supervisor") as supervisor, supervisor.stream("GET", "/v1/stream") as stream:
        lines = stream.iter_lines()
        assert next(lines) == "event: snapshot"
        started = time.monotonic()
        opened.member.stop()
        for _ in lines:
            pass
        assert time.monotonic() - started < 20.0
    opened.start().wait_ready()


@pytest.mark.parametrize(
    ("changed", "status"),
    [({"dev_issuer": "0"}, 1), ({"issuer": ""}, 78), ({"webhook_secret": ""}, 78), ({"jwks": "nowhere.json"}, None)],
    ids=["dev keys without the opt-in", "no issuer", "a sink without a secret", "no keys yet"],
)
def test_a_process_that_cannot_tell_who_calls_does_not_serve(
    town: tuple[Door, Member], changed: dict[str, str], status: int | None
) -> None:
    opened, _ = town
    refused = start_bare(opened.product, opened, **changed)
    if status is not None:
        assert refused.ended() == status
        return
    wait_until("it says that it has no keys", lambda: "no keys" in refused.get("/readyz")[1])
    refused.stop()
