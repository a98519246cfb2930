"""Coverage: P0 and the floor whatever the answer, the richest of what is held on the day of the harm, and why."""

from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.coverage import Effect, NotCovered
from schemas.households import Holding, HouseholdBody, Member
from schemas.reports import ReportBody
from schemas.words import Band, Pillar, Signal
from services.rules.asked_of_coverage import read_asked, without_personal
from services.rules.coverage import Coverage, decide
from tests.shipped import CATALOGUE
from tests.unit.rules.told import cover

PROGRAMMES = CATALOGUE.programmes
NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
HELD = tuple(name for name, one in PROGRAMMES.programmes.items() if not one.public)


def answer(household: HouseholdBody | None, code: str, *, band: Band = Band.P2, **said: Any) -> Coverage:
    """The coverage of a report of one code, triaged no further."""
    incident = CATALOGUE.incidents.codes[code]
    signals = said.pop("signals", ())
    return cover(
        household,
        ReportBody.model_validate({"code": code, **said}),
        codes=(code,),
        band=band,
        signals=signals,
        pillars=(incident.lead, *incident.support),
        received_at=NOW,
        catalogue=CATALOGUE,
    )


def house(*holdings: Holding, country: str = "FR", members: tuple[Member, ...] = ()) -> HouseholdBody:
    """A household that holds these."""
    return HouseholdBody(country=country, holdings=holdings, members=members)


def held(programme: str, since: str = "2022-01-01", **said: object) -> Holding:
    """A holding."""
    return Holding.model_validate({"programme": programme, "valid_from": since, **said})


DAYS = st.dates(date(2019, 1, 1), date(2027, 1, 1)).map(date.isoformat)
MEMBERS = st.builds(
    Member,
    member_id=st.sampled_from(["m1", "m2", "m3"]),
    relation=st.sampled_from(["subscriber", "spouse", "child", "flatmate", "titulaire"]),
    valid_from=st.none() | DAYS,
    valid_to=st.none() | DAYS,
)
HOLDINGS = st.builds(
    Holding,
    programme=st.sampled_from([*PROGRAMMES.programmes, "no_such_programme"]),
    tier=st.sampled_from([None, "essential", "premium", "gold"]),
    valid_from=DAYS,
    valid_to=st.none() | DAYS,
    holder_member_id=st.sampled_from([None, "m1", "m2"]),
    supplement=st.sampled_from([None, True, False]),
    funded_programme=st.sampled_from([None, "allianz_cyber_protect", "17cyber", "cse_collective_cover"]),
    budget_open=st.sampled_from([None, True, False]),
    paid=st.sampled_from([None, True, False]),
    ceiling_minor=st.sampled_from([None, 0, 250_000]),
)
HOUSEHOLDS = st.none() | st.builds(
    HouseholdBody,
    country=st.sampled_from([None, "BE", "FR", "LU"]),
    members=st.lists(MEMBERS, max_size=3).map(tuple),
    holdings=st.lists(HOLDINGS, max_size=4).map(tuple),
)
FACTS = st.fixed_dictionaries(
    {
        "happened_at": st.none() | st.integers(-900, 30).map(lambda days: (NOW + timedelta(days=days)).isoformat()),
        "victim_member_id": st.sampled_from([None, "m1", "m2", "m9"]),
        "victim_relation": st.sampled_from([None, "spouse", "flatmate", "titulaire"]),
        "work_related": st.sampled_from([None, True, False]),
        "posted_by_the_victim": st.sampled_from([None, True, False]),
        "signals": st.lists(st.sampled_from(list(Signal)), max_size=2, unique=True).map(tuple),
    }
)
CODES = st.sampled_from(list(CATALOGUE.incidents.codes))
BANDS = st.sampled_from(list(Band))


# ----------------------------------------------------------------------------------------------------- whatever happens
@given(HOUSEHOLDS, CODES, FACTS)
def test_a_p0_gets_every_pillar_and_every_service_of_use_but_money(
    household: HouseholdBody | None, code: str, facts: dict[str, Any]
) -> None:
    made = answer(household, code, band=Band.P0, **facts)
    incident = CATALOGUE.incidents.codes[code]
    pillars = (incident.lead, *incident.support)
    assert made.open_pillars[: len(pillars)] == pillars
    assert made.referred == ()
    of_use = {name for name in PROGRAMMES.needed((code,), pillars) if not PROGRAMMES.services[name].money}
    assert of_use <= {one.service for one in made.grants}


@given(HOUSEHOLDS, CODES, BANDS, FACTS)
def test_a_safety_signal_forces_its_service_into_an_open_pillar(
    household: HouseholdBody | None, code: str, band: Band, facts: dict[str, Any]
) -> None:
    made = answer(household, code, band=band, **facts)
    forced = {service for signal in facts["signals"] for service in PROGRAMMES.floor.get(signal, ())}
    assert forced <= {one.service for one in made.grants}
    assert {PROGRAMMES.services[service].pillar for service in forced} <= set(made.open_pillars)


@given(HOUSEHOLDS, CODES, BANDS, FACTS)
def test_money_comes_from_a_programme_and_only_undoubted(
    household: HouseholdBody | None, code: str, band: Band, facts: dict[str, Any]
) -> None:
    for one in answer(household, code, band=band, **facts).grants:
        if PROGRAMMES.services[one.service].money:
            assert (one.effect, one.programme in HELD, one.limit is not None) == (Effect.COVERED, True, True)


@given(HOUSEHOLDS, CODES, BANDS, FACTS)
def test_nobody_is_left_without_a_desk_or_without_a_way_on(
    household: HouseholdBody | None, code: str, band: Band, facts: dict[str, Any]
) -> None:
    made = answer(household, code, band=band, **facts)
    assert made.open_pillars
    if made.referred:
        assert made.public_path
    concerned = {CATALOGUE.incidents.codes[code].lead, *CATALOGUE.incidents.codes[code].support}
    assert concerned <= {*made.open_pillars, *made.referred}


@given(HOUSEHOLDS, CODES, BANDS, FACTS)
def test_the_explanation_suffices_to_decide_again(
    household: HouseholdBody | None, code: str, band: Band, facts: dict[str, Any]
) -> None:
    made = answer(household, code, band=band, **facts)
    assert decide(read_asked(made.explanation.inputs["asked"]), CATALOGUE) == made


@given(st.lists(HOLDINGS, min_size=2, max_size=4), CODES, BANDS, FACTS)
def test_the_order_of_holdings_does_not_matter(
    holdings: list[Holding], code: str, band: Band, facts: dict[str, Any]
) -> None:
    results = {
        (made.member, made.programme, made.version, made.grants, made.open_pillars, made.public_path)
        for order in permutations(holdings)
        for made in [answer(house(*order), code, band=band, **facts)]
    }
    assert len(results) == 1


@given(st.lists(HOLDINGS, max_size=3), HOLDINGS, CODES, FACTS)
def test_one_contract_more_never_takes_a_service_away(
    holdings: list[Holding], more: Holding, code: str, facts: dict[str, Any]
) -> None:
    before = answer(house(*holdings), code, **facts)
    after = answer(house(*holdings, more), code, **facts)
    assert {one.service for one in before.grants} <= {one.service for one in after.grants}


def test_nothing_personal_is_asked_of_coverage() -> None:
    someone = Member.model_validate(
        {"member_id": "m1", "relation": "child", "personal": {"name": "Canary", "contact": "canary@mail.example"}}
    )
    made = answer(house(held("luko_cyber"), members=(someone,)), "phishing", victim_member_id="m1")
    assert "anary" not in made.explanation.model_dump_json()
    assert "anary" not in without_personal(house(members=(someone,))).model_dump_json()


# ------------------------------------------------------------------------------------------------------- who and when
def day_of(day: str) -> str:
    return f"{day}T12:00:00+01:00"


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        ("2023-12-31", NotCovered.MONEY_BEFORE_SUBSCRIPTION),
        ("2024-01-01", None),
        ("2025-12-31", None),
        ("2026-01-01", NotCovered.LAPSED),
    ],
)
def test_a_contract_answers_from_its_first_day_to_its_last(day: str, reason: NotCovered | None) -> None:
    lapsed = held("proximus_cyber_care", "2024-01-01", valid_to="2025-12-31")
    open_ended = held("proximus_cyber_care", "2024-01-01")
    contract = open_ended if reason is NotCovered.MONEY_BEFORE_SUBSCRIPTION else lapsed
    made = answer(house(contract, country="BE"), "online_shopping_dispute", happened_at=day_of(day))
    reasons = {one.reason for one in made.refusals} - {NotCovered.SERVICE_NOT_NAMED, NotCovered.MONEY_TOO_LATE}
    assert reasons == ({reason} if reason else set())


def test_a_contract_that_begins_tomorrow_is_none_today() -> None:
    made = answer(house(held("luko_cyber", "2026-03-21")), "phishing")
    assert [one.reason for one in made.refusals] == [NotCovered.NOT_BEGUN]


def test_a_contract_bought_and_ended_between_the_harm_and_the_call_is_none() -> None:
    brief = held("luko_cyber", "2026-02-01", valid_to="2026-02-28")
    made = answer(house(brief), "phishing", happened_at=day_of("2026-01-15"))
    assert [one.reason for one in made.refusals] == [NotCovered.NOT_BEGUN]


@pytest.mark.parametrize("claimed", ["2026-03-21T12:00:00+00:00", "1970-01-01T00:00:00+00:00", "2025-12-31T12:00:00"])
def test_an_implausible_day_of_harm_is_our_receipts(claimed: str) -> None:
    made = answer(house(), "phishing", happened_at=claimed)
    assert read_asked(made.explanation.inputs["asked"]).day == date(2026, 3, 20)


@pytest.mark.parametrize(
    ("harmed", "in_time"), [("2025-03-20", True), ("2025-03-19", False), ("2026-03-20", True), ("2024-12-31", False)]
)
def test_money_is_asked_for_within_twelve_months(harmed: str, *, in_time: bool) -> None:
    made = answer(house(held("luko_cyber")), "identity_theft", happened_at=day_of(harmed))
    assert ("indemnity" in {one.service for one in made.grants}) is in_time
    assert "funds_stop" in {one.service for one in made.grants}


@pytest.mark.parametrize(
    ("contract", "victim", "reason"),
    [
        (held("luko_cyber", holder_member_id="m1"), "m1", None),
        (held("luko_cyber", holder_member_id="m1"), "m2", NotCovered.NOT_THE_HOLDER),
        (held("luko_cyber"), "m1", None),
        (held("luko_cyber"), "m2", NotCovered.NOT_THE_HOLDER),
        (held("luko_cyber"), "m3", NotCovered.RELATION_NOT_ALLOWED),
        (held("luko_cyber"), "m9", NotCovered.NOT_ON_THE_ROSTER),
        (held("luko_cyber"), "m4", NotCovered.NOT_THERE_THAT_DAY),
        (held("home_cyber_clause", holder_member_id="m1"), "m2", None),
        (held("home_cyber_clause", holder_member_id="m1"), "m3", NotCovered.RELATION_NOT_ALLOWED),
        (held("home_cyber_clause", holder_member_id="m3"), "m3", None),
    ],
)
def test_who_a_contract_is_for(contract: Holding, victim: str, reason: NotCovered | None) -> None:
    roster = (
        Member(member_id="m1", relation="policyholder"),
        Member(member_id="m2", relation="spouse"),
        Member(member_id="m3", relation="flatmate"),
        Member(member_id="m4", relation="child", valid_from="2026-03-21"),
    )
    made = answer(house(contract, members=roster), "identity_theft", victim_member_id=victim)
    refused = {one.reason for one in made.refusals if one.service is None}
    assert refused == ({reason} if reason else set())
    assert made.member is (reason is None)


def test_who_left_and_came_back_is_there_both_times() -> None:
    stays = (
        Member(member_id="m1", relation="child", valid_to="2025-06-30"),
        Member(member_id="m1", relation="child", valid_from="2026-01-01"),
    )
    for day, there in [("2025-06-30", True), ("2025-07-01", False), ("2025-12-31", False), ("2026-01-01", True)]:
        household = house(held("proximus_cyber_care"), country="BE", members=stays)
        made = answer(household, "phishing", victim_member_id="m1", happened_at=day_of(day))
        assert made.member is there


def test_a_roster_nobody_filled_in_refuses_nobody() -> None:
    assert answer(house(held("luko_cyber")), "phishing", victim_member_id="m7").member is True


# --------------------------------------------------------------------------------------------------------- how much
def limit_of(made: Coverage, service: str) -> tuple[str | None, int | None]:
    """Who gives a service, and up to how much."""
    (one,) = [one for one in made.grants if one.service == service]
    limit = one.limit
    return one.programme, None if limit is None else limit.number or limit.amount_minor


@pytest.mark.parametrize(("tier", "sessions"), [("essential", 3), ("comfort", 6), ("premium", 12), (None, 3)])
def test_a_tier_counts_its_own_sessions(tier: str | None, sessions: int) -> None:
    made = answer(house(held("phone_harassment_mutual", tier=tier)), "malicious_calls")
    assert limit_of(made, "consultation") == ("phone_harassment_mutual", sessions)


@pytest.mark.parametrize(
    ("tier", "winner"), [("essential", "malakoff_humanis_option"), ("comfort", "phone_harassment_mutual")]
)
def test_the_richest_gives_a_service_and_a_tie_goes_to_the_older_contract(tier: str, winner: str) -> None:
    older, younger = held("malakoff_humanis_option", "2020-01-01"), held("phone_harassment_mutual", tier=tier)
    made = answer(house(younger, older), "doxxing")
    assert limit_of(made, "consultation")[0] == winner
    lost = {(one.programme, one.reason) for one in made.refusals if one.service == "consultation"}
    other = ({"malakoff_humanis_option", "phone_harassment_mutual"} - {winner}).pop()
    assert lost == {(other, NotCovered.TIE if tier == "essential" else NotCovered.POORER)}


def test_a_limit_loses_to_none() -> None:
    made = answer(house(held("maif_e_reputation"), held("allianz_cyber_protect")), "defamation")
    assert limit_of(made, "takedown") == ("allianz_cyber_protect", None)


def test_a_home_clause_gives_its_indemnity_when_nothing_else_pays_and_the_contracts_own_ceiling() -> None:
    assert limit_of(answer(house(held("home_cyber_clause")), "bank_fraud"), "indemnity")[1] == 100_000
    stated = held("home_cyber_clause", ceiling_minor=250_000)
    assert limit_of(answer(house(stated), "bank_fraud"), "indemnity")[1] == 250_000


def test_a_home_clause_stands_behind_a_contract_that_pays_less() -> None:
    rich = held("home_cyber_clause", ceiling_minor=900_000)
    made = answer(house(rich, held("luko_cyber")), "identity_theft")
    assert limit_of(made, "indemnity") == ("luko_cyber", 200_000)
    assert NotCovered.PAYS_AFTER_OTHERS in {one.reason for one in made.refusals if one.programme == "home_cyber_clause"}


def test_a_contract_in_full_goes_before_one_whose_money_waits() -> None:
    late = held("phone_harassment_mutual", "2026-03-01", tier="premium")
    made = answer(house(late, held("malakoff_humanis_option")), "doxxing", happened_at=day_of("2026-02-01"))
    assert limit_of(made, "consultation") == ("malakoff_humanis_option", 3)


def test_what_nobody_gives_is_counted_and_who_was_passed_over_is_named() -> None:
    made = answer(house(held("alan_premium"), held("luko_cyber", valid_to="2024-01-01")), "insult_harassment")
    assert made.explanation.inputs["set_aside"] == "luko_cyber lapsed"
    assert made.explanation.rejected == {"lapsed": 1, "service_not_named": 7}
    assert made.explanation.rule == "coverage:member"


@pytest.mark.parametrize(
    ("household", "said", "rule"),
    [
        (None, {"band": Band.P0}, "fails_open"),
        (None, {}, "not_placed"),
        (house(), {}, "public_path"),
        (house(), {"signals": (Signal.ADDRESS_EXPOSED,)}, "safety_floor"),
        (house(held("home_cyber_clause")), {}, "not_for_this"),
        (house(held("cse_collective_cover")), {"work_related": False}, "advised"),
        (house(held("alan_premium")), {"band": Band.P0}, "member"),
    ],
)
def test_the_rule_says_in_a_word_why(household: HouseholdBody | None, said: dict[str, Any], rule: str) -> None:
    assert answer(household, "insult_harassment", **said).explanation.rule == f"coverage:{rule}"


def test_no_contract_at_all_is_a_reason_too() -> None:
    assert [one.reason for one in answer(house(), "phishing").refusals] == [NotCovered.NO_PROGRAMME]


def test_a_public_service_is_no_contract() -> None:
    made = answer(house(held("17cyber")), "phishing")
    assert ([one.reason for one in made.refusals], made.member) == ([NotCovered.PUBLIC_PROGRAMME], False)


def test_the_lead_is_the_first_pillar_that_gets_a_desk() -> None:
    made = answer(house(held("alan_premium")), "sextortion")
    assert (made.open_pillars, made.referred) == (
        (Pillar.LEGAL,),
        (Pillar.PSYCHOLOGICAL, Pillar.TECHNICAL, Pillar.FINANCIAL),
    )
