"""What a report sets in motion: tracks, offers, acceptance, silence, pages."""

from datetime import timedelta

import pytest

from schemas.catalogue import Catalogue
from schemas.words import CaseState, Presence
from tests.scenarios.town import Town
from tests.shipped import FOUR_PROMISES

ALL_FOUR = ("r-technical-fr", "r-legal-fr", "r-financial-fr", "r-psychological-fr")


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """One track with the four promises of every track, and no more."""
    return FOUR_PROMISES


def test_money_leaving_now_rings_all_four_pillars_at_once(town: Town) -> None:
    town.everyone_on_duty().household("h1", programme="allianz_cyber_protect")
    town.reports("h1", "bank_fraud", signals=["money_leaving"]).expects_offers(*ALL_FOUR).expects_outcome("done")
    assert (town.case().band, town.case().member) == ("P0", True)


def test_a_stranger_is_served_and_flagged(town: Town) -> None:
    town.everyone_on_duty()
    town.reports(None, "phishing").expects_offers("r-technical-fr", "r-financial-fr")
    assert town.case().member is False
    assert "unknown_household" in town.case().flags


def test_a_lapsed_member_in_danger_is_not_sent_away(town: Town) -> None:
    town.everyone_on_duty().household("h1", programme="luko_cyber", valid_to="2021-01-01")
    town.reports("h1", "threat", signals=["physical_danger"]).expects_offers(
        "r-legal-fr", "r-psychological-fr", "r-technical-fr", paged="duty-lead-legal-fr"
    )
    assert "coverage:fails_open" in [why.rule for why in town.facts("opened")[0].data.explanations]  # type: ignore[attr-defined]


@pytest.mark.parametrize(("household", "code"), [(None, "threat"), ("lapsed", "threat")])
def test_a_p0_nothing_covers_pages_the_duty_lead_at_once_and_no_more_when_somebody_takes_it(
    town: Town, household: str | None, code: str
) -> None:
    town.everyone_on_duty().household("lapsed", programme="luko_cyber", valid_to="2021-01-01")
    town.reports(household, code, signals=["physical_danger"])
    town.expects_offers("r-legal-fr", "r-psychological-fr", "r-technical-fr", paged="duty-lead-legal-fr")
    assert [page.reason for page in town.track("legal").pages] == ["not_covered"]
    for pillar in ("legal", "psychological", "technical"):
        town.answers("accept", f"r-{pillar}-fr", pillar).works("contacted", f"r-{pillar}-fr", pillar, result="spoke")
    assert [page.waits for page in town.track("legal").pages] == [False]
    town.passes(minutes=10).expects_silence()


def test_a_p0_that_a_contract_covers_pages_nobody_while_its_promises_hold(town: Town) -> None:
    town.everyone_on_duty().household("h1", programme="allianz_cyber_protect")
    town.reports("h1", "threat", signals=["physical_danger"])
    town.expects_offers("r-legal-fr", "r-psychological-fr", "r-technical-fr")


def test_acceptance_in_time_keeps_the_promise_and_the_duty_lead_asleep(town: Town) -> None:
    town.everyone_on_duty().reports(None, "unclassified_suspicion").expects_offers("r-technical-fr")
    town.passes(minutes=30).answers("accept", "r-technical-fr", "technical").expects_outcome("done")
    town.expects("technical", "accepted", responder="r-technical-fr")
    town.works("contacted", "r-technical-fr", "technical", result="spoke").passes(days=2).expects_silence()
    assert [event.data.kind for event in town.facts("clock_met")] == ["acknowledge", "first_response"]  # type: ignore[attr-defined]
    assert town.case().state is CaseState.STABILISED


def test_a_case_is_stabilised_when_every_track_is_accepted_and_a_human_has_spoken_with_the_victim(town: Town) -> None:
    town.everyone_on_duty().reports(None, "phishing").expects_offers("r-technical-fr", "r-financial-fr")
    for pillar in ("technical", "financial"):
        town.answers("accept", f"r-{pillar}-fr", pillar)
    town.works("contacted", "r-technical-fr", "technical", result="spoke")
    assert town.case().state is CaseState.DISPATCHED
    town.works("contacted", "r-financial-fr", "financial", result="spoke")
    assert town.case().state is CaseState.STABILISED
    town.works("handover", "r-financial-fr", "financial").expects_pages("duty-lead-financial-fr")
    assert town.case().state is CaseState.DISPATCHED


def test_silence_on_a_p0_rings_again_and_pages_the_duty_lead_once_at_the_deadline(town: Town) -> None:
    town.everyone_on_duty().reports(None, "grooming_of_minor", signals=["minor"])
    town.expects_offers("r-psychological-fr", "r-legal-fr", "r-technical-fr", paged="duty-lead-psychological-fr")
    town.passes(seconds=29).expects_silence()
    town.passes(
        seconds=1
    )  # the first offer's 30 s are over: nobody else is there, so each desk says so and rings again
    told = sorted(notice.recipient for notice in town._new_notices())
    assert told == sorted(
        ["r-psychological-fr", "r-legal-fr", "r-technical-fr"]
        + [f"post:duty-lead-{pillar}-fr" for pillar in ("legal", "technical")]  # the third was told at once
    )
    for pillar in ("psychological", "legal", "technical"):
        town.answers("accept", f"r-{pillar}-fr", pillar).expects_outcome("done")
        town.works("contacted", f"r-{pillar}-fr", pillar, result="spoke")
    town.passes(minutes=14).expects_silence()
    assert len(town.facts("page_raised")) == 3


def test_a_promise_that_fails_is_published_once_and_exactly_at_its_deadline(town: Town) -> None:
    town.responder("one", "technical-fr").responder("two", "technical-fr").reports(None, "unclassified_suspicion")
    start = town.now
    town.passes(hours=9)
    (breach,) = town.facts("clock_breached")
    assert (breach.time, breach.data.lateness_seconds) == (start + timedelta(hours=8), 0.0)  # type: ignore[attr-defined]
    assert len(town.facts("page_raised")) == 1
    town._new_notices()


def test_nobody_on_duty_pages_the_duty_lead_at_once_and_the_track_waits_for_the_next_to_come(town: Town) -> None:
    town.responder("late", "technical-fr", on_duty=False).reports(None, "unclassified_suspicion")
    town.expects_pages("duty-lead-technical-fr").passes(minutes=5).expects_silence()
    town.presence("late", "technical-fr", Presence.AVAILABLE).expects_offers("late")
    town.answers("accept", "late", "technical").expects("technical", "accepted", responder="late")


def test_who_declines_is_not_asked_again_and_the_next_one_is(town: Town) -> None:
    town.responder("one", "technical-fr").passes(seconds=1).responder("two", "technical-fr")
    town.reports(None, "unclassified_suspicion").expects_offers("one")
    town.answers("decline", "one", "technical").expects_offers("two")
    town.answers("decline", "two", "technical").expects_pages("duty-lead-technical-fr")
    town.passes(hours=3, minutes=59).expects_silence().passes(minutes=1).expects_pages("sink")


def test_silence_passes_the_offer_on_after_its_window(town: Town) -> None:
    town.responder("one", "technical-fr").passes(seconds=1).responder("two", "technical-fr")
    town.reports(None, "unclassified_suspicion").expects_offers("one")
    town.passes(minutes=59).expects_silence().passes(minutes=1).expects_offers("two")
    assert [event.data.cause for event in town.facts("track_moved")] == ["offered", "timed_out", "offered"]  # type: ignore[attr-defined]


def test_a_late_acceptance_is_refused_and_told_so(town: Town) -> None:
    town.responder("one", "technical-fr").passes(seconds=1).responder("two", "technical-fr")
    town.reports(None, "unclassified_suspicion").expects_offers("one")
    first = town.track("technical").offer_id
    town.passes(hours=1).expects_offers("two").answers("accept", "two", "technical")
    town.answers("accept", "one", "technical", offer=first).expects_outcome("already_taken")
    town.expects("technical", "accepted", responder="two")


def test_somebody_elses_offer_cannot_be_accepted(town: Town) -> None:
    town.responder("one", "technical-fr").responder("two", "technical-fr")
    town.reports(None, "unclassified_suspicion")
    town.answers("accept", "two", "technical").expects_outcome("not_yours").expects_offers("one")


def test_capacity_holds_back_the_rest_and_drains_the_most_urgent_first(town: Town) -> None:
    town.responder("one", "technical-fr", capacity=1)
    town.reports(None, "unclassified_suspicion").expects_offers("one").answers("accept", "one", "technical")
    done_first = town.last_case
    town.reports(None, "unclassified_suspicion").expects_silence()
    town.responder("two", "legal-fr").reports(None, "unwanted_publication", victim_age_band="15_17")
    urgent = town.last_case
    town.expects_offers("two")
    town.last_case = done_first
    town.works("done", "one", "technical").expects_offers("one")
    town.last_case = urgent
    town.expects("technical", "offered")


def test_a_p0_is_offered_on_top_of_a_full_load(town: Town) -> None:
    town.responder("one", "psychological-fr", capacity=1).responder("t", "technical-fr").responder("l", "legal-fr")
    town.reports(None, "insult_harassment").expects_offers("one", "t", "l")
    town.reports(None, "insult_harassment", signals=["self_harm"])
    town.expects_offers("one", "t", "l", paged="duty-lead-psychological-fr")


@pytest.mark.parametrize("verb", ["handover", "conflict"])
def test_a_track_given_back_is_offered_to_somebody_else(town: Town, verb: str) -> None:
    town.responder("one", "technical-fr").passes(seconds=1).responder("two", "technical-fr")
    town.reports(None, "unclassified_suspicion").expects_offers("one").answers("accept", "one", "technical")
    town.works(verb, "one", "technical").expects_offers("two").expects("technical", "offered")
    town.works("contacted", "one", "technical").expects_outcome("not_yours")


def test_the_duty_lead_takes_a_track_by_hand_and_the_page_is_acknowledged(town: Town) -> None:
    town.responder("lead", "technical-fr", on_duty=False).reports(None, "unclassified_suspicion")
    town.expects_pages("duty-lead-technical-fr").assigns("lead", "technical").expects_outcome("done")
    town.expects("technical", "accepted", responder="lead")
    page = town.track("technical").pages[0].page_id
    town.asks("acknowledge", page_id=page).expects_outcome("done").asks("acknowledge", page_id=page)
    assert len(town.facts("page_acknowledged")) == 1
    town.works("contacted", "lead", "technical", result="spoke").passes(days=1).expects_silence()


def test_work_on_every_track_resolves_the_case(town: Town) -> None:
    town.everyone_on_duty().reports(None, "phishing").expects_offers("r-technical-fr", "r-financial-fr")
    for pillar in ("technical", "financial"):
        responder = f"r-{pillar}-fr"
        town.answers("accept", responder, pillar).works("contacted", responder, pillar, result="spoke")
        town.works("wait", responder, pillar, result="third_party").expects(
            pillar, "waiting_third_party", responder=responder
        )
        town.works("resume", responder, pillar).works("done", responder, pillar).expects_outcome("done")
    assert town.case().state is CaseState.RESOLVED
    town.works("contacted", "r-technical-fr", "technical").expects_outcome("not_yours")


def test_a_belgian_report_goes_to_belgian_desks(town: Town) -> None:
    town.everyone_on_duty("fr", "be").reports(None, "phishing", country="BE")
    town.expects_offers("r-technical-be", "r-financial-be")


def test_a_raise_moves_what_nobody_has_yet_to_the_p0_lane_and_keeps_what_somebody_has(town: Town) -> None:
    town.responder("t", "technical-fr").responder("f", "financial-fr").reports(None, "phishing").expects_offers(
        "t", "f"
    )
    town.answers("accept", "t", "technical").asks("raise", band="P0", reason="agent_heard").expects_outcome("done")
    town.expects("technical", "accepted", responder="t").expects_offers("f")
    assert (town.case().band, town.track("financial").desk_epoch, town.track("technical").desk_epoch) == ("P0", 2, 1)
    town.asks("raise", band="P1", reason="agent_heard").expects_outcome("wrong_state")
    town.answers("accept", "f", "financial").expects_outcome("done")


@pytest.mark.parametrize(
    ("code", "signals", "window"),
    [("phishing", ["self_harm"], 30), ("bank_fraud", [], 120), ("account_takeover", [], 900), ("phishing", [], 3_600)],
)
def test_whoever_is_asked_has_as_long_as_the_band_allows(
    town: Town, code: str, signals: list[str], window: int
) -> None:
    town.everyone_on_duty().reports("h1", code, signals=signals)._new_notices()
    track = next(one for one in town.case().tracks if one.lead)
    town.passes(seconds=window - 1)
    assert town.track(track.pillar).offer_id == track.offer_id
    town.passes(seconds=1)
    assert town.track(track.pillar).offer_id != track.offer_id
    town._new_notices()
