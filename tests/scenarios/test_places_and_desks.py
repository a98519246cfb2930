"""A caller is placed in a household once it is known; a track is sent to another desk, and whoever had it loses it."""

from collections import deque
from dataclasses import replace

import pytest

from schemas.words import Flag
from services.rules import ids
from tests.scenarios.town import Town

REAL = ids.household_id("town", "h1")


def test_a_caller_who_turns_out_to_be_a_member_is_covered_and_the_case_stays_where_it_is(town: Town) -> None:
    town.everyone_on_duty().household("h1", programme="allianz_cyber_protect").reports(None, "phishing")._new_notices()
    provisional = town.case().household_id
    town.asks("place", real_household_id=REAL).expects_outcome("done")
    case = town.case()
    assert (case.household_id, case.placed and case.placed.household_id) == (provisional, REAL)
    assert (case.member, Flag.UNKNOWN_HOUSEHOLD in case.flags) == (True, False)
    (told,) = town.facts("coverage_decided")
    assert told.data.explanations[1].rule.startswith("coverage:")  # type: ignore[attr-defined]
    town._new_notices()


def test_nothing_personal_of_the_real_household_travels_to_the_case(town: Town) -> None:
    town.everyone_on_duty().household("h1", programme="allianz_cyber_protect").reports(None, "phishing")._new_notices()
    town.asks("place", real_household_id=REAL)._new_notices()
    (told,) = [event.data for _, event in town.bus.events if event.type.endswith("household_tell")]
    assert told.body.personal.safe_contact is None  # type: ignore[attr-defined]
    assert told.body.holdings  # type: ignore[attr-defined]


def test_a_household_nobody_knows_changes_nothing_but_the_record_of_it(town: Town) -> None:
    town.everyone_on_duty().reports(None, "phishing")._new_notices()
    town.asks("place", real_household_id=REAL).expects_outcome("done").expects_silence()
    assert (town.case().member, Flag.UNKNOWN_HOUSEHOLD in town.case().flags) == (False, True)


def test_only_a_caller_nobody_could_place_is_placed(town: Town) -> None:
    town.everyone_on_duty().reports("h2", "phishing")._new_notices()
    town.asks("place", real_household_id=REAL).expects_outcome("wrong_state")


def placed_with_a_part(town: Town, *, first: str) -> None:
    """A caller nobody could place, placed as a member before or after part of their case is split off."""
    town.everyone_on_duty().household("h1", programme="allianz_cyber_protect")
    town.reports(None, "insult_harassment", secondary_codes=["phishing"])._new_notices()
    whole = town.case()
    for verb in ("place", "split") if first == "place" else ("split", "place"):
        said = {"place": {"real_household_id": REAL}, "split": {"code": "phishing", "reason": "two_problems"}}[verb]
        town.about(whole).asks(verb, **said).expects_outcome("done")._new_notices()


def test_part_of_the_case_of_a_member_who_was_placed_is_a_members_case(town: Town) -> None:
    placed_with_a_part(town, first="place")
    stands = [(case.placed is not None, case.member, Flag.UNKNOWN_HOUSEHOLD in case.flags) for case in town.cases()]
    assert stands == [(True, True, False)] * 2


def test_part_of_a_case_is_covered_too_when_it_was_split_off_before_the_household_answered(town: Town) -> None:
    town.everyone_on_duty().reports(None, "insult_harassment", secondary_codes=["phishing"])._new_notices()
    whole = town.case()
    town.asks("place", real_household_id=REAL).asks("split", code="phishing", reason="two_problems")._new_notices()
    asked = [event.data.case_id for _, event in town.bus.events if event.type.endswith("household_ask")]  # type: ignore[attr-defined]
    assert asked == [whole.case_id, next(case.case_id for case in town.cases() if case.case_id != whole.case_id)]


def test_a_case_that_goes_on_in_another_brings_the_household_it_was_placed_in(town: Town) -> None:
    placed_with_a_part(town, first="split")
    whole, part = sorted(town.cases(), key=lambda case: case.placed is None)
    said = {"into_case_id": part.case_id, "into_household_id": part.household_id, "reason": "one_problem"}
    town.about(whole).asks("merge", **said).expects_outcome("done")._new_notices()
    assert (town.case().case_id, town.case().member) == (part.case_id, True)


def test_a_track_goes_to_another_region_when_its_desk_has_let_go(town: Town) -> None:
    town.everyone_on_duty("fr", "be").reports(None, "unclassified_suspicion").expects_offers("r-technical-fr")
    town.answers("accept", "r-technical-fr", "technical")
    town.asks("reroute", pillar="technical", region="be", reason="speaks_dutch").expects_outcome("done")
    town.expects("technical", "offered").expects_offers("r-technical-be")
    assert (town.track("technical").desk_id, town.track("technical").desk_epoch) == ("technical-be", 3)
    town.works("contacted", "r-technical-fr", "technical").expects_outcome("not_yours")
    town.answers("accept", "r-technical-be", "technical").expects_outcome("done")


def silenced(town: Town, desk: int = 1) -> None:
    """The old desk reads nothing any more."""
    seat = town.bus.seats[desk]
    seat.wiring = replace(seat.wiring, inputs=())


def test_a_desk_that_holds_on_is_waited_for_five_seconds_and_no_longer(town: Town) -> None:
    town.everyone_on_duty("fr", "be").reports(None, "unclassified_suspicion").expects_offers("r-technical-fr")
    silenced(town)
    town.asks("reroute", pillar="technical", region="be", reason="speaks_dutch").passes(seconds=4)
    assert town.track("technical").desk_id == "technical-fr"
    town.passes(seconds=1)
    assert (town.track("technical").desk_id, town.track("technical").moving_to) == ("technical-be", None)
    assert [event.data.desk_id for event in town.facts("track_dispatched")] == ["technical-fr", "technical-be"]  # type: ignore[attr-defined]


def test_a_p0_waits_for_no_desk_to_let_go(town: Town) -> None:
    town.everyone_on_duty("fr", "be").reports(None, "unclassified_suspicion", signals=["money_leaving"])
    town._new_notices()
    silenced(town)
    town.asks("reroute", pillar="technical", region="be", reason="speaks_dutch")
    assert town.track("technical").desk_id == "technical-be"


def test_a_track_raised_to_p0_on_its_way_goes_at_once(town: Town) -> None:
    town.everyone_on_duty("fr", "be").reports(None, "unclassified_suspicion").expects_offers("r-technical-fr")
    silenced(town)
    town.asks("reroute", pillar="technical", region="be", reason="speaks_dutch").asks(
        "raise", band="P0", reason="heard"
    )
    assert (town.track("technical").desk_id, town.track("technical").moving_to) == ("technical-be", None)
    town.expects_pages("duty-lead-technical-be")


def test_an_acceptance_that_crosses_a_reroute_is_superseded_and_told(town: Town) -> None:
    town.everyone_on_duty("fr", "be").reports(None, "unclassified_suspicion").expects_offers("r-technical-fr")
    router = town.bus.seats[0]
    wiring, router.wiring = router.wiring, replace(router.wiring, inputs=())
    town.answers("accept", "r-technical-fr", "technical").expects_outcome("done")
    late, town.bus.unread["progress"] = town.bus.unread["progress"], deque()
    router.wiring = wiring
    town.asks("reroute", pillar="technical", region="be", reason="speaks_dutch")
    town.bus.unread["progress"].extend(late)
    town.bus.settle(town.now)
    assert [event.data.responder_id for event in town.facts("acceptance_superseded")] == ["r-technical-fr"]  # type: ignore[attr-defined]
    town.expects("technical", "offered").expects_offers("r-technical-be")


@pytest.mark.parametrize(("region", "outcome"), [("fr", "wrong_state"), ("atlantis", "not_found")])
def test_a_track_is_not_sent_where_it_is_nor_where_no_desk_is(town: Town, region: str, outcome: str) -> None:
    town.everyone_on_duty().reports(None, "unclassified_suspicion").expects_offers("r-technical-fr")
    town.asks("reroute", pillar="technical", region=region, reason="x").expects_outcome(outcome)


def test_a_country_learned_later_sends_waiting_tracks_to_its_desks(town: Town) -> None:
    town.everyone_on_duty("fr", "be").reports(None, "phishing").expects_offers("r-technical-fr", "r-financial-fr")
    town.answers("accept", "r-financial-fr", "financial").asks("update", facts={"country": "BE"})
    town.expects_offers("r-technical-be").expects("financial", "accepted", responder="r-financial-fr")
