"""Where a body replaces or searches, what nobody knows is refused at its place and never repeated."""

import json
from typing import Any

import httpx2
import pytest

from schemas.households import HouseholdBody
from schemas.words import Role
from services.intake.asks import CaseSearch, RosterBody
from services.intake.bodies import parse
from services.intake.household_faults import faults
from services.intake.problems import Problem
from tests.shipped import CATALOGUE
from tests.unit.intake.conftest import Signer
from tests.unit.intake.records import golden_household

PATH = "/v1/households/efcc081e-fc58-5486-8131-63b789d044a1"
PROGRAMMES = CATALOGUE.programmes


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"holdngs": []}, "#"),
        ({"members": [{"member_id": "m", "relation": "child"}, {"member_id": "n", "relation": "child", "holdngs": 1}]},
         "#/members/1"),
        ({"members": [{"member_id": "m", "relation": "child", "personal": {"holdngs": "x"}}]}, "#/members/0/personal"),
        ({"holdings": [{"programme": "holdngs", "valid_from": "2026-01-01"}]}, "#/holdings/0/programme"),
        ({"members": [{"member_id": "m", "relation": "holdngs"}]}, "#/members/0/relation"),
        ({"members": [{"member_id": "m", "relation": "child", "valid_to": "2026-13-45"}]}, "#/members/0/valid_to"),
        ({"holdings": [{"programme": "proximus_cyber_care", "valid_from": "2026-02-30"}]}, "#/holdings/0/valid_from"),
        ({"holdings": [{"programme": "phone_harassment_mutual", "valid_from": "2026-01-01", "tier": "holdngs"}]},
         "#/holdings/0/tier"),
    ],
)  # fmt: skip
async def test_a_mistake_in_a_household_is_named_by_its_place_and_never_repeated(
    client: httpx2.AsyncClient, signer: Signer, body: dict[str, Any], pointer: str
) -> None:
    answer = await client.put(PATH, json=body, headers=signer.header(Role.AGENT) | {"If-None-Match": "*"})
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]
    assert "holdngs" not in answer.text


def test_a_household_as_it_is_read_may_be_put_again() -> None:
    body = golden_household().body
    raw = body.model_dump_json(exclude_none=True).encode()
    assert list(faults(parse(raw, HouseholdBody), None, PROGRAMMES)) == []


def test_a_word_that_a_partner_brought_is_kept_when_an_agent_puts_the_household_again() -> None:
    words = {
        "members": [{"member_id": "m", "relation": "new_word"}],
        "holdings": [{"programme": "new_programme", "valid_from": "2026-01-01"}],
    }
    body = HouseholdBody.model_validate_json(json.dumps(words))
    assert len(list(faults(body, None, PROGRAMMES))) == 2
    assert list(faults(body, body, PROGRAMMES)) == []


def holding(**said: str) -> HouseholdBody:
    told = {"programme": "phone_harassment_mutual", "valid_from": "2026-01-01"} | said
    return HouseholdBody.model_validate({"holdings": [told]})


def test_an_unknown_tier_is_refused_with_the_tiers_there_are() -> None:
    (error,) = faults(holding(tier="gold"), None, PROGRAMMES)
    assert error.detail == "no such tier; there are essential, comfort, premium"


@pytest.mark.parametrize(
    "said",
    [{}, {"tier": "comfort"}, {"programme": "home_cyber_clause", "tier": "any"},
     {"programme": "cse_collective_cover", "funded_programme": "phone_harassment_mutual", "tier": "premium"}],
)  # fmt: skip
def test_a_tier_that_exists_or_means_nothing_is_taken(said: dict[str, str]) -> None:
    assert list(faults(holding(**said), None, PROGRAMMES)) == []


def test_a_tier_that_a_partner_brought_is_kept_and_goes_to_no_other_programme() -> None:
    body = holding(tier="gold")
    assert list(faults(body, body, PROGRAMMES)) == []
    assert len(list(faults(body, holding(programme="home_cyber_clause", tier="gold"), PROGRAMMES))) == 1


@pytest.mark.parametrize("path", ["/v1/cases:search", "/v1/households:search"])
async def test_a_search_by_a_field_that_does_not_exist_finds_nothing_but_a_problem(
    client: httpx2.AsyncClient, signer: Signer, path: str
) -> None:
    answer = await client.post(path, json={"bnad": "P0"}, headers=signer.header(Role.AGENT))
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json()["errors"]] == ["#"]


def test_what_a_search_takes_is_said_with_the_refusal() -> None:
    with pytest.raises(Problem) as refused:
        parse(b'{"bnad": "P0"}', CaseSearch)
    (error,) = refused.value.body.errors or []
    assert set(CaseSearch.model_fields) <= set(error.detail.replace(",", "").split())


def test_what_is_said_of_each_skill_is_read_by_its_own_names() -> None:
    said = {"desk_id": "legal-fr", "methods": [{"kind": "log"}], "skills": ["legal_data"]}
    body = parse(json.dumps({**said, "training": {"legal_data": {"level": 4}}}).encode(), RosterBody)
    assert body.training["legal_data"].level == 4
    with pytest.raises(Problem) as refused:
        parse(json.dumps({**said, "training": {"legal_data": {"levl": 4}}}).encode(), RosterBody)
    assert [one.pointer for one in refused.value.body.errors or ()] == ["#/training/0"]
