"""Covert cases are found by reference plus code word only, by whatever call; every miss is told to whoever works on them."""

import pytest

from schemas.words import Role
from tests.unit.intake.wired.door import Desk


async def covert_case(desk: Desk) -> str:
    case = await desk.reports("h1", "threat", key="c", covert=True, personal={"code_word": "Blue Heron"})
    return str(case["case_id"])


@pytest.mark.parametrize("word", ["Blue Heron", "blue  heron", "BLUE HERON"])
async def test_a_covert_case_is_found_by_reference_plus_code_word(desk: Desk, word: str) -> None:
    case_id = await covert_case(desk)
    assert (await desk.case(case_id, word=word))["case_id"] == case_id


@pytest.mark.parametrize("word", [None, "heron"])
@pytest.mark.parametrize("path", ["", "/timeline", "/explanation"])
async def test_without_the_code_word_a_covert_case_is_no_case_at_all(desk: Desk, path: str, word: str | None) -> None:
    case_id = await covert_case(desk)
    answer = await desk.get(f"/v1/cases/{case_id}{path}", word=word)
    nowhere = await desk.get(f"/v1/cases/nowhere{path}", word=word)
    assert (answer.status_code, answer.json()) == (404, nowhere.json())


async def test_a_missed_code_word_is_told_on_the_case(desk: Desk) -> None:
    case_id = await covert_case(desk)
    await desk.get(f"/v1/cases/{case_id}", word="heron")
    answer = await desk.get(f"/v1/cases/{case_id}/timeline", word="blue heron")
    (miss,) = [one for one in answer.json()["entries"] if one["fact"] == "looked_up"]
    assert (miss["data"]["found"], miss["actor"]["id"]) == (False, "dev-agent")


async def test_reading_a_covert_case_rightly_changes_nothing_of_it(desk: Desk) -> None:
    case_id = await covert_case(desk)
    before = await desk.case(case_id, word="blue heron")
    assert await desk.case(case_id, word="blue heron") == before


async def test_nothing_is_done_to_a_covert_case_without_its_code_word(desk: Desk) -> None:
    case_id = await covert_case(desk)
    path, said = f"/v1/cases/{case_id}:update", {"facts": {"language": "nl"}}
    assert (await desk.post(path, said)).status_code == 404
    assert (await desk.post(path, said, Sameroof_Code_Word="blue heron")).status_code == 200


async def test_a_covert_case_is_on_no_shared_view(desk: Desk) -> None:
    case_id = await covert_case(desk)
    assert (await desk.post("/v1/cases:search", {})).json()["cases"] == []
    for path in ("/v1/desks", "/v1/desks/legal-fr/queue", "/v1/pages"):
        assert case_id not in (await desk.get(path, role=Role.SUPERVISOR)).text


async def test_no_answer_ever_shows_a_code_word_but_what_its_reporter_said(desk: Desk) -> None:
    case_id = await covert_case(desk)
    assert "Heron" not in str(await desk.case(case_id, word="blue heron"))
