"""What is promised on a track beside its four clocks, and how a search for somebody widens (DOMAIN section 8)."""

from datetime import timedelta

import pytest

from schemas.words import Band, Pillar
from tests.shipped import CATALOGUE

SLA = CATALOGUE.sla
MINUTES: dict[str, tuple[str, str, list[int | None]]] = {
    "funds_stop_call": ("financial", "funds_stop", [15, 15, None, None]),  # a P2 is not even acknowledged that soon
    "first_takedown_request": ("technical", "takedown", [60, 240, None, None]),
    "complaint_appointment": ("legal", "complaint_file", [1440] * 4),
}


@pytest.mark.parametrize("name", MINUTES)
def test_a_milestone_is_promised_on_the_track_that_gives_its_service(name: str) -> None:
    pillar, service, minutes = MINUTES[name]
    milestone = SLA.milestones[name]
    assert (milestone.pillar, milestone.service) == (Pillar(pillar), service)
    assert [milestone.within_of(band) for band in Band] == [
        None if one is None else timedelta(minutes=one) for one in minutes
    ]


def test_a_refund_is_decided_within_ten_working_days() -> None:
    refund = SLA.milestones["refund_decision"]
    assert (refund.pillar, refund.service, refund.working_days) == (Pillar.FINANCIAL, "purchase_refund", 10)
    assert refund.within_of(Band.P0) is None


def test_removal_in_a_day_is_promised_by_a_programme_or_by_nobody() -> None:
    done = SLA.overrides["takedown_done"]
    assert (done.pillar, done.service, done.within_of(Band.P3)) == (Pillar.TECHNICAL, "takedown", timedelta(hours=24))
    assert (done.source, done.verified) == ("S1", False)
    assert "takedown_done" not in SLA.milestones


def test_an_urgent_track_rings_more_people_at_once() -> None:
    assert [SLA.widening.at_once[band] for band in Band] == [3, 2, 1, 1]


def test_the_search_widens_at_each_quarter_of_the_acknowledge_clock() -> None:
    assert SLA.widening.at_percent == (25, 50, 75)
