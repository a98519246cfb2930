"""The same thing told again by somebody of the household: one case, the further report visible in it, never discarded."""

from typing import Any

import pytest

from schemas.words import CaseState
from services.rules import ids
from tests.scenarios.test_more_becomes_known import accepted_by_all
from tests.scenarios.town import Town

SAME: dict[str, Any] = {"platform": "chat_app", "offender_relation": "classmate"}


def told_twice(town: Town, *, code: str = "insult_harassment", **said: Any) -> Town:
    town.everyone_on_duty().reports("h1", code, **SAME)._new_notices()
    town.passes(minutes=5)._new_notices()
    return town.reports("h1", code, **(SAME | said))


def test_a_further_report_of_the_same_thing_joins_the_open_case_and_is_told_there(town: Town) -> None:
    told_twice(town).expects_silence()
    (case,) = town.cases()
    assert (case.report_count, len(case.reports), town.router.partition.books.attached) == (2, 2, 2)
    (told,) = town.facts("report_attached")
    assert told.data.explanations[0].rule == "duplicate:attached"  # type: ignore[attr-defined]


def test_a_further_report_can_raise_the_case_it_joins(town: Town) -> None:
    told_twice(town, signals=["self_harm"])
    town.expects_offers("r-psychological-fr", "r-technical-fr", "r-legal-fr", paged="duty-lead-psychological-fr")
    assert town.case().band == "P0"


def test_the_window_rolls_with_each_report(town: Town) -> None:
    town.everyone_on_duty().reports("h1", "insult_harassment", **SAME)._new_notices()
    for days, cases in ((13, 1), (13, 1), (15, 2)):
        town.sleeps(days=days)._new_notices()
        town.reports("h1", "insult_harassment", **SAME)._new_notices()
        assert len(town.cases()) == cases


@pytest.mark.parametrize("empty", [{"platform": None}, {"platform": " "}, {"offender_relation": "unknown"}])
def test_empty_duplicate_key_parts_never_match(town: Town, empty: dict[str, Any]) -> None:
    town.everyone_on_duty()
    for _ in range(2):
        town.reports("h1", "insult_harassment", **(SAME | empty))._new_notices()
    assert len(town.cases()) == 2


def test_two_households_hit_by_the_same_phish_are_two_cases(town: Town) -> None:
    town.everyone_on_duty()
    for household in ("h1", "h2"):
        town.reports(household, "threat", **SAME)._new_notices()
    assert len(town.cases()) == 2
    assert all(not case.links for case in town.cases())


def test_the_same_harm_to_another_person_is_a_case_of_its_own_linked_to_the_first(town: Town) -> None:
    town.everyone_on_duty().reports("h1", "insult_harassment", victim_member_id="m1", **SAME)._new_notices()
    town.passes(minutes=1).reports("h1", "insult_harassment", victim_member_id="m2", **SAME)._new_notices()
    first, second = town.cases()
    assert [(link.case_id, link.kind) for link in first.links] == [(second.case_id, "related")]
    assert [(link.case_id, link.kind) for link in second.links] == [(first.case_id, "related")]
    assert second.rules[-1] == "duplicate:related"


def test_harm_that_comes_back_after_the_work_was_done_is_a_new_case_linked_as_repeated(town: Town) -> None:
    town.everyone_on_duty().reports("h1", "threat", **SAME)._new_notices()
    for pillar in ("legal", "psychological", "technical"):
        accepted_by_all(town, pillar).works("done", f"r-{pillar}-fr", pillar)
    assert town.case().state is CaseState.RESOLVED
    town.passes(hours=1).reports("h1", "threat", **SAME)._new_notices()
    assert [link.kind for link in town.cases()[0].links] == ["repeated"]


def test_a_drill_never_joins_a_real_case(town: Town) -> None:
    told_twice(town, drill=True)._new_notices()
    assert len(town.cases()) == 2


def test_a_retry_of_a_further_report_is_one_more_arrival_and_not_a_third_report(town: Town) -> None:
    town.everyone_on_duty().reports("h1", "threat", **SAME)._new_notices()
    for outcome in ("done", "repeated"):
        town.reports("h1", "threat", key="second", **SAME).expects_outcome(outcome).everything_restarts()
    assert (len(town.cases()), town.case().report_count) == (1, 2)


def test_another_kind_of_incident_is_another_case_even_on_the_same_platform(town: Town) -> None:
    town.everyone_on_duty().reports("h1", "insult_harassment", **SAME)._new_notices()
    town.reports("h1", "threat", **SAME)._new_notices()
    assert len(town.cases()) == 2


def test_a_page_that_intake_sent_for_a_report_that_joined_another_case_is_shown_on_its_lead_track(town: Town) -> None:
    told_twice(town, signals=["self_harm"])._new_notices()
    case = town.case()
    expected = town.last_case
    assert expected != case.case_id
    page = {"page_id": "page-of-intake", "track_id": "never-opened", "recipient": "post:sink", "reason": "bus_down"}
    town.asks("page", case_id=expected, **page).expects_outcome("done").expects_silence()
    lead = next(track for track in town.case().tracks if track.lead)
    assert "page-of-intake" in [page.page_id for page in lead.pages]


def test_what_was_told_bit_by_bit_is_recognised_when_it_is_told_again(town: Town) -> None:
    town.everyone_on_duty().reports("h1", "threat", platform="chat_app")._new_notices()
    town.asks("update", facts={"offender_relation": "classmate"}).expects_outcome("done")._new_notices()
    town.reports("h1", "threat", **SAME)._new_notices()
    assert [case.report_count for case in town.cases()] == [2]


@pytest.mark.parametrize("restarts", [False, True])
def test_a_key_or_report_that_a_case_no_longer_keeps_is_forgotten_with_or_without_a_restart(
    town: Town, restarts: bool
) -> None:
    town.everyone_on_duty()
    for number in range(40):
        town.reports("h1", "threat", key=f"report-of-{number}", **SAME)
    town.about(town.cases()[0])
    for number in range(8):
        town.asks("update", facts=SAME | {"platform": f"platform-{number}"}).expects_outcome("done")
    if restarts:
        town.everything_restarts()
    forgotten = ids.case_id(town.case().household_id, "urn:sameroof:intake", "report-of-3")
    town.asks("note", case_id=forgotten, personal={"text": "Rang again."}).expects_outcome("not_found")
    town.reports("h1", "threat", **SAME)._new_notices()
    assert len(town.cases()) == 2


def test_an_explanation_never_tells_of_a_covert_case(town: Town) -> None:
    town.everyone_on_duty().reports("h1", "threat", covert=True, **SAME)._new_notices()
    town.reports("h1", "threat", **SAME)._new_notices()
    (why,) = [one for one in town.facts("opened")[-1].data.explanations if one.rule.startswith("duplicate:")]  # type: ignore[attr-defined]
    assert (why.rule, why.rejected) == ("duplicate:none", {})


def test_hundreds_of_reports_of_one_thing_stay_one_small_case(town: Town) -> None:
    town.everyone_on_duty()
    for _ in range(300):
        town.reports("h1", "threat", **SAME)
    town._new_notices()
    (case,) = town.cases()
    assert (case.report_count, len(case.reports)) == (300, 32)
    assert len(case.model_dump_json()) < 16 * 1024
