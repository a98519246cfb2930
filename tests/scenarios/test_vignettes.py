"""The four stories of the domain, from the first call to a case that is stabilised (DOMAIN section 1)."""

from datetime import timedelta

from schemas import topics
from schemas.campaigns import Campaign
from schemas.dispatch import DispatchTaken
from schemas.words import CaseState, Pillar
from tests.scenarios.test_more_becomes_known import accepted_by_all
from tests.scenarios.town import Town

URGENT = {topics.dispatch(pillar, urgent=True).name for pillar in Pillar}


def lanes(town: Town) -> set[str]:
    """The lanes on which the last case's tracks went to their desks."""
    case_id = town.case().case_id
    return {
        topic
        for topic, event in town.bus.events
        if isinstance(event.data, DispatchTaken) and event.data.case_id == case_id
    }


def leading(town: Town) -> list[str]:
    return [track.pillar for track in town.case().tracks if track.lead]


def offered_at_once(town: Town, started: object) -> set[str]:
    return {track.pillar for track in town.case().tracks if track.offered_at == started}


def test_a_girl_of_15_blackmailed_until_midnight_has_a_psychologist_and_a_technician_at_once(town: Town) -> None:
    town.everyone_on_duty().household("h1", programme="phone_harassment_mutual")
    started, midnight = town.now, town.now + timedelta(hours=1, minutes=20)
    town.reports(
        "h1",
        "sextortion",
        victim_age_band="15_17",
        reporter_role="victim",
        deadline_at=midnight.isoformat(),
        covert=True,
        personal={"safe_contact": "text before you call, say it is the library", "code_word": "larkspur"},
    )
    assert (town.case().band, leading(town), town.case().covert) == ("P0", ["psychological"], True)
    assert {"psychological", "technical"} <= offered_at_once(town, started)
    assert lanes(town) <= URGENT
    accepted_by_all(town.passes(minutes=1), *(track.pillar for track in town.case().tracks))
    assert town.case().state is CaseState.STABILISED
    assert {"minor", "attacker_deadline"} <= set(town.case().signals)
    town._new_notices()


def test_an_old_man_whose_money_left_twelve_minutes_ago_has_the_bank_desk_first(town: Town) -> None:
    town.everyone_on_duty()
    town.reports(
        "h1",
        "bank_fraud",
        victim_age_band="65_plus",
        money_lost=True,
        amount_minor=420_000,
        currency="EUR",
        paid_at=(town.now - timedelta(minutes=12)).isoformat(),
        facts={"remote_session_open": True, "method": "transfer"},
    )
    assert (town.case().band, leading(town)) == ("P0", ["financial"])
    assert lanes(town) <= URGENT
    accepted_by_all(town.passes(minutes=1), *(track.pillar for track in town.case().tracks))
    assert town.case().state is CaseState.STABILISED
    assert "late" not in {clock.state for track in town.case().tracks for clock in track.clocks}
    town._new_notices()


def test_a_spouse_tracked_by_the_subscriber_is_covert_and_gets_another_team_than_he(town: Town) -> None:
    town.everyone_on_duty().household("h1", programme="proximus_cyber_care")
    town.reports(
        "h1",
        "malware",
        secondary_codes=["unwanted_publication"],
        offender_relation="subscriber",
        victim_member_id="spouse",
        offender_member_id="subscriber",
        personal={"safe_contact": "the library's phone, weekdays at noon", "code_word": "larkspur"},
    )
    hers = town.case()
    assert (hers.covert, hers.code, hers.secondary_codes) == (True, "malware", ("unwanted_publication",))
    town.passes(minutes=1).reports("h1", "account_takeover", victim_member_id="subscriber")
    his = town.case()
    assert his.case_id != hers.case_id
    assert his.walled_from == (hers.case_id,)
    assert hers.case_id not in {link.case_id for link in his.links}
    town._new_notices()


def test_campaign_against_a_start_up_is_nine_cases_and_the_employer_sees_a_count(town: Town) -> None:
    town.everyone_on_duty()
    doxxed = Campaign(campaign_id="launch-night", sponsor_id="start-up")
    for number in range(9):
        report = town.report(f"staff-{number}", "doxxing", facts={"home_known": True})
        town.arrives(report.model_copy(update={"campaign": doxxed}))
    assert len({case.household_id for case in town.cases()}) == 9
    assert all(case.band.rank <= 1 for case in town.cases())
    assert town.router.partition.campaigns.records["launch-night"].counts.cases == 9
    town._new_notices()
