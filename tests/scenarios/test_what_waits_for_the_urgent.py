"""What is less urgent waits for a P0 or P1, by name and not for ever: set aside or asked later, it goes on as soon as there is room."""

import copy
from datetime import timedelta
from typing import Any

import pytest

from schemas.catalogue import HERE, Catalogue, Releases
from schemas.catalogue.loading import built, read
from schemas.words import NoticeKind, Presence
from tests.scenarios.psychologists import asked, harassed, life, on, psychologists, threatened
from tests.scenarios.test_who_is_asked import suspicious
from tests.scenarios.town import Town
from tests.shipped import FOUR_PROMISES

DESK = "psychological-fr"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """What nobody has classified makes no promise of its own here."""
    return FOUR_PROMISES


def accepted(town: Town, case: Any) -> Any:
    """`a` takes the psychological track of a case."""
    town.about(case).answers("accept", "a", "psychological").ignoring_what_was_told()
    return case


def urgent(town: Town) -> Any:
    """A P0 as far as the psychological desk is told; its case."""
    return life(town).ignoring_what_was_told().case()


def ended(town: Town, case: Any, verb: str = "done") -> None:
    """`a` is done with the psychological track of a case, or hands it over."""
    town.about(case).works(verb, "a", "psychological", result="helped").ignoring_what_was_told()


def set_aside(town: Town, cases: list[Any]) -> list[bool]:
    return [on(town, case).set_aside for case in cases]


# ------------------------------------------------------------------------------------------------- what is set aside
def test_what_is_least_urgent_is_set_aside_first_whenever_it_came(town: Town) -> None:
    town.responder("a", "technical-fr", capacity=3)
    held = []
    for signals in ((), ("minor",)):  # a P3, then a P2
        held.append(suspicious(town, *signals))
        town.answers("accept", "a", "technical").passes(seconds=1)
    suspicious(town, "address_exposed")
    town.answers("accept", "a", "technical").ignoring_what_was_told()
    assert [town.desk("technical").tracks[case.tracks[0].track_id].set_aside for case in held] == [True, False]


def test_what_is_not_urgent_sets_nothing_aside_and_ends_no_offer(town: Town) -> None:
    psychologists(town, "a", capacity=1)
    first = harassed(town)
    assert asked(town) == ["a"]
    harassed(town)
    assert (asked(town), len(on(town, first).offers)) == ([], 1)


def test_nothing_is_set_aside_for_what_somebody_is_only_asked_about(town: Town) -> None:
    psychologists(town, "a", capacity=2)
    aside = [accepted(town, harassed(town)) for _ in range(2)]
    first, second = urgent(town), urgent(town)
    accepted(town, first)
    assert (len(on(town, second).offers), set_aside(town, aside)) == (1, [False, False])
    accepted(town, second)
    assert set_aside(town, aside) == [True, True]


# ------------------------------------------------------------------------------------------- offers that end for another
def test_an_open_offer_keeps_nobody_from_something_urgent_and_ends_when_they_take_that(town: Town) -> None:
    psychologists(town, "a", capacity=2)
    open_ones = [harassed(town) for _ in range(2)]
    life(town).ignoring_what_was_told().answers("accept", "a", "psychological").ignoring_what_was_told()
    first = town.case()
    assert [len(on(town, case).offers) for case in open_ones] == [1, 1]
    life(town).ignoring_what_was_told()
    assert asked(town) == ["a"]
    town.answers("accept", "a", "psychological")
    moves: list[Any] = [one.data for one in town.facts("track_moved")]
    assert [one.result for one in moves if one.cause == "declined"] == ["more_urgent"] * 2
    town.ignoring_what_was_told()
    assert [len(on(town, case).offers) for case in open_ones] == [0, 0]
    for case in (first, town.case()):
        town.about(case).works("done", "a", "psychological", result="helped").ignoring_what_was_told()
    assert [len(on(town, case).offers) for case in open_ones] == [1, 1]


def test_the_offer_that_ends_is_the_least_urgent_whose_promise_ends_last_and_no_more_than_must(town: Town) -> None:
    psychologists(town, "a", capacity=3)
    first, last = harassed(town), harassed(town.passes(seconds=1))
    threatened(town)
    assert asked(town) == ["a"]
    town.answers("accept", "a", "psychological").ignoring_what_was_told()
    assert [len(on(town, case).offers) for case in (first, last)] == [1, 0]


def test_nobody_is_told_that_nobody_is_left_when_the_only_one_there_takes_something_urgent(town: Town) -> None:
    psychologists(town, "a", capacity=1)
    open_one, p1 = harassed(town), threatened(town)
    town.about(p1).answers("accept", "a", "psychological")
    pages = [one.recipient for one in town._new_notices() if one.kind is NoticeKind.PAGE]
    assert (on(town, open_one).offers, on(town, open_one).exhausted, pages) == ((), False, [])
    ended(town, p1)
    assert asked(town.about(open_one)) == ["a"]


def test_whoever_took_something_urgent_instead_is_not_said_to_have_given_no_answer(town: Town) -> None:
    open_one = harassed(psychologists(town, "a", "b", capacity=1))
    accepted(town, threatened(town))
    told: list[Any] = [one.data for one in town.facts("track_moved")]
    offered = [one for one in told if one.cause == "offered" and one.case_id == open_one.case_id]
    explained = [one.explanation for one in offered if one.pillar == "psychological"]
    assert (asked(town.about(open_one)), explained[-1].rejected) == (["b"], {"no_room": 1})


def test_a_p1_keeps_its_offer_as_long_as_less_urgent_work_makes_room_for_a_p0(town: Town) -> None:
    psychologists(town, "a", capacity=6)
    held = [accepted(town.passes(seconds=1), harassed(town)) for _ in range(6)]
    p1 = threatened(town)
    offers = on(town, p1).offers
    accepted(town, urgent(town))
    assert (on(town, p1).offers, set_aside(town, held)) == (offers, [False] * 4 + [True] * 2)


def test_who_is_asked_to_cover_is_asked_no_more_when_they_take_what_is_urgent_and_again_when_it_is_done(
    town: Town,
) -> None:
    psychologists(town, "a", capacity=1)
    covered = accepted(town, harassed(town))
    soon = town.now + timedelta(minutes=5)
    town.works("contacted", "a", "psychological", result="spoke", next_contact_at=soon)
    town.responder("b", DESK, capacity=1).presence("a", DESK, Presence.AWAY).ignoring_what_was_told()
    assert asked(town) == ["b"]
    p1 = threatened(town)
    town.answers("accept", "b", "psychological").ignoring_what_was_told()
    assert (on(town, covered).owner, on(town, covered).offers) == ("a", ())
    town.about(p1).works("done", "b", "psychological", result="helped").ignoring_what_was_told()
    assert asked(town.about(covered)) == ["b"]


# ------------------------------------------------------------------------------------------------------- it goes on again
def test_what_is_urgent_goes_before_what_was_set_aside_is_taken_up_again(town: Town) -> None:
    psychologists(town, "a", capacity=2)
    aside = [harassed(town) for _ in range(2)]
    for case in aside:
        town.about(case).answers("accept", "a", "psychological").ignoring_what_was_told()
    lives = [life(town).ignoring_what_was_told().answers("accept", "a", "psychological").case() for _ in range(2)]
    p1 = threatened(town)
    assert [on(town, case).set_aside for case in aside] == [True, True]
    for case in lives:
        assert on(town, p1).offers == ()
        town.about(case).works("done", "a", "psychological", result="helped").ignoring_what_was_told()
    assert (len(on(town, p1).offers), [on(town, case).set_aside for case in aside]) == (1, [True, True])
    town.about(p1).answers("decline", "a", "psychological").ignoring_what_was_told()
    assert [on(town, case).set_aside for case in aside] == [False, False]


@pytest.mark.parametrize("verb", ["done", "handover"])
def test_work_goes_on_when_what_it_waited_for_is_done_or_given_back(town: Town, verb: str) -> None:
    psychologists(town, "a", capacity=3)
    held = [accepted(town.passes(seconds=1), harassed(town)) for _ in range(3)]
    p1 = accepted(town, threatened(town))
    assert set_aside(town, held) == [False, True, True]
    ended(town, p1, verb)
    assert set_aside(town, held) == [False] * 3


def test_work_whose_victim_was_to_hear_from_us_long_ago_is_offered_to_somebody_else(town: Town) -> None:
    town.responder("a", DESK, capacity=1)
    held = accepted(town, harassed(town))
    soon = town.now + timedelta(minutes=5)
    town.works("contacted", "a", "psychological", result="spoke", next_contact_at=soon)
    accepted(town, threatened(town))
    assert on(town, held).set_aside
    town.responder("b", DESK).passes(hours=4, minutes=5).ignoring_what_was_told()
    assert (asked(town.about(held)), on(town, held).set_aside) == (["b"], False)


# ------------------------------------------------------------------------------------------------------ raised and lowered
def test_what_is_raised_under_its_owner_makes_room_and_lowered_again_gives_it_back(town: Town) -> None:
    psychologists(town, "a", capacity=3)
    held = [accepted(town.passes(seconds=1), harassed(town)) for _ in range(3)]
    town.about(held[2]).asks("raise", band="P1", reason="worse").ignoring_what_was_told()
    assert set_aside(town, held) == [False, True, False]
    town.asks("lower", band="P2", reason="better").ignoring_what_was_told()
    assert set_aside(town, held) == [False] * 3


def test_what_waits_is_raised_and_is_set_aside_no_more(town: Town) -> None:
    psychologists(town, "a", capacity=3)
    held = [accepted(town.passes(seconds=1), harassed(town)) for _ in range(3)]
    accepted(town, threatened(town))
    town.about(held[2]).asks("raise", band="P1", reason="worse").ignoring_what_was_told()
    assert set_aside(town, held) == [True, True, False]


# -------------------------------------------------------------------------------------------------------- another release
def test_everybody_is_looked_at_again_when_a_release_lets_a_p1_interrupt_too() -> None:
    raw = copy.deepcopy(dict(read(HERE)))
    raw["work"]["reserve"]["interrupting"] = ["P0"]
    before, after = built(raw, str), built(copy.deepcopy(dict(read(HERE))), str)
    town = Town(before, releases=Releases(before, [after]))
    psychologists(town, "a", capacity=1)
    held = accepted(town, harassed(town))
    p1 = threatened(town)
    assert asked(town) == []
    town.chooses(after.version).ignoring_what_was_told()
    assert asked(town) == ["a"]
    accepted(town, p1)
    assert on(town, held).set_aside
    town.close()


# ---------------------------------------------------------------------------------------------------- who it waited for leaves
def test_when_who_it_waited_for_leaves_and_all_who_are_left_have_declined_the_duty_lead_hears_at_once(
    town: Town,
) -> None:
    psychologists(town, "b", "a", capacity=1)
    waits = harassed(town)
    town.answers("decline", "b", "psychological").ignoring_what_was_told()
    accepted(town, threatened(town))
    town.presence("a", DESK, Presence.AWAY)
    pages = [(one.recipient, one.reason) for one in town._new_notices() if one.kind is NoticeKind.PAGE]
    assert on(town, waits).exhausted
    assert pages == [(f"post:duty-lead-{DESK}", "nobody_eligible")]
