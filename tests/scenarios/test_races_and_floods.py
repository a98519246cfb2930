"""Two things at once, and far too many of one: nobody is forgotten, nothing is taken twice, no record outgrows its limit."""

from collections import deque
from dataclasses import replace

import pytest

from schemas import topics
from schemas.commands import CaseNote, NotePersonal, Receipt
from schemas.words import CaseState
from services.responders.machine import DesksMachine
from tests.scenarios.bus import written
from tests.scenarios.town import AGENT, SUPERVISOR, Town

LARGE = 64 * 1024


def largest_record(town: Town) -> int:
    return max(len(written(record)) for seat in town.bus.seats for record in seat.changelog.values())


def remembered(town: Town) -> list[str]:
    return [key for seat in town.bus.seats for _, key in seat.changelog if key.startswith("answered/")]


def queue_of(town: Town) -> list[tuple[str, int]]:
    """Who waits at the technical desk, in order, with the version of each place that still counts."""
    desks = town.bus.seats[1].machine
    assert isinstance(desks, DesksMachine)
    waiting = sorted(place for heap in desks.partition.queue._heaps["technical-fr"].values() for place in heap)
    return [(track, version) for *_, track, version in waiting if desks.partition.tracks[track].version == version]


def raised_before_it_is_heard(town: Town, *verbs: str) -> None:
    """The only track is taken and worked on; the router reads of it after a raise of the band."""
    router = town.bus.seats[0]
    wiring, router.wiring = router.wiring, replace(router.wiring, inputs=())
    if verbs[0] == "assign":
        town.assigns("t", "technical", reason="by_hand")
    else:
        town.answers("accept", "t", "technical")
    for verb in verbs[1:]:
        town.works(verb, "t", "technical", result="third_party" if verb == "wait" else None)
    late, town.bus.unread["progress"] = town.bus.unread["progress"], deque()
    router.wiring = wiring
    town.asks("raise", band="P0", reason="agent_heard")
    town.bus.unread["progress"].extend(late)
    town.bus.settle(town.now)


def test_a_raise_leaves_alone_what_is_done(town: Town) -> None:
    town.everyone_on_duty().reports(None, "phishing").expects_offers("r-technical-fr", "r-financial-fr")
    town.answers("accept", "r-technical-fr", "technical").works("done", "r-technical-fr", "technical")
    town.asks("raise", band="P0", reason="agent_heard").expects_outcome("done").expects_offers("r-financial-fr")
    town.expects("technical", "done", responder="r-technical-fr")
    town.answers("accept", "r-financial-fr", "financial").works("done", "r-financial-fr", "financial")
    town.ignoring_what_was_told()
    assert town.case().state is CaseState.RESOLVED


@pytest.mark.parametrize(
    ("verbs", "state"),
    [
        (("accept",), "accepted"),
        (("assign",), "accepted"),
        (("accept", "contacted"), "active"),
        (("accept", "wait"), "waiting_third_party"),
        (("assign", "done"), "done"),
    ],
)
def test_a_raise_that_crosses_an_answer_finds_the_track_where_its_desk_has_it(
    town: Town, verbs: tuple[str, ...], state: str
) -> None:
    town.responder("t", "technical-fr").reports(None, "unclassified_suspicion").expects_offers("t")
    raised_before_it_is_heard(town, *verbs)
    town.expects_pages("duty-lead-technical-fr").expects("technical", state, responder="t")
    town.passes(minutes=2).expects_silence()  # nobody climbs a ladder about what somebody has
    assert "responders.dead" not in town.bus.log


def test_a_track_is_given_to_nobody_of_another_desk(town: Town) -> None:
    town.responder("t", "technical-fr").responder("b", "technical-be")
    town.reports(None, "unclassified_suspicion").expects_offers("t")
    town.assigns("b", "technical", reason="by_hand").expects_outcome("not_eligible").expects("technical", "offered")


def test_tracks_that_nobody_on_duty_may_take_do_not_hide_a_new_one(town: Town) -> None:
    town.responder("one", "technical-fr", capacity=1)
    for _ in range(101):
        town.reports(None, "unclassified_suspicion").answers("decline", "one", "technical")
    town.passes(seconds=1)._new_notices()
    town.reports(None, "unclassified_suspicion").expects_offers("one")


def test_a_household_of_any_name_is_deduplicated(town: Town) -> None:
    report = town.report(None, "unclassified_suspicion", key="k").model_copy(update={"household_id": "a/b"})
    for _ in range(2):
        town.arrives(report).everything_restarts()
    town.expects_outcome("repeated").expects_pages("duty-lead-technical-fr")


def test_an_id_used_again_after_it_was_forgotten_does_not_overwrite_its_case(town: Town) -> None:
    town.reports("h1", "unclassified_suspicion", key="k").passes(days=95)._new_notices()
    version = town.case().version
    town.reports("h1", "unclassified_suspicion", key="k").expects_outcome("id_conflict").expects_silence()
    assert town.case().version == version
    assert len(town.bus.log["router.dead"]) == 1


def test_the_last_report_of_a_day_is_remembered_as_long_as_the_first(town: Town) -> None:
    town.passes(hours=3).reports("h1", "unclassified_suspicion", key="a").passes(hours=23)
    town.reports("h1", "unclassified_suspicion", key="b").passes(days=89, hours=12)._new_notices()
    town.reports("h1", "unclassified_suspicion", key="b").expects_outcome("repeated")


def test_a_conflict_on_the_p0_lane_pages_a_human(town: Town) -> None:
    town.reports("h1", "bank_fraud", key="k", signals=["self_harm"])._new_notices()
    town.reports("h1", "bank_fraud", key="k", signals=["money_leaving"]).expects_outcome("id_conflict")
    town.expects_pages("sink")


def test_hundreds_of_reports_of_one_household_in_a_day_stay_small_records(town: Town) -> None:
    for number in range(500):
        town.reports("h1", "unclassified_suspicion", key=f"report-{number:04}".ljust(36, "-"))
    town._new_notices()
    assert largest_record(town) < LARGE
    town.everything_restarts().reports("h1", "unclassified_suspicion", key="report-0000".ljust(36, "-"))
    town.expects_outcome("repeated")
    town.reports("h1", "unclassified_suspicion", key="report-0499".ljust(36, "-")).expects_outcome("repeated")


def test_a_track_rung_all_night_can_still_be_accepted(town: Town) -> None:
    town.responder("t", "technical-fr").reports(None, "unclassified_suspicion").expects_offers("t")
    track = town.track("technical")
    for number in range(500):
        receipt = Receipt(
            command_id=f"receipt-{number:04}".ljust(36, "-"),
            actor=SUPERVISOR,
            received_at=town.now,
            answer=False,
            issuer_key=track.desk_id,
            notice_id=f"notice-{number}",
            track_id=track.track_id,
            delivered=True,
            method="log",
            delivered_at=town.now,
        )
        town._to_desk(track.desk_id, "receipt", receipt)
    assert largest_record(town) < LARGE / 8
    town.answers("accept", "t", "technical").expects_outcome("done")


def test_the_answers_to_a_flood_of_commands_stay_a_small_record_and_go_after_a_week(town: Town) -> None:
    town.responder("t", "technical-fr").reports(None, "unclassified_suspicion").expects_offers("t")
    for _ in range(500):
        town.asks("note", personal={"text": "again"})
    assert largest_record(town) < LARGE
    town.answers("accept", "t", "technical").everything_restarts().passes(days=6).asks(
        "note", personal={"text": "late"}
    )
    assert remembered(town)
    town.passes(days=2)
    assert len(remembered(town)) == 1
    town.passes(days=6)._new_notices()
    assert remembered(town) == []


def test_the_same_command_id_with_another_body_is_a_conflict_and_a_later_retry_is_not(town: Town) -> None:
    town.responder("t", "technical-fr").reports(None, "unclassified_suspicion").expects_offers("t")
    case = town.case()
    for text, outcome in (("one", "done"), ("two", "id_conflict"), ("one", "repeated")):
        note = CaseNote(
            command_id="same",
            actor=AGENT,
            received_at=town.passes(seconds=1).now,
            household_id=case.household_id,
            case_id=case.case_id,
            personal=NotePersonal(text=text),
        )
        town._send(topics.COMMANDS, case.household_id, "note", note).expects_outcome(outcome)
    assert len(town.facts("noted")) == 1


def test_a_desk_restored_has_the_queue_it_had(town: Town) -> None:
    town.responder("one", "technical-fr", capacity=1)
    for _ in range(3):
        town.reports(None, "unclassified_suspicion").answers("decline", "one", "technical")
    town.reports(None, "unclassified_suspicion").passes(hours=9)
    live = queue_of(town)
    town.everything_restarts()._new_notices()
    assert queue_of(town) == live
    assert len(live) == len(set(live))
