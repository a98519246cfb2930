"""Another release of the catalogue becomes the active one: new cases follow it, what was promised before stays (DESIGN section 4)."""

import copy
from collections.abc import Iterator
from datetime import timedelta
from itertools import groupby
from typing import Any

import pytest

from schemas.active_release import ActiveReleaseRecord
from schemas.case_events import CaseOpened
from schemas.cases import CaseRecord
from schemas.catalogue import HERE, Catalogue, Releases
from schemas.catalogue.loading import built, read
from schemas.rotas import Layer
from schemas.words import Band, ClockKind
from services.responders.machine import DesksMachine
from services.router.machine import RouterMachine
from services.rules.admission import event_of
from tests.scenarios.town import Town

UNKNOWN = "0123456789abcdef"


def release(**changes: Any) -> Catalogue:
    """The shipped catalogue with other acknowledge promises, offer windows, and phishing more urgent."""
    raw = copy.deepcopy(dict(read(HERE)))
    for row in raw["sla"]["matrix"].values():
        for promises in row.values():
            promises[0] = "55 min"
    raw["sla"]["offer_window"] = dict.fromkeys(("P0", "P1", "P2", "P3"), "7 min")
    raw["incidents"]["codes"]["phishing"]["base"] = "P1"
    raw["work"]["ahead"]["languages"]["fr"] = ["de", "nl", "fr"]
    return built(raw | changes, str)


@pytest.fixture(scope="module")
def newer() -> Catalogue:
    return release()


@pytest.fixture
def town(catalogue: Catalogue, newer: Catalogue) -> Iterator[Town]:
    town = Town(catalogue, releases=Releases(catalogue, [newer]))
    yield town
    town.close()


def records(town: Town) -> list[ActiveReleaseRecord]:
    """What every partition remembers of its release: the router's, then the desks'."""
    found = []
    for seat in town.bus.seats:
        assert isinstance(seat.machine, RouterMachine | DesksMachine)
        record = seat.machine.partition.in_force.record
        assert record is not None
        found.append(record)
    return found


def promised(case: CaseRecord) -> list[timedelta]:
    """How long the tracks of a case may take to be acknowledged."""
    return [
        clock.due - clock.started_at
        for track in case.tracks
        for clock in track.clocks
        if clock.kind is ClockKind.ACKNOWLEDGE
    ]


def test_a_new_case_is_decided_by_the_release_chosen(town: Town, newer: Catalogue) -> None:
    town.chooses(newer.version).reports(None, "phishing")
    assert (town.case().band, town.case().catalogue) == (Band.P1, newer.version)
    assert promised(town.case()) == [timedelta(minutes=55)] * 2
    town._new_notices()


def test_an_open_case_keeps_band_clocks_and_release(town: Town, newer: Catalogue) -> None:
    town.responder("t", "technical-fr").responder("f", "financial-fr").reports(None, "phishing")
    before = town.case()
    town.expects_offers("t", "f").chooses(newer.version).expects_outcome("done")
    assert town.case() == before


def test_what_is_decided_later_on_an_open_case_follows_the_release_it_was_opened_under(
    town: Town, catalogue: Catalogue, newer: Catalogue
) -> None:
    town.reports(None, "phishing").chooses(newer.version).asks("raise", band="P1", reason="agent_heard")
    assert promised(town.case()) == [
        catalogue.promise(Band.P1, t.pillar, ClockKind.ACKNOWLEDGE, lead=t.lead) for t in town.case().tracks
    ]
    assert town.case().catalogue == catalogue.version
    town._new_notices()


def test_an_offer_of_an_open_case_stands_as_long_as_its_release_says(town: Town, newer: Catalogue) -> None:
    town.responder("one", "technical-fr").passes(seconds=1).responder("two", "technical-fr")
    town.reports(None, "unclassified_suspicion").expects_offers("one").chooses(newer.version)
    town.passes(minutes=59).expects_silence().passes(minutes=1).expects_offers("two")


def test_an_offer_of_a_new_case_stands_as_long_as_the_release_chosen_says(town: Town, newer: Catalogue) -> None:
    town.chooses(newer.version).responder("one", "technical-fr").passes(seconds=1).responder("two", "technical-fr")
    town.reports(None, "unclassified_suspicion").expects_offers("one")
    town.passes(minutes=7).expects_offers("two")


def test_under_load_every_partition_switches_once_and_no_case_before_it_changes(
    town: Town, catalogue: Catalogue, newer: Catalogue
) -> None:
    for number in range(40):
        town.reports(None, "phishing" if number % 2 else "grooming_of_minor")
    before = dict(town.bus.seats[0].machine.partition.cases)  # type: ignore[attr-defined]
    waiting = [town.report(None, "phishing" if number % 2 else "grooming_of_minor") for number in range(40)]
    for number, report in enumerate(waiting):
        topic, event = event_of(report, catalogue)
        town.bus.publish(topic, report.household_id, event, town.now)
        if number == 20:
            town.chooses(newer.version)
    town.bus.settle(town.now)
    opened = [event.data for event in town.facts("opened")]
    decided_by = [one.explanations[0].catalogue for one in opened if isinstance(one, CaseOpened)]
    assert [version for version, _ in groupby(decided_by)] == [catalogue.version, newer.version]
    cases = town.bus.seats[0].machine.partition.cases  # type: ignore[attr-defined]
    assert len(cases) == 80
    assert {case_id: cases[case_id] for case_id in before} == before
    assert {(one.release, one.number) for one in records(town)} == {(newer.version, 1)}
    assert all(one.position is not None for one in records(town))
    town._new_notices()


def test_the_release_in_force_outlives_every_process(town: Town, newer: Catalogue) -> None:
    town.chooses(newer.version).everything_restarts().reports(None, "phishing")
    assert town.case().catalogue == newer.version
    town._new_notices()


def test_of_two_who_saw_the_same_state_only_one_chooses(town: Town, catalogue: Catalogue, newer: Catalogue) -> None:
    town.chooses(newer.version, seen=0).expects_outcome("done")
    town.chooses(catalogue.version, seen=0).expects_outcome("stale_version")
    assert {one.release for one in records(town)} == {newer.version}
    town.chooses(catalogue.version, seen=1)
    assert {(one.release, one.number) for one in records(town)} == {(catalogue.version, 2)}


def test_a_release_nobody_has_is_refused_and_nothing_changes(town: Town, catalogue: Catalogue) -> None:
    town.chooses(UNKNOWN).expects_outcome("unknown_release")
    town.reports(None, "phishing")
    assert town.case().catalogue == catalogue.version
    town._new_notices()


def test_a_desk_that_lacks_the_release_goes_on_and_says_so(town: Town, catalogue: Catalogue, newer: Catalogue) -> None:
    desk = town.bus.seats[1].machine
    assert isinstance(desk, DesksMachine)
    desk.partition.in_force.releases = Releases(catalogue)
    town.chooses(newer.version)
    router, technical, *others = records(town)
    assert {one.release for one in (router, *others)} == {newer.version}
    assert technical.release == catalogue.version
    assert technical.refused is not None
    assert technical.refused.release == newer.version


def test_a_process_without_the_release_in_force_decides_by_its_own_and_says_so(
    town: Town, catalogue: Catalogue, newer: Catalogue
) -> None:
    town.chooses(newer.version)
    town.bus.releases = Releases(catalogue)
    town.everything_restarts().reports(None, "grooming_of_minor")
    router = town.bus.seats[0].machine
    assert isinstance(router, RouterMachine)
    assert (router.partition.in_force.missing, town.case().catalogue) == (True, catalogue.version)
    town._new_notices()


def test_what_a_partition_began_with_is_not_changed_by_a_deployment(
    town: Town, catalogue: Catalogue, newer: Catalogue
) -> None:
    town.reports(None, "phishing")
    town.bus.catalogue, town.bus.releases = newer, Releases(newer, [catalogue])
    town.everything_restarts().reports(None, "phishing")
    assert town.case().catalogue == catalogue.version
    town._new_notices()


def test_what_nobody_covers_is_judged_by_the_release_in_force(town: Town, newer: Catalogue) -> None:
    desk, turns = "psychological-fr", {"hand_over_at": "00:00", "zone": "UTC", "starts_on": "2026-03-16"}
    seat = Layer.model_validate({"name": "first", "people": ("ann",), **turns})
    town.responder("ann", desk, on_duty=False, languages=("fr", "nl")).rota(desk, seat)
    assert {cell.split("/")[1] for gap in town.gaps(desk) for cell in gap.cells} == {"en"}
    town.chooses(newer.version).passes(days=1)
    assert {cell.split("/")[1] for gap in town.gaps(desk) for cell in gap.cells} == {"de"}
    town.ignoring_what_was_told()
