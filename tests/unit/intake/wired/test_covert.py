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


async def merged_and_covert_since(desk: Desk) -> tuple[str, str]:
    """A case that went on in another one, which came to be covert."""
    gone, other = [await desk.reports("h1", code, key=code) for code in ("phishing", "threat")]
    said = {"into_case_id": other["case_id"], "reason": "same_thing"}
    path = f"/v1/cases/{gone['case_id']}:merge"
    assert (await desk.post(path, said, If_Match=f'"{gone["version"]}"')).status_code == 200
    facts = {"offender_relation": "spouse", "personal": {"code_word": "Blue Heron"}}
    assert (await desk.post(f"/v1/cases/{other['case_id']}:update", {"facts": facts})).status_code == 200
    return str(gone["case_id"]), str(other["case_id"])


@pytest.mark.parametrize("path", ["", "/timeline", "/explanation"])
async def test_a_case_that_goes_on_in_a_covert_one_is_no_way_around_its_code_word(desk: Desk, path: str) -> None:
    gone, _ = await merged_and_covert_since(desk)
    assert (await desk.get(f"/v1/cases/{gone}{path}", word="heron")).status_code == 404
    assert (await desk.get(f"/v1/cases/{gone}{path}", word="blue heron")).status_code == 200


@pytest.mark.parametrize("deed", [":update", ":raise", "/notes"])
async def test_nothing_is_done_to_a_covert_case_by_the_id_of_one_that_goes_on_in_it(desk: Desk, deed: str) -> None:
    gone, other = await merged_and_covert_since(desk)
    before = await desk.case(other, word="blue heron")
    said = {":update": {"facts": {"language": "nl"}}, ":raise": {"band": "P0", "reason": "x"}, "/notes": {"text": "x"}}
    assert (await desk.post(f"/v1/cases/{gone}{deed}", said[deed])).status_code == 404
    after = await desk.case(other, word="blue heron")
    assert after["version"] - before["version"] == 1  # the miss is told on the case


async def test_what_goes_on_in_a_case_of_the_other_side_is_not_found_by_its_household(desk: Desk) -> None:
    gone, into, across = [
        await desk.reports("h1", code, key=code) for code in ("phishing", "identity_theft", "account_takeover")
    ]
    joins = {"into_case_id": into["case_id"], "reason": "same_thing"}
    path = f"/v1/cases/{gone['case_id']}:merge"
    assert (await desk.post(path, joins, If_Match=f'"{gone["version"]}"')).status_code == 200
    walls = {"other_case_id": across["case_id"], "kind": "opposite_sides", "reason": "separated"}
    assert (await desk.post(f"/v1/cases/{into['case_id']}:link", walls)).status_code == 200
    found = await desk.post("/v1/cases:search", {"household_id": into["household_id"]})
    assert found.json()["cases"] == []


async def test_what_goes_on_in_a_covert_case_is_never_found_by_searching(desk: Desk) -> None:
    await merged_and_covert_since(desk)
    assert (await desk.post("/v1/cases:search", {})).json()["cases"] == []
