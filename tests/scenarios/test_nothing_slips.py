"""What slipped through a desk when two things met: covers who leave, limits reached between two offers, walls, shifts that overlap."""

from datetime import date, timedelta
from typing import Any

import pytest

from schemas.catalogue import Catalogue
from schemas.rotas import Layer, Weekday
from schemas.words import NoticeKind, Presence
from tests.scenarios.psychologists import HARASSED, harassed, insured, psychologists
from tests.scenarios.test_desks_hold_together import asked, held
from tests.scenarios.test_two_sides import HERS
from tests.scenarios.town import Town
from tests.shipped import FOUR_PROMISES

DESK, PILLAR = "psychological-fr", "psychological"
OTHERS = ("legal", "technical", "financial")


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """What nobody has classified makes no promise of its own here."""
    return FOUR_PROMISES


def life(town: Town, household: str | None = None, **said: Any) -> Any:
    """A P0 of somebody harassed."""
    about: dict[str, Any] = {"signals": ["self_harm"], "country": "FR", "language": "fr"}
    return town.reports(household, HARASSED, **(about | said)).ignoring_what_was_told().case()


def extorted(town: Town) -> Any:
    """A case that is hard to bear; the other pillars have somebody for it."""
    return town.reports(None, "sextortion", country="FR").ignoring_what_was_told().case()


def others(town: Town) -> Town:
    for pillar in OTHERS:
        town.responder(f"r-{pillar}", f"{pillar}-fr", capacity=100)
    return town


# ------------------------------------------------------------------------------------------------------- who covers
def covered(town: Town) -> tuple[Any, str, str]:
    """The owner is away, one of two colleagues has promised to make the contact: the case, who has, who could."""
    case = harassed(insured(psychologists(town, "a", "b", "c")))
    town.answers("accept", "a", PILLAR).works("contacted", "a", PILLAR, result="spoke")
    town.presence("a", DESK, Presence.AWAY).passes(hours=70, minutes=1).ignoring_what_was_told()
    (cover,) = asked(town, case)
    town.answers("accept", cover, PILLAR).ignoring_what_was_told()
    return case, cover, "c" if cover == "b" else "b"


def test_who_promised_a_contact_for_somebody_and_leaves_is_replaced_at_once(town: Town) -> None:
    case, cover, other = covered(town)
    town.presence(cover, DESK, Presence.AWAY).ignoring_what_was_told()
    assert (held(town, case).owner, held(town, case).covered_by, asked(town, case)) == ("a", None, [other])


def test_who_promised_a_contact_for_somebody_and_is_not_heard_of_is_replaced_and_so_is_the_next(town: Town) -> None:
    case, cover, other = covered(town)
    town.passes(hours=5, minutes=58).ignoring_what_was_told()
    assert held(town, case).covered_by == cover
    town.passes(minutes=2).ignoring_what_was_told()
    assert (held(town, case).covered_by, asked(town, case)) == (None, [other])
    town.answers("accept", other, PILLAR).passes(hours=3, minutes=59).ignoring_what_was_told()
    assert held(town, case).covered_by == other
    town.passes(minutes=1).ignoring_what_was_told()
    assert (held(town, case).owner, asked(town, case)) == ("a", [cover])


def at_home(town: Town, case: Any) -> Town:
    """It turns out who harms them: a case for cleared responders from now on."""
    return town.about(case).asks("update", facts={"signals": ["same_roof_offender"]}).expects_outcome("done")


def test_who_covers_a_case_that_comes_to_ask_for_a_clearance_they_have_not_is_replaced_by_who_has_it(
    town: Town,
) -> None:
    insured(psychologists(psychologists(town, "a"), "b", clearances=()))
    case = harassed(town)
    town.answers("accept", "a", PILLAR).works("contacted", "a", PILLAR, result="spoke")
    town.presence("a", DESK, Presence.AWAY).passes(hours=70, minutes=1).ignoring_what_was_told()
    town.answers("accept", "b", PILLAR).ignoring_what_was_told()
    assert held(town, case).covered_by == "b"
    psychologists(town, "c").ignoring_what_was_told()
    at_home(town, case).ignoring_what_was_told()
    assert (held(town, case).owner, held(town, case).covered_by, asked(town, case)) == ("a", None, ["c"])


@pytest.mark.parametrize(("cleared", "told"), [((), 1), (("restricted",), 0)])
def test_the_owner_of_such_a_case_stays_with_the_victim_and_the_duty_lead_hears_of_it_once(
    town: Town, cleared: tuple[str, ...], told: int
) -> None:
    case = harassed(insured(psychologists(town, "a", clearances=cleared)))
    town.answers("accept", "a", PILLAR).ignoring_what_was_told()
    at_home(town, case)
    town.about(case).asks("update", facts={"ongoing": True})
    notices = [event.data for topic, event in town.ignoring_what_was_told().bus.events if topic == "notices"]
    heard = [one.recipient for one in notices if one.reason == "owner_not_cleared"]  # type: ignore[attr-defined]
    assert (held(town, case).owner, heard) == ("a", ["post:duty-lead-psychological-fr"] * told)


# ---------------------------------------------------------------------------------------------- a search begins anew
def test_a_p0_given_back_with_nobody_left_is_told_to_a_human_at_once_the_second_time_too(town: Town) -> None:
    case = life(insured(psychologists(town)))
    assert held(town, case).exhausted
    town.responder("a", DESK).answers("accept", "a", PILLAR).ignoring_what_was_told()
    town.works("handover", "a", PILLAR)
    paged = [one.recipient for one in town._new_notices() if one.kind is NoticeKind.PAGE]
    assert paged == ["post:duty-lead-psychological-fr"]


def test_what_was_planned_for_an_earlier_search_does_not_widen_the_next(town: Town) -> None:
    insured(psychologists(town, "a", "b"))
    case = harassed(town)  # widens after 30 minutes, and found somebody before
    town.answers("accept", "a", PILLAR).passes(minutes=20).works("handover", "a", PILLAR).ignoring_what_was_told()
    town.passes(minutes=11).ignoring_what_was_told()
    assert held(town, case).step == 0


def test_who_declined_something_is_asked_again_once_it_is_more_urgent(town: Town) -> None:
    case = harassed(insured(psychologists(town, "a")))
    town.answers("decline", "a", PILLAR).ignoring_what_was_told()
    assert asked(town, case) == []
    town.asks("raise", band="P0", reason="worse").ignoring_what_was_told()
    assert asked(town, case) == ["a"]


# -------------------------------------------------------------------------------------------------- hard to bear
def test_a_limit_reached_by_one_of_several_offers_ends_the_others(town: Town) -> None:
    others(town).responder("a", DESK, capacity=50).passes(seconds=1).responder("b", DESK, capacity=50)
    cases = [extorted(town) for _ in range(5)]
    assert all("a" in asked(town, case) for case in cases)
    for case in cases:
        if "a" in asked(town, case):
            town.about(case).answers("accept", "a", PILLAR)
    town.ignoring_what_was_told()
    assert [held(town, case).owner for case in cases].count("a") == 3
    assert [asked(town, case) for case in cases if held(town, case).owner is None] == [["b"], ["b"]]


def test_who_has_borne_enough_is_asked_again_as_soon_as_the_limit_allows_whatever_else_happens(town: Town) -> None:
    others(town).responder("a", DESK, capacity=50)
    for _ in range(3):
        extorted(town)
        town.answers("accept", "a", PILLAR).works("contacted", "a", PILLAR, result="spoke")
    waiting = extorted(town.passes(minutes=1))
    for pillar in OTHERS:
        town.presence(f"r-{pillar}", f"{pillar}-fr", Presence.AWAY)
    assert asked(town, waiting) == []
    town.everything_restarts().passes(hours=11, minutes=59).ignoring_what_was_told()
    assert asked(town, waiting) == ["a"]


# --------------------------------------------------------------------------------------------------- walls, acquaintances
def test_who_interprets_for_one_side_is_never_asked_about_the_other(town: Town) -> None:
    town.household("h1").responder("a", DESK, languages=("fr",)).responder("helper", DESK, languages=("nl", "en"))
    town.presence("helper", DESK, Presence.WRAP_UP)
    both: dict[str, Any] = {"language": "nl", "signals": ["self_harm", "same_roof_offender"]}
    hers = life(town, "h1", **(HERS | both))
    town.assigns("a", PILLAR, reason="agreed").ignoring_what_was_told()
    assert held(town, hers).interpreted_by == "helper"
    town.presence("helper", DESK, Presence.AVAILABLE)
    his = life(town, "h1", language="en", victim_member_id="m2")
    assert his.walled_from == (hers.case_id,)
    assert "helper" not in asked(town, his)


def test_who_covers_or_had_one_side_is_never_asked_about_the_other(town: Town) -> None:
    town.household("h1").responder("a", DESK).passes(seconds=1).responder("b", DESK).passes(seconds=1)
    hers = life(town.responder("c", DESK), "h1", **(HERS | {"signals": ["self_harm", "same_roof_offender"]}))
    town.answers("accept", "a", PILLAR).works("handover", "a", PILLAR).ignoring_what_was_told()
    town.answers("accept", "b", PILLAR).works("contacted", "b", PILLAR, result="spoke")
    town.presence("b", DESK, Presence.AWAY).passes(hours=1, minutes=50).ignoring_what_was_told()
    assert asked(town, hers) == ["c"]
    town.answers("accept", "c", PILLAR).ignoring_what_was_told()
    his = life(town, "h1", victim_member_id="m2")
    assert his.walled_from == (hers.case_id,)
    assert asked(town, his) == []


def test_a_wall_that_goes_up_ends_the_cover_by_whoever_works_on_its_other_side(town: Town) -> None:
    town.household("h1").responder("a", DESK).passes(seconds=1).responder("b", DESK)
    hers = life(town, "h1", victim_member_id="m1")
    town.answers("accept", "a", PILLAR).works("contacted", "a", PILLAR, result="spoke").ignoring_what_was_told()
    urgent = {"signals": ["self_harm"], "country": "FR", "victim_member_id": "m2"}
    his = town.reports("h1", "bank_fraud", **urgent).ignoring_what_was_told().case()  # type: ignore[arg-type]
    town.answers("accept", "b", PILLAR).works("contacted", "b", PILLAR, result="spoke")
    town.presence("a", DESK, Presence.AWAY).passes(hours=1, minutes=50).ignoring_what_was_told()
    town.about(hers).answers("accept", "b", PILLAR).ignoring_what_was_told()
    assert held(town, hers).covered_by == "b"
    learned = {"signals": ["same_roof_offender"], "victim_member_id": "m1", "offender_member_id": "m2"}
    town.about(hers).asks("update", facts=learned).ignoring_what_was_told()
    assert town.about(his).case().walled_from == (hers.case_id,)
    assert (held(town, hers).covered_by, held(town, hers).owner, held(town, his).owner) == (None, "a", "b")


def test_who_interprets_and_turns_out_to_live_there_is_replaced(town: Town) -> None:
    helps: dict[str, Any] = {"languages": ("en",), "interprets": ("nl",), "skills": ()}
    town.responder("a", DESK, languages=("fr",)).responder("one", DESK, **helps).responder("two", DESK, **helps)
    case = life(town, language="nl")
    town.answers("accept", "a", PILLAR).ignoring_what_was_told()
    first = held(town, case).interpreted_by
    town.responder(first, DESK, household_id=case.household_id, **helps)
    assert {first, held(town, case).interpreted_by} == {"one", "two"}
    assert (held(town, case).interpreted_by, "interpret") in [(o.recipient, o.reason) for o in town._new_notices()]


def test_an_interpreter_who_leaves_before_anybody_spoke_is_replaced_at_once(town: Town) -> None:
    helps: dict[str, Any] = {"languages": ("en",), "interprets": ("nl",), "skills": ()}
    town.responder("a", DESK, languages=("fr",)).responder("one", DESK, **helps).responder("two", DESK, **helps)
    case = life(town, language="nl")
    town.answers("accept", "a", PILLAR).ignoring_what_was_told()
    first = held(town, case).interpreted_by
    town.presence(first, DESK, Presence.AWAY).expects_reminders(held(town, case).interpreted_by)
    assert {first, held(town, case).interpreted_by} == {"one", "two"}


# ------------------------------------------------------------------------------------------------------------ by hand
def test_by_hand_too_what_does_not_fit_needs_a_reason_however_little_is_missing(town: Town) -> None:
    insured(psychologists(town, "a", capacity=3))
    for _ in range(2):
        harassed(town)
        town.answers("accept", "a", PILLAR)
    heavy: dict[str, Any] = {"country": "FR", "signals": ["same_roof_offender"]}
    town.presence("a", DESK, Presence.AWAY).reports("x", HARASSED, **heavy).ignoring_what_was_told()
    assert town.case().band == "P1"
    town.assigns("a", PILLAR).expects_outcome("not_eligible")
    town.assigns("a", PILLAR, reason="agreed").expects_outcome("done").ignoring_what_was_told()


def test_by_hand_too_what_is_more_than_a_shift_should_bear_needs_a_reason(town: Town) -> None:
    others(town).responder("a", DESK, capacity=50)
    for _ in range(3):
        extorted(town)
        town.answers("accept", "a", PILLAR).ignoring_what_was_told()
    extorted(town)
    town.assigns("a", PILLAR).expects_outcome("not_eligible")
    town.assigns("a", PILLAR, reason="agreed").expects_outcome("done").ignoring_what_was_told()


def test_being_asked_about_it_keeps_nobody_from_being_given_it(town: Town) -> None:
    harassed(insured(psychologists(town, "a", capacity=1)))
    town.assigns("a", PILLAR).expects_outcome("done").ignoring_what_was_told()


def test_of_what_is_equally_urgent_the_one_whose_promise_ends_last_is_set_aside(town: Town) -> None:
    first = harassed(insured(psychologists(town, "a", capacity=3)))
    town.answers("accept", "a", PILLAR).passes(minutes=5)
    second = harassed(town)
    town.answers("accept", "a", PILLAR)
    for _ in range(2):
        life(town)
        town.answers("accept", "a", PILLAR).ignoring_what_was_told()
    assert [held(town, case).set_aside for case in (first, second)] == [False, True]


# ------------------------------------------------------------------------------------------- what it becomes meanwhile
def test_what_becomes_a_p0_under_its_owner_waits_no_longer_and_is_waited_for_as_a_p0(town: Town) -> None:
    cases = []
    insured(psychologists(town, "a", capacity=2))
    for _ in range(2):
        cases.append(harassed(town))
        town.answers("accept", "a", PILLAR)
    for _ in range(2):
        life(town)
        town.answers("accept", "a", PILLAR).ignoring_what_was_told()
    assert [held(town, case).set_aside for case in cases] == [True, True]
    town.about(cases[0]).asks("raise", band="P0", reason="worse").ignoring_what_was_told()
    raised = held(town, cases[0])
    assert (raised.dispatch.band, raised.owner, raised.set_aside) == ("P0", "a", False)
    assert raised.contact_by <= town.now + timedelta(minutes=5)
    assert town.desk(PILLAR).crowd.load["a"] == 6
    town.works("contacted", "a", PILLAR, result="spoke").expects_outcome("done")
    assert town.track(PILLAR).state == "active"


def test_what_is_lowered_under_its_owner_is_known_at_its_desk_once_and_survives_a_restart(town: Town) -> None:
    case = town.reports("x", HARASSED, country="FR", band=None).ignoring_what_was_told().case()
    town.responder("a", DESK).answers("accept", "a", PILLAR).ignoring_what_was_told()
    town.asks("raise", band="P0", reason="worse").asks("lower", band="P1", reason="calmer").ignoring_what_was_told()
    assert (town.case().band, held(town, case).dispatch.band, held(town, case).weight) == ("P1", "P1", 2)
    before = held(town, case)
    town.everything_restarts()
    assert held(town, case) == before


# ------------------------------------------------------------------------------------------------------------- shifts
def weekly(name: str, *windows: dict[str, Any]) -> Layer:
    """A seat that is `a`'s all week long."""
    turns: dict[str, Any] = {"every": 1, "unit": "weeks", "hand_over_at": "00:00", "zone": "UTC"}
    said = {"name": name, "people": ("a",), "starts_on": date(2026, 3, 16), "windows": windows}
    return Layer.model_validate(turns | said)


def daily(begins: str, ends: str) -> dict[str, Any]:
    return {"days": tuple(Weekday), "begins": begins, "ends": ends}


def test_who_said_they_are_away_stays_away_when_one_of_two_shifts_ends(town: Town) -> None:
    town.responder("a", DESK, on_duty=False).rota(DESK, weekly("first"), weekly("second", daily("20:00", "23:00")))
    assert town.on_duty(DESK) == {"a": "available"}
    town.presence("a", DESK, Presence.AWAY).passes(hours=3).ignoring_what_was_told()
    assert town.on_duty(DESK) == {"a": "away"}


def test_windows_that_overlap_all_week_are_one_shift_and_no_day_begins_another(town: Town) -> None:
    town.responder("a", DESK, on_duty=False).rota(DESK, weekly("one", daily("08:00", "20:30"), daily("20:00", "08:30")))
    assert town.on_duty(DESK) == {"a": "available"}
    town.presence("a", DESK, Presence.AWAY).passes(hours=30).ignoring_what_was_told()
    assert town.on_duty(DESK) == {"a": "away"}
