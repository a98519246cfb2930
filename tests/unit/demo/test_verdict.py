"""The verdict believes nobody: whatever is missing, double or out of balance is seen, and named in words."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deploy.local.demo import dump as dumps
from deploy.local.demo.sendlog import SendLog, Sent, read_logs
from deploy.local.demo.verdict import Verdict, judge
from tests.unit.demo.evidence import AT, Evidence, doubled, published, without


@pytest.fixture
def run() -> Evidence:
    return Evidence().report(1).report(2, door="partner").report(3, band="P0", wait_ms=25)


def judged(run: Evidence) -> Verdict:
    return judge(run.dump(), run.sent)


def words(verdict: Verdict) -> str:
    return "\n".join(verdict.wrong)


def test_a_run_in_which_everything_is_accounted_for_is_good(run: Evidence) -> None:
    assert judged(run).wrong == ()
    assert judged(run).balanced


def test_the_figures_say_what_came_out(run: Evidence) -> None:
    figures = judged(run).figures
    assert figures["reports"] == figures["cases"] == figures["offered"] == figures["accepted"] == 3
    assert figures["tracks"] == {"technical": 0, "legal": 3, "financial": 0, "psychological": 0}
    assert (figures["lost"], figures["duplicated"], figures["unassigned"], figures["pages"]) == (0, 0, 0, 0)


def test_receipt_to_offer_runs_from_our_receipt_to_the_first_offer_record(run: Evidence) -> None:
    assert judged(run).figures["receipt_to_offer_ms"] == {
        "P0": {"p50": 25.0, "p99": 25.0, "tracks": 1},
        "P1": {"p50": 40.0, "p99": 40.0, "tracks": 2},
    }


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_report_whose_case_events_are_gone_is_lost_once(run: Evidence, number: int) -> None:
    dump = without(run.dump(), lambda one: one.topic == "case.events" and one.key == f"case-{number}")
    verdict = judge(dump, run.sent)
    assert verdict.figures["lost"] == 1
    assert not verdict.balanced


@pytest.mark.parametrize("number", [1, 2])
def test_a_report_of_which_no_trace_is_left_is_lost(run: Evidence, number: int) -> None:
    names = {f"case-{number}", f"track-{number}", f"track/track-{number}"}
    dump = without(run.dump(), lambda one: one.key in names or one.headers.get("ce_correlationid") == f"case-{number}")
    assert judge(dump, run.sent).figures["lost"] == 1


def test_a_report_taken_without_naming_a_case_is_found_by_its_command(run: Evidence) -> None:
    run.sent[0] = Sent("http", "key-1", "crowd", True, 1, AT, status=202, report_id="report-1")
    assert judged(run).balanced
    run.sent[0] = replace(run.sent[0], report_id="report-9")
    assert judged(run).figures["lost"] == 1


def test_a_report_nobody_acknowledged_may_be_missing(run: Evidence) -> None:
    run.sent.append(Sent("http", "key-9", "crowd", False, 12, AT))
    assert judged(run).balanced


def test_a_partner_record_that_became_a_dead_letter_is_not_lost(run: Evidence) -> None:
    run.sent.append(published("broken-0", offset=7, kind="broken"))
    assert judged(run).figures["lost"] == 1
    where = {"dead_topic": "partner.proximus.incidents", "dead_partition": "0", "dead_offset": "7"}
    run.put("intake.dead", "key", "{", headers=where)
    assert judged(run).balanced


def test_a_repeat_is_accounted_for_by_its_own_event(run: Evidence) -> None:
    run.sent.append(replace(run.sent[1], kind="repeat", offset=8))
    assert "acknowledged 2 times and forwarded 1" in words(judged(run))
    pair = {"source": "urn:partner:proximus:crm", "report_id": "report-2"}
    run.put("incidents", "roof", pair, "eu.sameroof.report.v1.submitted")
    run.books.update({"read": 1, "repeated": 1})
    assert "was read 2 times and accounted for 1" in words(judged(run))
    run.put("case.events", "case-2", {"case_id": "case-2", "version": 3, **pair}, "eu.sameroof.case.v1.report_repeated")
    run.put("cases", "case-2", {"case_id": "case-2", "version": 3, "state": "stabilised", "tracks": _tracks_of(run, 2)})
    assert judged(run).wrong == ()


def _tracks_of(run: Evidence, number: int) -> Any:
    return next(one.data["tracks"] for one in run.records if one.topic == "cases" and one.key == f"case-{number}")


def test_an_id_used_with_another_body_is_accounted_for_by_its_dead_letter(run: Evidence) -> None:
    pair = {"source": "urn:partner:proximus:crm", "report_id": "report-2"}
    run.put("incidents", "roof", pair, "eu.sameroof.report.v1.submitted")
    run.books.update({"read": 1, "dead_lettered": 1})
    assert judged(run).figures["lost"] == 1
    run.put("router.dead", "roof", pair, headers={"dead_topic": "incidents"})
    assert judged(run).balanced


def test_a_case_opened_twice_is_seen_once(run: Evidence) -> None:
    dump = doubled(run.dump(), lambda one: one.fact == "opened" and one.key == "case-1")
    verdict = judge(dump, run.sent)
    assert verdict.figures["duplicated"] == 1
    assert "case case-1 was opened 2 times" in words(verdict)


def test_everything_of_a_report_doubled_is_not_balanced(run: Evidence) -> None:
    dump = doubled(run.dump(), lambda one: one.key == "case-2" or one.headers.get("ce_correlationid") == "case-2")
    assert judge(dump, run.sent).figures["duplicated"] == 1
    assert not judge(dump, run.sent).balanced


def test_a_report_in_two_cases_is_seen(run: Evidence) -> None:
    opened = {"case_id": "case-8", "version": 1, "source": "urn:sameroof:intake", "report_id": "report-1"}
    run.put("case.events", "case-8", opened, "eu.sameroof.case.v1.opened")
    assert "is attached to 2 cases" in words(judged(run))


def test_a_track_dispatched_twice_under_one_epoch_is_seen(run: Evidence) -> None:
    verdict = judge(doubled(run.dump(), lambda one: one.topic == "dispatch.legal" and one.key == "track-2"), run.sent)
    assert verdict.figures["duplicated"] == 1
    assert "track track-2 was taken 2 times under epoch 1" in words(verdict)


def test_two_responders_with_one_track_are_seen(run: Evidence) -> None:
    told = {"track_id": "track-1", "case_id": "case-1", "responder_id": "r-2", "epoch": 1}
    run.put("progress", "roof", told, "eu.sameroof.progress.v1.accepted")
    assert "accepted by r-2 while r-1 had it" in words(judged(run))


def test_a_track_handed_over_has_one_owner_at_a_time(run: Evidence) -> None:
    for fact, responder in (("released", "r-1"), ("accepted", "r-2")):
        told = {"track_id": "track-1", "case_id": "case-1", "responder_id": responder, "epoch": 1}
        run.put("progress", "roof", told, f"eu.sameroof.progress.v1.{fact}")
    assert judged(run).balanced


def test_a_notice_delivered_twice_with_two_contents_is_seen(run: Evidence) -> None:
    run.received += [{"notice_id": "n-1", "band": "P0", "at": "1"}, {"notice_id": "n-1", "band": "P0", "at": "2"}]
    assert judged(run).balanced
    run.received.append({"notice_id": "n-1", "band": "P1", "at": "3"})
    assert judged(run).figures["duplicated"] == 1


def test_a_page_that_was_raised_and_never_delivered_is_named(run: Evidence) -> None:
    raised = {"case_id": "case-1", "version": 3, "page_id": "page-1"}
    run.put("case.events", "case-1", raised, "eu.sameroof.case.v1.page_raised")
    run.put("cases", "case-1", {"case_id": "case-1", "version": 3, "state": "stabilised", "tracks": _tracks_of(run, 1)})
    assert words(judged(run)) == "1 pages were raised and never reached the page sink, the first page-1"
    run.received.append({"notice_id": "n-1", "page_id": "page-1", "kind": "page"})
    assert judged(run).balanced
    assert judged(run).figures["pages"] == 1


def test_a_track_with_nobody_is_named(run: Evidence) -> None:
    nobody = {"track_id": "track-1", "pillar": "legal", "desk_id": "legal-be", "state": "pending"}
    run.put("cases", "case-1", {"case_id": "case-1", "version": 2, "state": "dispatched", "tracks": [nobody]})
    assert judged(run).figures["unassigned"] == 1
    assert "1 tracks are with nobody, the first track-1 at legal-be" in words(judged(run))


def test_a_pillar_that_others_serve_is_no_track_somebody_lost(run: Evidence) -> None:
    others = {"track_id": "t-9", "pillar": "technical", "state": "not_covered_referred", "desk_epoch": 0}
    tracks = [*_tracks_of(run, 1), others]
    run.put("cases", "case-1", {"case_id": "case-1", "version": 2, "state": "stabilised", "tracks": tracks})
    assert judged(run).balanced


@pytest.mark.parametrize(
    "name", ["read", "attached", "repeated", "dead_lettered", "opened", "open", "closed", "merged"]
)
def test_a_book_that_says_something_else_than_the_topics_is_named(run: Evidence, name: str) -> None:
    run.books[name] += 1
    assert f"{name}, the topics say" in words(judged(run))


def test_a_gap_in_a_cases_events_is_named(run: Evidence) -> None:
    dump = without(run.dump(), lambda one: one.fact == "track_moved" and one.key == "case-3")
    assert "case case-3 is at version 2" in words(judge(dump, run.sent))


def test_a_track_its_desk_never_took_is_named(run: Evidence) -> None:
    dump = without(run.dump(), lambda one: one.key == "track/track-3")
    assert "1 tracks were dispatched or are at a desk, but not both" in words(judge(dump, run.sent))


def test_a_record_beyond_its_readers_position_is_named(run: Evidence) -> None:
    dump = without(run.dump(), lambda one: one.topic == "router.state" and one.key == "positions")
    assert "incidents-0 is not read to its end" in words(judge(dump, run.sent))


def test_no_log_is_no_good_run(run: Evidence) -> None:
    assert not judge(run.dump(), []).balanced


def test_logs_and_dump_survive_their_files(run: Evidence, tmp_path: Path) -> None:
    run.put(
        "intake.dead",
        "key",
        b"\xff{".decode("utf-8", "surrogateescape"),
        headers={"dead_topic": "t", "dead_partition": "0", "dead_offset": "1"},
    )
    log = SendLog(tmp_path, "agents")
    for one in run.sent:
        log.write(one)
    log.close()
    dumps.save(run.dump(), tmp_path / "dump.jsonl")
    assert read_logs(tmp_path) == run.sent
    assert dumps.load(tmp_path / "dump.jsonl") == run.dump()
