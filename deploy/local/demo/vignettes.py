"""The four vignettes (DOMAIN section 1), and the P0 that nobody answers: what is reported, and what to look at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from deploy.local.demo.town import Household


@dataclass(frozen=True)
class Vignette:
    """One act: what is said on the screen before, the reports, and what is worth seeing in the answer."""

    name: str
    told: str
    look: str
    reports: tuple[dict[str, Any], ...]


SILENT_DESK = "legal-be"


def four(now: datetime, town: Sequence[Household]) -> tuple[Vignette, ...]:
    """The vignettes (a) to (d), placed in households of the town."""
    belgian = [one for one in town if one.partner_id is None and one.country == "BE"]
    french = [one for one in town if one.partner_id is None and one.country == "FR"]
    paying = [one for one in belgian[1:] if not any("valid_to" in held for held in one.body["holdings"])]
    return _blackmail(now, belgian[0]), _bank(now, belgian[-1]), _spouse(now, paying[0]), _team(now, french[-1])


def _in(household: Household, language: str, **facts: Any) -> dict[str, Any]:
    return {"household_id": household.household_id, "country": household.country, "language": language, **facts}


def _blackmail(now: datetime, household: Household) -> Vignette:
    report = _in(
        household,
        "fr",
        code="sextortion",
        reporter_role="victim",
        victim_age_band="15_17",
        signals=["minor", "attacker_deadline"],
        deadline_at=(now + timedelta(minutes=80)).isoformat(timespec="seconds"),
        covert=True,
        ongoing=True,
        platform="messaging",
        facts={"content_exists": "yes", "paid": False},
        personal={
            "free_text": "Il a une photo de moi et il veut de l'argent avant minuit. Mes parents ne doivent pas savoir.",
            "safe_contact": "chat only, never the home line",
        },
    )
    told = "(a) Friday, 22:40: a girl of 15, an intimate photo, pay by midnight; her parents must not know yet."
    look = "Covert: her parents are not called, and it is on no shared view"
    return Vignette("a", told, look, (report,))


def _bank(now: datetime, household: Household) -> Vignette:
    report = _in(
        household,
        "nl",
        code="bank_fraud",
        reporter_role="victim",
        victim_age_band="65_plus",
        signals=["money_leaving"],
        happened_at=(now - timedelta(minutes=12)).isoformat(timespec="seconds"),
        ongoing=True,
        money_lost=True,
        paid_at=(now - timedelta(minutes=12)).isoformat(timespec="seconds"),
        facts={"method": "transfer", "remote_session_open": True},
        amount_minor=420_000,
        currency="EUR",
        personal={
            "free_text": "Iemand van de bank belde. Hij is nog op mijn computer en er is net 4.200 euro weg.",
            "safe_contact": "the daughter's phone",
        },
    )
    told = "(b) A man of 68: the 'bank adviser' is still on his computer, 4,200 euro left twelve minutes ago."
    look = "Money is leaving: nothing but another P0 may go first"
    return Vignette("b", told, look, (report,))


def _spouse(now: datetime, household: Household) -> Vignette:
    report = _in(
        household,
        "fr",
        code="malware",
        secondary_codes=["unwanted_publication"],
        reporter_role="spouse",
        signals=["same_roof_offender"],
        offender_relation="spouse",
        facts={"symptoms": "watched"},
        covert=True,
        discovered_at=(now - timedelta(hours=3)).isoformat(timespec="seconds"),
        personal={
            "free_text": "Il sait toujours où je suis et des messages privés sont sortis. L'abonnement est à son nom.",
            "safe_contact": "at work, weekdays, nothing by post",
        },
    )
    told = "(c) A subscriber's wife is tracked and her messages leak; the offender is the subscriber himself."
    look = "Same roof: one band higher, covert, nothing on the bill"
    return Vignette("c", told, look, (report,))


def _team(now: datetime, household: Household) -> Vignette:
    def report(number: int) -> dict[str, Any]:
        return {
            "code": "doxxing",
            "country": household.country,
            "language": "en" if number % 3 == 0 else "fr",
            "reporter_role": "victim",
            "facts": {"data_exposed": "address", "home_known": True},
            "happened_at": (now - timedelta(hours=7, minutes=number)).isoformat(timespec="seconds"),
            "personal": {
                "free_text": f"Employee {number} of a start-up of 50: home address and phone posted overnight.",
                "reporter_name": f"Employee {number}",
            },
        }

    told = "(d) A start-up of 50: nine of the staff are doxxed overnight, after a product launch."
    look = "Nine people nobody had on file: no programme known, helped all the same"
    return Vignette("d", told, look, tuple(report(number) for number in range(1, 10)))


def unanswered(household: Household) -> dict[str, Any]:
    """A threat with an author who knows the address: P0, led by the desk whose responders stay silent."""
    return _in(
        household,
        "de",
        code="threat",
        reporter_role="victim",
        signals=["physical_danger"],
        offender_relation="ex_partner",
        address_known_to_offender=True,
        facts={"place_time": True},
        ongoing=True,
        personal={
            "free_text": "Er steht vor dem Haus und schreibt, dass er heraufkommt.",
            "safe_contact": "text messages only",
        },
    )
