"""Who is asked about a track: several at once, only who is able to, whom the victim knows first, and nobody twice."""

from datetime import timedelta
from typing import Any

import pytest

from schemas.catalogue import Catalogue
from schemas.words import Clearance, Presence, TrackState
from tests.scenarios.psychologists import (
    HARASSED,
    asked,
    harassed,
    insured,
    life,
    on,
    psychological,
    psychologists,
    threatened,
)
from tests.scenarios.town import Town
from tests.shipped import ABLE, FOUR_PROMISES

LEAD = "duty-lead-psychological-fr"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """What nobody has classified makes no promise of its own here."""
    return FOUR_PROMISES


def why(town: Town) -> tuple[str, dict[str, int]]:
    """By which rule the latest offer was made, and who was passed over."""
    told = [one.data for one in town.facts("track_moved") if one.data.cause in ("offered", "exhausted")]  # type: ignore[attr-defined]
    explanation = told[-1].explanation  # type: ignore[attr-defined]
    return explanation.rule, explanation.rejected


# ----------------------------------------------------------------------------------------------------- several at once
def test_a_p0_rings_three_at_once_and_the_first_to_accept_has_it(town: Town) -> None:
    life(psychologists(town, "a", "b", "c", "d")).ignoring_what_was_told()
    assert asked(town) == ["a", "b", "c"]
    late = town.asked("c", "psychological")
    town.answers("accept", "b", "psychological").expects("psychological", "accepted", responder="b")
    town.answers("accept", "c", "psychological", offer=late).expects_outcome("already_taken")
    town.answers("decline", "a", "psychological").expects_outcome("already_taken").expects_silence()


@pytest.mark.parametrize(("signals", "expected"), [((), 1), (("address_exposed",), 2)])
def test_as_many_are_asked_at_once_as_the_band_wants(town: Town, signals: tuple[str, ...], expected: int) -> None:
    psychologists(town, "a", "b", "c").reports(None, HARASSED, signals=signals, country="FR").ignoring_what_was_told()
    assert len(asked(town)) == expected


def test_when_one_of_three_declines_the_next_is_asked_and_the_others_still_are(town: Town) -> None:
    life(psychologists(town, "a", "b", "c", "d")).ignoring_what_was_told()
    town.answers("decline", "a", "psychological").expects_offers("d")
    assert asked(town) == ["b", "c", "d"]
    town.expects("psychological", "offered")


def test_what_is_offered_counts_as_load_until_it_is_over(town: Town) -> None:
    psychologists(town, "a", capacity=1).reports(None, HARASSED, country="FR").ignoring_what_was_told()
    town.reports(None, HARASSED, country="FR").ignoring_what_was_told()
    assert asked(town) == []
    first = town.cases()[0]
    town.about(first).answers("decline", "a", "psychological").ignoring_what_was_told()
    assert asked(town.about(town.cases()[1])) == ["a"]


# ------------------------------------------------------------------------------------------------------- who goes first
def test_inside_p0_life_goes_before_danger_and_danger_before_money(town: Town) -> None:
    town.responder("a", "legal-fr", capacity=2, on_duty=False)
    for pillar in ("technical", "financial", "psychological"):
        town.responder(f"r-{pillar}", f"{pillar}-fr", capacity=100)
    money = town.reports(None, "bank_fraud", signals=["money_leaving"], country="FR").case()
    town.passes(seconds=1)
    danger = town.reports(None, "threat", signals=["physical_danger"], country="FR").case()
    town.passes(seconds=1)
    child = town.reports(None, "sextortion", signals=["minor"], country="FR").case()
    town.ignoring_what_was_told().presence("a", "legal-fr", Presence.AVAILABLE)
    found = [bool(town.desk("legal").tracks[legal(case)].offers) for case in (money, danger, child)]
    assert found == [False, True, True]
    town.ignoring_what_was_told()


def legal(case: Any) -> str:
    return next(str(track.track_id) for track in case.tracks if track.pillar == "legal")


def test_inside_a_band_whose_promise_ends_first_goes_first_and_no_age_lifts_it_into_the_next(town: Town) -> None:
    psychologists(town, "a", capacity=1, on_duty=False)
    old = town.reports(None, HARASSED, country="FR").case()
    town.passes(hours=1, minutes=59).ignoring_what_was_told()
    fresh = town.reports(None, HARASSED, signals=["address_exposed"], country="FR").case()
    town.ignoring_what_was_told().presence("a", "psychological-fr", Presence.AVAILABLE).ignoring_what_was_told()
    assert (asked(town.about(fresh)), asked(town.about(old))) == (["a"], [])


# ------------------------------------------------------------------------------------------------- what cannot be bent
@pytest.mark.parametrize(
    ("lacking", "reason"),
    [
        ({"skills": ("psy_suicide_risk",)}, "no_skill"),
        ({"training": {"psy_cyber_harassment": {"level": 3, "expires_on": "2026-03-19"}}}, "no_skill"),
        ({"languages": ("nl",)}, "no_language"),
        ({"clearances": ()}, "no_clearance"),
    ],
)
def test_who_is_not_able_to_is_never_asked_however_long_it_waits(
    town: Town, lacking: dict[str, Any], reason: str
) -> None:
    psychologists(town, "a", **lacking).reports(None, HARASSED, country="FR", language="fr", covert=True)
    town.ignoring_what_was_told()
    assert why(town) == ("matching:nobody", {reason: 1})
    town.passes(hours=2).ignoring_what_was_told()
    assert asked(town) == []


@pytest.mark.parametrize(
    ("clearance", "signal"),
    [("minors", "minor"), ("minors", "child_sexual_content"), ("restricted", "same_roof_offender")],
)
def test_a_child_and_who_lives_with_the_offender_are_for_responders_cleared_for_it_whatever_else_these_may_know(
    town: Town, clearance: Clearance, signal: str
) -> None:
    psychologists(town, "other", clearances=tuple(one for one in Clearance if one != clearance))
    town.passes(seconds=1).responder("cleared", "psychological-fr", clearances=(clearance,))
    town.reports(None, HARASSED, signals=[signal], country="FR").ignoring_what_was_told()
    assert (asked(town), why(town)[1]["no_clearance"]) == (["cleared"], 1)


def test_a_skill_known_a_little_is_asked_for_only_when_the_search_widens(town: Town) -> None:
    little: dict[str, Any] = {"training": {"psy_cyber_harassment": {"level": 2}}}
    psychologists(town, "expert", capacity=1).responder("novice", "psychological-fr", **little)
    town.reports(None, HARASSED, country="FR").answers("accept", "expert", "psychological")
    town.works("contacted", "expert", "psychological", result="spoke").reports(None, HARASSED, country="FR")
    assert asked(town.ignoring_what_was_told()) == []  # the expert has no room, and the novice is not asked yet
    town.passes(minutes=29, seconds=59).ignoring_what_was_told()
    assert asked(town) == []
    town.passes(seconds=1).ignoring_what_was_told()
    assert asked(town) == ["novice"]


def test_nobody_able_at_one_step_means_the_next_step_at_once(town: Town) -> None:
    psychologists(town, "novice", training={"psy_cyber_harassment": {"level": 1}})
    town.reports(None, HARASSED, country="FR").ignoring_what_was_told()
    assert asked(town) == ["novice"]


def test_a_p0_without_a_trained_psychologist_is_begun_by_whoever_is_trained_for_a_crisis(town: Town) -> None:
    life(psychologists(town, "crisis", skills=("psy_suicide_risk",))).ignoring_what_was_told()
    assert asked(town) == ["crisis"]


@pytest.mark.parametrize(("language", "expected"), [("nl", "nl"), ("ar", "ar")])
def test_a_p0_nobody_speaks_the_language_of_is_taken_with_an_interpreter(
    town: Town, language: str, expected: str
) -> None:
    psychologists(town, "a", languages=("fr",))
    town.reports(None, HARASSED, signals=["self_harm"], country="FR", language=language).ignoring_what_was_told()
    town.answers("accept", "a", "psychological").ignoring_what_was_told()
    assert town.desk("psychological").tracks[town.track("psychological").track_id].interpreter == expected


def test_whoever_speaks_the_language_is_asked_before_anybody_with_an_interpreter(town: Town) -> None:
    psychologists(town, "french", languages=("fr",)).responder("dutch", "psychological-fr", languages=("nl",))
    town.reports(None, HARASSED, signals=["self_harm"], country="FR", language="nl").ignoring_what_was_told()
    assert asked(town)[0] == "dutch"


def test_nobody_gets_a_case_of_their_own_household(town: Town) -> None:
    household = town.household("home").reports("home", HARASSED, country="FR").case().household_id
    town.ignoring_what_was_told()
    psychologists(town, "neighbour", household_id=household).ignoring_what_was_told()
    assert asked(town) == []
    town.responder("other", "psychological-fr").ignoring_what_was_told()
    assert asked(town) == ["other"]


def test_who_declares_a_conflict_loses_sight_at_once_and_never_gets_that_household_again(town: Town) -> None:
    psychologists(insured(town), "a", "b").reports("h", HARASSED, country="FR").ignoring_what_was_told()
    town.answers("accept", "a", "psychological").works("conflict", "a", "psychological").expects_offers("b")
    town.reports("h", HARASSED, country="FR").ignoring_what_was_told()
    assert "a" not in asked(town)
    town.assigns("a", "psychological", reason="by_hand").expects_outcome("not_eligible")


# --------------------------------------------------------------------------------------------------- who is preferred
def test_whom_the_victim_knows_is_asked_first_again_and_never_waited_for(town: Town) -> None:
    psychologists(insured(town), "a", "b", "c").reports("h", HARASSED, country="FR").ignoring_what_was_told()
    town.answers("accept", "a", "psychological")
    town.passes(seconds=1).reports("h", HARASSED, country="FR").ignoring_what_was_told()
    assert asked(town)[0] == "a"
    assert why(town)[0] == "matching:familiar"
    town.presence("a", "psychological-fr", Presence.AWAY)
    town.reports("h", HARASSED, country="FR").ignoring_what_was_told()
    assert asked(town) == ["b"] or asked(town) == ["c"]


def test_the_more_skilled_goes_before_the_longer_idle(town: Town) -> None:
    psychologists(town, "idle").responder(
        "skilled", "psychological-fr", training={"psy_cyber_harassment": {"level": 5}}
    )
    town.reports(None, HARASSED, country="FR").ignoring_what_was_told()
    assert (asked(town), why(town)[0]) == (["skilled"], "matching:skill")


def test_the_less_loaded_goes_before_the_longer_idle(town: Town) -> None:
    psychologists(town, "a", "b").reports(None, HARASSED, country="FR").ignoring_what_was_told()
    town.answers("accept", "a", "psychological").passes(seconds=1)
    town.reports(None, "threat", signals=["physical_danger"], country="FR").ignoring_what_was_told()
    assert asked(town)[0] == "b"


# ------------------------------------------------------------------------------------------------ the reserve for a P0
def test_what_is_not_urgent_never_takes_what_is_kept_for_a_p0(town: Town) -> None:
    psychologists(town, "a", capacity=1).reports(None, HARASSED, country="FR").ignoring_what_was_told()
    town.reports(None, HARASSED, country="FR").ignoring_what_was_told()
    assert asked(town) == []
    life(town).ignoring_what_was_told()
    assert asked(town) == ["a"]


def test_a_p0_on_top_of_a_full_load_sets_less_urgent_work_aside_until_there_is_room_again(town: Town) -> None:
    psychologists(town, "a", capacity=2)
    for _ in range(2):
        town.reports(None, HARASSED, country="FR").ignoring_what_was_told()
        town.answers("accept", "a", "psychological")
    waits = town.cases()
    for _ in range(2):
        life(town).ignoring_what_was_told()
        town.answers("accept", "a", "psychological").expects_outcome("done")
    held = town.desk("psychological").tracks
    aside = [held[psychological(case)].set_aside for case in waits]
    assert aside.count(True) == 2
    assert all(held[psychological(case)].owner == "a" for case in waits)
    moves: list[Any] = [one.data for one in town.facts("track_moved")]
    assert [one.result for one in moves if one.cause == "set_aside"] == ["more_urgent"] * 2
    for _ in range(2):
        town.works("done", "a", "psychological", result="helped").ignoring_what_was_told()
        town.about(town.cases()[2])
    assert not any(town.desk("psychological").tracks[psychological(case)].set_aside for case in waits)


def suspicious(town: Town, *signals: str) -> Any:
    """Something nobody can name yet, for the technical desk alone: a P3, or as urgent as its signals; its case."""
    town.reports(None, "unclassified_suspicion", signals=signals, country="FR")
    return town.ignoring_what_was_told().case()


@pytest.mark.parametrize(("signals", "expected"), [((), 3), (("minor",), 3), (("address_exposed",), 1)])
def test_what_is_urgent_takes_the_room_of_two_that_are_not(town: Town, signals: tuple[str, ...], expected: int) -> None:
    town.responder("a", "technical-fr", capacity=3)
    cases = [suspicious(town.passes(seconds=1), *signals) for _ in range(4)]
    made = [bool(town.desk("technical").tracks[case.tracks[0].track_id].offers) for case in cases]
    assert made == [True] * expected + [False] * (4 - expected)


def test_a_p1_takes_nothing_of_what_is_kept_for_a_p0(town: Town) -> None:
    psychologists(town, "a", capacity=3)
    for _ in range(2):
        threatened(town)
    assert asked(town) == []
    town.about(town.cases()[0]).answers("accept", "a", "psychological").ignoring_what_was_told()
    assert not on(town, town.cases()[1]).offers
    assert asked(life(town).ignoring_what_was_told()) == ["a"]


def test_a_p0_goes_first_to_whoever_has_room_without_what_is_kept_for_the_next(town: Town) -> None:
    psychologists(town, "a", capacity=3)
    threatened(town)
    town.answers("accept", "a", "psychological").ignoring_what_was_told()
    psychologists(town, "b", capacity=3)
    for _ in range(3):
        harassed(town)
        town.answers("accept", "b", "psychological").ignoring_what_was_told()
    life(town)
    assert (asked(town), why(town)[0]) == (["b", "a"], "matching:reserve_kept")
    town.ignoring_what_was_told()


# --------------------------------------------------------------------------------------------------- the search widens
def test_who_is_busy_is_asked_about_a_p0_when_half_its_time_is_gone_and_never_about_less(town: Town) -> None:
    psychologists(town, "a", "b", "c", "d", "e", "f")
    town.responder("busy", "psychological-fr").presence("busy", "psychological-fr", Presence.BUSY)
    life(town).ignoring_what_was_told()
    assert asked(town) == ["a", "b", "c"]
    town.passes(seconds=59).ignoring_what_was_told()
    assert "busy" not in asked(town)
    town.passes(seconds=1).ignoring_what_was_told()
    assert "busy" in asked(town)


def test_with_only_somebody_busy_there_a_p0_asks_them_at_once(town: Town) -> None:
    psychologists(town).responder("busy", "psychological-fr").presence("busy", "psychological-fr", Presence.BUSY)
    town.reports(None, HARASSED, country="FR").ignoring_what_was_told()
    assert asked(town) == []
    life(town).ignoring_what_was_told()
    assert asked(town) == ["busy"]


def test_the_search_begins_anew_when_a_track_is_given_back(town: Town) -> None:
    little: dict[str, Any] = {"training": {"psy_cyber_harassment": {"level": 2}}}
    psychologists(town, "a", "b", capacity=1).responder("novice", "psychological-fr", **little)
    town.reports(None, HARASSED, country="FR").answers("accept", "a", "psychological").ignoring_what_was_told()
    town.works("contacted", "a", "psychological", result="spoke").passes(hours=1).ignoring_what_was_told()
    given_back = town.case()
    town.reports(None, HARASSED, country="FR").answers("accept", "b", "psychological").ignoring_what_was_told()
    town.about(given_back).works("handover", "a", "psychological").ignoring_what_was_told()
    assert asked(town) == []  # the other is full, and it is too early for the novice
    track = town.desk("psychological").tracks[psychological(given_back)]
    assert (track.state, track.step, track.search_until) == (TrackState.PENDING, 0, town.now + timedelta(hours=2))
    town.passes(minutes=30).ignoring_what_was_told()
    assert asked(town) == ["novice"]


def test_everybody_able_is_named_in_the_answer_and_the_others_are_counted(town: Town) -> None:
    psychologists(town, "a", "b").responder("untrained", "psychological-fr", skills=())
    town.responder("away", "psychological-fr", on_duty=False).reports(None, HARASSED, country="FR")
    town.ignoring_what_was_told()
    told = [one.data.explanation for one in town.facts("track_moved") if one.data.pillar == "psychological"][-1]  # type: ignore[attr-defined]
    assert told.inputs["considered"] == "a,b"
    assert told.rejected == {"no_skill": 1, "not_on_duty": 1}
    assert ABLE["skills"]
