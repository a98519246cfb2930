"""Whoever has a track is heard of: contacts are covered while they are away, and what nobody is heard of is offered anew."""

from datetime import timedelta
from typing import Any

import pytest

from schemas.catalogue import Catalogue
from schemas.words import Presence
from tests.scenarios.town import Town
from tests.shipped import FOUR_PROMISES

P2_SILENCE, P2_COVER = timedelta(hours=24), timedelta(hours=2)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """One track with the four promises of every track, and no more."""
    return FOUR_PROMISES


def has(town: Town, owner: str = "a", **said: Any) -> Town:
    """`a` has a P0 or P3 track and has spoken with the victim; `b` is there too."""
    town.responder("a", "technical-fr").passes(seconds=1).responder("b", "technical-fr")
    town.reports(None, "unclassified_suspicion", country="FR", **said).answers("accept", owner, "technical")
    return town.works("contacted", owner, "technical", result="spoke").ignoring_what_was_told()


def held(town: Town) -> Any:
    return town.desk("technical").tracks[town.track("technical").track_id]


def rung(town: Town) -> list[tuple[str, str]]:
    """Who was rung since, and why."""
    return [(one.recipient, one.reason) for one in town._new_notices() if one.kind == "offer"]


# ------------------------------------------------------------------------------------------------------- heard of or not
def test_whoever_goes_quiet_is_reminded_loses_the_track_and_another_is_asked(town: Town) -> None:
    town.responder("a", "technical-fr").passes(seconds=1).responder("b", "technical-fr")
    town.reports(None, "unclassified_suspicion", country="FR").answers("accept", "a", "technical")
    town.ignoring_what_was_told().passes(hours=47, minutes=59)
    told = town._new_notices()
    assert {one.recipient for one in told if one.kind == "reminder"} == {"a"}
    assert held(town).owner == "a"
    town.passes(minutes=1)  # a day of the first response, a day beyond it
    assert rung(town) == [("b", "offer")]
    town.expects("technical", "offered")
    assert [one.data.result for one in town.facts("track_moved") if one.data.cause == "released"] == ["gone_quiet"]  # type: ignore[attr-defined]
    town.works("contacted", "a", "technical", result="spoke").expects_outcome("not_yours")


@pytest.mark.parametrize(
    ("signal", "contact", "patience"),
    [
        ("physical_danger", timedelta(minutes=30), timedelta(minutes=5)),
        ("address_exposed", timedelta(hours=4), timedelta(minutes=30)),
        ("minor", timedelta(hours=24), timedelta(hours=4)),
    ],
)
def test_the_more_urgent_a_track_the_sooner_it_is_taken_from_who_is_not_heard_of(
    town: Town, signal: str, contact: timedelta, patience: timedelta
) -> None:
    has(town, signals=[signal]).passes(seconds=(contact + patience).total_seconds() - 1).ignoring_what_was_told()
    assert (held(town).owner, held(town).offers) == ("a", ())
    town.passes(seconds=1)
    assert rung(town) == [("b", "offer")]


def test_every_sign_of_life_keeps_the_track(town: Town) -> None:
    town.responder("a", "technical-fr").responder("b", "technical-fr", on_duty=False)
    town.reports(None, "unclassified_suspicion", country="FR").answers("accept", "a", "technical")
    for _ in range(4):
        town.passes(hours=40).works("contacted", "a", "technical", result="no_answer")
    town.ignoring_what_was_told()
    assert held(town).owner == "a"


def test_a_quiet_owner_is_not_preferred_for_what_was_theirs(town: Town) -> None:
    has(town).passes(days=6).ignoring_what_was_told()
    assert [one.responder_id for one in held(town).offers] == ["b"]


# ------------------------------------------------------------------------------------------------- away when it is due
def test_a_contact_due_while_its_owner_is_away_is_offered_as_cover_and_the_track_stays_theirs(town: Town) -> None:
    has(town).presence("a", "technical-fr", Presence.AWAY).passes(days=4, hours=19, minutes=59)
    assert rung(town) == []
    town.passes(minutes=1)  # four hours before the five days are over
    assert rung(town) == [("b", "cover")]
    town.answers("accept", "b", "technical").expects_outcome("done").expects("technical", "active", responder="a")
    assert held(town).covered_by == "b"
    town.works("contacted", "b", "technical", result="spoke").expects_outcome("done")
    assert (held(town).owner, held(town).covered_by, held(town).contact_by) == ("a", None, town.now + timedelta(days=5))
    town.works("contacted", "b", "technical", result="spoke").expects_outcome("not_yours")
    town.ignoring_what_was_told()
    assert [one.data.responder_id for one in town.facts("track_moved") if one.data.cause == "covered"] == ["b"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("signal", "contact", "ahead"),
    [
        ("physical_danger", timedelta(minutes=30), timedelta(minutes=10)),
        ("address_exposed", timedelta(hours=4), timedelta(minutes=30)),
        ("minor", timedelta(hours=24), timedelta(hours=2)),
    ],
)
def test_however_urgent_there_is_time_to_find_cover_before_the_contact_is_due(
    town: Town, signal: str, contact: timedelta, ahead: timedelta
) -> None:
    has(town, signals=[signal]).presence("a", "technical-fr", Presence.AWAY)
    town.passes(seconds=(contact - ahead).total_seconds() - 1).ignoring_what_was_told()
    assert (held(town).covering, held(town).offers) == (False, ())
    town.passes(seconds=1)
    assert rung(town) == [("b", "cover")]


def test_an_owner_who_comes_back_in_time_needs_no_cover(town: Town) -> None:
    has(town).presence("a", "technical-fr", Presence.AWAY).passes(days=4, hours=21).ignoring_what_was_told()
    town.presence("a", "technical-fr", Presence.AVAILABLE)
    assert (held(town).covering, held(town).offers) == (False, ())
    town.answers("accept", "b", "technical", offer="gone").expects_outcome("already_taken")


def test_who_leaves_when_a_contact_is_near_is_covered_at_once(town: Town) -> None:
    has(town).passes(days=4, hours=22).ignoring_what_was_told()
    town.presence("a", "technical-fr", Presence.AWAY)
    assert rung(town) == [("b", "cover")]


def test_a_cover_nobody_takes_is_offered_to_whoever_comes(town: Town) -> None:
    town.responder("a", "technical-fr").reports(None, "unclassified_suspicion", country="FR")
    town.answers("accept", "a", "technical").works("contacted", "a", "technical", result="spoke")
    town.ignoring_what_was_told().presence("a", "technical-fr", Presence.AWAY).passes(days=4, hours=21)
    assert rung(town) == []
    town.ignoring_what_was_told().responder("late", "technical-fr")
    assert rung(town) == [("late", "cover")]
    town.answers("decline", "late", "technical").ignoring_what_was_told()
    assert (held(town).owner, held(town).state) == ("a", "active")


def test_nobody_takes_a_track_from_its_owner_by_covering(town: Town) -> None:
    has(town).presence("a", "technical-fr", Presence.AWAY).passes(days=4, hours=21).ignoring_what_was_told()
    town.answers("accept", "b", "technical")
    for verb in ("done", "wait", "handover", "conflict"):
        town.works(verb, "b", "technical", result="victim").expects_outcome("not_yours")


# ---------------------------------------------------------------------------------------------------------- given back
def test_a_hand_over_resets_no_clock_but_the_acknowledgement(town: Town) -> None:
    has(town).passes(hours=5)
    before = {clock.name: clock.due for clock in town.track("technical").clocks}
    town.works("handover", "a", "technical").expects_offers("b")
    after = {clock.name: clock.due for clock in town.track("technical").clocks}
    assert {name: due for name, due in after.items() if name != "acknowledge"} == before
    assert after["acknowledge"] == town.now + timedelta(hours=8)


def test_what_is_hard_to_bear_is_shared_out_and_a_human_may_decide_otherwise_with_a_reason(town: Town) -> None:
    for pillar in ("legal", "technical", "financial"):
        town.responder(f"r-{pillar}", f"{pillar}-fr", capacity=100)
    town.responder("a", "psychological-fr", capacity=50)
    for _ in range(3):
        town.reports(None, "sextortion", country="FR").answers("accept", "a", "psychological")
    fourth = town.reports(None, "sextortion", country="FR").ignoring_what_was_told().case()
    moves: list[Any] = [one.data for one in town.facts("track_moved")]
    told = [one for one in moves if one.cause == "exhausted"][-1]
    assert told.explanation.rejected == {"exposure_limit": 1}
    town.reports(None, "insult_harassment", country="FR").ignoring_what_was_told()
    town.expects("psychological", "offered")
    town.about(fourth).assigns("a", "psychological", reason="asked_and_agreed").expects_outcome("done")
    moves = [one.data for one in town.facts("track_moved")]
    accepted = [one for one in moves if one.cause == "accepted"][-1]
    assert accepted.result == "asked_and_agreed"
    town.sleeps(hours=12).ignoring_what_was_told()
    town.reports(None, "sextortion", country="FR").ignoring_what_was_told().expects("psychological", "offered")


# ------------------------------------------------------------------------------------------------ nobody is reached
def test_a_p0_whose_victim_cannot_be_reached_goes_to_the_duty_lead_after_three_attempts(town: Town) -> None:
    for pillar in ("technical", "legal", "psychological"):
        town.responder(f"r-{pillar}", f"{pillar}-fr")
    town.reports(None, "insult_harassment", signals=["self_harm"], country="FR")
    for pillar in ("technical", "legal", "psychological"):
        town.answers("accept", f"r-{pillar}", pillar)
    town.ignoring_what_was_told()
    for result in ("no_answer", "voicemail"):
        town.passes(seconds=30).works("contacted", "r-psychological", "psychological", result=result)
    town.expects_silence().works("contacted", "r-psychological", "psychological", result="refused")
    town.expects_pages("duty-lead-psychological-fr")
    (page,) = [one for one in town.track("psychological").pages if one.waits]
    assert (page.reason, page.promise) == ("victim_unreachable", "first_response")
    town.works("contacted", "r-psychological", "psychological", result="spoke").expects_silence()
    assert [one.waits for one in town.track("psychological").pages].count(True) == 0
    assert town.track("psychological").attempts == 0


def test_attempts_in_vain_page_nobody_below_p0(town: Town) -> None:
    town.responder("a", "technical-fr").reports(None, "unclassified_suspicion", country="FR")
    town.answers("accept", "a", "technical").ignoring_what_was_told()
    for _ in range(5):
        town.works("contacted", "a", "technical", result="no_answer")
    town.expects_silence()
