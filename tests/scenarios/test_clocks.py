"""Promises on the whole path: kept by when something was done, broken once, standing still only for a victim who may wait."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schemas.catalogue import Catalogue
from schemas.envelope import Event
from schemas.words import ClockState
from tests.scenarios.town import Town
from tests.shipped import FOUR_PROMISES

ONE = ("t", "technical")


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """One track with the four promises of every track, and no more."""
    return FOUR_PROMISES


def settled(town: Town, fact: str) -> list[tuple[str, float]]:
    """Which promises, and how late."""
    return [(named(event), event.data.lateness_seconds) for event in town.facts(fact)]  # type: ignore[attr-defined]


def named(event: Event) -> str:
    data: Any = event.data
    return str(data.milestone or data.kind)


def at_work(town: Town, code: str = "unclassified_suspicion", **said: Any) -> Town:
    """One track, accepted at once by `t`, who has not spoken with the victim yet."""
    town.responder("t", "technical-fr").reports(None, code, **said)
    return town.answers("accept", *ONE).ignoring_what_was_told()


def spoken(town: Town, code: str = "unclassified_suspicion", **said: Any) -> Town:
    """The same, and the victim was reached at once."""
    return at_work(town, code, **said).works("contacted", *ONE, result="spoke")


# ------------------------------------------------------------------------------------------------------ kept or broken
def test_a_track_promises_acknowledgement_first_response_and_resolution_from_our_receipt(town: Town) -> None:
    town.responder("t", "technical-fr").reports(None, "unclassified_suspicion").ignoring_what_was_told()
    due = {clock.name: clock.due - town.now for clock in town.track("technical").clocks}
    assert due == {
        "acknowledge": timedelta(hours=8),
        "first_response": timedelta(hours=24),
        "resolve": timedelta(days=10),
    }


def test_an_attempt_is_no_first_response_and_speaking_is(town: Town) -> None:
    at_work(town).passes(hours=1).works("contacted", *ONE, result="no_answer")
    assert town.track("technical").responded_at is None
    town.passes(hours=1).works("contacted", *ONE, result="spoke")
    assert town.track("technical").responded_at == town.now
    assert [name for name, _ in settled(town, "clock_met")] == ["acknowledge", "first_response"]


def test_a_silence_ends_with_each_contact_and_begins_again(town: Town) -> None:
    spoken(town).passes(days=2).works("contacted", *ONE, result="spoke").passes(days=2, hours=11).expects_silence()
    clock = town.clock("technical", "next_contact")
    assert clock is not None
    assert clock.due == town.now + timedelta(days=2, hours=13)


def test_a_promised_contact_is_due_when_promised_and_a_late_promise_never_lengthens_the_silence(town: Town) -> None:
    spoken(town)
    for promised, due in ((timedelta(hours=3), timedelta(hours=3)), (timedelta(days=9), timedelta(days=5))):
        town.works("contacted", *ONE, result="no_answer", next_contact_at=town.now + promised)
        clock = town.clock("technical", "next_contact")
        assert clock is not None
        assert clock.due == town.now + due


def test_a_contact_that_does_not_come_pages_the_duty_lead_once_and_is_kept_late(town: Town) -> None:
    spoken(town).works("wait", *ONE, result="third_party").passes(days=5).expects_told(
        ("reminder", "t"), ("reminder", "t"), ("reminder", "t"), ("page", "post:duty-lead-technical-fr")
    )
    town.passes(minutes=10).works("contacted", *ONE, result="spoke")
    assert settled(town, "clock_breached") == [("next_contact", 0.0)]
    assert settled(town, "clock_late") == [("next_contact", 600.0)]
    town.passes(hours=12).expects_silence()


def test_the_work_done_keeps_the_promise_to_resolve_and_nothing_is_left_to_fall_due(town: Town) -> None:
    spoken(town).passes(days=1).works("done", *ONE).passes(days=90).expects_silence()
    assert [name for name, _ in settled(town, "clock_met")] == ["acknowledge", "first_response", "resolve"]
    assert settled(town, "clock_breached") == []


def test_warned_at_half_and_at_four_fifths_once_each_and_again_under_another_band(town: Town) -> None:
    at_work(town).passes(hours=23).expects_reminders("t", "t")
    warned = [(named(event), event.data.share) for event in town.facts("clock_warned")]  # type: ignore[attr-defined]
    assert warned == [("first_response", 50), ("first_response", 80)]
    town.works("contacted", *ONE, result="spoke").passes(days=4, hours=5).expects_reminders("t", "t", "t")
    town.asks("raise", band="P2", reason="agent_heard").ignoring_what_was_told().passes(hours=11)
    of_resolve = [event for event in town.facts("clock_warned") if named(event) == "resolve"]
    again = [(event.data.share, event.data.clock_epoch) for event in of_resolve]  # type: ignore[attr-defined]
    assert again == [(50, 1), (50, 2), (80, 2)]
    town.ignoring_what_was_told()


# --------------------------------------------------------------------------------------------- the pains of other clocks
def test_a_pause_and_then_a_band_change_keep_what_elapsed_and_what_was_paused(town: Town) -> None:
    spoken(town).passes(hours=10).works("wait", *ONE, result="victim").passes(days=2).works("resume", *ONE)
    start = town.case().received_at
    town.passes(hours=5).asks("raise", band="P1", reason="agent_heard").ignoring_what_was_told()
    clock = town.clock("technical", "resolve")
    assert clock is not None
    assert (clock.started_at, clock.paused, clock.due) == (start, timedelta(days=2), start + timedelta(days=5))


def test_raised_while_it_waits_for_the_victim_a_promise_runs_again_at_once(town: Town) -> None:
    spoken(town).works("wait", *ONE, result="victim").passes(days=1)
    town.asks("raise", band="P0", reason="agent_heard").ignoring_what_was_told()
    clock = town.clock("technical", "resolve")
    assert clock is not None
    assert (clock.state, clock.due) == (ClockState.RUNNING, town.case().received_at + timedelta(hours=48))


@pytest.mark.parametrize(("band", "state"), [("P2", ClockState.PAUSED), ("P1", ClockState.RUNNING)])
def test_waiting_for_the_victim_stands_still_in_p2_and_never_in_p1(town: Town, band: str, state: ClockState) -> None:
    spoken(town).asks("raise", band=band, reason="agent_heard").works("wait", *ONE, result="victim")
    town.ignoring_what_was_told()
    resolve, contact = town.clock("technical", "resolve"), town.clock("technical", "next_contact")
    assert resolve is not None
    assert contact is not None
    assert (resolve.state, contact.state) == (state, ClockState.RUNNING)


def test_waiting_for_a_third_party_stops_no_clock_and_is_told_as_theirs(town: Town) -> None:
    spoken(town).passes(days=1).works("wait", *ONE, result="third_party").passes(days=3)
    town.works("contacted", *ONE, result="spoke").works("done", *ONE).ignoring_what_was_told()
    used = town.facts("clock_met")[-1].data.used  # type: ignore[attr-defined]
    assert (used.us_seconds, used.victim_seconds, used.third_party_seconds) == (86_400.0, 0.0, 3 * 86_400.0)


def test_resolved_after_the_deadline_and_before_anybody_looked_it_is_broken_once_and_nobody_is_paged(
    town: Town,
) -> None:
    spoken(town).works("wait", *ONE, result="third_party").passes(days=4).works("contacted", *ONE, result="spoke")
    town.passes(days=4).works("contacted", *ONE, result="spoke").passes(days=1, hours=23).ignoring_what_was_told()
    town.now += timedelta(hours=1, minutes=5)  # the deadline has passed, and no timer has fired
    town.works("done", *ONE).passes(days=1).expects_silence()
    assert settled(town, "clock_breached") == [("resolve", 300.0)]
    assert settled(town, "clock_late") == [("resolve", 300.0)]


def test_closed_after_a_deadline_and_before_anybody_looked_what_was_broken_is_told_once(town: Town) -> None:
    at_work(town).passes(hours=23).ignoring_what_was_told()
    town.now += timedelta(hours=2)
    town.asks("close", reason="not_a_case").expects_outcome("done").passes(days=30).expects_silence()
    assert settled(town, "clock_breached") == [("first_response", 3600.0)]


def test_a_band_lowered_after_a_deadline_and_before_anybody_looked_does_not_mend_it(town: Town) -> None:
    at_work(town).asks("raise", band="P2", reason="agent_heard").passes(hours=3).ignoring_what_was_told()
    town.now += timedelta(hours=2)
    town.asks("lower", band="P3", reason="agent_heard").expects_outcome("done").passes(seconds=0)
    assert settled(town, "clock_breached") == [("first_response", 3600.0)]
    town.ignoring_what_was_told()


def test_reopened_after_it_was_solved_everything_is_promised_anew_and_nothing_old_breaks(town: Town) -> None:
    spoken(town).works("done", *ONE).passes(days=30).asks("reopen", reason="again").expects_outcome("done")
    town.expects_offers("t")
    assert {clock.name: clock.due - town.now for clock in town.track("technical").clocks} == {
        "acknowledge": timedelta(hours=8),
        "first_response": timedelta(hours=24),
        "resolve": timedelta(days=10),
    }
    town.answers("accept", *ONE).works("contacted", *ONE, result="spoke").works("done", *ONE).passes(days=30)
    town.expects_silence()
    assert settled(town, "clock_breached") == []


def test_a_merged_case_escalates_no_more(town: Town) -> None:
    town.responder("t", "technical-fr", capacity=9).reports("h1", "unclassified_suspicion")
    gone = town.case()
    town.reports("h1", "unclassified_suspicion").answers("accept", *ONE).works("contacted", *ONE, result="spoke")
    into, town.last_case = town.case(), gone.case_id
    town.asks(
        "merge", into_case_id=into.case_id, into_household_id=into.household_id, reason="same", expected_version=None
    ).expects_outcome("done").ignoring_what_was_told()
    town.last_case = into.case_id
    town.works("done", *ONE).passes(days=60).expects_silence()
    assert [event for event in town.facts("clock_breached") if event.data.case_id == gone.case_id] == []  # type: ignore[attr-defined]


def test_a_closed_case_escalates_no_more(town: Town) -> None:
    at_work(town).asks("close", reason="not_a_case").expects_outcome("done").passes(days=60).expects_silence()


def waiting(town: Town) -> Town:
    """A track that nobody has been offered: the only one on duty is busy with another, and nobody has been told of it."""
    town.responder("t", "technical-fr", capacity=1).reports(None, "unclassified_suspicion").answers("accept", *ONE)
    town.works("contacted", *ONE, result="spoke").ignoring_what_was_told()
    return town.reports(None, "unclassified_suspicion").passes(hours=7, minutes=59).expects_silence()


def test_an_acknowledgement_in_time_and_read_late_corrects_the_breach_and_withdraws_the_page(town: Town) -> None:
    waiting(town)
    with town.router_reads_later():
        town.assigns(*ONE, reason="by_hand").passes(minutes=2).expects_pages("duty-lead-technical-fr")
    assert settled(town, "clock_breached") == settled(town, "clock_corrected") == [("acknowledge", 0.0)]
    assert [event.data.reason for event in town.facts("page_withdrawn")] == ["corrected"]  # type: ignore[attr-defined]
    town.works("contacted", *ONE, result="spoke").passes(days=2).expects_silence()


def test_a_correction_leaves_a_page_that_somebody_has_acknowledged(town: Town) -> None:
    waiting(town)
    with town.router_reads_later():
        town.assigns(*ONE, reason="by_hand").passes(minutes=2).expects_pages("duty-lead-technical-fr")
        town.asks("acknowledge", page_id=town.track("technical").pages[0].page_id).expects_outcome("done")
    assert len(town.facts("clock_corrected")) == len(town.facts("page_acknowledged")) == 1
    assert town.facts("page_withdrawn") == []


def test_an_acknowledgement_after_the_deadline_is_late_however_soon_it_is_read(town: Town) -> None:
    waiting(town).passes(minutes=2).expects_pages("duty-lead-technical-fr")
    town.assigns(*ONE, reason="by_hand").works("contacted", *ONE, result="spoke").passes(days=2).expects_silence()
    assert settled(town, "clock_late") == [("acknowledge", 60.0)]
    assert town.facts("clock_corrected") == []


def test_a_wait_in_time_and_read_late_corrects_the_breach_and_stands_still(town: Town) -> None:
    spoken(town).passes(days=4, hours=23).works("contacted", *ONE, result="spoke").passes(days=4, hours=23)
    town.works("contacted", *ONE, result="spoke").passes(hours=1, minutes=59).ignoring_what_was_told()
    with town.router_reads_later():
        town.works("wait", *ONE, result="victim").passes(minutes=2)
    assert settled(town, "clock_breached") == settled(town, "clock_corrected") == [("resolve", 0.0)]
    clock = town.clock("technical", "resolve")
    assert clock is not None
    assert clock.state is ClockState.PAUSED
    town.ignoring_what_was_told().passes(days=2).expects_silence()


@pytest.mark.parametrize(
    "start",
    [
        datetime(2026, 3, 28, 20, tzinfo=UTC),
        datetime(2026, 10, 24, 20, tzinfo=UTC),
        datetime(2028, 2, 28, 20, tzinfo=UTC),
    ],
    ids=["spring", "autumn", "leap_day"],
)
def test_a_day_promised_across_a_clock_change_is_24_hours(catalogue: Catalogue, start: datetime) -> None:
    town = Town(catalogue, start)
    at_work(town).passes(hours=23, minutes=59).ignoring_what_was_told().passes(minutes=1)
    (breach,) = town.facts("clock_breached")
    assert (breach.time, settled(town, "clock_breached")) == (start + timedelta(hours=24), [("first_response", 0.0)])
    town.ignoring_what_was_told().close()


def test_the_same_deadline_fired_twice_has_one_effect(catalogue: Catalogue) -> None:
    town = spoken(Town(catalogue)).works("wait", *ONE, result="third_party").passes(days=4, hours=23)
    router, due = town.bus.seats[0].machine, town.now + timedelta(hours=1)
    first, again = router.fire(due, 100), router.fire(due, 100)
    told = [send.body.type.rpartition(".")[2] for send in first.sends if isinstance(send.body, Event)]
    assert told.count("clock_breached") == told.count("page_raised") == 1
    assert (again.sends, again.saves) == ((), ())


def test_two_routers_that_read_the_same_do_the_same_to_the_byte(catalogue: Catalogue) -> None:
    def story() -> tuple[list[tuple[str, bytes | None]], str]:
        town = Town(catalogue)
        town.everyone_on_duty("fr", "be").reports("h1", "sextortion", signals=["self_harm"], country="FR")
        town.answers("accept", "r-legal-fr", "legal").works("contacted", "r-legal-fr", "legal", result="spoke")
        town.passes(hours=1)
        sent = [(message.topic, message.value) for log in town.bus.log.values() for message in log]
        return sent, town.bus.seats[0].machine.digest()

    assert story() == story()


# ---------------------------------------------------------------------------------------------- attackers' deadlines
def test_an_attackers_deadline_cuts_every_promise_with_a_margin(town: Town) -> None:
    ultimatum = town.now + timedelta(hours=50)
    town.responder("t", "technical-fr").reports(None, "unclassified_suspicion", deadline_at=ultimatum.isoformat())
    town.answers("accept", *ONE).works("contacted", *ONE, result="spoke").ignoring_what_was_told()
    resolve = town.clock("technical", "resolve")
    assert town.case().deadline_at == ultimatum
    assert resolve is not None
    assert resolve.due == town.now + timedelta(hours=40)


def test_an_ultimatum_told_later_cuts_what_runs_and_never_into_the_past(town: Town) -> None:
    spoken(town).passes(hours=30)
    town.asks("update", facts={"deadline_at": (town.now + timedelta(minutes=20)).isoformat()}).expects_outcome("done")
    resolve = town.clock("technical", "resolve")
    assert resolve is not None
    assert resolve.due == town.now
    town.passes(seconds=0).ignoring_what_was_told()
    assert {name for name, _ in settled(town, "clock_breached")} == {"next_contact", "resolve"}


# ------------------------------------------------------------------------------------------------------- who has a track
def test_handed_over_a_track_must_be_acknowledged_anew_within_the_same_time(town: Town) -> None:
    spoken(town).responder("other", "technical-fr").passes(days=1).works("handover", *ONE).expects_offers("other")
    clock = town.clock("technical", "acknowledge")
    assert clock is not None
    assert clock.due == town.now + timedelta(hours=8)
    town.passes(hours=8).ignoring_what_was_told()
    assert settled(town, "clock_breached") == [("acknowledge", 0.0)]
    town.answers("accept", "other", "technical").works("contacted", "other", "technical", result="spoke")


def test_rerouted_from_its_owner_a_track_must_be_acknowledged_anew(town: Town) -> None:
    town.responder("b", "technical-be")
    spoken(town).works("wait", *ONE, result="victim").passes(hours=1)
    town.asks("reroute", pillar="technical", region="be", reason="language").expects_offers("b")
    acknowledge, resolve = town.clock("technical", "acknowledge"), town.clock("technical", "resolve")
    assert acknowledge is not None
    assert resolve is not None
    assert (acknowledge.due, resolve.state) == (town.now + timedelta(hours=8), ClockState.RUNNING)
    town.answers("accept", "b", "technical").works("contacted", "b", "technical", result="spoke")


def test_a_case_is_resolved_by_when_the_last_of_its_tracks_was_promised(town: Town) -> None:
    town.everyone_on_duty().reports(None, "phishing").ignoring_what_was_told()
    received = town.now
    for pillar in ("technical", "financial"):
        responder = f"r-{pillar}-fr"
        town.answers("accept", responder, pillar).works("contacted", responder, pillar, result="spoke")
        town.works("done", responder, pillar)
    (resolved,) = (event.data for event in town.facts("state_changed") if event.data.state == "resolved")  # type: ignore[attr-defined]
    assert (resolved.resolve_by, resolved.lateness_seconds) == (received + timedelta(days=30), 0.0)  # type: ignore[attr-defined]


def test_the_margin_before_an_attackers_deadline_is_half_an_hour_at_least(town: Town) -> None:
    deadline = town.now + timedelta(hours=2)  # a fifth of it would be 24 minutes
    town.everyone_on_duty().reports("h1", "threat", deadline_at=deadline.isoformat())._new_notices()
    assert town.case().cut_at == deadline - timedelta(minutes=30)
