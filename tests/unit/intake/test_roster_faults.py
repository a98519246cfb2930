"""A responder whom nothing could reach is refused when they are put."""

from typing import Any

import httpx2
import pytest

from schemas.words import Role
from services.intake.asks import RosterBody
from services.intake.roster_faults import faults
from tests.shipped import CATALOGUE
from tests.unit.intake.conftest import Signer

SECRET = "canary"
WEBHOOK = [{"kind": "webhook"}]


async def put(client: httpx2.AsyncClient, signer: Signer, body: dict[str, Any], name: str = "r-1") -> httpx2.Response:
    headers = signer.header(Role.SUPERVISOR) | {"If-None-Match": "*"}
    return await client.put(f"/v1/responders/{name}", json={"desk_id": "legal-be", **body}, headers=headers)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"methods": [{"kind": SECRET}]}, "#/methods/0/kind"),
        ({"methods": WEBHOOK}, "#/personal/addresses/0"),
        ({"methods": WEBHOOK, "personal": {"addresses": [SECRET]}}, "#/personal/addresses/0"),
        ({"methods": WEBHOOK, "personal": {"addresses": [f"ftp://{SECRET}"]}}, "#/personal/addresses/0"),
        ({"methods": WEBHOOK, "personal": {"addresses": [f"https://{SECRET}:port"]}}, "#/personal/addresses/0"),
        ({"methods": [{"kind": "log"}, *WEBHOOK], "personal": {"addresses": ["https://a.example"]}},
         "#/personal/addresses/1"),
        ({"methods": [{"kind": "smtp"}]}, "#/personal/addresses/0"),
        ({"methods": [{"kind": "smtp"}], "personal": {"addresses": [f"{SECRET}@"]}}, "#/personal/addresses/0"),
        ({"methods": [{"kind": "smtp"}], "personal": {"addresses": [f"a@example.org\nBcc: {SECRET}@example.org"]}},
         "#/personal/addresses/0"),
        ({"methods": [{"kind": "log"}], "reach": [{"band": "P0", "method": 1}]}, "#/reach/0/method"),
        ({"methods": [{"kind": "log"}], "desk_id": SECRET}, "#/desk_id"),
        ({"methods": [{"kind": "log"}], "skills": ["legal_data", SECRET]}, "#/skills/1"),
        ({"methods": [{"kind": "log"}], "training": {"legal_data": {"level": 4}}}, "#/training"),
        ({"methods": [{"kind": "log"}], "fluency": {"nl": "native"}}, "#/fluency"),
        ({"methods": [{"kind": "log"}], "languages": ["fr", SECRET]}, "#/languages/1"),
        ({"methods": [{"kind": "log"}], "interprets": [SECRET]}, "#/interprets/0"),
        ({"methods": [{"kind": "log"}], "clearances": [SECRET]}, "#/clearances/0"),
    ],
)  # fmt: skip
async def test_what_cannot_work_is_named_by_its_place_and_never_repeated(
    client: httpx2.AsyncClient, signer: Signer, body: dict[str, Any], pointer: str
) -> None:
    answer = await put(client, signer, body)
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]
    assert SECRET not in answer.text


@pytest.mark.parametrize("name", ["0478112233", "0478.11.22.33", "32-478-112233"])
async def test_a_number_is_no_responders_id(client: httpx2.AsyncClient, signer: Signer, name: str) -> None:
    answer = await put(client, signer, {"methods": [{"kind": "log"}]}, name)
    assert (answer.status_code, answer.json()["code"]) == (422, "wrong_type")
    assert "opaque" in answer.json()["detail"]
    assert name not in answer.text


@pytest.mark.parametrize("address", ["http://127.0.0.1:8080/ring", "https://pager.example/x?y=1", "http://[::1]:9/"])
def test_a_webhook_with_a_url_is_taken(address: str) -> None:
    told = {"desk_id": "legal-be", "methods": WEBHOOK, "personal": {"addresses": [address]}}
    assert list(faults(RosterBody.model_validate(told), CATALOGUE.skills)) == []
