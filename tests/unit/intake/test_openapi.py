"""The OpenAPI document is what is committed, and says what the API does."""

import json
import re
from typing import Any

import httpx2

from services.intake.app import bare_app
from services.intake.asks import Ask
from services.intake.openapi import COMMITTED, document, text
from services.intake.problems import TYPE_PREFIX, Code

DOCUMENT, TEXT = document(), text()
CREATES = {"/v1/incidents", "/v1/incidents:bulk", "/v1/cases/{case_id}/notes", "/v1/tracks/{track_id}/notes"} | {
    f"/v1/desks/{{desk_id}}/rota/{change}" for change in ("overrides", "leave", "swaps")
}


def operations() -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": told
        for path, methods in DOCUMENT["paths"].items()
        for method, told in methods.items()
    }


def test_the_committed_document_is_current() -> None:
    assert COMMITTED.read_text("utf-8") == TEXT, "run `python -m services.intake.openapi --write` and commit the result"


def test_the_document_is_the_same_every_time() -> None:
    assert json.loads(TEXT) == DOCUMENT
    assert text() == TEXT


def test_every_call_but_the_contract_and_one_time_links_needs_a_token_and_may_end_in_a_problem() -> None:
    told = operations()
    assert {name for name, one in told.items() if "security" not in one} == {
        "GET /schemas/{type_}/{version}.json",
        "GET /a/{code}",
        "POST /a/{code}",
    }
    assert [name for name, one in told.items() if "default" not in one["responses"]] == []


def test_a_call_names_the_roles_of_which_its_caller_needs_one() -> None:
    told = operations()
    unnamed = {
        name
        for name, one in told.items()
        if not all(roles for way in one.get("security", ()) for roles in way.values())
    }
    assert unnamed == {"GET /board/session", "DELETE /board/session", "POST /board/session", "GET /v1/stream"}
    assert told["POST /v1/desks/{desk_id}:pause"]["security"] == [{"HTTPBearer": ["supervisor"]}]


def test_every_parameter_says_what_it_means() -> None:
    told = [(name, one) for name, call in operations().items() for one in call.get("parameters", ())]
    assert [(name, one["name"]) for name, one in told if not one["description"]] == []


def test_the_problem_types_are_the_closed_list() -> None:
    problem = DOCUMENT["components"]["schemas"]["ProblemBody"]
    assert problem["properties"]["type"]["enum"] == [TYPE_PREFIX + code for code in Code]


def test_every_operation_has_a_name_of_its_own() -> None:
    names = [one["operationId"] for one in operations().values()]
    assert len(names) == len(set(names))


def test_every_post_that_creates_takes_an_idempotency_key() -> None:
    told = DOCUMENT["paths"]
    for path in CREATES:
        keys = [one for one in told[path]["post"]["parameters"] if one["name"] == "Idempotency-Key"]
        assert [one["required"] for one in keys] == [path.startswith("/v1/incidents")]


def test_every_call_that_needs_a_version_says_so() -> None:
    needs = {
        name
        for name, one in operations().items()
        for parameter in one.get("parameters", [])
        if parameter["name"] == "If-Match" and parameter["required"]
    }
    deeds = {f"POST /v1/cases/{{case_id}}:{verb}" for verb in ("lower", "close", "merge", "split")}
    assert needs == deeds | {"PUT /v1/catalogue/active"}


def test_no_body_of_ours_takes_more_than_it_names() -> None:
    bodies = DOCUMENT["components"]["schemas"]
    for model in Ask.__subclasses__():
        assert bodies[f"{model.__name__}-Input"]["additionalProperties"] is False


def test_no_path_or_query_asks_for_personal_data() -> None:
    parameters = {
        one["name"]
        for told in operations().values()
        for one in told.get("parameters", [])
        if one["in"] in {"path", "query"}
    }
    assert not {name for name in parameters if re.search("name|phone|mail|contact|text|policy", name)}


def test_there_is_no_interactive_documentation_in_production() -> None:
    app = bare_app()
    assert (app.docs_url, app.redoc_url, app.openapi_url) == (None, None, None)


async def test_the_committed_document_is_served_to_anybody(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/openapi.json")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.content == COMMITTED.read_bytes()
