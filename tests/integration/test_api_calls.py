"""Every call of the API against the whole path: broker, router, four desks, read model."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest

from deploy.local.kafka import provide
from schemas.words import Pillar
from tests.contracts.bad_input.corpus import cases
from tests.shipped import ABLE
from tests.stage.fleet import wait_until
from tests.stage.intake import Door, door, post, settled, tell
from tests.stage.product import product, same_id

pytestmark = [pytest.mark.kafka, pytest.mark.slow, pytest.mark.timeout(180)]
P0 = {
    "code": "grooming_of_minor",
    "country": "FR",
    "personal": {"free_text": "her words", "safe_contact": "after 20:00"},
}
P3 = {"code": "phishing", "country": "FR"}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    broker, home = provide(), tmp_path_factory.mktemp("api")
    try:
        with product(broker, home) as running, door(running, home) as opened:
            running.start_core(*Pillar)
            yield opened
    finally:
        broker.close()


@pytest.fixture(scope="module")
def agent(town: Door) -> Iterator[httpx2.Client]:
    with town.client("agent") as client:
        yield client


@pytest.fixture(scope="module")
def supervisor(town: Door) -> Iterator[httpx2.Client]:
    with town.client("supervisor") as client:
        yield client


def enter(town: Door, supervisor: httpx2.Client, name: str, desk: str) -> httpx2.Client:
    """A responder in a desk's roster, available."""
    body = {"desk_id": desk, "capacity": 100, "methods": [{"kind": "log"}], **ABLE}
    answer = tell(supervisor, "PUT", f"/v1/responders/{name}", json=body, headers={"If-None-Match": "*"})
    assert answer.status_code == 200, answer.text
    client = town.client("responder", name)
    answer = tell(client, "POST", "/v1/me/presence", json={"presence": "available"})
    assert answer.status_code == 200, answer.text
    return client


def leave(client: httpx2.Client) -> None:
    tell(client, "POST", "/v1/me/presence", json={"presence": "away"})
    client.close()


def offer_of(client: httpx2.Client, case_id: str) -> dict[str, Any]:
    """The offer of a case's track, once it is there."""
    found: list[dict[str, Any]] = []

    def look() -> bool:
        found[:] = [one for one in client.get("/v1/me/offers").json()["offers"] if one["case_id"] == case_id]
        return bool(found)

    wait_until("an offer", look)
    return found[0]


def test_a_report_is_answered_with_its_case_and_why(agent: httpx2.Client) -> None:
    answer = settled(agent, P0, "why")
    told = answer.json()
    assert answer.status_code == 201, answer.text
    assert (told["band"], told["state"]) == ("P0", "dispatched")
    assert {track["pillar"] for track in told["tracks"]} == {"psychological", "legal", "technical"}
    assert [track["pillar"] for track in told["tracks"] if track["lead"]] == ["psychological"]
    assert any(rule.startswith("triage:") for rule in told["explanation"])
    case = agent.get(answer.headers["location"])
    assert case.json()["case_id"] == told["case_id"]
    shown, answered = (int(one.headers["etag"].strip('"')) for one in (case, answer))
    assert shown >= answered


def test_a_case_tells_its_timeline_its_decisions_and_the_victims_words(agent: httpx2.Client) -> None:
    case_id = settled(agent, P0, "timeline").json()["case_id"]
    entries = agent.get(f"/v1/cases/{case_id}/timeline").json()["entries"]
    assert entries[0]["fact"] == "opened"
    assert entries[0]["data"]["personal"]["free_text"] == "her words"
    assert {"track_dispatched", "state_changed"} <= {one["fact"] for one in entries}
    decisions = agent.get(f"/v1/cases/{case_id}/explanation").json()["decisions"]
    assert decisions[0]["fact"] == "opened"
    first = agent.get(f"/v1/cases/{case_id}/timeline?limit=1").json()
    rest = agent.get(f"/v1/cases/{case_id}/timeline", params={"after": first["next"]}).json()
    assert [one["id"] for one in [*first["entries"], *rest["entries"]]][: len(entries)] == [
        one["id"] for one in entries
    ]


def test_the_same_key_and_body_give_the_same_answer(agent: httpx2.Client) -> None:
    first, second = settled(agent, P3, "again"), settled(agent, P3, "again")
    assert (first.status_code, first.json()) == (second.status_code, second.json())


@pytest.mark.parametrize(
    "other", [P0, {**P3, "household_id": same_id("another-household")}], ids=["another body", "another household"]
)
def test_the_same_key_with_another_body_is_refused(agent: httpx2.Client, other: dict[str, Any]) -> None:
    settled(agent, P3, "conflict")
    answer = post(agent, other, "conflict")
    assert (answer.status_code, answer.json()["code"]) == (422, "id_conflict")


def test_two_callers_may_use_one_key(town: Door, agent: httpx2.Client) -> None:
    with town.client("agent", "another-agent") as other:
        assert settled(agent, P3, "mine").json()["case_id"] != settled(other, P3, "mine").json()["case_id"]


def test_one_report_sent_ten_times_at_once_is_one_case(agent: httpx2.Client) -> None:
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: post(agent, P3, "at-once"), range(10)))
    assert {answer.status_code for answer in answers} <= {201, 202}
    assert len({answer.json()["case_id"] for answer in answers if answer.status_code == 201}) == 1


def test_every_body_of_the_corpus_gets_its_verdict(town: Door, agent: httpx2.Client) -> None:
    counted = 'sameroof_reports_unknown_fields_total{channel="agent"}'
    before, verdicts, flags = town.metric(counted), {}, {}
    for case in cases():
        headers = {"Idempotency-Key": same_id(case.name), "Content-Type": "application/json"}
        answer = agent.post("/v1/incidents", content=case.body, headers=headers)
        while answer.status_code in {202, 503}:
            answer = agent.post("/v1/incidents", content=case.body, headers=headers)
        told = answer.json()
        verdicts[case.name] = "accepted" if answer.status_code == 201 else told.get("code", answer.text)
        flags[case.name] = {flag for flag in told.get("flags", ()) if flag.endswith(("_time", "_field"))}
    assert verdicts == {case.name: case.expect for case in cases()}
    assert flags == {case.name: case.flags for case in cases()}
    assert town.metric(counted) - before >= sum(case.unknown_fields for case in cases())


def test_a_neighbour_of_bad_input_is_answered_in_time(agent: httpx2.Client) -> None:
    agent.post("/v1/incidents", content=b"{", headers={"Idempotency-Key": "bad", "Content-Type": "application/json"})
    started = time.monotonic()
    assert post(agent, P3, "neighbour").status_code in {201, 202}
    assert time.monotonic() - started < 6.0


def test_a_household_is_made_read_replaced_and_found(agent: httpx2.Client) -> None:
    path, body = (
        f"/v1/households/{same_id('household')}",
        {
            "country": "FR",
            "reference": "ref-1",
            "members": [{"member_id": "m-1", "relation": "holder", "personal": {"name": "A Name Nobody Has"}}],
        },
    )
    assert tell(agent, "PUT", path, json=body, headers={"If-None-Match": "*"}).status_code == 200
    read = agent.get(path)
    assert read.json()["household"]["reference"] == "ref-1"
    changed = tell(agent, "PUT", path, json={**body, "language": "fr"}, headers={"If-Match": read.headers["etag"]})
    assert changed.status_code == 200
    stale = tell(agent, "PUT", path, json=body, headers={"If-Match": read.headers["etag"]})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    assert tell(agent, "PUT", path, json=body, headers={"If-None-Match": "*"}).status_code == 412
    found = agent.post("/v1/households:search", json={"name": "name nobody"}).json()["households"]
    assert [one["version"] for one in found] == [2]
    assert found[0]["household"]["language"] == "fr"


def test_a_case_is_raised_and_noted_without_a_version(agent: httpx2.Client) -> None:
    case_id = settled(agent, P3, "raise").json()["case_id"]
    raised = tell(agent, "POST", f"/v1/cases/{case_id}:raise", json={"band": "P1", "reason": "worse"})
    assert raised.status_code == 200, raised.text
    assert agent.get(f"/v1/cases/{case_id}").json()["band"] == "P1"
    again = tell(agent, "POST", f"/v1/cases/{case_id}:raise", json={"band": "P2", "reason": "calmer"})
    assert (again.status_code, again.json()["code"]) == (409, "wrong_state")
    noted = tell(
        agent, "POST", f"/v1/cases/{case_id}/notes", json={"text": "she called again"}, headers={"Idempotency-Key": "n"}
    )
    twice = tell(
        agent, "POST", f"/v1/cases/{case_id}/notes", json={"text": "she called again"}, headers={"Idempotency-Key": "n"}
    )
    assert (noted.status_code, noted.json()) == (twice.status_code, twice.json())
    entries = agent.get(f"/v1/cases/{case_id}/timeline").json()["entries"]
    assert [one["data"]["personal"]["text"] for one in entries if one["fact"] == "noted"] == ["she called again"]


def test_a_responder_takes_an_offer_works_on_it_and_lets_go(
    town: Door, agent: httpx2.Client, supervisor: httpx2.Client
) -> None:
    mine, other = enter(town, supervisor, "r-psy", "psychological-fr"), town.client("responder", "r-stranger")
    case_id = settled(agent, P0, "work").json()["case_id"]
    offer = offer_of(mine, case_id)
    track = f"/v1/tracks/{offer['track_id']}"
    assert "her words" not in mine.get(track).text
    assert (
        other.get(track).status_code,
        tell(other, "POST", f"/v1/offers/{offer['offer_id']}:accept").status_code,
    ) == (
        404,
        404,
    )
    accepted = tell(mine, "POST", f"/v1/offers/{offer['offer_id']}:accept")
    assert accepted.status_code == 200, accepted.text
    assert tell(mine, "POST", f"/v1/offers/{offer['offer_id']}:accept").json() == accepted.json()
    work = mine.get(track).json()
    assert (work["state"], work["safe_contact"], work["told"][0]["free_text"]) == (
        "accepted",
        "after 20:00",
        "her words",
    )
    assert tell(mine, "POST", f"{track}/notes", json={"text": "sealed words"}).status_code == 201
    spoke = {"result": "spoke"}
    assert tell(other, "POST", f"{track}:contacted", json=spoke).status_code == 404
    for verb, said in (("contacted", spoke), ("wait", {"for": "victim"}), ("resume", {}), ("done", {"result": "safe"})):
        answer = tell(mine, "POST", f"{track}:{verb}", json=said)
        assert answer.status_code == 200, (verb, answer.text)
    wait_until("the track is closed to who worked on it", lambda: mine.get(track).status_code == 404)
    wrong = tell(mine, "POST", f"{track}:contacted", json=spoke)
    assert (wrong.status_code, wrong.json()["code"]) == (409, "not_yours")
    noted = [one for one in agent.get(f"/v1/cases/{case_id}/timeline").json()["entries"] if one["fact"] == "noted"]
    assert [(one["sealed"], "sealed words" in str(one)) for one in noted] == [(True, False)]
    leave(mine)
    other.close()


def test_a_declined_offer_is_over_and_says_so(town: Door, agent: httpx2.Client, supervisor: httpx2.Client) -> None:
    mine = enter(town, supervisor, "r-decline", "psychological-fr")
    offer = offer_of(mine, settled(agent, P0, "decline").json()["case_id"])
    assert tell(mine, "POST", f"/v1/offers/{offer['offer_id']}:decline", json={"reason": "busy"}).status_code == 200
    late = tell(mine, "POST", f"/v1/offers/{offer['offer_id']}:accept")
    assert (late.status_code, late.json()["code"]) == (409, "offer_over")
    leave(mine)


def test_a_supervisor_sees_the_queue_assigns_and_acknowledges(
    town: Door, agent: httpx2.Client, supervisor: httpx2.Client
) -> None:
    case_id = post(agent, {"code": "threat", "country": "BE", "signals": ["physical_danger"]}, "assign").json()[
        "case_id"
    ]
    queue = supervisor.get("/v1/desks/legal-be/queue").json()["tracks"]
    track_id = next(one["track_id"] for one in queue if one["case_id"] == case_id)
    pages: list[dict[str, Any]] = []

    def paged() -> bool:
        pages[:] = [one for one in supervisor.get("/v1/pages?limit=200").json()["pages"] if one["track_id"] == track_id]
        return bool(pages)

    wait_until("a page: nobody is on duty in Belgium", paged)
    assert tell(supervisor, "POST", f"/v1/pages/{pages[0]['page_id']}:acknowledge").status_code == 200
    assert not paged()
    mine = enter(town, supervisor, "r-legal-be", "legal-be")
    answer = tell(
        supervisor, "POST", f"/v1/tracks/{track_id}:assign", json={"responder_id": "r-legal-be", "reason": "by_hand"}
    )
    assert answer.status_code == 200, answer.text
    assert mine.get(f"/v1/tracks/{track_id}").json()["responder_id"] == "r-legal-be"
    told = supervisor.get("/v1/responders/r-legal-be")
    assert (told.json()["load"], told.json()["presence"]) == (2, "available")
    stale = tell(
        supervisor,
        "PUT",
        "/v1/responders/r-legal-be",
        json={"desk_id": "legal-be", "methods": [{"kind": "log"}]},
        headers={"If-None-Match": "*"},
    )
    assert stale.status_code == 412
    elsewhere = tell(
        supervisor,
        "PUT",
        "/v1/responders/r-legal-be",
        json={"desk_id": "legal-fr", "methods": [{"kind": "log"}]},
        headers={"If-Match": told.headers["etag"]},
    )
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (409, "wrong_state")
    leave(mine)


def test_every_desk_is_shown_and_the_catalogue_too(supervisor: httpx2.Client) -> None:
    desks = supervisor.get("/v1/desks").json()["desks"]
    assert len(desks) == 8
    assert all([band["band"] for band in desk["bands"]] == ["P0", "P1", "P2", "P3"] for desk in desks)
    assert "sextortion" in supervisor.get("/v1/catalogue").json()["incidents"]["codes"]


def test_the_schemas_that_events_point_to_are_served(town: Door) -> None:
    answer = httpx2.get(f"{town.url}/schemas/eu.sameroof.report.v1.submitted/1.0.json")
    assert answer.json()["$id"] == "/schemas/eu.sameroof.report.v1.submitted/1.0.json"


def test_a_covert_case_is_on_no_shared_view(agent: httpx2.Client, supervisor: httpx2.Client) -> None:
    answer = settled(agent, {**P0, "covert": True}, "covert").json()
    assert agent.get(f"/v1/cases/{answer['case_id']}").json()["covert"] is True
    found = agent.post("/v1/cases:search", json={"household_id": answer["household_id"]}).json()["cases"]
    tracks = [supervisor.get(f"/v1/desks/{one['desk_id']}/queue?limit=200").text for one in answer["tracks"]]
    assert (found, [answer["case_id"] in text for text in tracks]) == ([], [False] * len(tracks))


def test_nothing_personal_is_logged_or_measured(town: Door, agent: httpx2.Client) -> None:
    canary = "canary-0478-11-22-33"
    said = {"code": "phishing", "personal": {"free_text": canary, "reporter_name": canary, "safe_contact": canary}}
    settled(agent, said, "canary")
    agent.post("/v1/households:search", json={"name": canary})
    agent.post("/v1/incidents", json={"code": {"deep": canary}}, headers={"Idempotency-Key": canary})
    logs = "".join(path.read_text(errors="replace") for path in Path(town.home).glob("*.log"))
    assert "sameroof_http_call_seconds" in (metrics := town.member.get("/metrics")[1])
    assert (canary in logs, canary in metrics) == (False, False)
