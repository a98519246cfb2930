"""What is measured of desks: who waits since when, as it was received, and how many gaps are open."""

from datetime import UTC, date, datetime, timedelta

import pytest

from schemas.catalogue import Catalogue
from schemas.rotas import Layer
from schemas.words import Pillar, Presence
from services.responders.machine import DesksMachine
from services.responders.metrics import Standing
from tests.scenarios.town import Town
from tests.shipped import FOUR_PROMISES

DESK = "technical-fr"
Series = dict[tuple[str, ...], float]


@pytest.fixture
def town() -> Town:
    catalogue: Catalogue = FOUR_PROMISES
    return Town(catalogue)


def measured(town: Town, name: str) -> Series:
    """The series of a metric, by their labels but for the pillar."""
    machine = next(seat.machine for seat in town.bus.seats if seat.wiring.group == "responders-technical")
    assert isinstance(machine, DesksMachine)
    families = Standing(Pillar.TECHNICAL, {0: machine}).collect()
    samples = next(family.samples for family in families if family.name == name)
    return {tuple(value for label, value in one.labels.items() if label != "pillar"): one.value for one in samples}


def waits_since(town: Town) -> dict[str, datetime]:
    """Since when the oldest of each band waits at the desk."""
    found = measured(town, "sameroof_desk_oldest_receipt_timestamp_seconds")
    return {band: datetime.fromtimestamp(since, UTC) for (_, band), since in found.items()}


def test_what_waits_longest_is_told_by_the_receipt_of_its_report_whatever_goes_first(town: Town) -> None:
    began = town.now
    town.reports(None, "unclassified_suspicion").passes(hours=2)
    later = town.now
    town.reports(None, "malware", signals=["money_leaving"])
    assert waits_since(town)["P3"] == began
    assert min(since for band, since in waits_since(town).items() if band != "P3") == later
    town.passes(hours=20).everything_restarts()
    assert waits_since(town)["P3"] == began, (
        "age lifts a track in the queue, and changes nothing about how long it has waited"
    )


def test_who_is_asked_and_gives_back_still_waits_since_the_report(town: Town) -> None:
    began = town.now
    town.responder("one", DESK).reports(None, "unclassified_suspicion").passes(minutes=10)
    assert waits_since(town) == {"P3": began}
    town.answers("accept", "one", "technical")
    assert waits_since(town) == {}
    town.passes(minutes=10).works("handover", "one", "technical")
    assert waits_since(town) == {"P3": began}


def test_a_gap_is_counted_by_desk_and_whether_it_is_of_the_rota_or_of_now(town: Town) -> None:
    turns = {"every": 1, "unit": "days", "hand_over_at": "00:00", "zone": "UTC", "starts_on": date(2026, 3, 20)}
    seat = Layer.model_validate({"name": "first", "people": ("ann",), **turns})
    town.responder("ann", DESK, on_duty=False).rota(DESK, seat)
    assert measured(town, "sameroof_desk_gaps") == {}
    town.presence("ann", DESK, Presence.AWAY)
    assert measured(town, "sameroof_desk_gaps") == {(DESK, "now"): 1.0}
    leave = {"leave_id": "l", "responder_id": "ann", "begins": town.now, "ends": town.now + timedelta(days=1)}
    town.plans(DESK, "rota_leave", leave_id="l", leave=leave)
    assert measured(town, "sameroof_desk_gaps") == {(DESK, "rota"): 1.0}
