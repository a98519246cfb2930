"""All 26 codes against every raising rule, their own and R1 to R10, as DOMAIN section 3 states them."""

from datetime import timedelta
from typing import Any

import pytest

from schemas.reports import ReportBody
from schemas.words import Band, Pillar
from services.rules.triage import Triage, triage
from tests.shipped import CATALOGUE
from tests.unit.rules.domain_table import (
    ALWAYS,
    ASKED,
    KINDS,
    KNOWN_AUTHORS,
    NEAR,
    NOW,
    OFFERED,
    OWN,
    PERSONAL,
    ROUTING,
    SAME_ROOF,
    ago,
    still,
)  # fmt: skip

INCIDENTS = CATALOGUE.incidents
EVERY_CODE = pytest.mark.parametrize("code", ROUTING)
MONEY = KINDS["fraud"] | KINDS["blackmail"]
SUICIDAL: list[dict[str, Any]] = [
    {"signals": ["self_harm"]},
    {"self_harm_answer": "yes"},
    {"self_harm_answer": "maybe"},
    *({"wellbeing_0_10": low} for low in (0, 1, 2)),
]
EXPOSED: list[dict[str, Any]] = [
    {"signals": ["address_exposed"]},
    {"address_known_to_offender": True},
    {"home_known": True},
    {"data_exposed": "address"},
    {"data_exposed": "routine"},
]


def decide(code: str | None, **said: Any) -> Triage:
    """The triage of a report that says this; what is no field of a report is one of its facts."""
    fields = {name: value for name, value in said.items() if name in ReportBody.model_fields}
    facts = {name: value for name, value in said.items() if name not in ReportBody.model_fields}
    body = ReportBody.model_validate({"code": code, "facts": facts} | fields)
    return triage(body, received_at=NOW, catalogue=CATALOGUE)


def band(code: str, **said: Any) -> Band:
    return decide(code, **said).band


def at_least(wanted: Band, code: str) -> Band:
    """The more urgent of `wanted` and what the code is anyway."""
    return min(wanted, ROUTING[code].base)


def up(code: str) -> Band:
    """One band above what the code is anyway."""
    return ROUTING[code].base.raised()


# ------------------------------------------------------------------------------------------------------- section 3.1
def test_the_catalogue_has_these_26_codes_and_no_other() -> None:
    assert len(ROUTING) == 26
    assert INCIDENTS.codes.keys() == ROUTING.keys()


@EVERY_CODE
def test_a_code_alone_has_its_base_band_lead_and_support(code: str) -> None:
    decision = decide(code, victim_age_band="adult" if code != "grooming_of_minor" else "under_15")
    assert (decision.code, decision.band) == (code, ROUTING[code].base)
    assert (decision.lead, set(decision.support)) == (ROUTING[code].lead, ROUTING[code].support)


@EVERY_CODE
def test_a_code_is_of_these_kinds(code: str) -> None:
    assert set(INCIDENTS.codes[code].kinds) == {kind for kind, codes in KINDS.items() if code in codes}


@pytest.mark.parametrize(
    ("code", "said", "wanted"), OWN, ids=lambda one: "=".join(map(str, one)) if isinstance(one, tuple) else one
)
def test_an_answer_raises_its_code_so_far_and_no_further(code: str, said: tuple[str, Any], wanted: Band) -> None:
    assert band(code, **dict([said])) is wanted


def test_no_rule_of_a_code_is_missing_from_this_table() -> None:
    told = {(code, name) for code, (name, _), _ in OWN}
    ruled = {(code, name) for code, entry in INCIDENTS.codes.items() for rule in entry.raises for name in rule.when}
    elsewhere = {("phishing", "money_lost"), ("phishing", "paid_at"), ("online_shopping_dispute", "card_data_stolen")}
    elsewhere |= {
        ("sextortion", "spread"),
        ("intimate_image_abuse", "spread"),
        ("intimate_image_abuse", "content_urls"),
    }
    assert ruled - told == elsewhere


# ---------------------------------------------------------------------------------------------------- code conversions
@pytest.mark.parametrize(
    ("code", "said", "becomes", "lead"),
    [
        ("phishing", {"money_lost": True}, "bank_fraud", Pillar.FINANCIAL),
        ("phishing", {"paid_at": ago(days=30)}, "bank_fraud", Pillar.FINANCIAL),
        ("online_shopping_dispute", {"card_data_stolen": True}, "bank_fraud", Pillar.FINANCIAL),
        ("deepfake", {"used_for_payment": True}, "payment_diversion", Pillar.FINANCIAL),
    ],
)
def test_what_a_code_becomes_leads_and_the_old_one_stays_beside_it(
    code: str, said: dict[str, Any], becomes: str, lead: Pillar
) -> None:
    decision = decide(code, **said)
    assert (decision.code, decision.secondary_codes, decision.lead) == (becomes, (code,), lead)
    assert decision.band is Band.P1
    assert set(decision.pillars) >= {ROUTING[code].lead} | ROUTING[code].support | ROUTING[becomes].support


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("phishing", {"money_lost": False}),
        ("online_shopping_dispute", {"card_data_stolen": False}),
        ("deepfake", {"sexual": False}),
    ],
)
def test_without_its_reason_no_code_becomes_another(code: str, said: dict[str, Any]) -> None:
    assert (decide(code, **said).code, decide(code, **said).secondary_codes) == (code, ())


@pytest.mark.parametrize(("code", "said"), [("deepfake", {"sexual": True}), ("sextortion", {"spread": "published"})])
def test_sexual_content_is_also_intimate_image_abuse(code: str, said: dict[str, Any]) -> None:
    decision = decide(code, **said)
    assert (decision.code, decision.secondary_codes) == (code, ("intimate_image_abuse",))


def test_a_secondary_code_that_becomes_another_leaves_the_lead_to_the_main_one() -> None:
    decision = decide("insult_harassment", secondary_codes=["phishing"], money_lost=True)
    assert (decision.code, decision.secondary_codes) == ("insult_harassment", ("phishing", "bank_fraud"))
    assert (decision.lead, decision.band) == (Pillar.PSYCHOLOGICAL, Band.P1)


# ----------------------------------------------------------------------------------------------------------- R1 to R10
@EVERY_CODE
@pytest.mark.parametrize("said", SUICIDAL, ids=str)
def test_r1_a_suicidal_signal_is_p0_and_brings_a_psychologist(code: str, said: dict[str, Any]) -> None:
    decision = decide(code, **said)
    assert decision.band is Band.P0
    assert "self_harm" in decision.signals
    assert Pillar.PSYCHOLOGICAL in decision.pillars


@pytest.mark.parametrize(
    "said", [{"self_harm_answer": "no"}, {"self_harm_answer": "silent"}, *[{"wellbeing_0_10": n} for n in range(3, 11)]]
)
def test_r1_nothing_else_is_a_suicidal_signal(said: dict[str, Any]) -> None:
    assert decide("phishing", **said).signals == ()


def test_r1_a_silent_answer_is_asked_again_by_voice() -> None:
    assert "ask_self_harm_again" in decide("phishing", self_harm_answer="silent").flags
    assert "ask_self_harm_again" not in decide("phishing", self_harm_answer="no").flags


@EVERY_CODE
@pytest.mark.parametrize("age", ["under_15", "15_17", "minor", "unknown"])
def test_r2_a_minor_or_a_doubt_about_it_is_one_band_up_and_p0_with_sexual_content(code: str, age: str) -> None:
    decision = decide(code, victim_age_band=age)
    assert decision.band is (Band.P0 if code in KINDS["sexual"] else up(code))
    assert "minor" in decision.signals


@EVERY_CODE
@pytest.mark.parametrize("age", [None, "adult", "65_plus"])
def test_r2_a_missing_age_is_no_doubt(code: str, age: str | None) -> None:
    decision = decide(code, victim_age_band=age)
    assert decision.band is ROUTING[code].base
    assert ("minor" in decision.signals) == (code == "grooming_of_minor")


@pytest.mark.parametrize("role", ["my_child", "parent", "guardian"])
def test_r2_a_parent_reports_about_a_child_unless_the_age_is_told(role: str) -> None:
    assert band("phishing", reporter_role=role) is Band.P2
    assert band("phishing", reporter_role=role, victim_age_band="adult") is Band.P3
    assert band("phishing", reporter_role="spouse") is Band.P3


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("fake_profile", {"used_for": "sexual"}),
        ("deepfake", {"sexual": True}),
        ("insult_harassment", {"secondary_codes": ["sextortion"]}),
    ],
)
def test_r2_sexual_content_may_come_from_an_answer_or_another_code(code: str, said: dict[str, Any]) -> None:
    assert band(code, victim_age_band="15_17", **said) is Band.P0


def test_r2_a_minor_in_the_picture_is_a_minor() -> None:
    assert decide("unwanted_publication", depicts_minor=True).signals == ("minor",)
    assert decide("unwanted_publication", depicts_minor=False).signals == ()


@EVERY_CODE
@pytest.mark.parametrize("signal", ["physical_danger", "money_leaving", "child_sexual_content"])
def test_r3_and_the_floor_these_signals_are_p0_whatever_the_code(code: str, signal: str) -> None:
    decision = decide(code, signals=[signal])
    assert decision.band is Band.P0
    assert signal in decision.signals


@EVERY_CODE
def test_the_floor_money_that_is_leaving_brings_the_financial_pillar(code: str) -> None:
    assert Pillar.FINANCIAL in decide(code, signals=["money_leaving"]).pillars


@pytest.mark.parametrize("said", [{"place_time": True}, {"weapon": True}])
def test_r3_a_threat_with_place_or_means_is_physical_danger(said: dict[str, Any]) -> None:
    assert "physical_danger" in decide("threat", **said).signals
    assert "physical_danger" not in decide("threat", **dict.fromkeys(said, False)).signals


def test_the_floor_a_meeting_with_a_groomer_and_images_sent_to_one_are_signals() -> None:
    assert "physical_danger" in decide("grooming_of_minor", meeting_planned=True).signals
    assert "child_sexual_content" in decide("grooming_of_minor", images_sent=True).signals
    assert decide("grooming_of_minor", images_sent=False, meeting_planned=False).signals == ("minor",)


@EVERY_CODE
@pytest.mark.parametrize("said", EXPOSED, ids=str)
def test_r4_an_exposed_address_or_routine_is_p1_and_p0_with_threats(code: str, said: dict[str, Any]) -> None:
    decision = decide(code, **said)
    assert decision.band is (Band.P0 if code == "threat" else at_least(Band.P1, code))
    assert "address_exposed" in decision.signals
    assert Pillar.TECHNICAL in decision.pillars
    assert band(code, **said, secondary_codes=["threat"]) is Band.P0


@pytest.mark.parametrize(
    "said", [{"address_known_to_offender": False}, {"home_known": False}, {"data_exposed": "employer"}]
)
def test_r4_nothing_else_is_an_exposed_address(said: dict[str, Any]) -> None:
    assert decide("defamation", **said).signals == ()


def test_r4_doxxing_exposes_an_address_by_what_it_is() -> None:
    assert decide("doxxing").signals == ("address_exposed",)


@EVERY_CODE
@pytest.mark.parametrize(
    ("left", "wanted"),
    [
        (timedelta(hours=-30), Band.P0),
        (timedelta(minutes=80), Band.P0),
        (timedelta(hours=24), Band.P0),
        (timedelta(hours=24, seconds=1), Band.P1),
        (timedelta(hours=72), Band.P1),
        (timedelta(hours=72, seconds=1), Band.P3),
    ],
)
def test_r5_a_deadline_within_a_day_is_p0_within_three_p1(code: str, left: timedelta, wanted: Band) -> None:
    decision = decide(code, deadline_at=(NOW + left).isoformat())
    assert decision.band is at_least(wanted, code)
    assert "attacker_deadline" in decision.signals


@pytest.mark.parametrize(
    "said",
    [{"deadline_at": "tonight"}, {"deadline_at": "2026-03-09T00:00:00"}, {"signals": ["attacker_deadline"]}],
)
def test_r5_an_ultimatum_without_a_readable_time_is_treated_upward(said: dict[str, Any]) -> None:
    assert band("phishing", **said) is Band.P0


def test_r5_an_ultimatum_far_away_stays_where_it_is() -> None:
    assert band("phishing", signals=["attacker_deadline"], deadline_at=still(days=9)) is Band.P3


@EVERY_CODE
@pytest.mark.parametrize(
    ("paid", "wanted"),
    [
        (timedelta(hours=-1), Band.P0),
        (timedelta(minutes=12), Band.P0),
        (timedelta(hours=24, seconds=-1), Band.P0),
        (timedelta(hours=24), Band.P1),
        (timedelta(days=10, seconds=-1), Band.P1),
        (timedelta(days=10), Band.P3),
    ],
)
def test_r6_money_of_a_fraud_or_a_blackmail_is_p0_within_a_day_and_p1_within_ten(
    code: str, paid: timedelta, wanted: Band
) -> None:
    expected = at_least(wanted, code) if code in MONEY else ROUTING[code].base
    if code == "phishing":
        expected = min(wanted, Band.P1)  # money moved: it is a bank fraud
    if code == "sextortion":
        expected = Band.P0  # paid already
    assert band(code, paid_at=(NOW - paid).isoformat()) is expected


def test_r6_the_latest_payment_counts_however_it_is_told() -> None:
    assert band("online_scam", paid_at=ago(days=30), executed_at=ago(hours=2)) is Band.P0
    assert band("online_scam", executed_at=ago(days=3)) is Band.P1


def test_r6_money_lost_left_after_the_harm_began_or_at_a_time_nobody_told() -> None:
    assert band("online_scam", money_lost=True, happened_at=ago(hours=3)) is Band.P0
    assert band("online_scam", money_lost=True, happened_at=ago(days=90)) is Band.P1
    assert band("online_scam", money_lost=True) is Band.P1
    assert band("online_scam", happened_at=ago(hours=3)) is Band.P2
    assert band("ransomware", paid=True, happened_at=ago(hours=3)) is Band.P0


def test_r6_an_ordinary_dispute_about_money_is_no_fraud() -> None:
    assert band("online_shopping_dispute", money_lost=True, paid_at=ago(hours=1)) is Band.P3


def test_r6_a_payment_at_a_time_nobody_can_read_is_treated_upward() -> None:
    assert band("online_scam", paid_at="last night") is Band.P0


@EVERY_CODE
@pytest.mark.parametrize("spread", ["sent_to_contacts", "published"])
def test_r7_intimate_content_in_public_is_p0_and_comes_up_for_review(code: str, spread: str) -> None:
    decision = decide(code, spread=spread)
    public = code in KINDS["intimate"]
    assert decision.band is (Band.P0 if public else ROUTING[code].base)
    assert ("band_review" in decision.flags) == public


@pytest.mark.parametrize("spread", ["threatened_only", "shown"])
def test_r7_content_nobody_published_is_not_public(spread: str) -> None:
    assert decide("intimate_image_abuse", spread=spread).flags == ()
    assert band("intimate_image_abuse", spread=spread) is Band.P1


def test_r7_an_intimate_image_with_an_address_is_public() -> None:
    told = decide("intimate_image_abuse", personal={"content_urls": ["https://a.example/1"]})
    assert (told.band, told.flags) == (Band.P0, ("band_review",))
    assert band("sextortion", personal={"content_urls": ["https://a.example/profile"]}) is Band.P1


def test_r7_a_sexual_deepfake_in_public_is_p0() -> None:
    assert band("deepfake", sexual=True, spread="published") is Band.P0


@EVERY_CODE
def test_r8_an_essential_service_that_stands_still_is_p0(code: str) -> None:
    assert band(code, essential_service=True) is Band.P0
    assert band(code, essential_service=False) is ROUTING[code].base


@EVERY_CODE
@pytest.mark.parametrize("relation", [*SAME_ROOF, *NEAR])
def test_r9_an_offender_near_is_one_band_up_and_covert(code: str, relation: str) -> None:
    decision = decide(code, offender_relation=relation)
    assert decision.band is (Band.P0 if code == "threat" else up(code))
    assert decision.covert is True
    assert ("same_roof_offender" in decision.signals) == (relation in SAME_ROOF)


@EVERY_CODE
def test_r9_the_signal_does_the_same(code: str) -> None:
    decision = decide(code, signals=["same_roof_offender"])
    assert (decision.band, decision.covert) == (up(code), True)


@EVERY_CODE
@pytest.mark.parametrize("relation", ["stranger", "unknown", *KNOWN_AUTHORS[12:]])
def test_r9_an_offender_elsewhere_changes_nothing(code: str, relation: str) -> None:
    spyware = code == "malware" and relation in {"ex", "ex_partner"}
    decision = decide(code, offender_relation=relation)
    assert decision.covert is spyware
    if not spyware and code != "threat":
        assert decision.band is ROUTING[code].base


@EVERY_CODE
@pytest.mark.parametrize("vulnerability", ["isolation", "earlier_harassment", "low_self_esteem", "minority_target"])
def test_r10_a_vulnerability_adds_the_psychological_track_and_nothing_else(code: str, vulnerability: str) -> None:
    decision = decide(code, vulnerability=vulnerability)
    assert decision.band is ROUTING[code].base
    assert set(decision.pillars) == {ROUTING[code].lead, *ROUTING[code].support, Pillar.PSYCHOLOGICAL}


def test_r10_nothing_told_adds_nothing() -> None:
    assert decide("phishing", vulnerability="none").pillars == decide("phishing").pillars


@EVERY_CODE
def test_r2_and_r9_add_up(code: str) -> None:
    decision = decide(code, victim_age_band="under_15", signals=["same_roof_offender"])
    assert decision.band is (Band.P0 if code in KINDS["sexual"] else ROUTING[code].base.raised(2))


# ------------------------------------------------------------------------------------------------- unknown and unread
def test_a_code_or_signal_nobody_knows_is_treated_upward_and_shown_to_a_human() -> None:
    for said in ({"code": "witchcraft"}, {"code": None}):
        decision = decide(**said)
        assert (decision.code, decision.band) == ("unclassified_suspicion", Band.P2)
        assert "needs_human" in decision.flags
    decision = decide("phishing", signals=["curse"])
    assert (decision.band, decision.flags) == (Band.P1, ("needs_human", "unknown_signal"))


def test_an_unknown_main_code_leaves_the_lead_to_a_known_one() -> None:
    decision = decide("witchcraft", secondary_codes=["sextortion"])
    assert (decision.code, decision.secondary_codes, decision.flags) == (
        "sextortion",
        (),
        ("needs_human", "unknown_code"),
    )


@pytest.mark.parametrize(
    ("code", "said", "wanted"),
    [
        ("threat", {"weapon": "unsure"}, Band.P0),
        ("insult_harassment", {"authors": "many"}, Band.P1),
        ("insult_harassment", {"since": "ages"}, Band.P1),
        ("phishing", {"data_given": "everything"}, Band.P1),
        ("phishing", {"victim_age_band": "teenager"}, Band.P2),
        ("phishing", {"self_harm_answer": "perhaps"}, Band.P0),
        ("phishing", {"offender_relation": "husband"}, Band.P2),
        ("payment_diversion", {"amount_minor": 1, "currency": "USD"}, Band.P0),
    ],
)
def test_an_answer_nobody_can_read_is_treated_upward_and_shown_to_a_human(
    code: str, said: dict[str, Any], wanted: Band
) -> None:
    decision = decide(code, **said)
    assert decision.band is wanted
    assert {"unread_fact", "needs_human"} <= set(decision.flags)


def test_a_fact_nobody_declared_changes_nothing() -> None:
    assert decide("threat", shoe_size=43).band is Band.P1


@pytest.mark.parametrize("code", ["defamation", "data_breach"])
def test_a_code_the_law_sets_a_time_limit_on_says_so(code: str) -> None:
    assert decide(code).flags == ("legal_deadline",)


# ------------------------------------------------------------------------------------------------------- what is asked
def test_everyone_is_asked_these() -> None:
    assert INCIDENTS.always.keys() == {*ALWAYS.split(), "paid_at", "amount_minor"}


@EVERY_CODE
def test_a_code_asks_its_extra_fields(code: str) -> None:
    assert list(INCIDENTS.codes[code].ask[: len(ASKED[code].split())]) == ASKED[code].split()


@EVERY_CODE
def test_what_raises_a_code_is_asked_by_it_or_of_everyone(code: str) -> None:
    entry = INCIDENTS.codes[code]
    ruled = {name for rule in entry.raises for name in rule.when}
    assert ruled <= {*entry.ask, *INCIDENTS.always}


@pytest.mark.parametrize(("name", "word"), [(name, word) for name, words in OFFERED.items() for word in words.split()])
def test_every_answer_on_offer_can_be_read(name: str, word: str) -> None:
    assert "unread_fact" not in decide("phishing", **{name: word}).flags
    assert word in (INCIDENTS.answers[name].values or ())


def test_no_other_answer_is_on_offer() -> None:
    closed = {name: set(asked.values) for name, asked in INCIDENTS.answers.items() if asked.values}
    assert closed == {name: set(words.split()) for name, words in OFFERED.items()}


def test_what_may_name_somebody_travels_only_as_personal() -> None:
    found = {name for name, asked in INCIDENTS.answers.items() if asked.type == "personal"}
    assert found == set(PERSONAL.split())
