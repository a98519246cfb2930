"""What happens to a track while something else happens to it, its owner or its household: found by the simulator, kept as scenes."""

from datetime import timedelta
from typing import Any

import pytest

from schemas.catalogue import Catalogue
from schemas.commands import ResponderDrain
from schemas.words import Presence
from tests.scenarios.psychologists import HARASSED, harassed, insured, psychologists
from tests.scenarios.town import SUPERVISOR, Town
from tests.shipped import FOUR_PROMISES


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """What nobody has classified makes no promise of its own here."""
    return FOUR_PROMISES


def held(town: Town, case: Any) -> Any:
    """The psychological track of a case, as its desk has it."""
    town.about(case)
    return town.desk("psychological").tracks[town.track("psychological").track_id]


def asked(town: Town, case: Any) -> list[str]:
    """Who is asked about it now."""
    return [one.responder_id for one in held(town, case).offers]


def test_what_there_is_no_room_for_does_not_hold_up_what_there_is_room_for(town: Town) -> None:
    insured(psychologists(town, "a", capacity=3))
    first, second, large, small = (harassed(town) for _ in range(4))
    for case in (first, second):
        town.about(case).answers("accept", "a", "psychological")
    for case in (first, large):
        town.about(case).asks("raise", band="P1", reason="heard").ignoring_what_was_told()
    town.about(second).works("done", "a", "psychological", result="helped").ignoring_what_was_told()
    assert (asked(town, large), asked(town, small)) == ([], ["a"])


def test_nobody_is_asked_to_cover_what_its_owner_has_finished(town: Town) -> None:
    case = harassed(insured(psychologists(town, "a", "b")))
    town.answers("accept", "a", "psychological").presence("a", "psychological-fr", Presence.AWAY)
    town.passes(hours=24).ignoring_what_was_told()
    assert asked(town, case) == ["b"]
    cover = town.asked("b", "psychological")
    town.works("done", "a", "psychological", result="helped").ignoring_what_was_told()
    assert asked(town, case) == []
    town.answers("accept", "b", "psychological", offer=cover).expects_outcome("offer_over")


def test_a_conflict_ends_what_its_responder_is_asked_about_of_that_household_too(town: Town) -> None:
    insured(psychologists(town, "a", "b", "c"))
    first = harassed(town, "h")
    town.answers("accept", "a", "psychological")
    second = town.reports("h", "threat", signals=["self_harm"], country="FR").ignoring_what_was_told().case()
    assert "a" in asked(town, second)
    town.about(first).works("conflict", "a", "psychological").ignoring_what_was_told()
    assert asked(town, first) == ["b"]
    assert sorted(asked(town, second)) == ["b", "c"]


def test_who_turns_out_to_live_in_a_household_has_its_cases_no_more(town: Town) -> None:
    case = harassed(insured(psychologists(town, "a", "b")), "h")
    town.answers("accept", "a", "psychological").ignoring_what_was_told()
    town.responder("a", "psychological-fr", household_id=case.household_id).ignoring_what_was_told()
    assert asked(town, case) == ["b"]
    town.works("contacted", "a", "psychological", result="spoke").expects_outcome("not_yours")


def test_who_is_asked_no_more_goes_on_with_what_they_set_aside_once_there_is_room(town: Town) -> None:
    insured(psychologists(town, "a", capacity=2))
    aside = (harassed(town), harassed(town))
    for case in aside:
        town.about(case).answers("accept", "a", "psychological")
    urgent = []
    for _ in range(2):
        town.reports(None, HARASSED, signals=["self_harm"], country="FR").ignoring_what_was_told()
        urgent.append(town.answers("accept", "a", "psychological").case())
    assert [held(town, case).set_aside for case in aside] == [True, True]
    drained = ResponderDrain.model_validate({
        "command_id": "drain", "actor": SUPERVISOR, "received_at": town.now, "desk_id": "psychological-fr",
        "responder_id": "a", "drained": True, "reason": "shift_ends",
    })  # fmt: skip
    town._to_desk("psychological-fr", "responder_drain", drained)
    for case in urgent:
        town.about(case).works("done", "a", "psychological", result="helped").ignoring_what_was_told()
    assert [held(town, case).set_aside for case in aside] == [False, False]


def test_an_owner_who_comes_back_long_after_the_contact_was_due_is_waited_for_no_longer(town: Town) -> None:
    case = harassed(insured(psychologists(town, "a", "b")))
    town.answers("accept", "a", "psychological").presence("a", "psychological-fr", Presence.AWAY)
    town.passes(hours=29).ignoring_what_was_told()  # due after 24, b was asked to make it and did not answer
    assert held(town, case).owner == "a"
    town.presence("a", "psychological-fr", Presence.AVAILABLE).ignoring_what_was_told()
    assert (held(town, case).owner, asked(town, case)) == (None, ["b"])


def test_an_acceptance_read_long_after_it_was_given_is_not_taken_for_silence(town: Town) -> None:
    case = insured(psychologists(town, "a")).reports(None, HARASSED, signals=["self_harm"], country="FR").case()
    given, offer = town.now, town.asked("a", "psychological")
    town.now += timedelta(minutes=30)  # nothing runs; what was sent is read before anything else
    town.answers("accept", "a", "psychological", offer=offer, at=given)
    town.passes(minutes=1).ignoring_what_was_told()
    assert held(town, case).owner == "a"
