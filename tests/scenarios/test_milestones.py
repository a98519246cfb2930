"""Milestones: promised with the service that has them, reached when a note of the track says so, broken once like any promise."""

from datetime import UTC, datetime, timedelta

from services.rules import ids
from tests.scenarios.town import Town


def stolen_money(town: Town) -> Town:
    """A P0 of money leaving; everybody has accepted and spoken with the victim."""
    town.everyone_on_duty().household("h1", programme="proximus_cyber_care", country="BE")
    town.everyone_on_duty("be").reports("h1", "bank_fraud", signals=["money_leaving"], country="BE")
    for pillar in ("financial", "technical", "legal", "psychological"):
        responder = f"r-{pillar}-be"
        town.answers("accept", responder, pillar).works("contacted", responder, pillar, result="spoke")
    return town.ignoring_what_was_told()


def reaches(town: Town, milestone: str, pillar: str) -> Town:
    """The owner of the track notes that a milestone was reached."""
    return town.asks(
        "note", track_id=town.track(pillar).track_id, milestone=milestone, personal={"text": "done, reference 42"}
    )


def test_the_call_that_stops_funds_is_promised_in_a_quarter_of_an_hour_and_kept_by_a_note(town: Town) -> None:
    stolen_money(town)
    clock = town.clock("financial", "funds_stop_call")
    assert clock is not None
    assert clock.due == town.case().received_at + timedelta(minutes=15)
    reaches(town.passes(minutes=6), "funds_stop_call", "financial").expects_outcome("done")
    assert town.track("financial").met == ("funds_stop_call",)
    assert "funds_stop_call" in [event.data.milestone for event in town.facts("clock_met")]  # type: ignore[attr-defined]
    town.ignoring_what_was_told().passes(minutes=10).ignoring_what_was_told()
    assert [one for one in town.facts("clock_breached") if one.data.milestone] == []  # type: ignore[attr-defined]


def test_a_milestone_missed_pages_the_duty_lead_once(town: Town) -> None:
    stolen_money(town).passes(minutes=15)
    assert ("page", "post:duty-lead-financial-be") in [(one.kind, one.recipient) for one in town._new_notices()]
    broken = [event.data.milestone for event in town.facts("clock_breached")]  # type: ignore[attr-defined]
    assert broken == ["funds_stop_call"]


def test_a_milestone_reached_before_the_band_rises_is_not_promised_again(town: Town) -> None:
    town.everyone_on_duty().reports(None, "intimate_image_abuse", country="FR").ignoring_what_was_told()
    town.answers("accept", "r-technical-fr", "technical")
    assert town.clock("technical", "first_takedown_request") is not None
    reaches(town, "first_takedown_request", "technical").expects_outcome("done")
    town.asks("raise", band="P0", reason="agent_heard").ignoring_what_was_told()
    assert town.clock("technical", "first_takedown_request") is None


def test_a_milestone_begins_with_the_band_that_promises_it_and_ends_with_it(town: Town) -> None:
    town.everyone_on_duty().reports(None, "fake_profile", country="FR").ignoring_what_was_told()
    town.answers("accept", "r-technical-fr", "technical")
    assert town.clock("technical", "first_takedown_request") is None
    town.asks("raise", band="P1", reason="agent_heard").ignoring_what_was_told()
    clock = town.clock("technical", "first_takedown_request")
    assert clock is not None
    assert clock.due == town.case().received_at + timedelta(hours=4)
    town.asks("lower", band="P2", reason="agent_heard").expects_outcome("done")
    assert town.clock("technical", "first_takedown_request") is None
    town.ignoring_what_was_told()


def test_a_refund_is_decided_within_ten_working_days_of_the_victims_region(town: Town) -> None:
    town.household("h1", programme="proximus_cyber_care", country="BE").everyone_on_duty("be")
    town.reports("h1", "online_shopping_dispute", country="BE").ignoring_what_was_told()
    clock = town.clock("financial", "refund_decision")
    assert clock is not None
    assert clock.due == datetime(
        2026, 4, 3, 22, 0, tzinfo=UTC
    )  # from Friday 20 March: the end of Friday 3 April in Brussels


def test_done_without_its_milestone_a_track_has_nothing_left_to_break(town: Town) -> None:
    stolen_money(town).works("done", "r-financial-be", "financial").passes(minutes=20)
    assert [one for one in town.facts("clock_breached") if one.data.milestone] == []  # type: ignore[attr-defined]
    assert [one for one in town.facts("clock_met") if one.data.milestone] == []  # type: ignore[attr-defined]
    town.ignoring_what_was_told()


def test_what_a_programme_promises_on_top_is_promised_once_its_member_is_known(town: Town) -> None:
    town.everyone_on_duty().household("h1", programme="maif_e_reputation").reports(None, "defamation", country="FR")
    assert town.clock("technical", "takedown_done") is None
    town.asks("place", real_household_id=ids.household_id("town", "h1")).ignoring_what_was_told()
    clock = town.clock("technical", "takedown_done")
    assert clock is not None
    assert clock.due == town.case().received_at + timedelta(hours=24)


# ------------------------------------------------------------------------------------------- a code within a day
def suspicion(town: Town) -> Town:
    """Nobody knows yet what it is; somebody took it and spoke with the victim."""
    town.responder("t", "technical-fr").reports(None, "unclassified_suspicion", country="FR")
    town.answers("accept", "t", "technical").works("contacted", "t", "technical", result="spoke")
    return town.ignoring_what_was_told()


def test_what_nobody_has_classified_within_a_day_pages_the_duty_lead_and_the_code_keeps_it_late(town: Town) -> None:
    suspicion(town).passes(hours=23, minutes=59)
    assert {one.kind for one in town._new_notices()} == {"reminder"}
    town.passes(minutes=1).expects_pages("duty-lead-technical-fr").passes(minutes=30)
    town.asks("update", facts={"code": "personal_data_misuse"}).expects_outcome("done").ignoring_what_was_told()
    assert [(one.data.milestone, one.data.lateness_seconds) for one in town.facts("clock_late")] == [  # type: ignore[attr-defined]
        ("classification", 1_800)
    ]
    assert [page.waits for page in town.track("technical").pages] == [False]


def test_a_code_in_time_keeps_the_promise_to_classify_and_nobody_hears_of_it_again(town: Town) -> None:
    suspicion(town).passes(hours=2).asks("update", facts={"code": "personal_data_misuse"}).ignoring_what_was_told()
    assert [one.data.milestone for one in town.facts("clock_met")][-1] == "classification"  # type: ignore[attr-defined]
    assert town.clock("technical", "classification") is None
    town.passes(hours=23).ignoring_what_was_told()
    assert "classification" not in [one.data.milestone for one in town.facts("clock_breached")]  # type: ignore[attr-defined]


def test_a_suspicion_that_a_human_closes_within_the_day_breaks_no_promise_to_classify(town: Town) -> None:
    suspicion(town).passes(hours=2).asks("close", reason="nothing_found").expects_outcome("done")
    town.passes(days=2).expects_silence()


def test_what_has_a_code_promises_no_classification(town: Town) -> None:
    town.everyone_on_duty().reports(None, "phishing", country="FR").ignoring_what_was_told()
    assert town.clock("technical", "classification") is None
