"""When nobody moves: the duty lead, a neighbouring desk, the sink again and again; each at its planned instant, until a human answers."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from schemas.catalogue import Catalogue
from schemas.commands import OfferCommand
from schemas.notices import NoticeIssued
from schemas.words import NoticeKind, Presence
from services.rules import ids
from tests.scenarios.town import SUPERVISOR, Town
from tests.shipped import FOUR_PROMISES

DUTY_LEAD = ("page", "post:duty-lead-psychological-fr")
SINK = ("page", "post:sink")


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """One track with the four promises of every track, and no more."""
    return FOUR_PROMISES


def a_life(town: Town, **said: Any) -> Town:
    """A P0 with one track that matters here: its psychological lead."""
    return town.reports(None, "insult_harassment", signals=["self_harm"], country="FR", **said)


def busy(town: Town) -> Town:
    """One P3 track that waits for the only one on duty, who is busy with another for days."""
    town.responder("t", "technical-fr", capacity=1).reports(None, "unclassified_suspicion")
    town.answers("accept", "t", "technical").works("contacted", "t", "technical", result="spoke")
    return town.ignoring_what_was_told().reports(None, "unclassified_suspicion").expects_silence()


def about(town: Town, pillar: str) -> list[tuple[str, str]]:
    """Since the last look: which pages about the last case's track of this pillar, in order."""
    track = town.track(pillar).track_id
    return [(one.kind.value, one.recipient) for one in town._new_notices() if one.track_id == track]


def told_of(town: Town, page_id: str) -> int:
    """How many attempts of a page there were."""
    notices = [event.data for topic, event in town.bus.events if topic == "notices"]
    return sum(isinstance(one, NoticeIssued) and one.page_id == page_id for one in notices)


def steps(town: Town, pillar: str) -> list[tuple[str, datetime, float]]:
    """Every step its page took: which, planned for when, how late it was told."""
    return [
        (event.data.step, event.data.planned_at, event.data.lateness_seconds)  # type: ignore[attr-defined]
        for event in town.facts("page_climbed")
        if event.data.pillar == pillar  # type: ignore[attr-defined]
    ]


def test_silence_climbs_the_ladder_and_ends_with_the_sink(town: Town) -> None:
    start = busy(town).now
    town.passes(hours=8).expects_pages("duty-lead-technical-fr")
    town.responder("b", "technical-be").passes(hours=4).expects_offers("b")
    town.passes(minutes=59).expects_silence().passes(minutes=1).ignoring_what_was_told()
    assert steps(town, "technical") == [
        ("neighbours", start + timedelta(hours=12), 0.0),
        ("sink", start + timedelta(hours=13), 0.0),  # nobody is left at the neighbour's: at once
    ]


def test_a_p0_is_at_the_neighbours_a_minute_after_its_duty_lead_and_at_the_sink_another_minute_later(
    town: Town,
) -> None:
    start = town.responder("b", "psychological-be", capacity=1).reports(None, "insult_harassment", country="BE").now
    town.responder("p", "psychological-fr", capacity=1)
    town.ignoring_what_was_told()
    a_life(town)
    town.passes(seconds=30)
    assert DUTY_LEAD in about(town, "psychological")  # nobody is left after one offer: the ladder begins at once
    town.passes(seconds=60)
    assert [step for step, *_ in steps(town, "psychological")] == ["neighbours"]
    town.passes(seconds=60).ignoring_what_was_told()
    assert steps(town, "psychological")[-1] == ("sink", start + timedelta(seconds=120), 0.0)


def test_the_sink_is_told_again_every_minute_until_somebody_acknowledges(town: Town) -> None:
    a_life(town).passes(minutes=1).ignoring_what_was_told().passes(minutes=3)
    assert about(town, "psychological").count(SINK) == 3
    (page, *_) = town.track("psychological").pages
    town.asks("acknowledge", page_id=page.page_id).expects_outcome("done").passes(minutes=30)
    assert SINK not in [told for told in about(town, "psychological") if told[1] == page.page_id]
    assert told_of(town, page.page_id) == 5


def test_each_try_at_the_sink_uses_the_next_of_its_contact_methods(town: Town) -> None:
    a_life(town).passes(minutes=4)
    track = town.track("psychological").track_id
    tries = [one for one in town._new_notices() if one.track_id == track and one.kind is NoticeKind.PAGE]
    assert [(one.attempt, one.method_rank) for one in tries] == [(1, 0), (2, 0), (3, 1), (4, 0), (5, 1)]


def test_once_the_duty_lead_has_seen_it_the_track_goes_nowhere_else(town: Town) -> None:
    busy(town).passes(hours=8).expects_pages("duty-lead-technical-fr")
    town.asks("acknowledge", page_id=town.track("technical").pages[0].page_id).passes(hours=15).expects_silence()
    assert town.track("technical").desk_id == "technical-fr"
    town.passes(hours=1).expects_pages("duty-lead-technical-fr")  # nobody has spoken with the victim: another promise


def test_somebody_at_the_neighbours_takes_it_and_nobody_else_is_told(town: Town) -> None:
    busy(town).responder("b", "technical-be").passes(hours=12).expects_told(
        ("page", "post:duty-lead-technical-fr"), ("offer", "b")
    )
    town.answers("accept", "b", "technical").works("contacted", "b", "technical", result="spoke")
    town.passes(days=1).expects_silence()
    assert [event.data.reason for event in town.facts("page_withdrawn")] == ["kept"]  # type: ignore[attr-defined]


def test_an_acceptance_at_the_desk_it_left_is_superseded(town: Town) -> None:
    town.responder("t", "technical-fr").reports(None, "unclassified_suspicion").passes(hours=4, minutes=59)
    desk, offer = town.track("technical").desk_id, town.track("technical").offer_id
    town.responder("b", "technical-be").passes(minutes=1).ignoring_what_was_told()
    late = OfferCommand(
        command_id="late",
        actor=SUPERVISOR,
        received_at=town.now,
        desk_id=desk,
        responder_id="t",
        offer_id=offer or "none",
        track_id=town.track("technical").track_id,
    )
    town._to_desk(desk, "accept", late).expects_outcome("superseded")
    town.expects("technical", "offered")
    town.answers("accept", "b", "technical").works("contacted", "b", "technical", result="spoke")


@pytest.mark.parametrize("hours", [0, 6])
def test_steps_after_an_outage_are_planned_as_if_there_had_been_none(town: Town, hours: float) -> None:
    start = a_life(town).now
    town.sleeps(hours=hours, minutes=2).ignoring_what_was_told()
    first, second, *_ = steps(town, "psychological")
    assert first == ("neighbours", start + timedelta(minutes=1), hours * 3600 + 60.0)
    assert second == ("sink", start + timedelta(minutes=2), hours * 3600.0)
    assert told_of(town, town.track("psychological").pages[0].page_id) == 2  # once each, however long it lasted


def test_a_first_response_that_fails_pages_the_desks_duty_lead_and_then_the_sink(town: Town) -> None:
    town.responder("t", "technical-fr").reports(None, "unclassified_suspicion").answers("accept", "t", "technical")
    town.ignoring_what_was_told().passes(hours=24)
    town.expects_told(("reminder", "t"), ("reminder", "t"), ("page", "post:duty-lead-technical-fr"))
    town.passes(hours=4).expects_pages("sink")
    town.works("contacted", "t", "technical", result="spoke").passes(days=2).expects_silence()
    assert town.track("technical").desk_id == "technical-fr"  # somebody has it: it goes to no other desk


def test_a_page_that_intake_sent_climbs_like_any_other(town: Town) -> None:
    town.responder("p", "psychological-fr").responder("t", "technical-fr").responder("l", "legal-fr")
    a_life(town)
    track = town.track("psychological")
    town.asks(
        "page",
        page_id=ids.page_id(track.track_id, "acknowledge"),
        track_id=track.track_id,
        recipient="post:duty-lead-psychological-fr",
        reason="no_offer",
    ).ignoring_what_was_told()
    town.passes(seconds=30)
    assert DUTY_LEAD not in about(town, "psychological")  # it was told already, by intake
    town.passes(seconds=60).ignoring_what_was_told()
    assert [step for step, *_ in steps(town, "psychological")][:1] == ["neighbours"]


# ------------------------------------------------------------------------------------------------------ far too many
def flood(town: Town, number: int) -> Town:
    """So many P3 reports, with nobody on duty anywhere: each is a page to the same duty lead."""
    for _ in range(number):
        town.reports(None, "unclassified_suspicion")
    return town


def test_above_twenty_a_minute_pages_of_a_desk_become_one_with_a_count(town: Town) -> None:
    flood(town, 50)
    assert len(town._new_notices()) == 20
    town.passes(minutes=1)
    (together,) = town._new_notices()
    assert (together.recipient, together.count) == ("post:duty-lead-technical-fr", 30)


def test_a_p0_is_always_told_by_itself(town: Town) -> None:
    flood(town, 30).ignoring_what_was_told()
    town.reports(None, "malware", signals=["money_leaving"])
    assert ("page", "post:duty-lead-technical-fr") in about(town, "technical")


def test_one_acknowledgement_stands_for_all_that_were_told_together(town: Town) -> None:
    flood(town, 150).passes(minutes=1)
    together = town._new_notices()[-1]
    town.asks("acknowledge", page_id=together.page_id).expects_outcome("done").passes(seconds=1)
    assert len(town.facts("page_acknowledged")) == 130
    town.everything_restarts().passes(hours=3)
    assert together.page_id not in {one.page_id for one in town._new_notices()}


def test_pages_told_together_climb_to_the_sink_until_none_of_them_waits(town: Town) -> None:
    flood(town, 21).passes(minutes=1)
    together = town._new_notices()[-1]
    town.everything_restarts().passes(hours=2)
    (again,) = [one for one in town._new_notices() if one.page_id == together.page_id]
    assert (again.recipient, again.count) == ("post:sink", 1)
    town.responder("t", "technical-fr", on_duty=False).assigns("t", "technical", reason="by_hand")
    town.ignoring_what_was_told().passes(hours=4)
    assert together.page_id not in {one.page_id for one in town._new_notices()}


def test_after_an_outage_each_overdue_deadline_fires_once_and_p0_first(catalogue: Catalogue) -> None:
    town = Town(catalogue)
    del town.bus.seats[1:]  # no desk answers
    for number in range(250):
        signals = ["money_leaving"] if number % 25 == 24 else []
        town.reports(f"h{number}", "bank_fraud", signals=signals, country="FR", amount_minor=100)
    told = len(town.bus.events)
    town.sleeps(hours=6)
    fired = [event.data for topic, event in town.bus.events[told:] if topic == "case.events"]
    broken: list[Any] = [one for one in fired if type(one).__name__ == "ClockSettled"]
    promises = 4 * 2 + 1  # acknowledge and first response of four tracks, and the call that stops funds
    assert len(broken) == 250 * promises
    assert len({(one.track_id, one.kind, one.clock_epoch) for one in broken}) == len(broken)
    bands = [one.band for one in broken]
    assert bands == sorted(bands)
    late = {one.lateness_seconds for one in broken if one.band == "P0" and one.pillar == "financial"}
    assert late == {6 * 3600 - 60.0 * minutes for minutes in (2, 5, 15)}
    assert len({one.page_id for one in broken}) == len(broken)


def test_the_clock_an_hour_ahead_breaks_nothing_twice(town: Town) -> None:
    busy(town).sleeps(hours=9).ignoring_what_was_told()
    town.now -= timedelta(minutes=10)  # set right again; machines never see an instant before the latest they saw
    town.now += timedelta(minutes=10)
    town.passes(hours=1).ignoring_what_was_told()
    assert len([one for one in town.facts("clock_breached") if one.data.kind == "acknowledge"]) == 1  # type: ignore[attr-defined]


def test_whoever_comes_on_duty_after_the_ladder_ended_is_offered_the_track(town: Town) -> None:
    town.responder("late", "technical-fr", on_duty=False).reports(None, "unclassified_suspicion")
    town.passes(hours=20).ignoring_what_was_told()
    town.presence("late", "technical-fr", Presence.AVAILABLE).expects_offers("late")
    town.answers("accept", "late", "technical").works("contacted", "late", "technical", result="spoke")


@pytest.mark.parametrize(
    ("code", "pillar", "minutes"), [("bank_fraud", "financial", 5), ("account_takeover", "technical", 30)]
)
def test_the_sink_is_told_again_less_often_of_what_is_less_urgent(
    town: Town, code: str, pillar: str, minutes: int
) -> None:
    town.reports(None, code, country="FR").passes(hours=12).ignoring_what_was_told()
    assert steps(town, pillar)[-1][0] == "sink"
    town.passes(minutes=4 * minutes)
    page = town.track(pillar).pages[0].page_id
    since = town.now - timedelta(minutes=4 * minutes)
    told = [event.data for topic, event in town.bus.events if topic == "notices"]
    lately = [one for one in told if isinstance(one, NoticeIssued) and one.page_id == page and one.at > since]
    assert len(lately) == 4
    town.ignoring_what_was_told()
