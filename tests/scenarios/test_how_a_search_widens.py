"""Step by step more are asked: who speaks the language less well, knows the skill a little, is busy; each step at its own instant."""

from typing import Any

import pytest

from schemas.catalogue import Catalogue
from schemas.desk_records import DeskTrackRecord
from schemas.words import Presence
from tests.scenarios.psychologists import HARASSED, asked, psychologists
from tests.scenarios.test_who_is_asked import legal
from tests.scenarios.town import Town
from tests.shipped import FOUR_PROMISES

NOVICE: dict[str, Any] = {"training": {"psy_cyber_harassment": {"level": 1}}}
DESK = "psychological-fr"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return FOUR_PROMISES


def record(town: Town) -> DeskTrackRecord:
    return town.desk("psychological").tracks[town.track("psychological").track_id]


@pytest.mark.parametrize(("fluency", "step"), [("native", 0), ("certified", 0), ("working", 1)])
def test_who_speaks_it_well_is_asked_at_first_and_who_gets_by_at_the_next_step(
    town: Town, fluency: str, step: int
) -> None:
    psychologists(town, "a", fluency={"fr": fluency}).reports(None, HARASSED, country="FR", language="fr")
    assert (asked(town.ignoring_what_was_told()), record(town).step) == (["a"], step)


def test_two_who_know_little_are_asked_at_once_at_the_third_step_and_three_at_the_last(town: Town) -> None:
    psychologists(town, *"abcdefgh", **NOVICE).reports(None, HARASSED, country="FR").ignoring_what_was_told()
    assert (len(asked(town)), record(town).step) == (2, 2)
    town.passes(minutes=60).ignoring_what_was_told()  # all eight were asked
    assert (len(asked(town)), record(town).step) == (3, 3)


@pytest.mark.parametrize("presence", [Presence.WRAP_UP, Presence.BUSY])
def test_who_is_at_something_else_is_asked_about_a_p0_from_half_of_its_time_on(town: Town, presence: Presence) -> None:
    psychologists(town, "a", capacity=1).responder("b", DESK).presence("b", DESK, presence)
    town.reports(None, HARASSED, country="FR").answers("accept", "a", "psychological")
    town.works("contacted", "a", "psychological", result="spoke")
    town.assigns("a", "psychological", reason="by_hand").ignoring_what_was_told()
    for _ in range(3):  # nothing can be set aside for one more
        town.reports(None, HARASSED, signals=["self_harm"], country="FR").ignoring_what_was_told()
        if not asked(town):
            break
        town.answers("accept", "a", "psychological").ignoring_what_was_told()
    assert asked(town) == []
    town.passes(seconds=59).ignoring_what_was_told()
    assert asked(town) == []
    town.passes(seconds=1).ignoring_what_was_told()
    assert asked(town) == ["b"]


def test_who_wraps_up_is_asked_about_a_p1_and_who_is_busy_is_not(town: Town) -> None:
    psychologists(town, "wraps", "busy").presence("wraps", DESK, Presence.WRAP_UP).presence("busy", DESK, Presence.BUSY)
    town.reports(None, HARASSED, signals=["address_exposed"], country="FR").ignoring_what_was_told()
    assert asked(town) == ["wraps"]
    town.reports(None, HARASSED, country="FR").ignoring_what_was_told()
    assert asked(town) == []


@pytest.mark.parametrize(
    ("sooner", "later"),
    [
        ("self_harm", "physical_danger"),
        ("minor", "physical_danger"),
        ("child_sexual_content", "physical_danger"),
        ("physical_danger", "money_leaving"),
        ("money_leaving", "attacker_deadline"),
    ],
)
def test_of_two_p0_that_wait_life_and_child_go_first_then_danger_then_money_then_the_rest(
    town: Town, sooner: str, later: str
) -> None:
    for pillar in ("technical", "financial", "psychological"):
        town.responder(f"r-{pillar}", f"{pillar}-fr", capacity=100)
    town.responder("a", "legal-fr", capacity=1, on_duty=False)
    cases = []
    for signal in (later, sooner):  # what came first would go first otherwise
        cases.append(town.reports(None, "threat", signals=[signal], country="FR").case())
        town.passes(seconds=1)
    town.ignoring_what_was_told().presence("a", "legal-fr", Presence.AVAILABLE).ignoring_what_was_told()
    made = [bool(town.desk("legal").tracks[legal(case)].offers) for case in cases]
    assert made == [False, True]
