"""What changes when an agent, or a further report, tells more: facts add up, machines only raise, humans lower with a reason."""

from datetime import timedelta

import pytest

from schemas.words import CaseState, Role
from tests.scenarios.town import SUPERVISOR, Town

ALL_FOUR = ("r-technical-fr", "r-legal-fr", "r-financial-fr", "r-psychological-fr")


def accepted_by_all(town: Town, *pillars: str) -> Town:
    for pillar in pillars:
        town.answers("accept", f"r-{pillar}-fr", pillar).expects_outcome("done")
        town.works("contacted", f"r-{pillar}-fr", pillar, result="spoke")
    return town


def test_a_safety_fact_learned_later_raises_the_case_and_rings_who_has_not_answered(town: Town) -> None:
    town.everyone_on_duty().reports(None, "insult_harassment")
    town.expects_offers("r-psychological-fr", "r-technical-fr", "r-legal-fr")
    town.answers("accept", "r-legal-fr", "legal").asks("update", facts={"signals": ["self_harm"]})
    town.expects_outcome("done")
    town.expects_offers("r-psychological-fr", "r-technical-fr", paged="duty-lead-psychological-fr")
    assert (town.case().band, town.case().signals) == ("P0", ("self_harm",))
    town.expects("legal", "accepted", responder="r-legal-fr")


def test_another_code_adds_the_pillars_it_needs_and_keeps_what_somebody_works_on(town: Town) -> None:
    town.everyone_on_duty().reports(None, "phishing").expects_offers("r-technical-fr", "r-financial-fr")
    town.answers("accept", "r-technical-fr", "technical")
    town.asks("update", facts={"secondary_codes": ["identity_theft"]}).expects_outcome("done")
    assert {track.pillar for track in town.case().tracks} == {"technical", "financial", "legal", "psychological"}
    town._new_notices()
    town.expects("technical", "accepted", responder="r-technical-fr")


def test_a_corrected_code_withdraws_only_what_nobody_works_on(town: Town) -> None:
    town.everyone_on_duty().reports(None, "malicious_calls").expects_offers(*ALL_FOUR)
    town.answers("accept", "r-psychological-fr", "psychological")
    town.asks("update", facts={"code": "personal_data_misuse"}, dropped_codes=["malicious_calls"], reason="misheard")
    town.expects("financial", "withdrawn").expects("psychological", "accepted", responder="r-psychological-fr")
    assert [track.lead for track in town.case().tracks if track.pillar == "legal"] == [True]
    town._new_notices()
    town.passes(days=2)
    assert {event.data.pillar for event in town.facts("clock_breached")}.isdisjoint({"financial"})  # type: ignore[attr-defined]
    town._new_notices()


def test_another_code_alone_takes_nothing_away(town: Town) -> None:
    town.everyone_on_duty().reports(None, "malicious_calls").expects_offers(*ALL_FOUR)
    town.asks("update", facts={"code": "personal_data_misuse"})._new_notices()
    assert (town.case().code, town.case().secondary_codes) == ("personal_data_misuse", ("malicious_calls",))
    town.expects("financial", "offered")


def test_a_withdrawn_track_comes_back_when_it_is_needed_again(town: Town) -> None:
    town.everyone_on_duty().reports(None, "malicious_calls").expects_offers(*ALL_FOUR)
    town.asks("update", facts={"code": "personal_data_misuse"}, dropped_codes=["malicious_calls"])._new_notices()
    town.expects("financial", "withdrawn").asks("update", facts={"code": "malicious_calls"})._new_notices()
    town.expects("financial", "offered").answers("accept", "r-financial-fr", "financial").expects_outcome("done")


def test_a_machine_never_lowers_a_band_whatever_is_said(town: Town) -> None:
    town.everyone_on_duty().reports(None, "threat", signals=["physical_danger"])._new_notices()
    town.asks("update", facts={"code": "phishing", "victim_age_band": "adult"}).expects_outcome("done")
    assert (town.case().band, town.case().code) == ("P0", "phishing")
    assert "physical_danger" in town.case().signals
    town._new_notices()


def test_a_human_lowers_only_with_no_safety_signal_open(town: Town) -> None:
    town.everyone_on_duty().reports(None, "threat", signals=["physical_danger"])._new_notices()
    town.asks("lower", band="P2", reason="misheard").expects_outcome("safety_signal_open")
    town.asks("update", closed_signals=["physical_danger"], reason="police_on_site").expects_outcome("not_eligible")
    town.asks("update", by=SUPERVISOR, closed_signals=["physical_danger"]).expects_outcome("wrong_state")
    town.asks("update", by=SUPERVISOR, closed_signals=["physical_danger"], reason="police_on_site")
    town.expects_outcome("done").asks("lower", band="P2", reason="misheard").expects_outcome("done")
    assert town.case().band == "P2"
    assert [event.data.reason for event in town.facts("signal_closed")] == ["police_on_site"]  # type: ignore[attr-defined]
    town._new_notices()


def test_what_a_human_lowered_stays_lowered_until_something_new_raises_it(town: Town) -> None:
    town.everyone_on_duty().reports(None, "data_breach")._new_notices()
    town.asks("lower", band="P3", reason="stale_data").expects_outcome("done").asks("update", facts={"language": "nl"})
    assert town.case().band == "P3"
    town.asks("update", facts={"signals": ["money_leaving"]})
    assert town.case().band == "P0"
    town._new_notices()


def test_a_closed_signal_said_again_is_open_again(town: Town) -> None:
    town.everyone_on_duty().reports(None, "threat", signals=["physical_danger"])._new_notices()
    town.asks("update", by=SUPERVISOR, closed_signals=["physical_danger"], reason="police_on_site")
    town.asks("lower", band="P2", reason="misheard").expects_outcome("done")
    town.asks("update", facts={"signals": ["physical_danger"]}).expects_outcome("done")
    assert (town.case().band, town.case().closed_signals) == ("P0", ())
    town._new_notices()


@pytest.mark.parametrize("verb", ["lower", "close", "merge", "split"])
def test_what_could_harm_is_refused_when_its_author_saw_an_older_version(town: Town, verb: str) -> None:
    town.everyone_on_duty().reports("h1", "phishing")
    town.reports("h1", "data_breach", secondary_codes=["identity_theft"])._new_notices()
    case = town.case()
    other = next(one for one in town.cases() if one.case_id != case.case_id)
    said = {
        "lower": {"band": "P3"},
        "close": {},
        "merge": {"into_case_id": other.case_id, "into_household_id": case.household_id},
        "split": {"code": "identity_theft"},
    }[verb]
    version = case.version
    town.asks("note", personal={"text": "Rang again."})
    town.asks(verb, expected_version=version, reason="decided", **said).expects_outcome("stale_version")
    assert town.case().version == version + 1
    town.asks(verb, expected_version=version + 1, reason="decided", **said).expects_outcome("done")
    town._new_notices()


@pytest.mark.parametrize(
    ("verb", "said"), [("raise", {"band": "P0", "reason": "heard"}), ("note", {"personal": {"text": "x"}})]
)
def test_a_raise_and_a_note_never_fail_for_a_stale_version(town: Town, verb: str, said: dict[str, object]) -> None:
    town.everyone_on_duty().reports(None, "phishing")._new_notices()
    town.asks(verb, expected_version=1, **said).expects_outcome("done")
    town._new_notices()


def test_help_the_victim_does_not_want_stops_and_the_case_does_not_wait_for_it(town: Town) -> None:
    town.everyone_on_duty().reports(None, "insult_harassment")._new_notices()
    accepted_by_all(town, "technical", "psychological").asks("update", declined=["legal"], reason="no_lawyer")
    town.expects("legal", "declined").passes(days=1)
    assert town.case().state is CaseState.STABILISED
    assert "legal" not in {event.data.pillar for event in town.facts("clock_breached")}  # type: ignore[attr-defined]
    town._new_notices()


def test_when_the_help_that_leads_is_declined_the_next_one_leads(town: Town) -> None:
    town.everyone_on_duty().reports(None, "threat", facts={"weapon": True})._new_notices()
    town.asks("update", declined=["legal"], reason="no_lawyer").expects_outcome("done")._new_notices()
    town.asks("update", facts={"language": "fr"}).expects_outcome("done")._new_notices()
    leads = [(track.pillar, track.state) for track in town.case().tracks if track.lead]
    assert leads == [("technical", "offered")]
    sent = {fact.data.pillar: fact.data.lead for fact in town.facts("track_dispatched")}  # type: ignore[attr-defined]
    assert (sent["technical"], sent["psychological"]) == (True, False)


def test_a_fast_lead_is_promised_when_the_help_that_led_a_p0_is_declined(town: Town) -> None:
    town.everyone_on_duty().reports(None, "sextortion", signals=["money_leaving"])._new_notices()
    opened = town.now
    town.asks("update", declined=["psychological", "technical"], reason="alone").expects_outcome("done")._new_notices()
    assert town.track("legal").lead
    assert town.clock("legal", "acknowledge").due == opened + timedelta(minutes=2)  # type: ignore[union-attr]


def test_who_thinks_of_suicide_is_not_left_without_a_psychologist_by_a_form(town: Town) -> None:
    town.everyone_on_duty().reports(None, "insult_harassment", signals=["self_harm"])._new_notices()
    town.asks("update", declined=["psychological"], reason="said_no").expects_outcome("safety_signal_open")
    town.expects("psychological", "offered")


def test_new_work_reopens_a_case_whose_work_was_done(town: Town) -> None:
    town.everyone_on_duty().reports(None, "unclassified_suspicion").expects_offers("r-technical-fr")
    accepted_by_all(town, "technical").works("done", "r-technical-fr", "technical")
    assert town.case().state is CaseState.RESOLVED
    town.asks("update", facts={"code": "identity_theft"}).expects_outcome("done")
    assert town.case().state is CaseState.DISPATCHED
    town.expects("technical", "done", responder="r-technical-fr").expects_offers(
        "r-legal-fr", "r-financial-fr", "r-psychological-fr"
    )


def test_every_decision_on_an_update_says_why(town: Town) -> None:
    town.everyone_on_duty().reports(None, "phishing")._new_notices()
    town.asks("update", facts={"signals": ["money_leaving"]})._new_notices()
    (told,) = town.facts("updated")
    rules = [why.rule.partition(":")[0] for why in told.data.explanations]  # type: ignore[attr-defined]
    assert rules == ["retriage", "coverage", "pillars"]


def test_only_a_human_lowers(town: Town) -> None:
    town.everyone_on_duty().reports(None, "data_breach")._new_notices()
    machine = SUPERVISOR.model_copy(update={"role": Role.SERVICE})
    town.asks("lower", by=machine, band="P3", reason="quiet").expects_outcome("not_eligible")


# -------------------------------------------------------------------------------------- an ultimatum comes near
@pytest.mark.parametrize(("left", "hours", "bands"), [(80, 72, ("P2", "P1")), (26, 24, ("P1", "P0"))])
def test_an_ultimatum_raises_the_case_when_it_is_near_though_nobody_says_anything_new(
    town: Town, left: int, hours: int, bands: tuple[str, str]
) -> None:
    ultimatum(town, left).passes(hours=left - hours, seconds=-1).ignoring_what_was_told()
    assert town.case().band == bands[0]
    town.passes(seconds=1).ignoring_what_was_told()
    assert town.case().band == bands[1]
    assert [one.data.reason for one in town.facts("updated")] == ["deadline_nears"]  # type: ignore[attr-defined]


def test_an_ultimatum_a_human_has_closed_raises_nothing_any_more(town: Town) -> None:
    ultimatum(town, 26).asks("update", by=SUPERVISOR, closed_signals=["attacker_deadline"], reason="bluff")
    town.passes(hours=3).ignoring_what_was_told()
    assert town.case().band == "P1"


def test_a_case_whose_work_is_done_is_not_raised_by_its_ultimatum(town: Town) -> None:
    ultimatum(town, 80)
    for pillar in ("technical", "legal", "psychological"):
        town.works("done", f"r-{pillar}-fr", pillar, result="helped").ignoring_what_was_told()
    town.passes(hours=9).ignoring_what_was_told()
    assert town.case().band == "P2"


def ultimatum(town: Town, hours: int) -> Town:
    """A P2 by its code, with so many hours until an attacker acts; everybody has accepted and spoken with the victim."""
    deadline = (town.now + timedelta(hours=hours)).isoformat()
    town.everyone_on_duty().reports(None, "fake_profile", country="FR", deadline_at=deadline)
    return accepted_by_all(town.ignoring_what_was_told(), "technical", "legal", "psychological")
