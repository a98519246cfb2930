"""Whatever goes wrong leaves as a problem from the closed list, and says nothing of what came in."""

import json
import sqlite3
from contextlib import closing
from typing import Any

import httpx2
import pytest

from schemas.commands import Command, command_type
from schemas.messages import MESSAGES
from schemas.outcomes import OutcomeRefused
from schemas.words import DeadReason, Refusal, Role
from services.intake.calling import Api
from services.intake.problems import KINDS, MEDIA_TYPE, OF_REASON, OF_REFUSAL, TYPE_PREFIX, Code, problem_of_refusal
from services.intake.refusing import problem_of_outcome
from tests.contracts.bad_input.corpus import cases
from tests.unit.intake.conftest import Signer
from tests.unit.intake.records import example

CANARY = "canary-0478112233"
HOUSEHOLD = "efcc081e-fc58-5486-8131-63b789d044a1"


def checked(answer: httpx2.Response, code: Code) -> dict[str, Any]:
    """The body of a problem, after looking at everything every problem has."""
    told: dict[str, Any] = answer.json()
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert told["code"] == code
    assert told["type"] == TYPE_PREFIX + code
    assert told["status"] == answer.status_code == KINDS[code].status
    assert told["title"] == KINDS[code].title
    assert CANARY not in answer.text
    return told


def test_every_code_has_a_status_and_a_title() -> None:
    assert KINDS.keys() == set(Code)
    assert all(400 <= kind.status < 600 and kind.title for kind in KINDS.values())


def test_every_reason_to_refuse_a_body_is_a_client_error() -> None:
    for reason in (reason for reason in DeadReason if reason in OF_REASON):
        assert KINDS[OF_REASON[reason]].status in range(400, 500)


@pytest.mark.parametrize("reason", Refusal)
def test_every_refusal_of_a_writer_is_404_409_412_or_422(reason: Refusal) -> None:
    assert problem_of_refusal(reason).status in {404, 409, 412, 422}
    assert OF_REFUSAL.keys() == set(Refusal)


async def test_every_bad_report_is_refused_with_the_reason_of_the_corpus(
    client: httpx2.AsyncClient, signer: Signer
) -> None:
    headers = {**signer.header(Role.AGENT), "Idempotency-Key": "k", "Content-Type": "application/json"}
    refused = [case for case in cases() if not case.accepted]
    answers = {case.name: await client.post("/v1/incidents", content=case.body, headers=headers) for case in refused}
    assert {name: answer.json()["code"] for name, answer in answers.items()} == {
        case.name: case.expect for case in refused
    }
    for case in refused:
        checked(answers[case.name], Code(case.expect))


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"code": 17}, "#/code"),
        ({"signals": ["a", 5]}, "#/signals/1"),
        ({"code": "threat", "personal": {"free_text": [CANARY]}}, "#/personal/free_text"),
        ({"code": "threat", "household_id": CANARY}, "#/household_id"),
        ([CANARY], "#"),
    ],
)
async def test_a_wrong_field_is_named_by_its_place_and_its_value_is_not_repeated(
    client: httpx2.AsyncClient, signer: Signer, body: object, pointer: str
) -> None:
    answer = await client.post(
        "/v1/incidents", json=body, headers={**signer.header(Role.AGENT), "Idempotency-Key": "k"}
    )
    told = checked(answer, Code.WRONG_TYPE)
    assert [one["pointer"] for one in told["errors"]] == [pointer]


async def test_a_report_without_a_key_is_refused(client: httpx2.AsyncClient, signer: Signer) -> None:
    answer = await client.post("/v1/incidents", json={"code": "threat"}, headers=signer.header(Role.AGENT))
    checked(answer, Code.IDEMPOTENCY_KEY_REQUIRED)


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer x", f"Bearer {CANARY}", "Basic dTpw", "Bearer a.b.c"])
async def test_a_call_without_a_good_token_is_refused_with_a_challenge(
    client: httpx2.AsyncClient, header: str | None
) -> None:
    headers = {} if header is None else {"Authorization": header}
    for method, path in (
        ("GET", "/v1/desks"),
        ("POST", "/v1/incidents"),
        ("GET", "/v1/me/offers"),
        ("GET", "/v1/stream"),
    ):
        answer = await client.request(method, path, headers=headers)
        checked(answer, Code.UNAUTHENTICATED)
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("role", "call"),
    [
        (Role.RESPONDER, "POST /v1/incidents"),
        (Role.RESPONDER, "GET /v1/cases/c"),
        (Role.RESPONDER, "GET /v1/households/h"),
        (Role.AGENT, "GET /v1/me/offers"),
        (Role.AGENT, "GET /v1/desks"),
        (Role.AGENT, "POST /v1/tracks/t:assign"),
        (Role.RESPONDER, "GET /v1/pages"),
        (Role.PARTNER, "GET /v1/catalogue"),
        (Role.OPERATOR, "POST /v1/cases:search"),
    ],
)
async def test_a_role_that_may_not_is_told_so(
    client: httpx2.AsyncClient, signer: Signer, role: Role, call: str
) -> None:
    method, path = call.split()
    answer = await client.request(method, path, headers={**signer.header(role), "Content-Type": "application/json"})
    checked(answer, Code.FORBIDDEN)


@pytest.mark.parametrize(
    "path",
    ["/", "/v2/cases", f"/v1/{CANARY}", f"/v1/cases/{CANARY}", f"/v1/households/{CANARY}%00", f"/schemas/{CANARY}/1.0.json",
     "/schemas/../settings.py", "/board/../settings.py", "/docs"],
)  # fmt: skip
async def test_what_is_not_there_is_not_found(client: httpx2.AsyncClient, signer: Signer, path: str) -> None:
    checked(await client.get(path, headers=signer.header(Role.AGENT)), Code.NOT_FOUND)


async def test_a_method_that_is_not_there_is_named_as_such(client: httpx2.AsyncClient, signer: Signer) -> None:
    answer = await client.delete("/v1/cases/x", headers=signer.header(Role.AGENT))
    checked(answer, Code.METHOD_NOT_ALLOWED)
    assert answer.headers["allow"] == "GET"


async def test_a_body_of_another_kind_is_refused(client: httpx2.AsyncClient, signer: Signer) -> None:
    headers = {**signer.header(Role.AGENT), "Idempotency-Key": "k", "Content-Type": "text/plain"}
    checked(await client.post("/v1/incidents", content=b"{}", headers=headers), Code.UNSUPPORTED_MEDIA_TYPE)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"/v1/households/{HOUSEHOLD}", {"country": "FR"}),
        ("/v1/responders/r-1", {"desk_id": "legal-fr", "methods": [{"kind": "log"}]}),
    ],
)
async def test_replacing_a_record_needs_the_version_that_was_read(
    client: httpx2.AsyncClient, signer: Signer, path: str, body: dict[str, Any]
) -> None:
    answer = await client.put(path, json=body, headers=signer.header(Role.SUPERVISOR))
    checked(answer, Code.VERSION_REQUIRED)


@pytest.mark.parametrize(
    ("header", "value"),
    [("If-Match", "3"), ("If-Match", f'"{CANARY}"'), ("Idempotency-Key", "k" * 129), ("Idempotency-Key", "a b")],
)
async def test_a_header_nobody_can_read_is_refused(
    client: httpx2.AsyncClient, signer: Signer, header: str, value: str
) -> None:
    headers = {**signer.header(Role.AGENT), "If-None-Match": "", header: value}
    checked(await client.put(f"/v1/households/{HOUSEHOLD}", json={}, headers=headers), Code.MALFORMED_REQUEST)


@pytest.mark.parametrize("query", [f"limit={CANARY}", "limit=0", "limit=100000", "after=%00", f"after={CANARY}"])
async def test_a_query_nobody_can_read_is_refused(client: httpx2.AsyncClient, signer: Signer, query: str) -> None:
    checked(await client.get(f"/v1/pages?{query}", headers=signer.header(Role.SUPERVISOR)), Code.MALFORMED_REQUEST)


@pytest.mark.parametrize(
    "body", [{"cursor": CANARY}, {"limit": 0}, {"band": CANARY}, {"received_from": "1795311560"}, {"limit": True}]
)
async def test_a_search_nobody_can_read_is_refused(
    client: httpx2.AsyncClient, signer: Signer, body: dict[str, object]
) -> None:
    answer = await client.post("/v1/cases:search", json=body, headers=signer.header(Role.AGENT))
    checked(answer, Code.MALFORMED_REQUEST if "cursor" in body else Code.WRONG_TYPE)


async def test_an_error_of_ours_says_nothing_about_itself(api: Api, client: httpx2.AsyncClient, signer: Signer) -> None:
    header = signer.header(Role.AGENT)
    with closing(sqlite3.connect(api.settings.state_dir / "read_model.sqlite")) as broken:
        broken.execute("DROP TABLE cases")
    answer = await client.get(f"/v1/cases/{CANARY}", headers=header)
    told = checked(answer, Code.INTERNAL_ERROR)
    assert told.keys() == {"type", "title", "status", "code"}


async def test_too_many_calls_of_one_subject_are_slowed_and_nobody_elses(
    api: Api, client: httpx2.AsyncClient, signer: Signer
) -> None:
    flood = signer.header(Role.SUPERVISOR, "flood")
    statuses = [
        (await client.get("/v1/catalogue", headers=flood)).status_code for _ in range(api.settings.calls_burst + 1)
    ]
    assert statuses[0] == 200
    answer = await client.get("/v1/catalogue", headers=flood)
    checked(answer, Code.TOO_MANY_REQUESTS)
    assert int(answer.headers["retry-after"]) >= 1
    assert (await client.get("/v1/catalogue", headers=signer.header(Role.SUPERVISOR, "calm"))).status_code == 200


async def test_a_p0_report_is_never_throttled(api: Api, client: httpx2.AsyncClient, signer: Signer) -> None:
    flood = {**signer.header(Role.AGENT, "flood"), "Idempotency-Key": "k"}
    for _ in range(api.settings.calls_burst + 1):
        await client.get("/v1/catalogue", headers=flood)
    checked(await client.post("/v1/incidents", json={"code": "phishing"}, headers=flood), Code.TOO_MANY_REQUESTS)
    answer = await client.post("/v1/incidents", json={"code": "grooming_of_minor"}, headers=flood)
    assert json.loads(answer.text)["code"] == Code.BUS_UNAVAILABLE  # there is no bus here, but it was let through to it


@pytest.mark.parametrize(
    ("path", "body", "pointer", "sentence"),
    [
        ("/v1/cases:search", {"limit": 0}, "#/limit", "must be at least 1"),
        ("/v1/cases:search", {"limit": 201}, "#/limit", "must be at most 200"),
        ("/v1/cases:search", {"limit": "9"}, "#/limit", "must be a whole number"),
        ("/v1/cases:search", {"band": CANARY}, "#/band", "must be one of 'P0', 'P1', 'P2' or 'P3'"),
        ("/v1/cases:search", {"code": "x" * 65}, "#/code", "may have at most 64 characters"),
        ("/v1/cases:search", {"code": [CANARY]}, "#/code", "must be a text"),
        ("/v1/cases:search", {"received_from": CANARY}, "#/received_from",
         "must be an instant after RFC 3339 with a zone, in the years 1 to 9999"),
        ("/v1/cases:search", [CANARY], "#", "must be an object"),
        ("/v1/households:search", {"name": "ab"}, "#/name", "must have at least 3 characters"),
        ("/v1/incidents", {"signals": CANARY}, "#/signals", "must be a list"),
        ("/v1/incidents", {"signals": ["x"] * 17}, "#/signals", "may have at most 16 entries"),
        ("/v1/incidents", {"work_related": CANARY}, "#/work_related", "must be true or false"),
        ("/v1/incidents", {"code": "threat", "household_id": CANARY}, "#/household_id", "must be a UUID in lower case"),
        ("/v1/incidents", {"personal": CANARY}, "#/personal", "must be an object"),
        ("/v1/incidents", {"facts": {CANARY: [CANARY]}}, "#/facts",
         "must be an object of a bounded number of names, each with a single answer"),
        ("/v1/cases/c:link", {"other_case_id": HOUSEHOLD, "reason": "x", "kind": CANARY}, "#/kind",
         "must be one of 'related', 'repeated' or 'opposite_sides'"),
        ("/v1/cases/c/notes", {"text": " "}, "#/text", "must not be blank"),
        ("/v1/cases/c/notes", {}, "#/text", "is missing"),
    ],
)  # fmt: skip
async def test_what_is_wrong_with_a_field_is_a_sentence_with_our_own_limit_or_choices(
    client: httpx2.AsyncClient, signer: Signer, *, path: str, body: object, pointer: str, sentence: str
) -> None:
    headers = signer.header(Role.AGENT) | {"Idempotency-Key": "k"}
    told = checked(await client.post(path, json=body, headers=headers), Code.WRONG_TYPE)
    assert told["errors"] == [{"pointer": pointer, "detail": sentence}]


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (f"GET /v1/households/{HOUSEHOLD}/entitlements?at=2026-02-30", "must be a day that exists, as YYYY-MM-DD"),
        ("GET /v1/cases/c/timeline?limit=many", "must be a whole number"),
        ("GET /v1/cases/c/timeline?limit=501", "must be at most 500"),
        ("GET /v1/catalogue?release=latest", "must match ^[0-9a-f]{16}$"),
    ],
)
async def test_what_is_wrong_with_a_query_is_a_sentence_too(
    client: httpx2.AsyncClient, signer: Signer, call: str, sentence: str
) -> None:
    method, path = call.split()
    told = checked(await client.request(method, path, headers=signer.header(Role.AGENT)), Code.MALFORMED_REQUEST)
    assert [one["detail"] for one in told["errors"]] == [sentence]


async def test_an_instant_whose_plus_the_url_lost_is_told_how_to_keep_it(
    client: httpx2.AsyncClient, signer: Signer
) -> None:
    path = "/v1/on-duty?at=2026-03-02T12:00:00+01:00"
    told = checked(await client.get(path, headers=signer.header(Role.SUPERVISOR)), Code.MALFORMED_REQUEST)
    assert told["errors"][0]["detail"].endswith("in a URL + is written %2B")


@pytest.mark.parametrize(("wrong", "detail"), [(5, None), (8, "8 fields are wrong, the first 5 are named")])
@pytest.mark.parametrize("path", ["/v1/incidents", "/v1/cases:search"])
async def test_more_wrong_fields_than_are_named_are_counted(
    client: httpx2.AsyncClient, signer: Signer, *, path: str, wrong: int, detail: str | None
) -> None:
    names = ["code", "platform", "currency", "language", "country", "reporter_role", "victim_age_band", "paid_at"]
    if path.endswith("search"):
        names = ["code", "household_id", "state", "band", "pillar", "desk_id", "responder_id", "limit"]
    headers = signer.header(Role.AGENT) | {"Idempotency-Key": "k"}
    body = {name: [CANARY] for name in names[:wrong]}
    told = checked(await client.post(path, json=body, headers=headers), Code.WRONG_TYPE)
    assert (len(told["errors"]), told.get("detail")) == (5, detail)


@pytest.mark.parametrize(
    ("path", "body", "needed"),
    [
        (f"/v1/households/{HOUSEHOLD}", {}, ", or If-None-Match: * for a new one"),
        ("/v1/catalogue/active", {"release": "0" * 16}, ""),
    ],
)
async def test_which_version_a_put_needs_is_said(
    client: httpx2.AsyncClient, signer: Signer, *, path: str, body: object, needed: str
) -> None:
    answer = await client.put(path, json=body, headers=signer.header(Role.SUPERVISOR))
    told = checked(answer, Code.VERSION_REQUIRED)
    assert told["detail"] == "needs If-Match with the version you read" + needed


@pytest.mark.parametrize(("type_", "detail"), [("catalogue_choose", "it is now at version 7"), ("lower", "it is now at version 7"),
                                               ("household_put", "it exists already, at version 7")])  # fmt: skip
def test_only_what_a_put_would_have_made_is_said_to_exist_already(type_: str, detail: str) -> None:
    model = MESSAGES[command_type(type_)]
    command = model.model_validate_json(json.dumps(example(command_type(type_))["data"] | {"expected_version": 0}))
    assert isinstance(command, Command)
    subject = getattr(command, "case_id", "s")
    refused = OutcomeRefused(command_id="c", subject=subject, version=7, reason=Refusal.STALE_VERSION)
    assert problem_of_outcome(command, refused).body.detail == detail
