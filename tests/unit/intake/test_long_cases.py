"""However long a case has become, its readers see what was said last, and how it began."""

from datetime import timedelta
from itertools import count
from typing import Any

import httpx2
import pytest

from schemas import topics
from schemas.case_facts import case_type
from schemas.words import Role, TrackState
from services.intake import case_calls, track_calls
from services.intake.calling import Api
from tests.unit.intake.conftest import Signer
from tests.unit.intake.records import AT, Log, golden_case

MANY = 5_200
WHY = {"rule": "offer:next", "catalogue": "x"}
CASE = golden_case()


def mine() -> Log:
    """The golden case, its first track mine, just opened."""
    log, track = Log(), CASE.tracks[0]
    held = track.model_copy(update={"state": TrackState.ACTIVE, "responder_id": "me"})
    log.state(topics.CASES, CASE.case_id, CASE.model_copy(update={"tracks": (held, *CASE.tracks[1:])}))
    tells(log, "opened")
    return log


def tells(log: Log, fact: str, **changed: Any) -> None:
    """One more fact of the golden case."""
    about = {"case_id": CASE.case_id, "household_id": CASE.household_id}
    log.event(topics.CASE_EVENT_LOG, case_type(fact), **about, **changed)


def notes(log: Log, *texts: str) -> None:
    """Notes for everybody, a minute apart."""
    for text, minute in zip(texts, count(), strict=False):
        at = (AT + timedelta(minutes=minute)).isoformat()
        tells(log, "noted", pillar=None, at=at, personal={"text": text})


async def track_of(client: httpx2.AsyncClient, signer: Signer) -> dict[str, Any]:
    answer = await client.get(f"/v1/tracks/{CASE.tracks[0].track_id}", headers=signer.header(Role.RESPONDER, "me"))
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()
    return told


async def test_a_responder_sees_a_new_note_on_a_long_case(api: Api, client: httpx2.AsyncClient, signer: Signer) -> None:
    log = mine()
    for _ in range(MANY):
        tells(log, "report_repeated")
    notes(log, "the newest")
    await api.model.apply(log.messages, AT)
    told = await track_of(client, signer)
    assert [one["text"] for one in told["notes"]] == ["the newest"]
    assert told["told"]


async def test_of_very_many_notes_a_responder_sees_the_newest_in_order(
    api: Api, client: httpx2.AsyncClient, signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(track_calls, "NOTES_SHOWN", 3)
    log = mine()
    notes(log, "a", "b", "c", "d", "e")
    await api.model.apply(log.messages, AT)
    told = await track_of(client, signer)
    assert [one["text"] for one in told["notes"]] == ["c", "d", "e"]
    assert told["told"]


async def test_a_new_decision_on_a_long_case_is_explained(api: Api, client: httpx2.AsyncClient, signer: Signer) -> None:
    log = mine()
    for _ in range(MANY):
        tells(log, "report_repeated")
    tells(log, "track_moved", explanation=WHY)
    await api.model.apply(log.messages, AT)
    assert await facts_explained(client, signer) == ["opened", "track_moved"]


async def test_of_very_many_decisions_the_first_and_the_newest_are_explained(
    api: Api, client: httpx2.AsyncClient, signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(case_calls, "LOOKED_AT", 2)
    log = mine()
    for _ in range(5):
        tells(log, "track_moved", explanation=WHY)
    await api.model.apply(log.messages, AT)
    assert await facts_explained(client, signer) == ["opened", "track_moved", "track_moved"]


async def facts_explained(client: httpx2.AsyncClient, signer: Signer) -> list[str]:
    answer = await client.get(f"/v1/cases/{CASE.case_id}/explanation", headers=signer.header(Role.AGENT))
    return [one["fact"] for one in answer.json()["decisions"]]
