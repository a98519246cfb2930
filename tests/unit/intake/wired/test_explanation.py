"""Why is a case as it is? Every decision in words and as data, decided again; whatever was stored otherwise shows."""

import json
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from schemas.words import Role
from services.intake.calling import Api
from tests.unit.intake.wired.door import Desk

DECIDED = {"triage", "retriage", "coverage", "pillars", "clocks"}


async def a_case(desk: Desk) -> str:
    case = await desk.reports("h1", "threat", key="c", facts={"weapon": False}, language="fr", victim_age_band="15_17")
    case_id = str(case["case_id"])
    said = {"facts": {"facts": {"weapon": True}, "personal": {"free_text": "Je veux mourir."}}}
    assert (await desk.post(f"/v1/cases/{case_id}:update", said)).status_code == 200
    return case_id


async def explained(desk: Desk, case_id: str) -> dict[str, Any]:
    answer = await desk.get(f"/v1/cases/{case_id}/explanation")
    assert answer.status_code == 200
    shown: dict[str, Any] = answer.json()
    return shown


def explanations(shown: dict[str, Any]) -> list[dict[str, Any]]:
    return [why for decision in shown["decisions"] for why in decision["explanations"]]


async def test_every_band_routing_coverage_and_clock_decision_comes_out_the_same_again(desk: Desk) -> None:
    shown = await explained(desk, await a_case(desk))
    kinds = {why["rule"].partition(":")[0]: why["again"] for why in explanations(shown)}
    assert {kind: kinds[kind] for kind in DECIDED} == dict.fromkeys(DECIDED, "same")
    assert shown["differs"] is False


@pytest.mark.parametrize("verb", ["raise", "split"])
async def test_what_a_raise_or_a_split_changes_is_explained_too(desk: Desk, verb: str) -> None:
    case = await desk.reports("h1", "insult_harassment", key="c", secondary_codes=["phishing"])
    said = {"raise": {"band": "P0", "reason": "agent_heard"}, "split": {"code": "phishing", "reason": "two_things"}}
    path = f"/v1/cases/{case['case_id']}:{verb}"
    assert (await desk.post(path, said[verb], If_Match=f'"{case["version"]}"')).status_code == 200
    shown = await explained(desk, str(case["case_id"]))
    (told,) = [one for one in shown["decisions"] if one["fact"] == "coverage_decided"]
    kinds = {why["rule"].partition(":")[0]: why["again"] for why in told["explanations"]}
    assert kinds == {"retriage": "same", "coverage": "same", "pillars": "same"}


async def test_every_decision_is_told_in_words_and_no_word_of_the_victim_is_in_them(desk: Desk) -> None:
    shown = await explained(desk, await a_case(desk))
    words = [why["words"] for why in explanations(shown)]
    assert any("a minor" in one and "P0" in one for one in words)
    assert any("free text seems to say it: self_harm" in one for one in words)
    assert "mourir" not in json.dumps(shown)


def recorded(shown: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {why["rule"]: why for why in explanations(shown) if why["rule"].startswith("recorded:")}


async def acted(desk: Desk, case_id: str, verb: str, **said: Any) -> None:
    version = (await desk.case(case_id))["version"]
    path = f"/v1/cases/{case_id}:{verb}"
    answer = await desk.post(path, said, role=Role.SUPERVISOR, If_Match=f'"{version}"')
    assert answer.status_code == 200, answer.text


ACTS: dict[str, tuple[dict[str, Any], str, str]] = {
    "raise": ({"band": "P1"}, "state_changed", "raised the case from P2 to P1"),
    "lower": ({"band": "P3"}, "state_changed", "lowered the case from P2 to P3"),
    "close": ({}, "state_changed", "closed the case"),
    "update": ({"declined": ["legal"]}, "track_moved", "noted that the victim wants no legal help"),
    "reroute": ({"pillar": "legal", "region": "be"}, "track_moved", "sent the legal track to another desk"),
    "split": ({"code": "phishing"}, "split", "made a case of its own of phishing"),
}


@pytest.mark.parametrize("verb", ACTS)
async def test_what_a_human_decides_is_told_with_their_role_and_reason(desk: Desk, verb: str) -> None:
    said, fact, words = ACTS[verb]
    case = await desk.reports("h1", "insult_harassment", key="c", secondary_codes=["phishing"])
    assert recorded(await explained(desk, case["case_id"])) == {}
    await acted(desk, case["case_id"], verb, reason="heard_again", **said)
    ((rule, why),) = recorded(await explained(desk, case["case_id"])).items()
    assert (rule, why["again"], why["inputs"]["by"]) == (f"recorded:{fact}", "recorded", "supervisor")
    assert why["words"].startswith(f"A human (supervisor) {words}")
    assert why["words"].endswith("because of heard_again.")
    assert "heard_again" in {why["inputs"].get("reason"), why["inputs"].get("result")}


async def test_a_signal_that_was_closed_and_a_case_taken_up_again_are_told_too(desk: Desk) -> None:
    case = await desk.reports("h1", "threat", key="c", signals=["physical_danger"])
    await acted(desk, case["case_id"], "update", closed_signals=["physical_danger"], reason="police_there")
    await acted(desk, case["case_id"], "close", reason="all_well")
    await acted(desk, case["case_id"], "reopen", reason="rang_again")
    words = [why["words"] for why in explanations(await explained(desk, case["case_id"])) if why["again"] == "recorded"]
    assert [one for one in words if one.startswith("A human")] == [
        "A human (supervisor) closed the signal physical_danger, because of police_there.",
        "A human (supervisor) closed the case, because of all_well.",
        "A human (supervisor) reopened the case, because of rang_again.",
    ]


async def test_a_broken_promise_is_told_with_who_used_its_time(desk: Desk) -> None:
    case = await desk.reports("h1", "insult_harassment", key="c")
    desk.wire.log.fire(desk.wire.clock.now() + timedelta(hours=3))
    await desk.wire.fold()
    why = recorded(await explained(desk, case["case_id"]))["recorded:clock_breached"]
    assert why["words"].startswith("The promise acknowledge of the ")
    assert why["words"].endswith(" was broken. Who used its time: we 2 h.")


def _decision(told: dict[str, Any], family: str) -> dict[str, Any]:
    given = told.get("explanations") or [told["explanation"]]
    return next(one for one in given if one["rule"].startswith(family))


def _in_asked(why: dict[str, Any], old: str, new: str) -> None:
    assert old in why["inputs"]["asked"]
    why["inputs"]["asked"] = why["inputs"]["asked"].replace(old, new)


SINCE = {"since": "2020-01-01T00:00:00+00:00"}
ALTERED: dict[str, tuple[str, Callable[[dict[str, Any]], object], str | None]] = {
    "the band that was told": ("opened", lambda told: told.update(band="P3"), "fact/band"),
    "the rule": ("opened", lambda told: _decision(told, "triage").update(rule="triage:threat.base"), "rule"),
    "the band it came to": ("opened", lambda told: _decision(told, "triage")["inputs"].update(band="P3"), "band"),
    "an answer": ("opened", lambda told: _in_asked(_decision(told, "triage"), '"false"', '"true"'), "asked"),
    "what the report said": ("opened", lambda told: told["facts"]["facts"].update(weapon=True), "asked"),
    "a count": ("opened", lambda told: _decision(told, "triage")["rejected"].update(not_met=0), "rejected/not_met"),
    "a service": ("opened", lambda told: told["granted"][0]["services"].pop(), "fact/granted"),
    "why it is covered": ("opened", lambda told: _decision(told, "coverage").update(rule="coverage:member"), "rule"),
    "the harm's day": ("opened", lambda told: _in_asked(_decision(told, "coverage"), '"received":"2', '"received":"x'), "asked"),
    "the lead pillar": ("opened", lambda told: _decision(told, "pillars")["inputs"].update(lead="financial"), "lead"),
    "a deadline": ("track_dispatched", lambda told: told["promised"].update(acknowledge="2030-01-01T00:00:00Z"), "acknowledge"),
    "the band a clock ran on": ("track_dispatched", lambda told: told["explanation"]["inputs"].update(band="P3"), "acknowledge"),
    "since when it ran": ("track_dispatched", lambda told: told["explanation"]["inputs"].update(SINCE), "acknowledge"),
    "the desk": ("track_dispatched", lambda told: told["explanation"]["inputs"].update(desk="legal-be"), "fact/desk_id"),
    "another release": ("opened", lambda told: [one.update(catalogue="0" * 16) for one in told["explanations"]], None),
}  # fmt: skip


@pytest.mark.parametrize("what", ALTERED)
async def test_one_stored_value_altered_is_seen(desk: Desk, api: Api, what: str) -> None:
    fact, alter, named = ALTERED[what]
    case_id = await a_case(desk)
    path = api.settings.state_dir / "read_model.sqlite"
    with sqlite3.connect(path) as store:
        query = "SELECT id, value FROM events WHERE case_id = ? AND type LIKE ? ORDER BY position LIMIT 1"
        event_id, value = store.execute(query, (case_id, f"%.{fact}")).fetchone()
        told = json.loads(value)
        alter(told)
        store.execute("UPDATE events SET value = ? WHERE id = ?", (json.dumps(told), event_id))
    shown = await explained(desk, case_id)
    if named is None:
        assert "release_missing" in {why["again"] for why in explanations(shown)}
        return
    assert shown["differs"] is True
    assert named in {one["what"] for why in explanations(shown) for one in why["differences"]}
