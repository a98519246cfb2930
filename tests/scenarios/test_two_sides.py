"""Two people of one household on opposite sides: two cases, two teams, never joined; a covert case is on no shared view."""

from typing import Any

import pytest

from schemas.dispatch import DispatchTaken
from schemas.words import Presence
from tests.scenarios.psychologists import insured
from tests.scenarios.town import Town

SAME: dict[str, Any] = {"platform": "chat_app", "offender_relation": "spouse"}
HERS: dict[str, Any] = {"signals": ["same_roof_offender"], "victim_member_id": "m1", "offender_member_id": "m2"}


def dispatches(town: Town, case_id: str) -> list[DispatchTaken]:
    return [
        event.data
        for topic, event in town.bus.events
        if topic.startswith("dispatch.") and isinstance(event.data, DispatchTaken) and event.data.case_id == case_id
    ]


def both_sides(town: Town, **his: Any) -> Town:
    town.everyone_on_duty().reports("h1", "malware", secondary_codes=["unwanted_publication"], **HERS)._new_notices()
    return town.passes(minutes=1).reports("h1", "account_takeover", **({"victim_member_id": "m2"} | his))


def test_the_offender_of_one_case_gets_another_team_for_his_own(town: Town) -> None:
    both_sides(town)._new_notices()
    hers, his = town.cases()
    assert (hers.walled_from, his.walled_from) == ((his.case_id,), (hers.case_id,))
    assert {taken.walled_from for taken in dispatches(town, his.case_id)} == {(hers.case_id,)}
    assert len(town.facts("walled")) == 2


def owners(town: Town, case_id: str) -> set[str | None]:
    """Who is asked, or works, on a case."""
    held = [
        track
        for seat in town.bus.seats[1:]
        for track in seat.machine.partition.tracks.values()  # type: ignore[attr-defined]
        if track.dispatch.case_id == case_id
    ]
    return {who for one in held for who in (one.owner, *(asking.responder_id for asking in one.offers))} - {None}


def test_two_sides_have_two_teams(town: Town) -> None:
    town.responder("r-technical-2", "technical-fr").responder("r-psychological-2", "psychological-fr")
    both_sides(town)._new_notices()
    hers, his = town.cases()
    assert owners(town, hers.case_id)
    assert owners(town, his.case_id) >= {"r-technical-2", "r-psychological-2"} & owners(town, his.case_id)
    assert not owners(town, hers.case_id) & owners(town, his.case_id)


def test_whoever_is_alone_at_a_desk_never_gets_both_sides_not_even_by_hand(town: Town) -> None:
    both_sides(town)._new_notices()
    hers, his = town.cases()
    assert not owners(town, hers.case_id) & owners(town, his.case_id)
    assert {track.desk_id for track in his.tracks} != {track.desk_id for track in hers.tracks} or town.facts(
        "escalated"
    )
    town.about(his).assigns("r-technical-fr", "technical", reason="nobody_else").expects_outcome("opposite_sides")
    town.everything_restarts().passes(minutes=1)._new_notices()
    town.about(his).assigns("r-technical-fr", "technical", reason="nobody_else").expects_outcome("opposite_sides")


def test_who_had_a_case_of_one_side_however_long_ago_never_gets_one_of_the_other(town: Town) -> None:
    town.responder("alone", "technical-fr").reports("h1", "malware", **HERS)._new_notices()
    hers = town.case()
    town.answers("accept", "alone", "technical").works("contacted", "alone", "technical", result="spoke")
    town.works("done", "alone", "technical", result="helped").sleeps(days=8)._new_notices()
    assert not town.desk("technical").tracks
    town.reports("h1", "account_takeover", victim_member_id="m2")._new_notices()
    his = town.case()
    assert (his.walled_from, owners(town, his.case_id)) == ((hers.case_id,), set())
    town.everything_restarts().assigns("alone", "technical", reason="nobody_else").expects_outcome("opposite_sides")
    town._new_notices()


def test_it_makes_no_difference_how_often_a_case_was_handed_over_since(town: Town) -> None:
    for who in "abc":
        town.responder(who, "technical-fr")
    town.reports("h1", "malware", **HERS)._new_notices()
    for who in "abc":
        town.assigns(who, "technical", reason="agreed").works("handover", who, "technical")._new_notices()
    town.reports("h1", "account_takeover", victim_member_id="m2")._new_notices()
    assert (town.case().walled_people, owners(town, town.case().case_id)) == (("a", "b", "c"), set())
    town.assigns("a", "technical", reason="nobody_else").expects_outcome("opposite_sides")


def test_who_only_made_a_contact_for_its_owner_knows_that_side_too(town: Town) -> None:
    town.responder("a", "technical-fr").responder("b", "technical-fr").reports("h1", "malware", **HERS)._new_notices()
    town.assigns("a", "technical", reason="agreed").works("contacted", "a", "technical", result="spoke")._new_notices()
    town.presence("a", "technical-fr", Presence.AWAY).sleeps(hours=24)._new_notices()
    town.answers("accept", "b", "technical").expects_outcome("done")._new_notices()
    assert town.case().worked == ("a", "b")


def test_who_worked_on_a_case_that_was_merged_is_remembered_where_it_goes_on(town: Town) -> None:
    town.responder("a", "technical-fr").reports("h1", "malware", **HERS)._new_notices()
    first = town.case()
    town.assigns("a", "technical", reason="agreed").works("handover", "a", "technical")._new_notices()
    into = town.reports("h1", "account_takeover", victim_member_id="m1").case()
    said = {"into_case_id": into.case_id, "into_household_id": into.household_id, "reason": "same_thing"}
    town.about(first).asks("merge", **said).expects_outcome("done")._new_notices()
    town.reports("h1", "phishing", victim_member_id="m2")._new_notices()
    assert ("a" in town.case().walled_people, owners(town, town.case().case_id)) == (True, set())


def test_whoever_takes_one_side_is_remembered_by_the_other(town: Town) -> None:
    both_sides(town.responder("b", "technical-fr"))._new_notices()
    hers, his = town.cases()
    took = []
    for case in (hers, his):
        who = town.about(case).desk("technical").tracks[town.track("technical").track_id].offers[0].responder_id
        town.answers("accept", who, "technical").works("handover", who, "technical")._new_notices()
        took.append(who)
    assert {*took} == {"r-technical-fr", "b"}
    assert [case.walled_people for case in town.cases()] == [(took[1],), (took[0],)]


def test_who_works_on_one_side_for_one_pillar_never_gets_the_other_side_for_another(town: Town) -> None:
    insured(town).responder("both", "technical-fr").responder("both", "psychological-fr")
    town.reports("h", "malware", country="FR", **HERS)._new_notices()
    town.answers("accept", "both", "technical").reports("h", "insult_harassment", country="FR", victim_member_id="m2")
    his = town.case().case_id
    assert "both" not in owners(town, his)
    town.responder("other", "psychological-fr")._new_notices()
    assert owners(town, his) == {"other"}
    town._new_notices()


def test_neither_side_is_told_whose_case_the_other_is(town: Town) -> None:
    both_sides(town)._new_notices()
    hers, his = town.cases()
    for case, other in ((hers, his), (his, hers)):
        told = [event.data.model_dump_json() for event in town.facts("walled") if event.data.case_id == case.case_id]  # type: ignore[attr-defined]
        assert [other.case_id in one for one in told] == [False]
        assert case.links == ()


def test_opposite_sides_are_never_merged_nor_linked(town: Town) -> None:
    both_sides(town)._new_notices()
    hers, his = town.cases()
    town.asks("merge", into_case_id=hers.case_id, into_household_id=his.household_id, reason="same_home")
    town.expects_outcome("opposite_sides")
    town.asks("link", other_case_id=hers.case_id, other_household_id=his.household_id, kind="related", reason="x")
    town.expects_outcome("opposite_sides")


def test_a_report_never_joins_a_case_of_the_other_side_whatever_it_shares_with_it(town: Town) -> None:
    town.everyone_on_duty().reports("h1", "threat", **SAME, **HERS)._new_notices()
    town.passes(minutes=1).reports("h1", "threat", victim_member_id="m2", **SAME)._new_notices()
    hers, his = town.cases()
    assert (his.report_count, his.links, his.walled_from) == (1, (), (hers.case_id,))


def test_when_nobody_says_who_is_harmed_the_worst_is_assumed(town: Town) -> None:
    town.everyone_on_duty().reports("h1", "threat", signals=["same_roof_offender"], **SAME)._new_notices()
    town.passes(minutes=1).reports("h1", "threat", **SAME)._new_notices()
    assert [len(case.walled_from) for case in town.cases()] == [1, 1]


def test_two_problems_of_the_same_victim_are_not_walled_off(town: Town) -> None:
    town.everyone_on_duty().reports("h1", "malware", **HERS)._new_notices()
    town.reports("h1", "account_takeover", victim_member_id="m1")._new_notices()
    assert [case.walled_from for case in town.cases()] == [(), ()]


def test_a_side_that_becomes_known_later_puts_the_wall_up_then(town: Town) -> None:
    town.everyone_on_duty().reports("h1", "malware", victim_member_id="m1")._new_notices()
    hers = town.case()
    town.passes(minutes=1).reports("h1", "account_takeover", victim_member_id="m2")._new_notices()
    town.about(hers).asks("update", facts={"offender_member_id": "m2"}).expects_outcome("done")
    assert [len(case.walled_from) for case in town.cases()] == [1, 1]
    assert dispatches(town, hers.case_id)[-1].walled_from
    town._new_notices()


def test_a_human_can_put_a_wall_between_two_cases(town: Town) -> None:
    town.everyone_on_duty().reports("h1", "malware")._new_notices()
    one = town.case()
    town.passes(minutes=1).reports("h1", "account_takeover")._new_notices()
    said = {"other_case_id": one.case_id, "other_household_id": one.household_id, "kind": "opposite_sides"}
    town.asks("link", reason="separated", **said).expects_outcome("done")._new_notices()
    assert [(len(case.walled_from), case.links) for case in town.cases()] == [(1, ()), (1, ())]
    town.asks("merge", into_case_id=one.case_id, into_household_id=one.household_id, reason="x")
    town.expects_outcome("opposite_sides")


@pytest.mark.parametrize("urgent", [(), ("money_leaving",)])
@pytest.mark.parametrize("by", ["human", "facts"])
def test_whoever_works_on_both_sides_when_the_wall_goes_up_keeps_one_of_them(
    town: Town, by: str, urgent: tuple[str, ...]
) -> None:
    town.everyone_on_duty().responder("r-technical-2", "technical-fr")
    town.presence("r-technical-2", "technical-fr", Presence.AWAY)
    town.reports("h1", "malware", victim_member_id="m1").answers("accept", "r-technical-fr", "technical")
    hers = town.case()
    town.passes(minutes=1).reports("h1", "account_takeover", victim_member_id="m2", signals=urgent)._new_notices()
    his = town.answers("accept", "r-technical-fr", "technical").case()
    town.presence("r-technical-2", "technical-fr", Presence.AVAILABLE)
    if by == "human":
        said = {"other_case_id": hers.case_id, "other_household_id": hers.household_id, "kind": "opposite_sides"}
        town.asks("link", reason="separated", **said).expects_outcome("done")
    else:
        town.about(hers).asks("update", facts=HERS | {"language": "fr"}).expects_outcome("done")
    town.passes(seconds=6)._new_notices()
    assert "r-technical-fr" in owners(town, hers.case_id)
    assert "r-technical-2" in owners(town, his.case_id)
    assert not owners(town, hers.case_id) & owners(town, his.case_id)
    town.about(his).works("contacted", "r-technical-fr", "technical").expects_outcome("not_yours")
    town.about(his).answers("accept", "r-technical-2", "technical").expects_outcome("done")._new_notices()


@pytest.mark.parametrize("taken_late", ["hers", "his", "both"])
def test_whoever_took_both_sides_before_anybody_knew_keeps_one_of_them(town: Town, taken_late: str) -> None:
    town.everyone_on_duty().responder("r-technical-2", "technical-fr")
    town.presence("r-technical-2", "technical-fr", Presence.AWAY)
    town.reports("h1", "malware", victim_member_id="m1")._new_notices()
    hers = town.case()
    town.passes(minutes=1).reports("h1", "account_takeover", victim_member_id="m2")._new_notices()
    cases = {"hers": hers, "his": town.case()}
    early = [one for one in cases if taken_late not in {one, "both"}]
    for one in early:
        town.about(cases[one]).answers("accept", "r-technical-fr", "technical")
    with town.router_reads_later():
        for one in [late for late in cases if late not in early]:
            town.about(cases[one]).answers("accept", "r-technical-fr", "technical")
        town.about(hers).asks("update", facts=HERS | {"language": "fr"})
    town.presence("r-technical-2", "technical-fr", Presence.AVAILABLE).passes(seconds=6)._new_notices()
    assert "r-technical-fr" in owners(town, hers.case_id)
    assert not owners(town, hers.case_id) & owners(town, cases["his"].case_id)
    assert "r-technical-2" in owners(town, cases["his"].case_id)


def test_a_wall_put_up_later_takes_away_the_link_that_shows_one_side_to_the_other(town: Town) -> None:
    town.everyone_on_duty().reports("h1", "malware")._new_notices()
    one = town.case()
    town.reports("h1", "account_takeover")._new_notices()
    said = {"other_case_id": one.case_id, "other_household_id": one.household_id, "reason": "seen"}
    town.asks("link", kind="related", **said).expects_outcome("done")
    town.asks("link", kind="opposite_sides", **said).expects_outcome("done")._new_notices()
    assert [(len(case.walled_from), case.links) for case in town.cases()] == [(1, ()), (1, ())]


@pytest.mark.parametrize("into", ["its_own", "another"])
def test_a_wall_stands_wherever_the_problem_goes_on(town: Town, into: str) -> None:
    town.everyone_on_duty().reports("h1", "malware", secondary_codes=["threat"])._new_notices()
    one = town.case()
    town.passes(minutes=1).reports("h1", "account_takeover", key="second")._new_notices()
    across = town.case()
    said = {"other_case_id": across.case_id, "other_household_id": one.household_id, "kind": "opposite_sides"}
    town.about(one).asks("link", reason="separated", **said).expects_outcome("done")._new_notices()
    if into == "its_own":
        town.about(one).asks("split", code="threat", reports=[], reason="two_things").expects_outcome("done")
    else:
        town.passes(minutes=1).reports("h1", "phishing")._new_notices()
        goes_on = {"into_case_id": town.case().case_id, "into_household_id": one.household_id}
        town.about(one).asks("merge", reason="same_thing", **goes_on).expects_outcome("done")
    town._new_notices()
    (third,) = (case for case in town.cases() if case.case_id not in (one.case_id, across.case_id))
    assert across.case_id in third.walled_from
    assert third.case_id in town.router.partition.cases[across.case_id].walled_from


def test_parts_of_one_case_are_walled_off_when_one_of_them_comes_to_be_about_somebody_at_home(town: Town) -> None:
    town.everyone_on_duty().reports("h1", "phishing", secondary_codes=["threat"])
    whole = town.case()
    town.asks("split", code="threat", reports=[], reason="two_things").expects_outcome("done")._new_notices()
    (part,) = (case for case in town.cases() if case.case_id != whole.case_id)
    assert [case.walled_from for case in town.cases()] == [(), ()]
    town.about(part).asks("update", facts={"signals": ["same_roof_offender"]}).expects_outcome("done")._new_notices()
    stands = {case.case_id: (case.walled_from, case.links) for case in town.cases()}
    assert stands == {whole.case_id: ((part.case_id,), ()), part.case_id: ((whole.case_id,), ())}


def test_parts_of_a_case_about_somebody_at_home_are_about_the_same_people(town: Town) -> None:
    town.everyone_on_duty().reports("h1", "phishing", secondary_codes=["threat"], signals=["same_roof_offender"])
    town.asks("split", code="threat", reports=[], reason="two_things").expects_outcome("done")._new_notices()
    assert [case.walled_from for case in town.cases()] == [(), ()]


def test_an_offender_under_the_same_roof_makes_the_case_covert_for_every_desk(town: Town) -> None:
    both_sides(town)._new_notices()
    hers, his = town.cases()
    assert (hers.covert, his.covert) == (True, False)
    assert {taken.covert for taken in dispatches(town, hers.case_id)} == {True}


def test_a_report_never_joins_a_covert_case(town: Town) -> None:
    town.everyone_on_duty().reports("h1", "threat", covert=True, **SAME)._new_notices()
    town.reports("h1", "threat", **SAME)._new_notices()
    assert len(town.cases()) == 2


def test_every_look_for_a_covert_case_is_told_on_it_hit_or_miss(town: Town) -> None:
    town.everyone_on_duty().reports("h1", "threat", covert=True, personal={"code_word": "larkspur"})._new_notices()
    for found in (False, True):
        town.asks("looked_up", found=found, answer=False)
    assert [event.data.found for event in town.facts("looked_up")] == [False, True]  # type: ignore[attr-defined]
    assert town.case().personal.code_word == "larkspur"
