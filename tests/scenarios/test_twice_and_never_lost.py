"""The same thing twice has one effect; bad records end as one dead letter; restarts change nothing."""

from schemas import topics
from schemas.words import Pillar
from tests.scenarios.town import Town


def test_a_retried_report_is_one_case_with_the_same_answer(town: Town) -> None:
    town.everyone_on_duty().reports("h1", "phishing", key="k").expects_offers("r-technical-fr", "r-financial-fr")
    town.passes(minutes=5).reports("h1", "phishing", key="k").expects_outcome("repeated").expects_silence()
    assert len(town.facts("opened")) == 1
    assert len(town.facts("report_repeated")) == 1


def test_the_same_id_with_another_body_is_a_conflict_and_the_first_one_stands(town: Town) -> None:
    town.everyone_on_duty().reports("h1", "phishing", key="k").expects_offers("r-technical-fr", "r-financial-fr")
    town.reports("h1", "threat", key="k").expects_outcome("id_conflict").expects_silence()
    assert town.case().code == "phishing"
    assert len(town.bus.log["router.dead"]) == 1


def test_a_command_sent_twice_is_answered_alike_and_carried_out_once(town: Town) -> None:
    town.everyone_on_duty().reports(None, "unclassified_suspicion").expects_offers("r-technical-fr")
    town.answers("accept", "r-technical-fr", "technical").expects_outcome("done")
    accept = town.bus.log["commands.technical"][-1]
    town.bus._append(accept.topic, accept)
    town.bus.settle(town.now)
    town.expects_outcome("repeated").expects("technical", "accepted", responder="r-technical-fr")
    assert [event.data.state for event in town.facts("track_moved")] == ["offered", "accepted"]  # type: ignore[attr-defined]


def test_a_dispatch_of_an_older_epoch_changes_nothing(town: Town) -> None:
    town.responder("t", "technical-fr").reports(None, "unclassified_suspicion").expects_offers("t")
    old = town.bus.log["dispatch.technical"][0]
    town.asks("raise", band="P0", reason="agent_heard")
    town.expects_offers("t", paged="duty-lead-technical-fr")
    town.bus._append(old.topic, old)
    town.bus.settle(town.now)
    town.answers("accept", "t", "technical").expects("technical", "accepted", responder="t")


def test_a_bad_record_is_one_dead_letter_and_its_neighbours_go_on(town: Town) -> None:
    town.everyone_on_duty()
    town.bus.publish_bytes(topics.INCIDENTS, b"{", town.now)
    town.bus.publish_bytes(topics.PROGRESS_TOPIC, b"\xff", town.now)
    town.bus.publish_bytes(topics.dispatch(Pillar.LEGAL, urgent=False), b"[]", town.now)
    town.reports(None, "phishing").expects_offers("r-technical-fr", "r-financial-fr")
    assert len(town.bus.log["router.dead"]) == 2
    assert len(town.bus.log["responders.dead"]) == 1


def test_a_bad_record_on_a_p0_lane_pages_a_human(town: Town) -> None:
    town.bus.publish_bytes(topics.INCIDENTS_P0, b"{", town.now)
    town.bus.settle(town.now)
    town.expects_pages("sink")
    town.bus.publish_bytes(topics.dispatch(Pillar.LEGAL, urgent=True), b"{", town.now)
    town.bus.settle(town.now)
    town.expects_pages("sink")


def test_a_restart_at_every_step_loses_no_offer_and_no_deadline(town: Town) -> None:
    town.everyone_on_duty().everything_restarts().reports(None, "phishing").everything_restarts()
    town.expects_offers("r-technical-fr", "r-financial-fr").passes(minutes=30).everything_restarts()
    town.answers("accept", "r-technical-fr", "technical").works("contacted", "r-technical-fr", "technical")
    town.everything_restarts().passes(hours=25).everything_restarts()
    assert len(town.facts("clock_met")) == 2
    assert len(town.facts("clock_breached")) == 1
    assert len(town.facts("page_raised")) == 1
    town._new_notices()


def test_ids_seen_are_forgotten_after_ninety_days(town: Town) -> None:
    town.reports("h1", "unclassified_suspicion", key="k").expects_pages("duty-lead-technical-fr")
    town.passes(days=91).everything_restarts()
    town._new_notices()
    assert not any(key.startswith("seen/") for _, key in town.bus.seats[0].changelog)


def test_a_track_done_is_forgotten_by_its_desk_after_a_week(town: Town) -> None:
    town.responder("t", "technical-fr").reports(None, "unclassified_suspicion").expects_offers("t")
    town.answers("accept", "t", "technical").works("done", "t", "technical").passes(days=8).everything_restarts()
    assert not any(key.startswith("track/") for _, key in town.bus.seats[1].changelog)


def test_a_page_that_intake_sent_before_the_case_existed_is_taken_over_and_not_sent_again(town: Town) -> None:
    town.reports("h1", "sextortion", signals=["self_harm"], key="first")
    town._new_notices()
    case, track = town.case(), town.track("psychological")
    assert town.track("psychological").pages[0].page_id == track.pages[0].page_id
    town.asks(
        "page", page_id=track.pages[0].page_id, track_id=track.track_id, recipient="post:sink", reason="bus_down"
    ).expects_outcome("done").expects_silence()
    assert len(town.case().tracks[0].pages) == 1
    assert case.version == town.case().version
