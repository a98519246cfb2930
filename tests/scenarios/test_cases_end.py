"""Closing, reopening, following up: a human ends a case, nothing of it still runs, and it can begin again."""

from datetime import timedelta
from typing import Any

from schemas.words import CaseState
from tests.scenarios.test_more_becomes_known import accepted_by_all
from tests.scenarios.town import SUPERVISOR, Town


def resolved(town: Town) -> Town:
    town.everyone_on_duty().reports(None, "phishing").expects_offers("r-technical-fr", "r-financial-fr")
    accepted_by_all(town, "technical", "financial")
    for pillar in ("technical", "financial"):
        town.works("done", f"r-{pillar}-fr", pillar)
    assert town.case().state is CaseState.RESOLVED
    return town


def test_a_resolved_case_is_followed_up_two_days_later_and_then_closed_by_a_human(town: Town) -> None:
    resolved(town).passes(days=1, hours=23)
    assert town.case().state is CaseState.RESOLVED
    town.passes(hours=1)
    assert town.case().state is CaseState.FOLLOW_UP
    town.asks("close", reason="all_well").expects_outcome("done")
    assert town.case().state is CaseState.CLOSED
    town.asks("close", reason="all_well").expects_outcome("wrong_state")


def test_closing_a_case_at_work_withdraws_its_tracks_and_silences_its_promises(town: Town) -> None:
    town.everyone_on_duty().reports(None, "unclassified_suspicion").expects_offers("r-technical-fr")
    town.answers("accept", "r-technical-fr", "technical").asks("close", reason="nothing_found").expects_outcome("done")
    town.expects("technical", "withdrawn").works("contacted", "r-technical-fr", "technical")
    town.expects_outcome("superseded").passes(days=30).expects_silence()


def test_no_case_at_work_is_closed_over_an_open_safety_signal(town: Town) -> None:
    town.everyone_on_duty().reports(None, "threat", signals=["physical_danger"])._new_notices()
    town.asks("close", reason="quiet").expects_outcome("safety_signal_open")


def test_self_harm_is_closed_only_after_a_human_safety_check(town: Town) -> None:
    town.everyone_on_duty().reports(None, "insult_harassment", signals=["self_harm"])._new_notices()
    town.asks("update", by=SUPERVISOR, closed_signals=["self_harm"], reason="seen_by_doctor").expects_outcome("done")
    town.asks("close", reason="all_well").expects_outcome("safety_check_needed")
    town.asks("close", reason="all_well", safety_checked=True).expects_outcome("done")
    assert town.facts("state_changed")[-1].data.safety_checked is True  # type: ignore[attr-defined]
    town._new_notices()


def test_reopened_after_solved_the_case_is_at_work_again_with_new_promises(town: Town) -> None:
    resolved(town).passes(days=3).asks("close", reason="all_well").passes(days=1)
    town.asks("reopen", reason="it_began_again").expects_outcome("done")
    assert town.case().state is CaseState.DISPATCHED
    town.expects_offers("r-technical-fr", "r-financial-fr")
    accepted_by_all(town, "technical", "financial")
    assert town.case().state is CaseState.STABILISED
    town.passes(hours=1).expects_silence()


def test_one_pillar_alone_can_be_taken_up_again(town: Town) -> None:
    resolved(town).asks("reopen", reason="worse_again", pillars=["financial"]).expects_offers("r-financial-fr")
    town.expects("technical", "done", responder="r-technical-fr").expects("financial", "offered")
    town.asks("reopen", reason="again").expects_outcome("wrong_state")
    town.answers("accept", "r-financial-fr", "financial").expects_outcome("done")


def test_a_case_taken_up_again_by_another_pillar_alone_is_led_by_it(town: Town) -> None:
    town.everyone_on_duty().reports(None, "threat", facts={"weapon": True})._new_notices()
    town.asks("update", by=SUPERVISOR, closed_signals=["physical_danger"], reason="seen").expects_outcome("done")
    town.asks("close", reason="quiet").expects_outcome("done")._new_notices()
    town.asks("reopen", reason="again", pillars=["psychological"]).expects_outcome("done")._new_notices()
    assert [track.pillar for track in town.case().tracks if track.lead] == ["psychological"]
    assert town.clock("psychological", "acknowledge").due == town.now + timedelta(minutes=2)  # type: ignore[union-attr]


def test_a_promise_broken_after_reopening_is_published_again(town: Town) -> None:
    town.responder("t", "technical-fr").reports(None, "unclassified_suspicion").expects_offers("t")
    town.answers("accept", "t", "technical").works("contacted", "t", "technical").works("done", "t", "technical")
    town.asks("reopen", reason="again").expects_offers("t").passes(hours=9)
    assert len(town.facts("clock_breached")) == 1
    town._new_notices()


def test_nothing_is_done_on_a_case_that_ended_but_to_note(town: Town) -> None:
    resolved(town).asks("close", reason="all_well")
    asked: dict[str, dict[str, Any]] = {
        "raise": {"band": "P0"}, "lower": {"band": "P3"}, "update": {"facts": {"code": "threat"}},
        "reroute": {"pillar": "technical", "region": "be"}, "split": {"code": "threat"},
    }  # fmt: skip
    for verb, said in asked.items():
        town.asks(verb, reason="late", **said).expects_outcome("wrong_state")
    town.asks("note", personal={"text": "She sent a card."}).expects_outcome("done")
