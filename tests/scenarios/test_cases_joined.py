"""Cases of one household that belong together, or do not: merge, split, link. Another household's case is refused."""

from datetime import timedelta
from typing import Any

import pytest

from schemas.cases import CaseRecord
from schemas.words import CaseState
from tests.scenarios.town import Town


def two_cases(town: Town, first: str = "phishing", second: str = "account_takeover") -> tuple[CaseRecord, CaseRecord]:
    town.everyone_on_duty().reports("h1", first)
    one = town.case()
    town.reports("h1", second)._new_notices()
    return one, town.case()


def merges(town: Town, one: CaseRecord, other: CaseRecord) -> Town:
    said = {"into_case_id": other.case_id, "into_household_id": other.household_id, "reason": "same_thing"}
    return town.about(one).asks("merge", case_id=one.case_id, **said)


def test_a_merged_case_stops_ringing_and_goes_on_in_the_other(town: Town) -> None:
    one, other = two_cases(town)
    merges(town, one, other).expects_outcome("done")
    gone = town.router.partition.cases[one.case_id]
    assert (gone.state, gone.merged_into) == (CaseState.MERGED, other.case_id)
    assert {track.state for track in gone.tracks} == {"withdrawn"}
    merged = town.case()
    assert (merged.case_id, merged.secondary_codes, merged.report_count) == (other.case_id, ("phishing",), 2)
    town._new_notices()
    town.passes(days=3)
    assert one.case_id not in {event.data.case_id for event in town.facts("clock_breached")}  # type: ignore[attr-defined]
    town._new_notices()


def test_reports_and_commands_on_a_merged_case_follow_it(town: Town) -> None:
    town.everyone_on_duty().reports("h1", "phishing", key="first")
    one = town.case()
    town.reports("h1", "account_takeover")._new_notices()
    other = town.case()
    merges(town, one, other)._new_notices()
    town.reports("h1", "phishing", key="first").expects_outcome("repeated").expects_silence()
    town.asks("note", case_id=one.case_id, personal={"text": "Rang again."}).expects_outcome("done")
    assert town.case().case_id == other.case_id
    assert town.facts("noted")[-1].data.case_id == other.case_id  # type: ignore[attr-defined]


@pytest.mark.parametrize("verb", ["lower", "close", "split"])
def test_who_saw_the_case_before_it_was_merged_has_not_seen_the_one_it_is_now(town: Town, verb: str) -> None:
    one, other = two_cases(town)
    merges(town, one, other)._new_notices()
    said = {"lower": {"band": "P3"}, "close": {}, "split": {"code": "threat"}}[verb]
    version = town.case().version
    town.asks(verb, case_id=one.case_id, expected_version=version, reason="decided", **said)
    town.expects_outcome("stale_version")


def test_a_merge_keeps_what_was_more_urgent_and_every_safety_signal(town: Town) -> None:
    town.everyone_on_duty().reports("h1", "insult_harassment", signals=["self_harm"])
    urgent = town.case()
    town.reports("h1", "phishing")._new_notices()
    calm = town.case()
    merges(town, urgent, calm)._new_notices()
    assert (town.case().band, town.case().signals) == ("P0", ("self_harm",))
    town.expects("psychological", "offered")


def test_two_cases_cannot_be_merged_into_each_other(town: Town) -> None:
    one, other = two_cases(town)
    merges(town, one, other).expects_outcome("done")
    merges(town, other, one).expects_outcome("same_case")
    merges(town, one, other).expects_outcome("same_case")
    merges(town, other, other).expects_outcome("same_case")
    town._new_notices()


def test_a_chain_of_merges_ends_in_one_case(town: Town) -> None:
    one, other = two_cases(town)
    town.reports("h1", "defamation")._new_notices()
    third = town.case()
    merges(town, one, other)
    merges(town, other, third).expects_outcome("done")
    assert town.about(one).case().case_id == third.case_id
    assert town.case().report_count == 3
    town._new_notices()


def test_another_households_case_is_never_joined(town: Town) -> None:
    town.everyone_on_duty().reports("h1", "phishing")
    one = town.case()
    town.reports("h2", "phishing")._new_notices()
    other = town.case()
    merges(town, one, other).expects_outcome("other_household")
    lie = {"into_case_id": other.case_id, "into_household_id": one.household_id, "reason": "same_thing"}
    town.about(one).asks("merge", **lie).expects_outcome("other_household")
    link = {"other_case_id": other.case_id, "other_household_id": other.household_id, "kind": "related"}
    town.asks("link", reason="same_thing", **link).expects_outcome("other_household")


def test_a_case_that_does_not_exist_cannot_be_merged_into(town: Town) -> None:
    town.everyone_on_duty().reports("h1", "phishing")._new_notices()
    nowhere = {"into_case_id": "nowhere", "into_household_id": town.case().household_id, "reason": "same_thing"}
    town.asks("merge", **nowhere).expects_outcome("not_found")


def test_part_of_a_case_becomes_a_case_of_its_own_and_both_know_of_each_other(town: Town) -> None:
    town.everyone_on_duty().reports("h1", "phishing", secondary_codes=["identity_theft"])._new_notices()
    whole = town.case()
    town.passes(minutes=1).asks("split", code="identity_theft", reason="two_problems").expects_outcome("done")
    rest, part = town.cases()
    assert (rest.code, rest.secondary_codes, part.code, part.state) == ("phishing", (), "identity_theft", "dispatched")
    assert [link.case_id for link in rest.links] == [part.case_id]
    assert [link.case_id for link in part.links] == [whole.case_id]
    assert {track.pillar for track in rest.tracks if track.state != "withdrawn"} == {"technical", "financial"}
    town._new_notices()


def test_safety_signals_stay_with_both_parts_of_a_split(town: Town) -> None:
    town.everyone_on_duty()
    town.reports("h1", "insult_harassment", secondary_codes=["bank_fraud"], signals=["self_harm"])._new_notices()
    town.asks("split", code="bank_fraud", reason="two_problems")._new_notices()
    assert [(case.band, case.signals) for case in town.cases()] == [("P0", ("self_harm",))] * 2


def test_a_report_attached_by_mistake_is_split_off_with_its_later_arrivals(town: Town) -> None:
    same = {"platform": "chat_app", "offender_relation": "classmate"}
    town.everyone_on_duty().reports("h1", "insult_harassment", **same)._new_notices()
    case = town.case()
    town.reports("h1", "insult_harassment", key="sister", **same).expects_silence()
    assert town.case().case_id == case.case_id
    town.passes(minutes=1).asks("split", code="insult_harassment", reports=["sister"], reason="other_victim")
    first, second = town.cases()
    assert (first.report_count, second.reports) == (1, ("sister",))
    town.reports("h1", "insult_harassment", key="sister", **same).expects_outcome("repeated")
    assert town.facts("report_repeated")[-1].data.case_id == second.case_id  # type: ignore[attr-defined]
    town._new_notices()


def test_a_case_whose_first_report_was_split_off_is_still_found_by_its_id(town: Town) -> None:
    same = {"platform": "chat_app", "offender_relation": "classmate"}
    town.everyone_on_duty().reports("h1", "threat", key="first", **same)
    whole = town.case()
    town.reports("h1", "threat", key="second", **same)._new_notices()
    town.about(whole).asks("split", code="phishing", reports=["first"], reason="another").expects_outcome("done")
    town._new_notices()
    town.asks("note", case_id=whole.case_id, personal={"text": "Rang again."}).expects_outcome("done")
    assert town.facts("noted")[-1].data.case_id == whole.case_id  # type: ignore[attr-defined]


def test_a_split_that_would_leave_nothing_is_refused(town: Town) -> None:
    town.everyone_on_duty().reports("h1", "phishing", key="only", secondary_codes=["malware"])._new_notices()
    town.asks("split", code="phishing", reason="x").expects_outcome("nothing_left")
    town.asks("split", code="malware", secondary_codes=["phishing"], reason="x").expects_outcome("nothing_left")
    town.asks("split", code="threat", reports=["only"], reason="x").expects_outcome("nothing_left")


@pytest.mark.parametrize(
    "said",
    [
        {"code": "threat"},
        {"code": "malware", "secondary_codes": ["threat"]},
        {"code": "malware", "secondary_codes": ["shoe_theft"]},
        {"code": "shoe_theft", "reports": ["second"]},
        {"code": "phishing", "secondary_codes": ["shoe_theft"], "reports": ["second"]},
        {"code": "threat", "reports": ["another"]},
    ],
)
def test_no_case_is_made_of_what_nobody_reported(town: Town, said: dict[str, Any]) -> None:
    same = {"platform": "chat_app", "offender_relation": "classmate"}
    town.everyone_on_duty().reports("h1", "insult_harassment", secondary_codes=["malware"], **same)
    whole = town.case()
    town.reports("h1", "insult_harassment", key="second", **same)._new_notices()
    town.about(whole).asks("split", reason="x", **said).expects_outcome("not_found").expects_silence()
    assert len(town.cases()) == 1
    town.asks("split", reason="x", code="threat", reports=["second"]).expects_outcome("done")._new_notices()


def test_linked_cases_are_visible_from_each_other(town: Town) -> None:
    one, other = two_cases(town)
    said = {"other_case_id": other.case_id, "other_household_id": other.household_id, "kind": "related"}
    town.about(one).asks("link", reason="same_author", **said).expects_outcome("done")
    linked = {case.case_id: [(link.case_id, link.kind) for link in case.links] for case in town.cases()}
    assert linked == {one.case_id: [(other.case_id, "related")], other.case_id: [(one.case_id, "related")]}


@pytest.mark.parametrize(("merged", "kept"), [(30, 60), (60, 30)])
def test_of_two_attackers_deadlines_a_merged_case_answers_to_the_sooner_one(town: Town, merged: int, kept: int) -> None:
    told = {hours: (town.now + timedelta(hours=hours)).isoformat() for hours in (30, 60)}
    town.everyone_on_duty().reports("h1", "sextortion", deadline_at=told[merged])
    one = town.case()
    town.reports("h1", "account_takeover", deadline_at=told[kept])._new_notices()
    other = town.case()
    sooner = min(one, other, key=lambda case: case.deadline_at)  # type: ignore[arg-type, return-value]
    town.passes(hours=2)
    merges(town, one, other).expects_outcome("done")._new_notices()
    assert (town.case().deadline_at, town.case().cut_at) == (sooner.deadline_at, sooner.cut_at)
    assert {clock.due for track in town.case().tracks for clock in track.clocks if clock.name == "resolve"} == {
        sooner.cut_at
    }
