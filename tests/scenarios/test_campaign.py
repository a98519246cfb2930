"""One attack on many households: one campaign, one case each; the campaign counts them under its own key."""

from typing import Any

from schemas.campaigns import Campaign, CampaignRecord
from tests.scenarios.town import SUPERVISOR, Town

DOXXED = Campaign(campaign_id="campaign-1", sponsor_id="employer-1")


def doxxed(town: Town, number: int, **said: Any) -> Town:
    report = town.report(f"staff-{number}", "doxxing", **said)
    return town.arrives(report.model_copy(update={"campaign": DOXXED}))


def record(town: Town) -> CampaignRecord:
    return town.router.partition.campaigns.records["campaign-1"]


def test_campaign_of_nine_staff_doxxed_overnight_is_nine_cases_counted_once(town: Town) -> None:
    town.everyone_on_duty()
    for number in range(9):
        doxxed(town, number)._new_notices()
    assert len({case.household_id for case in town.cases()}) == 9
    assert {case.campaign for case in town.cases()} == {DOXXED}
    assert (record(town).counts.cases, record(town).counts.by_band) == (9, {"P1": 9})


def test_a_campaign_knows_how_its_cases_stand(town: Town) -> None:
    town.everyone_on_duty()
    for number in range(3):
        doxxed(town, number)._new_notices()
    town.asks("raise", band="P0", reason="heard")._new_notices()
    calm = next(case for case in town.cases() if case.band == "P1")
    town.about(calm).asks("update", by=SUPERVISOR, closed_signals=["address_exposed"], reason="moved_away")
    town.asks("close", reason="moved_away").expects_outcome("done")
    counts = record(town).counts
    assert sum(counts.by_band.values()) == sum(counts.by_state.values()) == 3
    assert counts.by_band["P0"] == 1
    assert counts.by_state["closed"] == 1
    town._new_notices()


def test_a_campaigns_count_changes_nothing_when_a_case_tells_it_twice(town: Town) -> None:
    doxxed(town.everyone_on_duty(), 1)._new_notices()
    before = record(town)
    told = [message for message in town.bus.log["commands"] if message.key == b"campaign-1"]
    for message in told:
        town.bus._append(message.topic, message)
    town.bus.settle(town.now)
    assert record(town) == before


def test_a_further_report_does_not_count_as_another_case_of_the_campaign(town: Town) -> None:
    same = {"platform": "forum", "offender_relation": "stranger"}
    town.everyone_on_duty()
    for _ in range(2):
        doxxed(town, 1, **same)._new_notices()
    assert record(town).counts.cases == 1


def test_a_case_merged_into_another_of_the_campaign_is_counted_once(town: Town) -> None:
    town.everyone_on_duty()
    for _ in range(2):
        doxxed(town, 1)._new_notices()
    one, other = town.cases()
    town.about(one).asks("merge", into_case_id=other.case_id, into_household_id=other.household_id, reason="same")
    assert record(town).counts.cases == 1
    assert record(town).counts.by_state["merged"] == 1
    town._new_notices()
