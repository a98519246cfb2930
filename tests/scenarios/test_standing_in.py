"""A P0 begun by somebody who stands in for a specialist: kept until one takes it over, never without anybody in between."""

from datetime import timedelta

from schemas.notices import NoticeIssued
from schemas.progress import Answered, Released
from schemas.words import Presence
from tests.scenarios.town import Town

HARASSED = "insult_harassment"
DESK, PILLAR = "psychological-fr", "psychological"
DUTY_LEAD = "post:duty-lead-psychological-fr"
CRISIS = ("psy_suicide_risk",)


def begun(town: Town) -> Town:
    """A P0 that the only one there, trained for a crisis and not for this, has taken; the victim was spoken with."""
    town.responder("crisis", DESK, skills=CRISIS)
    town.reports(None, HARASSED, signals=["self_harm"], country="FR").ignoring_what_was_told()
    return spoke(town.answers("accept", "crisis", PILLAR), "crisis")


def spoke(town: Town, who: str) -> Town:
    return town.works("contacted", who, PILLAR, result="spoke").ignoring_what_was_told()


def told(town: Town, reason: str) -> list[str]:
    """Who was told for this reason."""
    notices = [event.data for topic, event in town.bus.events if topic == "notices"]
    return [one.recipient for one in notices if isinstance(one, NoticeIssued) and one.reason == reason]


def asked(town: Town) -> list[str]:
    track = town.desk(PILLAR).tracks[town.track(PILLAR).track_id]
    return [one.responder_id for one in track.offers]


def hours(town: Town, count: float) -> Town:
    """So many hours in which whoever has the track calls the victim as promised."""
    for _ in range(round(count)):
        owner = town.track(PILLAR).responder_id
        spoke(town.passes(minutes=60), owner or "")
    return town


def test_a_specialist_who_comes_is_asked_and_takes_it_over_with_every_promise_running_on(town: Town) -> None:
    begun(town).responder("trained", DESK).ignoring_what_was_told()
    before = {clock.name: clock.started_at for clock in town.track(PILLAR).clocks}
    assert asked(town) == []  # the first hour is theirs who began
    town.passes(minutes=60).ignoring_what_was_told()
    assert asked(town) == ["trained"]
    assert town.track(PILLAR).responder_id == "crisis"
    track_id = town.track(PILLAR).track_id
    held = town.desk(PILLAR).tracks[track_id]
    town.answers("accept", "trained", PILLAR).ignoring_what_was_told()
    assert town.track(PILLAR).responder_id == "trained"
    after = {clock.name: clock.started_at for clock in town.track(PILLAR).clocks}
    assert after["resolve"] == before["resolve"]
    assert after["next_contact"] == before["next_contact"]
    assert held.contact_by == town.desk(PILLAR).tracks[track_id].contact_by


def test_it_is_given_and_taken_in_one_step(town: Town) -> None:
    begun(town).responder("trained", DESK).passes(minutes=60).ignoring_what_was_told()
    town.answers("accept", "trained", PILLAR).ignoring_what_was_told()
    track_id = town.track(PILLAR).track_id
    facts = [one.data for topic, one in town.bus.events if topic == "progress"]
    mine = [one for one in facts if isinstance(one, Answered | Released) and one.track_id == track_id]
    assert [(type(one).__name__, one.responder_id) for one in mine[-2:]] == [
        ("Released", "crisis"),
        ("Answered", "trained"),
    ]
    assert mine[-1].at == mine[-2].at


def test_with_no_specialist_whoever_stands_in_goes_on_and_the_duty_lead_hears_of_it_once_after_a_day(
    town: Town,
) -> None:
    hours(begun(town), 23)
    assert told(town, "stands_in_too_long") == []
    hours(town, 4)
    assert told(town, "stands_in_too_long") == [DUTY_LEAD]
    assert town.track(PILLAR).responder_id == "crisis"


def test_a_specialist_who_does_not_answer_is_asked_again_an_hour_later_and_one_who_declines_is_not(town: Town) -> None:
    begun(town).responder("trained", DESK).passes(minutes=60).ignoring_what_was_told()
    spoke(town.passes(minutes=30), "crisis")
    assert asked(town) == []
    spoke(town.passes(minutes=30), "crisis")
    assert asked(town) == ["trained"]
    town.answers("decline", "trained", PILLAR).ignoring_what_was_told()
    hours(town, 2)
    assert asked(town) == []


def test_a_specialist_who_had_it_from_the_start_is_relieved_by_nobody(town: Town) -> None:
    town.responder("trained", DESK)
    town.reports(None, HARASSED, signals=["self_harm"], country="FR").ignoring_what_was_told()
    spoke(town.answers("accept", "trained", PILLAR), "trained").responder("other", DESK).ignoring_what_was_told()
    hours(town, 3)
    assert asked(town) == []


def test_done_before_anybody_came_nobody_is_asked_any_more(town: Town) -> None:
    begun(town).responder("trained", DESK).passes(minutes=60).ignoring_what_was_told()
    town.works("done", "crisis", PILLAR).ignoring_what_was_told()
    assert asked(town) == []
    town.answers("accept", "trained", PILLAR).expects_outcome("offer_over")


def test_after_a_p0_the_duty_lead_hears_that_somebody_should_talk_with_whoever_had_it(town: Town) -> None:
    begun(town).works("done", "crisis", PILLAR).ignoring_what_was_told()
    assert told(town, "talk_with_responder") == [DUTY_LEAD]


def test_after_what_is_less_urgent_nobody_is_told_to_talk(town: Town) -> None:
    town.responder("a", DESK).reports(None, HARASSED, country="FR").ignoring_what_was_told()
    spoke(town.answers("accept", "a", PILLAR), "a").works("done", "a", PILLAR).ignoring_what_was_told()
    assert town.case().band != "P0"
    assert told(town, "talk_with_responder") == []


def test_it_is_known_from_the_acceptance_by_when_it_is_to_be_handed_over(town: Town) -> None:
    track = begun(town).desk(PILLAR).tracks[town.track(PILLAR).track_id]
    assert track.accepted_at is not None
    assert track.stands_in_until == track.accepted_at + timedelta(hours=24)


def test_who_was_relieved_may_make_a_contact_for_the_specialist_and_begin_again_when_nobody_else_is_left(
    town: Town,
) -> None:
    begun(town).responder("trained", DESK).passes(minutes=60).answers("accept", "trained", PILLAR)
    spoke(town, "trained").presence("trained", DESK, Presence.AWAY).passes(minutes=110).ignoring_what_was_told()
    assert asked(town) == ["crisis"]
    town.presence("trained", DESK, Presence.AVAILABLE).works("handover", "trained", PILLAR).ignoring_what_was_told()
    assert asked(town) == ["crisis"]
