"""What a household is entitled to, asked over HTTP: every contract on a day, how far it is proven, and where to turn for the rest."""

from typing import Any

import httpx2
import pytest

from schemas import topics
from schemas.households import HouseholdBody, HouseholdRecord
from schemas.words import Role
from services.intake.calling import Api
from tests.unit.intake.conftest import Signer
from tests.unit.intake.records import AT, Log

HOUSEHOLD = "efcc081e-fc58-5486-8131-63b789d044a1"
PATH = f"/v1/households/{HOUSEHOLD}/entitlements"


class Asker:
    """An agent who asks about one household."""

    def __init__(self, api: Api, client: httpx2.AsyncClient, signer: Signer) -> None:
        self._api = api
        self._client = client
        self._signer = signer

    async def knows(self, *holdings: dict[str, Any], country: str = "FR", members: tuple[Any, ...] = ()) -> "Asker":
        """The household, as the bus tells it."""
        body = HouseholdBody.model_validate({"country": country, "members": members, "holdings": holdings})
        log = Log()
        log.state(
            topics.HOUSEHOLDS, HOUSEHOLD, HouseholdRecord(household_id=HOUSEHOLD, version=3, changed_at=AT, body=body)
        )
        await self._api.model.apply(log.messages, AT)
        return self

    async def asks(self, at: str | None = "2026-03-20", role: Role = Role.AGENT) -> httpx2.Response:
        """The answer for a day."""
        return await self._client.get(PATH, params={"at": at} if at else {}, headers=self._signer.header(role))

    async def contract(self, at: str = "2026-03-20") -> dict[str, Any]:
        """The only contract, as answered."""
        (one,) = (await self.asks(at)).json()["programmes"]
        told: dict[str, Any] = one
        return told


@pytest.fixture
def asker(api: Api, client: httpx2.AsyncClient, signer: Signer) -> Asker:
    return Asker(api, client, signer)


def held(programme: str, since: str = "2022-01-01", **said: Any) -> dict[str, Any]:
    return {"programme": programme, "valid_from": since, **said}


def limit(contract: dict[str, Any], service: str) -> dict[str, Any]:
    (one,) = [one for one in contract["services"] if one["service"] == service]
    told: dict[str, Any] = one["limit"]
    return told


async def test_proximus_says_what_its_purchases_are_covered_for_and_who_said_so(asker: Asker) -> None:
    await asker.knows(held("proximus_cyber_care"), country="BE")
    assert limit(await asker.contract(), "purchase_refund") == {
        "name": "online_purchase", "per": "household", "period": "contract_year", "amount_minor": 500_000,
        "currency": "EUR", "claims": 3, "source": "S0", "verified": True,
    }  # fmt: skip


async def test_luko_leaves_its_services_open_and_says_that_nobody_has_checked_them(asker: Asker) -> None:
    await asker.knows(held("luko_cyber"))
    contract = await asker.contract()
    assert {"services", "incident_codes", "ceilings/indemnity"} <= set(contract["unverified"])
    assert limit(contract, "indemnity")["verified"] is False


async def test_a_home_clause_shows_its_contracts_own_ceiling_as_proven(asker: Asker) -> None:
    await asker.knows(held("home_cyber_clause", ceiling_minor=250_000))
    shown = limit(await asker.contract(), "indemnity")
    assert (shown["amount_minor"], shown["source"], shown["verified"]) == (250_000, "contract", True)


@pytest.mark.parametrize(
    ("tier", "sessions", "services"), [("essential", 3, 6), ("comfort", 6, 9), ("premium", 12, 10)]
)
async def test_tiers_show_their_own_sessions_and_services(
    asker: Asker, tier: str, sessions: int, services: int
) -> None:
    await asker.knows(held("phone_harassment_mutual", tier=tier))
    contract = await asker.contract()
    assert (limit(contract, "consultation")["count"], len(contract["services"])) == (sessions, services)


@pytest.mark.parametrize(
    ("said", "counts_as"), [({"tier": "gold"}, "essential"), ({"tier": "comfort"}, None), ({}, "essential")]
)
async def test_a_tier_is_shown_as_held_beside_the_one_that_counts_instead(
    asker: Asker, said: dict[str, str], counts_as: str | None
) -> None:
    await asker.knows(held("phone_harassment_mutual", **said))
    contract = await asker.contract()
    assert (contract.get("tier"), contract.get("counts_as")) == (said.get("tier"), counts_as)


@pytest.mark.parametrize(("at", "in_force"), [("2020-12-31", False), ("2021-01-01", True)])
async def test_maif_is_shown_in_force_from_the_day_the_offer_existed(asker: Asker, at: str, *, in_force: bool) -> None:
    await asker.knows(held("maif_e_reputation", "2019-01-01"))
    contract = await asker.contract(at)
    assert (contract["in_force"], contract.get("reason")) == (in_force, None if in_force else "not_offered_that_day")


async def test_works_council_cover_shows_the_terms_it_funds_and_what_it_asks(asker: Asker) -> None:
    await asker.knows(held("cse_collective_cover", funded_programme="allianz_cyber_protect", budget_open=True))
    contract = await asker.contract()
    assert contract["eligibility"] == ["work_link", "social_budget"]
    assert contract["money_waits"] == "money_work_link_unanswered"
    assert "takedown" in {one["service"] for one in contract["services"]}


async def test_several_contracts_show_who_gives_each_service(asker: Asker) -> None:
    await asker.knows(held("alan_premium"), held("home_cyber_clause"), held("luko_cyber", valid_to="2025-12-31"))
    told = (await asker.asks()).json()
    assert {one["service"]: one["programme"] for one in told["services"]} == {
        "rights_information": "alan_premium",
        "complaint_file": "alan_premium",
        "procedure_support": "alan_premium",
        "indemnity": "home_cyber_clause",
    }
    assert [one.get("reason") for one in told["programmes"]] == [None, None, "lapsed"]
    assert {"17cyber", "cyber_help", "harassment_line"} <= set(told["public_path"])


async def test_each_member_of_that_days_roster_is_told_whether_a_contract_is_for_them(asker: Asker) -> None:
    roster = (
        {"member_id": "m1", "relation": "employee"},
        {"member_id": "m2", "relation": "spouse"},
        {"member_id": "m3", "relation": "flatmate"},
        {"member_id": "m4", "relation": "child", "valid_to": "2025-12-31"},
    )
    await asker.knows(held("alan_premium", holder_member_id="m1"), members=roster)
    assert (await asker.contract())["members"] == [
        {"member_id": "m1", "covered": True},
        {"member_id": "m2", "covered": False, "reason": "not_the_holder"},
        {"member_id": "m3", "covered": False, "reason": "relation_not_allowed"},
    ]


async def test_a_household_without_contracts_is_shown_the_public_path(asker: Asker) -> None:
    await asker.knows()
    told = (await asker.asks()).json()
    assert (told["programmes"], told["services"], told["public_path"][0]) == ([], [], "17cyber")


async def test_without_a_day_it_is_today(asker: Asker, api: Api) -> None:
    await asker.knows()
    today = api.now().astimezone(api.catalogue.programmes.clock_zone).date()
    assert (await asker.asks(None)).json()["at"] == today.isoformat()


@pytest.mark.parametrize("at", ["tomorrow", "2026-02-30", "1767225600", "20260301", "2026-03-01T00:00:00Z", ""])
async def test_a_day_that_is_none_is_refused_without_being_repeated(asker: Asker, at: str) -> None:
    await asker.knows()
    answer = await asker._client.get(PATH, params={"at": at}, headers=asker._signer.header(Role.AGENT))
    assert answer.status_code in {400, 422}
    assert at == "" or at not in answer.text.replace(PATH, "")


@pytest.mark.parametrize(
    ("role", "status"), [(Role.AGENT, 200), (Role.SUPERVISOR, 200), (Role.RESPONDER, 403), (Role.PARTNER, 403)]
)
async def test_entitlements_are_for_those_who_may_read_households(asker: Asker, role: Role, status: int) -> None:
    await asker.knows()
    assert (await asker.asks(role=role)).status_code == status


async def test_nobody_without_a_token_learns_anything(client: httpx2.AsyncClient) -> None:
    assert (await client.get(PATH)).status_code == 401


async def test_a_household_nobody_put_is_not_found(asker: Asker) -> None:
    assert (await asker.asks()).status_code == 404


async def test_names_and_contacts_are_no_part_of_entitlements(asker: Asker) -> None:
    someone = {"member_id": "m1", "relation": "child", "personal": {"name": "Canary", "contact": "canary@mail.example"}}
    await asker.knows(held("luko_cyber"), members=(someone,))
    assert "anary" not in (await asker.asks()).text
