"""What each programme gives for each incident, as DOMAIN section 2 says it, decided by coverage: one row per programme."""

from datetime import UTC, date, datetime

import pytest

from schemas.coverage import Effect
from schemas.households import Holding, HouseholdBody
from schemas.reports import ReportBody
from schemas.words import Band, Pillar, Signal
from services.rules.coverage import Coverage
from services.rules.entitlements import entitlements
from tests.shipped import CATALOGUE
from tests.unit.rules.told import cover

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)


def words(text: str) -> frozenset[str]:
    """Codes, one after the other."""
    return frozenset(text.split())


EVERY = frozenset(CATALOGUE.incidents.codes)

REPUTATION = words("fake_profile deepfake defamation fake_news unwanted_publication insult_harassment")
MARKET = words(
    "phishing identity_theft fake_profile deepfake defamation fake_news insult_harassment threat doxxing intimate_image_abuse"
)
HARASSMENT = words("insult_harassment threat doxxing malicious_calls sextortion intimate_image_abuse")
ORGANISATIONS = words("payment_diversion system_intrusion")
WEB = "takedown dereferencing"
ASSISTANCE = "takedown dereferencing device_cleanup account_recovery digital_coaching rights_information complaint_file funds_stop"

# Programme: the incidents it names, the services it gives.
GIVEN: dict[str, tuple[frozenset[str], str]] = {
    "proximus_cyber_care": (
        EVERY - ORGANISATIONS,
        ASSISTANCE + " it_provider purchase_refund listening_line consultation crisis_contact",
    ),
    "axa_cyber_risks": (MARKET, "rights_information complaint_file procedure_support legal_costs indemnity"),
    "allianz_cyber_protect": (MARKET, ASSISTANCE + " indemnity listening_line"),
    "maif_e_reputation": (
        REPUTATION | {"intimate_image_abuse"},
        WEB + " digital_coaching rights_information listening_line",
    ),
    "luko_cyber": (MARKET, ASSISTANCE + " indemnity"),
    "home_cyber_clause": (frozenset({"bank_fraud", "online_shopping_dispute", "identity_theft"}), "indemnity"),
    "alan_premium": (HARASSMENT, "rights_information complaint_file procedure_support"),
    "malakoff_humanis_option": (MARKET, "rights_information complaint_file listening_line consultation"),
    "harmonie_option": (MARKET, "rights_information complaint_file listening_line consultation"),
    "axa_protection_familiale_integrale": (
        REPUTATION | {"identity_theft"},
        WEB + " rights_information complaint_file indemnity listening_line consultation",
    ),
    "swisslife_data_privacy": (
        frozenset({"personal_data_misuse", "unwanted_publication", "doxxing", "data_breach"}),
        WEB + " rights_information complaint_file legal_costs",
    ),
    "phone_harassment_mutual": (
        frozenset({"phone_number_usurpation", "doxxing", "malicious_calls", "intimate_image_abuse"}),
        WEB + " digital_coaching rights_information complaint_file procedure_support number_change_cost"
        " listening_line consultation group_workshop",
    ),
}
TAKEN_DOWN = (REPUTATION | HARASSMENT) - {"malicious_calls"}
# What a service is of use for; every other service is of use for anything.
HELPS = {
    "takedown": TAKEN_DOWN | {"identity_theft", "personal_data_misuse", "grooming_of_minor", "data_breach"},
    "dereferencing": (REPUTATION - {"insult_harassment"})
    | {"personal_data_misuse", "doxxing", "intimate_image_abuse", "data_breach"},
    "device_cleanup": words(
        "phishing bank_fraud account_takeover malware ransomware system_intrusion unclassified_suspicion"
    ),
    "account_recovery": words(
        "phishing identity_theft account_takeover phone_number_usurpation fake_profile data_breach"
    ),
    "it_provider": words(
        "bank_fraud payment_diversion malware ransomware system_intrusion data_breach unclassified_suspicion"
    ),
    "funds_stop": words(
        "phishing bank_fraud online_scam payment_diversion online_shopping_dispute identity_theft account_takeover"
        " phone_number_usurpation sextortion malware ransomware system_intrusion"
    ),
    "purchase_refund": frozenset({"online_shopping_dispute"}),
    "number_change_cost": frozenset({"phone_number_usurpation", "malicious_calls"}),
}
# Programme: each limit as (service, amount in cents or count, per, claims a year).
LIMITS = {
    "proximus_cyber_care": {
        ("purchase_refund", 500_000, "household", 3),
        ("it_provider", 80_000, "household", 1),
        ("consultation", 3, "person", None),
    },
    "axa_cyber_risks": {("indemnity", 300_000, "person", None), ("legal_costs", 300_000, "person", None)},
    "allianz_cyber_protect": {("indemnity", 300_000, "person", None)},
    "maif_e_reputation": {("takedown", 3, "person", None), ("dereferencing", 3, "person", None)},
    "luko_cyber": {("indemnity", 200_000, "person", None)},
    "home_cyber_clause": {("indemnity", 100_000, "household", None)},
    "malakoff_humanis_option": {("consultation", 3, "person", None)},
    "harmonie_option": {("consultation", 3, "person", None)},
    "axa_protection_familiale_integrale": {
        ("indemnity", 300_000, "household", None),
        ("consultation", 3, "person", None),
    },
    "swisslife_data_privacy": {("legal_costs", 1_000_000, "person", None)},
    "phone_harassment_mutual": {("consultation", 12, "person", None), ("number_change_cost", 6_000, "person", None)},
}
FAMILY_CONTRACTS = {"proximus_cyber_care", "home_cyber_clause", "axa_protection_familiale_integrale"}
FAMILY = sorted(words("spouse partner child stepchild foster_child parent grandparent grandchild sibling relative"))
HOLDER = sorted(words("holder policyholder subscriber self member"))


def covered(holding: Holding, code: str, *, band: Band = Band.P2, **said: object) -> Coverage:
    """What one holding gives for a report of one code."""
    incident = CATALOGUE.incidents.codes[code]
    return cover(
        HouseholdBody(country="FR", holdings=(holding,)),
        ReportBody.model_validate({"code": code, **said}),
        codes=(code,),
        band=band,
        signals=(),
        pillars=(incident.lead, *incident.support),
        received_at=NOW,
        catalogue=CATALOGUE,
    )


def holding(programme: str, **said: object) -> Holding:
    return Holding.model_validate({"programme": programme, "valid_from": "2022-01-01", "tier": "premium", **said})


@pytest.mark.parametrize("relation", [*HOLDER, "employee"])
def test_works_council_cover_is_for_the_staff(relation: str) -> None:
    council = holding("cse_collective_cover", funded_programme="axa_cyber_risks", budget_open=True)
    made = covered(council, "threat", victim_relation=relation, work_related=True)
    assert {(one.programme, one.version, one.effect) for one in made.grants} == {
        ("cse_collective_cover", 1, Effect.COVERED)
    }


def test_the_table_has_every_contract_and_names_incidents_that_exist() -> None:
    """Guards the tests below. The works council's cover has no terms of its own."""
    contracts = {name for name, one in CATALOGUE.programmes.programmes.items() if not one.public}
    assert GIVEN.keys() | {"cse_collective_cover"} == contracts
    assert all(codes <= EVERY for codes, _ in GIVEN.values())
    assert len(MARKET) == 10


@pytest.mark.parametrize("code", sorted(EVERY))
@pytest.mark.parametrize("programme", GIVEN)
def test_a_programme_gives_for_an_incident_what_the_domain_says(programme: str, code: str) -> None:
    codes, services = GIVEN[programme]
    incident = CATALOGUE.incidents.codes[code]
    pillars = {incident.lead, *incident.support}
    wanted = {
        service
        for service in (services.split() if code in codes else ())
        if CATALOGUE.programmes.services[service].pillar in pillars and code in HELPS.get(service, EVERY)
    }
    made = covered(holding(programme), code)
    assert {one.service for one in made.grants} == wanted
    assert {(one.programme, one.version, one.effect) for one in made.grants} <= {(programme, 1, Effect.COVERED)}


@pytest.mark.parametrize("programme", GIVEN)
def test_a_programme_limits_what_the_domain_says(programme: str) -> None:
    (held,) = entitlements(
        HouseholdBody(country="FR", holdings=(holding(programme),)), at=date(2026, 3, 20), catalogue=CATALOGUE
    ).held
    limits = {
        (one.service, one.limit.amount_minor or one.limit.number, one.limit.per, one.limit.claims)
        for one in held.services
        if one.limit is not None
    }
    assert limits == LIMITS.get(programme, set())


@pytest.mark.parametrize("programme", GIVEN)
def test_a_household_is_told_for_which_incidents_a_service_is(programme: str) -> None:
    codes, services = GIVEN[programme]
    household = HouseholdBody(country="FR", holdings=(holding(programme),))
    (held,) = entitlements(household, at=date(2026, 3, 20), catalogue=CATALOGUE).held
    told = {one.service: set(one.incident_codes) for one in held.services}
    assert told == {service: set(codes & HELPS.get(service, EVERY)) for service in services.split()}


@pytest.mark.parametrize("relation", [*HOLDER, *FAMILY, "flatmate", "tenant", "lodger", "landlord", "au_pair", "guest"])
@pytest.mark.parametrize("programme", GIVEN)
def test_a_programme_is_for_whom_the_domain_says(programme: str, relation: str) -> None:
    code = min(GIVEN[programme][0])
    made = covered(holding(programme), code, victim_relation=relation)
    meant = relation in HOLDER or (programme in FAMILY_CONTRACTS and relation in FAMILY)
    assert (made.member, {one.effect for one in made.grants}) == (meant, {Effect.COVERED} if meant else set())


@pytest.mark.parametrize("programme", sorted(set(GIVEN) - FAMILY_CONTRACTS))
def test_a_personal_contract_is_an_employees_too(programme: str) -> None:
    made = covered(holding(programme), min(GIVEN[programme][0]), victim_relation="employee")
    assert {one.effect for one in made.grants} == {Effect.COVERED}


@pytest.mark.parametrize("code", sorted(EVERY))
def test_in_p0_somebody_without_contract_gets_whatever_is_of_use_but_money(code: str) -> None:
    incident = CATALOGUE.incidents.codes[code]
    made = covered(holding("no_such_programme"), code, band=Band.P0)
    services = CATALOGUE.programmes.services
    for pillar in (incident.lead, *incident.support):
        wanted = {
            name
            for name in services
            if services[name].pillar is pillar and not services[name].money and code in HELPS.get(name, EVERY)
        }
        assert set(made.services_of(pillar)) == wanted


PILLAR_OF = {
    Pillar.TECHNICAL: "takedown dereferencing device_cleanup account_recovery it_provider digital_coaching",
    Pillar.LEGAL: "rights_information complaint_file procedure_support legal_costs",
    Pillar.FINANCIAL: "funds_stop purchase_refund indemnity number_change_cost",
    Pillar.PSYCHOLOGICAL: "listening_line consultation group_workshop crisis_contact",
}
PAYS = {"legal_costs", "purchase_refund", "indemnity", "number_change_cost"}


def test_the_services_are_those_of_the_domain() -> None:
    services = CATALOGUE.programmes.services
    assert {name: one.pillar for name, one in services.items()} == {
        name: pillar for pillar, names in PILLAR_OF.items() for name in names.split()
    }
    assert {name for name, one in services.items() if one.money} == PAYS


@pytest.mark.parametrize(
    ("signal", "service"),
    [
        (Signal.SELF_HARM, "crisis_contact"),
        (Signal.ADDRESS_EXPOSED, "takedown"),
        (Signal.MONEY_LEAVING, "funds_stop"),
        (Signal.CHILD_SEXUAL_CONTENT, "takedown"),
    ],
)
def test_a_signal_forces_its_service_on_anybody(signal: Signal, service: str) -> None:
    made = cover(
        HouseholdBody(), ReportBody(), codes=("phishing",), band=Band.P3, signals=(signal,),
        pillars=(Pillar.LEGAL,), received_at=NOW, catalogue=CATALOGUE,
    )  # fmt: skip
    assert [(one.service, one.effect) for one in made.grants] == [(service, Effect.FLOOR)]


# Tier: what it adds to the ones before.
TIERS = {
    "essential": words("takedown digital_coaching rights_information complaint_file listening_line consultation"),
    "comfort": words("dereferencing procedure_support number_change_cost"),
    "premium": words("group_workshop"),
}


@pytest.mark.parametrize(("tier", "sessions"), [("essential", 3), ("comfort", 6), ("premium", 12)])
def test_tiers_of_the_mutual_add_up(tier: str, sessions: int) -> None:
    mutual = holding("phone_harassment_mutual", tier=tier)
    (held,) = entitlements(HouseholdBody(holdings=(mutual,)), at=date(2026, 3, 20), catalogue=CATALOGUE).held
    upto = list(TIERS)[: list(TIERS).index(tier) + 1]
    assert {one.service for one in held.services} == {service for one in upto for service in TIERS[one]}
    assert {one.limit.number for one in held.services if one.limit and one.service == "consultation"} == {sessions}


# Programme: what eligibility asks, its exclusions, its partners, whether it answers day and night.
ASKS = {
    "proximus_cyber_care": (
        "private_life paid_antivirus",
        "offender_lives_here illegal_activity",
        "axa_partners",
        True,
    ),
    "axa_cyber_risks": ("", "", "", False),
    "allianz_cyber_protect": ("", "", "", True),
    "maif_e_reputation": ("member_of_the_seller", "", "reputation_squad", False),
    "luko_cyber": ("", "", "", False),
    "home_cyber_clause": ("cyber_clause", "", "", False),
    "alan_premium": ("premium_formula", "", "", False),
    "malakoff_humanis_option": ("supplement", "", "", False),
    "harmonie_option": ("supplement", "", "", False),
    "cse_collective_cover": ("work_link social_budget", "", "", False),
    "axa_protection_familiale_integrale": ("", "posted_by_the_victim", "reputation_squad", False),
    "swisslife_data_privacy": ("", "", "reputation_squad", False),
    "17cyber": ("", "", "interior_ministry police gendarmerie cybermalveillance", True),
    "cybermalveillance": ("", "", "17cyber", False),
    "e_enfance_3018": ("", "", "cybermalveillance 17", False),
    "phone_harassment_mutual": ("", "", "specialist_associations", False),
}


@pytest.mark.parametrize("programme", sorted(ASKS))
def test_a_programme_asks_excludes_and_works_with_whom_the_domain_says(programme: str) -> None:
    (version,) = CATALOGUE.programmes.programmes[programme].versions
    asks, excludes, partners, always = ASKS[programme]
    assert set(version.eligibility) == words(asks)
    assert {one.code for one in version.exclusions} == words(excludes)
    assert set(version.partners) == words(partners)
    assert (version.hours == "always") is always


@pytest.mark.parametrize("programme", sorted(ASKS))
def test_contracts_are_served_in_four_languages_and_public_services_in_their_own(programme: str) -> None:
    one = CATALOGUE.programmes.programmes[programme]
    assert set(one.versions[0].languages) == words("fr" if one.public else "fr nl de en")


FOR_HARASSMENT = HARASSMENT | {"fake_profile", "unwanted_publication", "grooming_of_minor"}
# Public programme: the incidents it names, what it does for them.
DONE: dict[str, tuple[frozenset[str], str]] = {
    "17cyber": (EVERY, "it_provider digital_coaching rights_information complaint_file"),
    "cybermalveillance": (EVERY, "it_provider digital_coaching"),
    "e_enfance_3018": (FOR_HARASSMENT, "takedown rights_information listening_line"),
}


@pytest.mark.parametrize("code", sorted(EVERY))
@pytest.mark.parametrize("programme", DONE)
def test_a_public_programme_does_for_an_incident_what_the_domain_says(programme: str, code: str) -> None:
    codes, services = DONE[programme]
    (version,) = CATALOGUE.programmes.programmes[programme].versions
    offered = CATALOGUE.programmes.offered((programme, version.version), None, (code,), tuple(Pillar))
    wanted = {one for one in services.split() if code in codes and code in HELPS.get(one, EVERY)}
    assert offered.keys() == wanted


KEYS = {
    Pillar.TECHNICAL: ("cyber_help",),
    Pillar.LEGAL: ("scam_complaint", "victim_support"),
    Pillar.FINANCIAL: ("card_block", "consumer"),
    Pillar.PSYCHOLOGICAL: ("harassment_line", "victim_support"),
}


@pytest.mark.parametrize("code", sorted(EVERY))
@pytest.mark.parametrize(("country", "minor"), [("FR", False), ("FR", True), ("BE", False)])
def test_17cyber_cybermalveillance_and_3018_are_named_for_what_they_do(code: str, country: str, *, minor: bool) -> None:
    incident = CATALOGUE.incidents.codes[code]
    pillars = (incident.lead, *incident.support)
    made = cover(
        HouseholdBody(country=country), ReportBody(), codes=(code,), band=Band.P2, pillars=pillars,
        signals=(Signal.MINOR,) if minor else (), received_at=NOW, catalogue=CATALOGUE,
    )  # fmt: skip
    lines = ["17cyber", "cybermalveillance", *(["e_enfance_3018"] if code in FOR_HARASSMENT else [])]
    keys = [key for pillar in Pillar if pillar in pillars for key in KEYS[pillar]]
    wanted = [*(["minors_line"] if minor else []), *(lines if country == "FR" else []), *keys]
    assert made.public_path == tuple(dict.fromkeys([*wanted, *([] if country == "FR" else ["emergency"])]))


@pytest.mark.parametrize(
    ("spelling", "programme"),
    [
        ("Cyber Care", "proximus_cyber_care"),
        ("Protection Familiale Intégr@le", "axa_protection_familiale_integrale"),
        ("AXA Protection familiale integrale", "axa_protection_familiale_integrale"),
        ("3018", "e_enfance_3018"),
        ("e-Enfance", "e_enfance_3018"),
        ("17 Cyber", "17cyber"),
        ("Luko", None),
    ],
)
def test_a_programme_is_found_under_its_other_spellings(spelling: str, programme: str | None) -> None:
    assert CATALOGUE.programmes.find(spelling) == programme


# Programme: who pays which share of the premium in percent.
SHARES = {
    "proximus_cyber_care": {"subscriber": 100},
    "allianz_cyber_protect": {"mutual": 60, "works_council": None},
    "axa_cyber_risks": {"subscriber": None, "company_mutual": None},
    "cse_collective_cover": {"works_council": 50},
}
# Programme: prices in cents as the sources give them; information, never a condition.
PRICES = {
    "proximus_cyber_care": {"month": 499},
    "axa_cyber_risks": {"year/from": 20_000, "year/to": 80_000},
    "allianz_cyber_protect": {"year/from": 15_000, "year/to": 60_000, "employee": 50_000},
    "maif_e_reputation": {"year/from": 10_000, "year/to": 40_000},
    "luko_cyber": {"year/from": 8_000, "year/to": 30_000},
    "alan_premium": {"month/from": 500, "month/to": 1_500},
    "malakoff_humanis_option": {"month/from": 500, "month/to": 1_500},
    "harmonie_option": {"month/from": 500, "month/to": 1_500},
    "axa_protection_familiale_integrale": {"month/from": 1_300, "month/to": 2_400},
    "swisslife_data_privacy": {"month": 990},
}


def test_premiums_are_funded_as_the_sources_say() -> None:
    versions = {name: one.versions[0] for name, one in CATALOGUE.programmes.programmes.items()}
    shares = {name: {payer.payer: payer.share for payer in one.funding} for name, one in versions.items()}
    assert {name: payers for name, payers in shares.items() if payers} == SHARES


def test_prices_are_the_sources() -> None:
    prices = {
        name: {
            figure.of.removeprefix("price/"): figure.value
            for figure in one.versions[0].figures
            if figure.of.startswith("price/")
        }
        for name, one in CATALOGUE.programmes.programmes.items()
    }
    assert {name: told for name, told in prices.items() if told} == PRICES
