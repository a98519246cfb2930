"""Psychologists of one desk, and the case they are asked about: scenes of who is asked begin with them."""

from typing import Any

from tests.scenarios.town import Town

HARASSED = "insult_harassment"


def psychologists(town: Town, *names: str, **said: Any) -> Town:
    """Each came a second after the one before: the first named has been idle longest. The other pillars have their own."""
    for pillar in ("technical", "legal"):
        town.responder(f"r-{pillar}", f"{pillar}-fr", capacity=100)
    for name in names:
        town.passes(seconds=1).responder(name, "psychological-fr", **said)
    return town


def insured(town: Town) -> Town:
    """A household whose contract gives it a psychologist."""
    return town.household("h", programme="axa_protection_familiale_integrale")
