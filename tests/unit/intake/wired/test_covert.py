"""Covert cases are found by reference plus code word only, by whatever call; every miss is told to whoever works on them."""

from typing import Any

import pytest

from schemas.words import Role
from services.intake.case_asks import Link, Merge
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


async def test_a_covert_case_without_a_code_word_says_so_until_one_is_agreed(desk: Desk) -> None:
    made = await desk.reports("h1", "threat", key="c", covert=True)
    assert "no_code_word" in made["flags"]
    assert "no_code_word" in (await desk.case(made["case_id"]))["flags"]
    facts = {"personal": {"code_word": "Blue Heron"}}
    assert (await desk.post(f"/v1/cases/{made['case_id']}:update", {"facts": facts})).status_code == 200
    assert "no_code_word" not in (await desk.case(made["case_id"], word="blue heron"))["flags"]


async def test_a_blank_code_word_is_none(desk: Desk) -> None:
    made = await desk.reports("h1", "threat", key="c", covert=True, personal={"code_word": " \t"})
    assert "no_code_word" in (await desk.case(made["case_id"]))["flags"]


async def test_a_case_that_is_not_covert_needs_no_code_word_and_does_not_say_so(desk: Desk) -> None:
    assert "no_code_word" not in (await desk.reports("h1", "phishing", key="c"))["flags"]


async def two_covert_cases(desk: Desk) -> tuple[str, dict[str, Any], str]:
    """The path of one, what its callers send, and the id of another under a word of its own."""
    one, other = [
        await desk.reports("h1", code, key=code, covert=True, personal={"code_word": word})
        for code, word in (("threat", "Blue Heron"), ("phishing", "Grey Café"))
    ]
    headers: dict[str, Any] = {"Sameroof_Code_Word": "blue heron", "If_Match": f'"{one["version"]}"'}
    return f"/v1/cases/{one['case_id']}", headers, str(other["case_id"])


@pytest.mark.parametrize(("verb", "field"), [("merge", "into_case_id"), ("link", "other_case_id")])
async def test_two_covert_cases_of_different_words_are_joined_by_both(desk: Desk, verb: str, field: str) -> None:
    path, headers, other = await two_covert_cases(desk)
    said = {field: other, "reason": "same_thing"} | ({"kind": "related"} if verb == "link" else {})
    for word in ({}, {"other_code_word": "blue heron"}):
        refused = await desk.post(f"{path}:{verb}", said | word, **headers)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (404, f"#/{field}")
    done = await desk.post(f"{path}:{verb}", said | {"other_code_word": "grey café"}, **headers)
    assert done.status_code == 200, done.text


def test_the_other_code_word_is_marked_as_personal() -> None:
    for model in (Merge, Link):
        assert "x-personal" in str(model.model_json_schema()["properties"]["other_code_word"])
