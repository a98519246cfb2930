"""What may help the firm behind a contract pay for prevention? Notes that expire; no decision reads them (DOMAIN section 9)."""

from collections.abc import Mapping

from schemas.catalogue import Catalogue
from schemas.catalogue.prevention_funding import Note
from schemas.catalogue.programme_words import Scope
from services.rules.entitlements import Entitlements, Held


def notes_beside(entitled: Entitlements, catalogue: Catalogue) -> Mapping[str, Note]:
    """The notes that have not expired on the day asked, of the countries of the company contracts in force on it; by their ids."""
    firms = {one.version.country for one in entitled.held if one.version is not None and _is_through_a_firm(one)}
    notes = catalogue.prevention_funding.notes
    return {name: one for name, one in notes.items() if one.country in firms and entitled.at <= one.expires}


def _is_through_a_firm(held: Held) -> bool:
    of_an_employee = held.version is not None and held.version.beneficiary_scope is Scope.EMPLOYEE
    return held.refusal is None and (of_an_employee or held.holding.employer is not None)
