"""What may fund a firm's prevention is what the article says, beside the company contracts of that country, until it expires."""

from datetime import date

import pytest

from schemas.catalogue.prevention_funding import Note
from schemas.households import Holding, HouseholdBody
from schemas.words import Language
from services.rules.entitlements import entitlements
from services.rules.prevention_funding import notes_beside
from tests.shipped import CATALOGUE

LAST = date(2027, 6, 30)
NOTES = {  # DOMAIN section 9: at most so many cents, at least and at most so many percent
    "opco": (None, None, None),
    "fne_formation": (None, None, None),
    "france_num": (None, None, None),
    "training_tax_credit": (None, None, None),
    "bpifrance_audit_voucher": (500_000, None, None),
    "aid": (None, None, 50),
    "credit": (None, 30, 50),
}


def beside(*holdings: Holding, at: date = LAST) -> dict[str, Note]:
    household = HouseholdBody(country="FR", holdings=holdings)
    return dict(notes_beside(entitlements(household, at=at, catalogue=CATALOGUE), CATALOGUE))


def held(programme: str, **said: object) -> Holding:
    return Holding.model_validate({"programme": programme, "valid_from": "2022-01-01", **said})


@pytest.mark.parametrize("programme", ["alan_premium", "harmonie_option", "malakoff_humanis_option"])
def test_a_company_contract_stands_beside_every_note_of_its_country_with_its_figures(programme: str) -> None:
    found = beside(held(programme))
    figures = {name: (one.at_most_minor, one.at_least_percent, one.at_most_percent) for name, one in found.items()}
    assert figures == NOTES


@pytest.mark.parametrize(("employer", "notes"), [("firm-1", len(NOTES)), (None, 0)])
def test_a_contract_anybody_can_buy_is_a_firms_when_an_employer_is_behind_it(employer: str | None, notes: int) -> None:
    assert len(beside(held("axa_cyber_risks", employer=employer))) == notes


def test_two_company_contracts_show_each_note_once() -> None:
    assert len(beside(held("alan_premium"), held("harmonie_option"))) == len(NOTES)


def test_notes_are_gone_the_day_after_they_expire() -> None:
    assert beside(held("alan_premium"), at=date(2027, 7, 1)) == {}


def test_a_household_without_contracts_sees_no_note() -> None:
    assert beside() == {}


def test_every_note_is_from_the_article_nobody_trusts_and_is_named_in_four_languages() -> None:
    notes = CATALOGUE.prevention_funding.notes.values()
    assert {(one.source, one.verified) for one in notes} == {("S1", False)}
    assert all(set(one.name) == set(Language) for one in notes)
