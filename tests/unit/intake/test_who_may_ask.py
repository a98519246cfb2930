"""How a command ended is told to who may know; a household is named by nothing that says who it is."""

import httpx2
import pytest

from schemas import topics
from schemas.outcomes import DONE
from schemas.words import Role
from services.intake.calling import Api
from services.intake.notebook import Request
from tests.unit.intake.conftest import Signer
from tests.unit.intake.records import AT, Log

COMMAND = "6f1c1f8e-0d1e-5a52-9a55-0f3f6d0f8c11"
NAMED = ["+33612345678", "0612345678", "policy-4711", "EFCC081E-FC58-5486-8131-63B789D044A1"]


async def taken(api: Api, sender: str) -> None:
    """This replica took a command, and did not hear of its end yet."""
    await api.notebook.take(Request(COMMAND, "digest", None, None), api.now(), sender=sender)


async def ended(api: Api) -> None:
    """The bus says how the command ended."""
    log = Log()
    log.event(topics.OUTCOMES_TOPIC, DONE, command_id=COMMAND)
    await api.model.apply(log.messages, AT)


async def seen(client: httpx2.AsyncClient, signer: Signer, role: Role, subject: str) -> str | int:
    answer = await client.get(f"/v1/commands/{COMMAND}", headers=signer.header(role, subject))
    state: str = answer.json().get("state", "")
    return state or answer.status_code


@pytest.mark.parametrize("over", [False, True], ids=["pending", "done"])
async def test_a_responder_is_told_of_their_own_commands_and_of_no_others(
    api: Api, client: httpx2.AsyncClient, signer: Signer, *, over: bool
) -> None:
    await taken(api, "me")
    if over:
        await ended(api)
    assert await seen(client, signer, Role.RESPONDER, "me") == ("done" if over else "pending")
    assert await seen(client, signer, Role.RESPONDER, "another") == 404


async def test_a_replica_that_did_not_take_a_command_tells_those_who_may_read_every_case(
    api: Api, client: httpx2.AsyncClient, signer: Signer
) -> None:
    await ended(api)
    told = {role: await seen(client, signer, role, "me") for role in (Role.AGENT, Role.SUPERVISOR, Role.RESPONDER)}
    assert told == {Role.AGENT: "done", Role.SUPERVISOR: "done", Role.RESPONDER: 404}


async def test_who_sent_a_command_is_forgotten_with_it(api: Api, client: httpx2.AsyncClient, signer: Signer) -> None:
    await api.notebook.take(Request(COMMAND, "digest", None, None), AT, sender="me")
    await api.notebook.forget_old(api.now())
    assert not await api.notebook.took_from(COMMAND, "me")
    assert await seen(client, signer, Role.RESPONDER, "me") == 404


@pytest.mark.parametrize("name", NAMED)
async def test_a_household_named_by_what_may_be_personal_does_not_exist(
    client: httpx2.AsyncClient, signer: Signer, name: str
) -> None:
    answer = await client.get(f"/v1/households/{name}", headers=signer.header(Role.AGENT))
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("name", NAMED)
async def test_a_household_is_not_made_under_what_may_be_personal_and_its_maker_is_told_why(
    client: httpx2.AsyncClient, signer: Signer, name: str
) -> None:
    headers = {**signer.header(Role.AGENT), "If-None-Match": "*"}
    answer = await client.put(f"/v1/households/{name}", json={}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "wrong_type")
    (error,) = answer.json()["errors"]
    assert (error["pointer"], error["detail"]) == ("#/path/household_id", "must be a UUID in lower case")
    assert name not in answer.text
