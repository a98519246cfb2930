"""A catalogue whose programmes cannot be right is refused, with file, path and rule; versions follow each other by date."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
import yaml

from schemas.catalogue import Catalogue, CatalogueError
from schemas.catalogue.programme_words import Source
from schemas.catalogue.terms import Figure
from schemas.households import Holding, HouseholdBody
from schemas.reports import ReportBody
from schemas.words import Band, Pillar
from tests.shipped import CATALOGUE
from tests.unit.catalogue.folders import Change, with_change
from tests.unit.rules.told import cover

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)


def changed(change: Change) -> Catalogue:
    """The shipped catalogue with `programmes.yaml` changed."""
    return with_change("programmes", change)


def luko(told: dict[str, Any]) -> dict[str, Any]:
    version: dict[str, Any] = told["programmes"]["luko_cyber"]["versions"][0]
    return version


def second_version(told: dict[str, Any], ends: str | None, begins: str | None) -> dict[str, Any]:
    """Luko Cyber ends one day and goes on under other terms another day; returns the second version."""
    first = luko(told)
    second: dict[str, Any] = yaml.safe_load(yaml.safe_dump(first))
    first["valid_to"] = ends and date.fromisoformat(ends)
    second |= {"version": 2, "valid_from": begins and date.fromisoformat(begins)}
    for version, of in ((first, "valid_to"), (second, "valid_from")):
        version["figures"].append({"of": of, "said": None, "source": "D", "verified": False})
    told["programmes"]["luko_cyber"]["versions"].append(second)
    return second


def figure(version: dict[str, Any], of: str) -> dict[str, Any]:
    """The figure of something."""
    found: dict[str, Any] = next(one for one in version["figures"] if one["of"] == of)
    return found


PLACE = "programmes/luko_cyber/versions/0"
BAD: dict[str, tuple[Change, str]] = {
    "an unknown incident code": (
        lambda told: luko(told)["incident_codes"].append("witchcraft"),
        f"{PLACE}/incident_codes: witchcraft is no incident code",
    ),
    "an unknown service": (
        lambda told: luko(told)["services"].append({"pillar": "legal", "service": "exorcism"}),
        f"{PLACE}/services: exorcism is no service",
    ),
    "a service under another pillar": (
        lambda told: luko(told)["services"].append({"pillar": "legal", "service": "listening_line"}),
        f"{PLACE}/services: listening_line belongs to psychological",
    ),
    "a service for an incident it does not name": (
        lambda told: luko(told)["services"].append(
            {"pillar": "legal", "service": "procedure_support", "codes": ["malware"]}
        ),
        f"{PLACE}/services: procedure_support is for incidents the programme does not name",
    ),
    "money without a ceiling": (
        lambda told: luko(told)["services"].append({"pillar": "financial", "service": "purchase_refund"}),
        f"{PLACE}/services: purchase_refund is money and has no ceiling",
    ),
    "a limit nobody set": (
        lambda told: luko(told)["services"].append(
            {"pillar": "legal", "service": "procedure_support", "limit": "lots"}
        ),
        f"{PLACE}: services: limits ['lots'] are named or set, but not both",
    ),
    "an unknown tier": (
        lambda told: luko(told)["services"][0].update(tiers=["gold"]),
        f"{PLACE}: tiers: ['gold'] unknown",
    ),
    "an unknown relation": (
        lambda told: luko(told).update(relations_allowed=["blood_brother"]),
        f"{PLACE}/relations_allowed: blood_brother is no relation",
    ),
    "another currency": (lambda told: luko(told).update(currency="USD"), f"{PLACE}/currency: Input should be 'EUR'"),
    "a figure that contradicts the number in force": (
        lambda told: figure(luko(told), "ceilings/indemnity").update(value=200_001),
        f"{PLACE}: figures: ceilings/indemnity says 200001, in force is another value",
    ),
    "a number without a source": (
        lambda told: luko(told)["figures"].remove(figure(luko(told), "ceilings/indemnity")),
        f"{PLACE}: figures: ceilings/indemnity has no source",
    ),
    "services without a source": (
        lambda told: luko(told)["figures"].remove(figure(luko(told), "services")),
        f"{PLACE}: figures: services has no source",
    ),
    "a figure about nothing": (
        lambda told: luko(told)["figures"].append({"of": "moon", "said": None, "source": "D", "verified": False}),
        f"{PLACE}: figures: moon is about nothing here",
    ),
    "a pilot nobody says": (
        lambda told: luko(told).update(pilot={"until": "2026-02-28"}),
        f"{PLACE}: figures: pilot has no source",
    ),
    "a pilot for so many that nobody says": (
        lambda told: luko(told).update(pilot={"until": "2026-02-28", "cohort": 200}),
        f"{PLACE}: figures: pilot/cohort has no source",
    ),
    "two figures about one thing": (
        lambda told: luko(told)["figures"].append(dict(figure(luko(told), "services"))),
        f"{PLACE}: figures: each thing is set once and has one source",
    ),
    "a default that does not say what the articles say": (
        lambda told: figure(luko(told), "services").pop("said"),
        f"{PLACE}/figures/3: services: `said` is for D, P and K, null where the articles are silent",
    ),
    "a ceiling of nothing": (
        lambda told: luko(told)["ceilings"][0].update(amount_minor=0),
        f"{PLACE}/ceilings/0/amount_minor: Input should be greater than 0",
    ),
    "shares above the whole": (
        lambda told: luko(told).update(funding=[{"payer": "a", "share": 60}, {"payer": "b", "share": 60}]),
        f"{PLACE}: figures: funding/a has no source",
    ),
    "versions that overlap": (
        lambda told: second_version(told, "2025-06-30", "2025-06-30"),
        "programmes/luko_cyber: versions: validity of 1 and 2 overlaps",
    ),
    "a version that never ends before the next": (
        lambda told: second_version(told, None, "2025-06-30"),
        "programmes/luko_cyber: versions: validity of 1 and 2 overlaps",
    ),
    "two versions with one number": (
        lambda told: second_version(told, "2025-06-30", "2025-07-01").update(version=1),
        "programmes/luko_cyber: versions: two have the same number",
    ),
    "a version that ends before it begins": (
        lambda told: second_version(told, "2025-06-30", "2025-07-01").update(valid_to=date(2025, 1, 1)),
        "programmes/luko_cyber/versions/1: figures: valid_to has no source",
    ),
    "a key nobody declared": (
        lambda told: luko(told).update(colour="blue"),
        f"{PLACE}/colour: Extra inputs are not permitted",
    ),
    "P0 made slower": (
        lambda told: slower(luko(told), band="P0", pillar="legal", within="16 min"),
        f"{PLACE}/sla_overrides/acknowledge: P0 may only be stricter",
    ),
    "P0 made slower among all bands": (
        lambda told: slower(luko(told), within="3 min"),
        f"{PLACE}/sla_overrides/acknowledge: P0 may only be stricter",
    ),
    "a promise of nothing known": (
        lambda told: slower(luko(told), kind="moon_landing", within="2 h"),
        f"{PLACE}/sla_overrides/moon_landing: is no clock and no milestone",
    ),
    "a referral nobody knows": (
        lambda told: told["public_path"]["pillars"]["legal"].append("oracle"),
        "public_path: oracle is no key of referrals",
    ),
    "an alias that is somebody else's": (
        lambda told: told["programmes"]["luko_cyber"].update(aliases=["Alan Premium"]),
        "programmes/luko_cyber/aliases: Alan Premium reads like another programme's name",
    ),
    "a contract for anybody": (
        lambda told: luko(told).update(beneficiary_scope="anybody"),
        "programmes/luko_cyber: public: exactly a public programme is for anybody",
    ),
    "a floor of money": (
        lambda told: told["floor"].update(self_harm=["indemnity"]),
        "floor/self_harm: indemnity is money",
    ),
    "a floor of nothing known": (
        lambda told: told["floor"].update(self_harm=["prayer"]),
        "floor/self_harm: prayer is no service",
    ),
    "a pillar nobody is referred for": (
        lambda told: told["public_path"]["pillars"].pop("legal"),
        "public_path/pillars: legal is missing",
    ),
    "a contract as public path": (
        lambda told: told["public_path"]["programmes"].update(FR=["luko_cyber"]),
        "public_path/FR: luko_cyber is no public programme",
    ),
    "a service for an unknown incident": (
        lambda told: told["services"]["takedown"]["helps"].append("witchcraft"),
        "services/takedown/helps: witchcraft is no incident code",
    ),
    "an incident no service of its pillar helps with": (
        lambda told: (
            told["services"]["funds_stop"]["helps"].remove("online_scam")
            or told["services"]["indemnity"].update(helps=[])
        ),
        "services: nothing financial helps with online_scam",
    ),
    "advice that pays": (lambda told: told.update(advice="indemnity"), "advice: indemnity is no service without money"),
    "a zone that does not exist": (lambda told: told.update(zone="Europe/Atlantis"), "zone: no such time zone"),
}


def slower(version: dict[str, Any], *, kind: str = "acknowledge", **override: Any) -> None:
    """Overrides a clock, with its source."""
    version["sla_overrides"] = [{"kind": kind, **override}]
    of = "/".join(str(part) for part in (f"sla_overrides/{kind}", override.get("band"), override.get("pillar")) if part)
    version["figures"].append({"of": of, "value": override["within"], "said": None, "source": "D", "verified": False})


@pytest.mark.parametrize("what", BAD)
def test_a_catalogue_is_refused_with_file_path_and_rule(what: str) -> None:
    change, expected = BAD[what]
    with pytest.raises(CatalogueError) as refused:
        changed(change)
    assert str(refused.value) == f"programmes.yaml: {expected}"


def test_p0_may_be_made_stricter_and_other_bands_slower() -> None:
    changed(lambda told: slower(luko(told), band="P0", pillar="legal", within="15 min"))
    changed(lambda told: slower(luko(told), band="P3", within="2 d"))


@pytest.mark.parametrize(("day", "version", "amount"), [("2025-06-30", 1, 200_000), ("2025-07-01", 2, 500_000)])
def test_the_version_is_that_of_the_day_of_the_harm(day: str, version: int, amount: int) -> None:
    def richer(told: dict[str, Any]) -> None:
        second = second_version(told, "2025-06-30", "2025-07-01")
        second["ceilings"][0]["amount_minor"] = 500_000
        figure(second, "ceilings/indemnity")["value"] = 500_000

    made = cover(
        HouseholdBody(holdings=(Holding(programme="luko_cyber", valid_from="2020-01-01"),)),
        ReportBody(happened_at=f"{day}T23:59:00+02:00"),
        codes=("identity_theft",),
        band=Band.P2,
        signals=(),
        pillars=(Pillar.FINANCIAL,),
        received_at=NOW,
        catalogue=changed(richer),
    )
    (indemnity,) = [one for one in made.grants if one.service == "indemnity"]
    assert (indemnity.version, indemnity.limit and indemnity.limit.amount_minor) == (version, amount)


def every_figure() -> list[Figure]:
    programmes = CATALOGUE.programmes
    versions = [version for one in programmes.programmes.values() for version in one.versions]
    return [*programmes.money.figures, *(figure for version in versions for figure in version.figures)]


def test_nothing_from_the_least_trusted_source_or_from_no_source_counts_as_verified() -> None:
    doubtful = {Source.S1, Source.D, Source.P, Source.K}
    assert [one.of for one in every_figure() if one.source in doubtful and one.verified] == []


def test_what_the_articles_state_is_verified_but_for_the_least_trusted() -> None:
    trusted = {Source.S0, Source.S2, Source.S3, Source.S4}
    assert [one.of for one in every_figure() if one.source in trusted and not one.verified] == []
    assert {one.source for one in every_figure()} == set(Source)
