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


def life(town: Town) -> Town:
    """A P0 whose lead track is psychological, as far as that desk is told."""
    town.reports(None, HARASSED, signals=["self_harm"], country="FR", language="fr")
    return town


def asked(town: Town) -> list[str]:
    """Who is asked now about the psychological track of the last case."""
    return [one.responder_id for one in town.desk("psychological").tracks[town.track("psychological").track_id].offers]


def threatened(town: Town) -> Any:
    """A P1 as far as the psychological desk is told; its case."""
    return town.reports(None, HARASSED, signals=["address_exposed"], country="FR").ignoring_what_was_told().case()


def harassed(town: Town, household: str | None = None) -> Any:
    """A P2; its case."""
    return town.reports(household, HARASSED, country="FR").ignoring_what_was_told().case()


def on(town: Town, case: Any) -> Any:
    """The psychological track of a case, as its desk has it."""
    return town.desk("psychological").tracks[psychological(case)]


def psychological(case: Any) -> str:
    """The id of the psychological track of a case."""
    return next(str(track.track_id) for track in case.tracks if track.pillar == "psychological")
