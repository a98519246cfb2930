"""The demo's town: invented households with what they bought, and a 24/7 roster. Seeded: the same seed is the same town."""

import random
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID, uuid5

from schemas.catalogue import load

PILLARS = ("technical", "legal", "financial", "psychological")
REGIONS = ("be", "fr")
PROGRAMMES = {
    "BE": ("proximus_cyber_care",),
    "FR": (
        "axa_cyber_risks",
        "maif_e_reputation",
        "alan_premium",
        "swisslife_data_privacy",
        "phone_harassment_mutual",
        "cse_collective_cover",
    ),
}
LANGUAGES = {"BE": ("fr", "nl", "de"), "FR": ("fr", "fr", "en")}
LAPSED_SHARE = 0.1
_NAMESPACE = UUID("8d0e0a5c-3c0e-5a47-9a43-2f7a4f6f2f10")


@dataclass(frozen=True)
class Household:
    """One roof. With a `partner_id` it is that partner's and comes through its door under `reference`, else an agent enters it."""

    household_id: str
    partner_id: str | None
    reference: str
    country: str
    language: str
    body: dict[str, Any]


@dataclass(frozen=True)
class Responder:
    """Somebody on the roster; a duty lead has a `post` and is not offered work in turn."""

    responder_id: str
    desk_id: str
    post: str | None
    languages: tuple[str, ...]


def households(seed: int, count: int, partners: tuple[str, ...]) -> list[Household]:
    """`count` households, every other one a partner's."""
    draw = random.Random(f"{seed}-households")
    return [_household(draw, number, partners) for number in range(count)]


def _household(draw: random.Random, number: int, partners: tuple[str, ...]) -> Household:
    partner = partners[number // 2 % len(partners)] if partners and number % 2 else None
    country = "BE" if partner == "proximus" or (partner is None and draw.random() < 0.5) else "FR"
    language = draw.choice(LANGUAGES[country])
    reference = f"roof-{number:05d}"
    lapsed = {"valid_to": "2024-12-31"} if draw.random() < LAPSED_SHARE else {}
    body = {
        "reference": reference,
        "country": country,
        "language": language,
        "members": [
            {"member_id": f"m{one}", "relation": relation, "age_band": age, "language": language}
            for one, (relation, age) in enumerate(_members(draw), start=1)
        ],
        "holdings": [{"programme": draw.choice(PROGRAMMES[country]), "valid_from": "2023-01-01", **lapsed}],
    }
    identity = str(uuid5(_NAMESPACE, f"{partner}/{reference}"))
    return Household(identity, partner, reference, country, language, body)


def _members(draw: random.Random) -> list[tuple[str, str]]:
    adults = [("subscriber", draw.choice(("25_39", "40_64", "65_plus")))]
    adults += [("spouse", "40_64")] * (draw.random() < 0.6)
    return adults + [("child", draw.choice(("under_15", "15_17")))] * draw.randrange(3)


def roster(each: int) -> list[Responder]:
    """`each` responders and a duty lead for every desk, all on duty around the clock."""
    found: list[Responder] = []
    for pillar in PILLARS:
        for region in REGIONS:
            desk = f"{pillar}-{region}"
            languages = ("nl", "de", "fr", "en")
            found += [Responder(f"{desk}-{number}", desk, None, languages) for number in range(1, each + 1)]
            found.append(Responder(f"{desk}-lead", desk, f"duty-lead-{desk}", languages))
    return found


@cache
def skills_of(desk_id: str) -> list[str]:
    """Everything that somebody at a desk can be trained in."""
    pillar = desk_id.partition("-")[0]
    return [name for name, skill in load().skills.skills.items() if pillar in skill.pillars]


def entry(responder: Responder, *, capacity: int, rings_at: str) -> dict[str, Any]:
    """The body of `PUT /v1/responders/{id}`: reached by webhook at `rings_at`, then by a line in a log."""
    return {
        "desk_id": responder.desk_id,
        "languages": list(responder.languages),
        "skills": skills_of(responder.desk_id),
        "clearances": ["minors", "restricted"],
        "capacity": capacity,
        "methods": [{"kind": "webhook"}, {"kind": "log"}],
        "personal": {"addresses": [rings_at, "log"]},
        **({"post": responder.post} if responder.post else {}),
    }
