"""Mixed reports of the town: seeded, so that the same seed gives the same reports in the same order and through the same doors."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import yaml

from deploy.local.demo.town import Household

# How often which incident is reported, per hundred.
MIX = {
    "phishing": 18,
    "online_shopping_dispute": 14,
    "bank_fraud": 9,
    "account_takeover": 9,
    "online_scam": 7,
    "insult_harassment": 7,
    "malicious_calls": 6,
    "personal_data_misuse": 5,
    "fake_profile": 5,
    "identity_theft": 4,
    "malware": 4,
    "unclassified_suspicion": 4,
    "defamation": 3,
    "doxxing": 2,
    "threat": 2,
    "sextortion": 1,
}
URGENT = {"bank_fraud": "money_leaving", "threat": "physical_danger", "insult_harassment": "self_harm"}
URGENT_SHARE = 0.25  # of the codes above
STRANGER_SHARE = 0.08
_NAMESPACE = UUID("8d0e0a5c-3c0e-5a47-9a43-2f7a4f6f2f11")


@dataclass(frozen=True)
class Draft:
    """A report ready to be sent: its id, its JSON body, and through which door (`None`: over HTTP, else a partner's topic).

    `again`: `repeat` sends it a second time unchanged, `conflict` with another body.
    """

    report_id: str
    partner_id: str | None
    body: dict[str, Any]
    urgent: bool
    again: str | None = None


def mixed(seed: int, count: int, town: Sequence[Household], now: datetime) -> list[Draft]:
    """`count` reports, half of them over HTTP; `now` is what claimed times are counted back from."""
    draw = random.Random(f"{seed}-reports")
    partners = [one for one in town if one.partner_id]
    own = [one for one in town if not one.partner_id]
    drafts = [
        _draft(draw, f"{seed}-{number}", draw.choice((own, partners)[number % 2]), now) for number in range(count)
    ]
    return [_again(draft, number) for number, draft in enumerate(drafts)]


def _draft(draw: random.Random, name: str, household: Household, now: datetime) -> Draft:
    code = draw.choices(list(MIX), weights=list(MIX.values()))[0]
    role = draw.choice(("victim", "victim", "victim", "spouse", "colleague", "parent"))
    happened = now - timedelta(minutes=draw.randrange(5, 3 * 24 * 60))
    body: dict[str, Any] = {
        "code": code,
        "country": household.country,
        "language": household.language,
        "reporter_role": role,
        "victim_age_band": "15_17" if role == "parent" else "adult",
        "happened_at": happened.isoformat(timespec="seconds"),
        "ongoing": draw.random() < 0.5,
        "personal": {"free_text": words(code, household.language)},
    }
    signal = URGENT.get(code) if draw.random() < URGENT_SHARE else None
    body |= {"signals": [signal]} if signal else {}
    body |= {"amount_minor": draw.randrange(1_000, 600_000), "currency": "EUR"} if "fraud" in code else {}
    body |= _whose(draw, household)
    return Draft(str(uuid5(_NAMESPACE, name)), household.partner_id, body, urgent=signal is not None)


def _whose(draw: random.Random, household: Household) -> dict[str, str]:
    if draw.random() < STRANGER_SHARE:
        return {}
    if household.partner_id:
        return {"household_reference": household.reference, "partner_reference": f"ticket-{draw.randrange(10**8):08d}"}
    return {"household_id": household.household_id}


def _again(draft: Draft, number: int) -> Draft:
    """Some reports come twice, as they do in life: a partner's retry, a retry with a corrected text, an agent's second click."""
    again = {11: "repeat", 24: "repeat", 37: "conflict"}.get(number % 100)
    return draft if again is None else Draft(draft.report_id, draft.partner_id, draft.body, draft.urgent, again)


def words(code: str, language: str) -> str:
    """What a caller says about an incident of this code."""
    texts = _texts()
    return texts.get(code, texts["other"])[language]


@cache
def _texts() -> Mapping[str, Mapping[str, str]]:
    found: Mapping[str, Mapping[str, str]] = yaml.safe_load(Path(__file__).with_name("texts.yaml").read_text("utf-8"))
    return found
