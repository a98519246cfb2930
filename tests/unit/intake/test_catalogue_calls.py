"""What is shown of releases and who may choose one. The choice itself needs a bus: tests/scenarios and tests/integration."""

import asyncio
from dataclasses import replace
from typing import Any

import httpx2
import pytest

from schemas import topics
from schemas.active_release import ActiveReleaseRecord, ReleaseChoiceRecord
from schemas.catalogue import Releases
from schemas.words import Pillar, Role
from services.intake.calling import Api
from services.runtime.partitioning import key_of_each_partition, partition_of
from tests.unit.intake.conftest import Signer
from tests.unit.intake.records import AT, Log

OTHER = "0123456789abcdef"
ROUTERS, DESKS = 4, 2 * len(Pillar)


async def shown(client: httpx2.AsyncClient, signer: Signer, query: str = "") -> dict[str, Any]:
    answer = await client.get(f"/v1/catalogue{query}", headers=signer.header(Role.AGENT))
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = {**answer.json(), "etag": answer.headers["ETag"]}
    return told


async def put(client: httpx2.AsyncClient, signer: Signer, role: Role = Role.SUPERVISOR, **said: Any) -> httpx2.Response:
    headers = {**signer.header(role), **said.pop("headers", {"If-Match": '"0"'})}
    return await client.put("/v1/catalogue/active", json=said or {"release": OTHER}, headers=headers)


async def test_before_anybody_chose_the_active_release_is_the_processs_own(
    api: Api, client: httpx2.AsyncClient, signer: Signer
) -> None:
    told = await shown(client, signer)
    own = api.releases.own.version
    assert (told["version"], told["active"]["release"], told["active"]["number"], told["etag"]) == (own, own, 0, '"0"')
    assert told["releases"] == list(api.releases.versions)
    assert len(told["active"]["partitions"]) == ROUTERS + DESKS
    assert "sextortion" in told["incidents"]["codes"]


async def test_it_is_shown_which_partition_decides_by_which_release_and_which_has_not_followed_yet(
    api: Api, client: httpx2.AsyncClient, signer: Signer
) -> None:
    own, log = api.releases.own.version, Log()
    log.state(topics.ROUTER_STATE, "catalogue", ActiveReleaseRecord(release=own, number=3, since=AT, position=41))
    choice = ReleaseChoiceRecord(release=own, number=3, chosen_at=AT, chosen_by="supervisor-2")
    log.state(topics.ROUTER_STATE, "catalogue/choice", choice)
    refused = {"release": own, "number": 3, "at": AT}
    behind = ActiveReleaseRecord.model_validate({"release": OTHER, "number": 2, "since": AT, "refused": refused})
    log.state(topics.desks(Pillar.LEGAL), "catalogue", behind)
    await api.model.apply(log.messages, AT)
    active = (await shown(client, signer))["active"]
    assert (active["number"], active["settled"], active["chosen_by"]) == (3, False, "supervisor-2")
    by_place = {(one["service"], one["partition"]): one for one in active["partitions"]}
    assert by_place["router", 0] == {
        "service": "router", "partition": 0, "release": own, "number": 3, "since": "2026-03-02T20:15:01Z", "position": 41,
    }  # fmt: skip
    assert (by_place["responders-legal", 0]["release"], by_place["responders-legal", 0]["refused"]) == (OTHER, own)
    assert by_place["router", 1] == {"service": "router", "partition": 1, "number": 0}


async def test_it_is_settled_once_every_partition_follows_the_choice(
    api: Api, client: httpx2.AsyncClient, signer: Signer
) -> None:
    log, own = Log(), api.releases.own.version
    record = ActiveReleaseRecord(release=own, number=1, since=AT)
    for topic, count in [(topics.ROUTER_STATE, ROUTERS), *((topics.desks(pillar), 2) for pillar in Pillar)]:
        for partition in range(count):
            log.state(topic, "catalogue", record, partition=partition)
    log.state(
        topics.ROUTER_STATE, "catalogue/choice", ReleaseChoiceRecord(release=own, number=1, chosen_at=AT, chosen_by="s")
    )
    await api.model.apply(log.messages, AT)
    assert (await shown(client, signer))["active"]["settled"] is True


async def test_a_report_is_judged_by_the_release_in_force_where_it_will_be_decided(api: Api) -> None:
    household = "efcc081e-fc58-5486-8131-63b789d044a1"
    other = api.releases.own.model_copy(update={"version": OTHER})
    api = replace(api, releases=Releases(api.releases.own, [other]))
    log = Log()
    record = ActiveReleaseRecord(release=OTHER, since=AT)
    log.state(topics.ROUTER_STATE, "catalogue", record, partition=partition_of(household, ROUTERS))
    assert await api.catalogue_for(household) is api.releases.own
    await api.model.apply(log.messages, AT)
    assert await api.catalogue_for(household) is other


async def test_a_report_is_judged_by_the_processs_own_release_when_the_one_in_force_is_not_at_hand(api: Api) -> None:
    log = Log()
    for partition in range(ROUTERS):
        log.state(topics.ROUTER_STATE, "catalogue", ActiveReleaseRecord(release=OTHER, since=AT), partition=partition)
    await api.model.apply(log.messages, AT)
    assert await api.catalogue_for("efcc081e-fc58-5486-8131-63b789d044a1") is api.releases.own


async def test_a_release_that_is_not_at_hand_is_not_shown(client: httpx2.AsyncClient, signer: Signer) -> None:
    answer = await client.get(f"/v1/catalogue?release={OTHER}", headers=signer.header(Role.SUPERVISOR))
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("role", "said", "expected"),
    [
        (Role.AGENT, {}, "forbidden"),
        (Role.RESPONDER, {}, "forbidden"),
        (Role.SUPERVISOR, {"headers": {}}, "version_required"),
        (Role.SUPERVISOR, {"release": "latest"}, "wrong_type"),
        (Role.SUPERVISOR, {}, "unknown_release"),
        (Role.OPERATOR, {}, "unknown_release"),
    ],
)
async def test_a_choice_is_refused_for_a_reason(
    client: httpx2.AsyncClient, signer: Signer, *, role: Role, said: dict[str, Any], expected: str
) -> None:
    assert (await put(client, signer, role, **said)).json()["code"] == expected


async def test_a_choice_nobody_can_take_right_now_says_try_again(
    api: Api, client: httpx2.AsyncClient, signer: Signer
) -> None:
    async with asyncio.timeout(5):
        answer = await put(client, signer, release=api.releases.own.version)
    assert (answer.status_code, answer.json()["code"]) == (503, "bus_unavailable")


@pytest.mark.parametrize("count", [1, 4, 12])
def test_every_partition_is_told_by_a_key_of_its_own(count: int) -> None:
    keys = key_of_each_partition("catalogue", count)
    assert [partition_of(key, count) for key in keys] == list(range(count))
