"""What other desks are known to get wrong, each by its name: none of it happens here."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from schemas.base import Actor
from schemas.catalogue import Catalogue
from schemas.commands import Receipt, ResponderPut
from schemas.desk_records import DeskTrackRecord
from schemas.rosters import ContactMethod, RosterEntry
from schemas.rotas import Layer
from schemas.words import Presence, Role
from services.intake.rota_views import coverage_of, desk_on_duty
from services.responders.ringing import notice_of
from tests.scenarios.psychologists import HARASSED, psychologists
from tests.scenarios.town import SUPERVISOR, Town
from tests.shipped import ABLE, FOUR_PROMISES

DESK, LEAD = "psychological-fr", "duty-lead-psychological-fr"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """What nobody has classified makes no promise of its own here."""
    return FOUR_PROMISES


def seat(*people: str) -> Layer:
    """A seat that changes hands every day at midnight UTC; it is Friday, twenty to ten in the evening."""
    turns: dict[str, Any] = {"every": 1, "unit": "days", "hand_over_at": "00:00", "zone": "UTC"}
    return Layer.model_validate({"name": "first", "people": people, "starts_on": date(2026, 3, 20), **turns})


def harassed(town: Town, household: str | None = None) -> str:
    """A P2 comes; its case."""
    town.reports(household, HARASSED, country="FR", language="fr").ignoring_what_was_told()
    return town.case().case_id


def life(town: Town) -> Town:
    """A P0 comes, whose lead track is psychological."""
    return town.reports(None, HARASSED, signals=["self_harm"], country="FR", language="fr")


def of_case(town: Town, case_id: str) -> DeskTrackRecord:
    """A case's psychological track, as its desk has it."""
    return next(one for one in town.desk("psychological").tracks.values() if one.dispatch.case_id == case_id)


def asked(town: Town, case_id: str) -> list[str]:
    return [one.responder_id for one in of_case(town, case_id).offers]


def pages(town: Town) -> list[str]:
    """Who was paged about the psychological track of the last case since the last look, in order."""
    track = town.track("psychological").track_id
    return [one.recipient for one in town._new_notices() if one.track_id == track and one.kind.value == "page"]


# ------------------------------------------------------------------------- returning victim pinned to an offline responder
def goes_away(town: Town) -> None:
    town.presence("ann", DESK, Presence.AWAY)


def falls_silent(town: Town) -> None:
    town.presence("ann", DESK, Presence.AVAILABLE, beats=30).passes(seconds=90)


@pytest.mark.parametrize("goes", [goes_away, falls_silent])
def test_a_returning_victim_is_not_pinned_to_a_responder_who_is_offline(
    town: Town, goes: Callable[[Town], None]
) -> None:
    psychologists(town.household("h", programme="axa_protection_familiale_integrale"), "ann", "bob")
    harassed(town, "h")
    town.answers("accept", "ann", "psychological").expects_outcome("done")
    assert asked(town, harassed(town, "h")) == ["ann"], "whom the victim knows goes first while they are there"
    goes(town)
    assert asked(town, harassed(town, "h")) == ["bob"]
    town.ignoring_what_was_told()


def test_a_returning_victim_is_not_pinned_to_a_responder_whose_shift_is_over(town: Town) -> None:
    psychologists(town.household("h", programme="axa_protection_familiale_integrale"), "ann", "bob", on_duty=False)
    town.rota(DESK, seat("ann", "bob"))
    harassed(town, "h")
    town.answers("accept", "ann", "psychological").passes(hours=3)
    assert asked(town, harassed(town, "h")) == ["bob"]


# ------------------------------------------------------------------------------ backlog not drained when capacity frees
def done(town: Town) -> None:
    town.answers("accept", "ann", "psychological").works("done", "ann", "psychological", result="helped")


def declined(town: Town) -> None:
    town.answers("decline", "ann", "psychological")


def given_back(town: Town) -> None:
    town.answers("accept", "ann", "psychological").works("handover", "ann", "psychological")


def more_capacity(town: Town) -> None:
    town.responder("ann", DESK, capacity=2, on_duty=False)


def somebody_comes(town: Town) -> None:
    town.responder("bob", DESK, capacity=1)


@pytest.mark.parametrize("frees", [done, declined, given_back, more_capacity, somebody_comes])
def test_capacity_that_becomes_free_is_filled_at_once_by_who_waits_longest(
    town: Town, frees: Callable[[Town], None]
) -> None:
    psychologists(town, "ann", capacity=1)
    first, second, third = (harassed(town.passes(minutes=1)) for _ in range(3))
    assert [bool(asked(town, one)) for one in (first, second, third)] == [True, False, False]
    town.last_case = first
    frees(town)
    assert [bool(asked(town, one)) for one in (second, third)] == [True, False]
    town.ignoring_what_was_told()


# ------------------------------------------------------------------------------- empty rota level still waiting its delay
def test_an_empty_rota_level_never_lets_a_p0_wait_its_delay(town: Town) -> None:
    psychologists(town, "ann", on_duty=False).rota(DESK, seat()).ignoring_what_was_told()
    assert pages(life(town)) == [f"post:{LEAD}"], "at the instant it came"
    start = town.now
    assert pages(town.passes(seconds=60)) == ["post:sink"], "the neighbours' step has nobody: the sink at its instant"
    climbed: list[Any] = [one.data for one in town.facts("page_climbed") if one.data.pillar == "psychological"]  # type: ignore[attr-defined]
    at = start + timedelta(seconds=60)
    assert [(one.step, one.planned_at, one.lateness_seconds) for one in climbed] == [
        ("neighbours", at, 0.0),
        ("sink", at, 0.0),
    ]
    assert town.track("psychological").desk_id == DESK, "where nobody is it would wait in vain"
    town.ignoring_what_was_told().responder("late", DESK).expects_offers("late")
    town.passes().ignoring_what_was_told()


# -------------------------------------------------------------------------- responder on rota with no way to be reached
def test_a_responder_on_rota_with_no_way_to_be_reached_is_no_cover_and_is_asked_nothing(town: Town) -> None:
    psychologists(town, "mute", on_duty=False, verified=False).rota(DESK, seat("mute")).expects_pages(LEAD)
    (gap,) = town.gaps(DESK)
    assert (town.on_duty(DESK), gap.reasons) == ({"mute": "away"}, ("no_verified_method",))
    assert asked(town, harassed(town)) == []
    town.responder("mute", DESK, on_duty=False).passes()
    assert (town.on_duty(DESK), town.gaps(DESK)) == ({"mute": "available"}, [])
    town.ignoring_what_was_told()


def unreached(town: Town, case_id: str) -> None:
    """The pager says that nobody could be reached by the first offer's notice."""
    track = of_case(town, case_id)
    said = {"issuer_key": DESK, "notice_id": notice_of(track.offers[0]), "track_id": track.dispatch.track_id}
    failed = {"delivered": False, "method": "none", "delivered_at": town.now, "answer": False}
    pager = town._command(Actor(role=Role.SERVICE, id="pager"))
    town._to_desk(DESK, "receipt", Receipt.model_validate({**pager, **said, **failed}))


def test_a_responder_on_rota_whom_no_method_reaches_is_not_waited_for(town: Town) -> None:
    case = harassed(psychologists(town, "lost", "bob"))
    unreached(town, case)
    assert asked(town, case) == ["lost", "bob"], "the first of them to accept has it"
    unreached(town.expects_offers("bob"), case)
    town.expects_silence().answers("accept", "bob", "psychological").expects(
        "psychological", "accepted", responder="bob"
    )


# ------------------------------------------------------------------------------ nobody told that unassigned cases exist
def test_what_waits_when_everybody_is_gone_is_told_to_a_human_at_once(town: Town) -> None:
    town.responder("one", "technical-fr", capacity=1).reports(None, "unclassified_suspicion").expects_offers("one")
    town.reports(None, "unclassified_suspicion").expects_silence()
    town.presence("one", "technical-fr", Presence.AWAY).expects_pages("duty-lead-technical-fr")


def test_what_nobody_takes_in_time_is_told_to_humans_until_one_of_them_answers(town: Town) -> None:
    town.responder("one", "technical-fr", capacity=1).reports(None, "unclassified_suspicion").expects_offers("one")
    town.answers("accept", "one", "technical").works("contacted", "one", "technical", result="spoke")
    town.reports(None, "unclassified_suspicion").passes(hours=7, minutes=59).expects_silence()
    town.passes(minutes=1).expects_pages("duty-lead-technical-fr")
    town.passes(hours=4).expects_pages("sink").passes(hours=2).expects_pages("sink")


# -------------------------------------------------------------------------------------------------- a gap shown as nothing
@pytest.mark.parametrize(
    ("layers", "reason"), [((seat(),), "nobody_planned"), ((), "nobody_planned"), (None, "no_rota")]
)
def test_a_desk_that_nobody_covers_is_shown_as_one_gap_of_everything_and_not_as_nothing(
    town: Town, layers: tuple[Layer, ...] | None, reason: str
) -> None:
    psychologists(town, "ann", on_duty=False)
    if layers is not None:
        town.rota(DESK, *layers).expects_pages(LEAD)
    rota = town.desk("psychological").duty.rotas.get(DESK)
    (gap,) = coverage_of(DESK, rota, town.gaps(DESK), town.catalogue, now=town.now).gaps
    assert (gap.begins, gap.ends, gap.reasons) == (town.now, None, (reason,))
    assert {"any/fr", "psy_minors/fr/minors", "psy_suicide_risk/en/restricted"} <= {*gap.cells}
    shown = desk_on_duty(DESK, rota, {}, town.now, now=True)
    assert reason in {shown.reason, *(one.reason for one in shown.seats)}


# ---------------------------------------------------------------------------------- capacity exceeded by inactive work
def test_work_that_waits_for_somebody_else_still_counts_so_that_capacity_is_never_exceeded(town: Town) -> None:
    psychologists(town, "ann", capacity=2)
    held = [harassed(town) for _ in range(2)]
    for case in held:
        town.last_case = case
        town.answers("accept", "ann", "psychological").works("contacted", "ann", "psychological", result="spoke")
        town.works("wait", "ann", "psychological", result="victim").expects_outcome("done")
    waiting = harassed(town)
    assert asked(town, waiting) == []
    for case in held:
        town.last_case = case
        town.works("resume", "ann", "psychological").expects_outcome("done")
    assert (town.desk("psychological").crowd.load["ann"], asked(town, waiting)) == (2, [])


def test_work_set_aside_for_a_p0_comes_back_before_anything_new_and_within_capacity(town: Town) -> None:
    psychologists(town, "ann", capacity=2)
    held = [harassed(town) for _ in range(2)]
    for case in held:
        town.last_case = case
        town.answers("accept", "ann", "psychological")
    lives = [
        life(town).ignoring_what_was_told().answers("accept", "ann", "psychological").case().case_id for _ in range(2)
    ]
    waiting = harassed(town)
    assert [of_case(town, case).set_aside for case in held] == [True, True]
    for case in lives:
        town.last_case = case
        town.works("done", "ann", "psychological", result="helped")
    assert [of_case(town, case).set_aside for case in held] == [False, False]
    assert (town.desk("psychological").crowd.load["ann"], asked(town, waiting)) == (2, [])
    town.ignoring_what_was_told()


def test_what_came_last_is_set_aside_first_and_what_came_first_goes_on(town: Town) -> None:
    psychologists(town, "ann", capacity=3)
    held = []
    for _ in range(3):
        held.append(harassed(town))
        town.answers("accept", "ann", "psychological").passes(seconds=1)
    for _ in range(2):
        life(town).ignoring_what_was_told().answers("accept", "ann", "psychological").ignoring_what_was_told()
    assert [of_case(town, case).set_aside for case in held] == [False, True, True]


# ------------------------------------------------------------------------------------ fresh criticals buried by aged lows
def test_a_fresh_p0_goes_before_any_number_of_aged_cases(town: Town) -> None:
    psychologists(town, "ann", on_duty=False)
    aged = [harassed(town.passes(seconds=1)) for _ in range(6)]
    town.passes(days=1)
    fresh = life(town).case().case_id
    town.ignoring_what_was_told().responder("ann", DESK, capacity=1)
    assert asked(town, fresh) == ["ann"]
    assert not any(asked(town, case) for case in aged)
    town.ignoring_what_was_told().answers("accept", "ann", "psychological").works(
        "done", "ann", "psychological", result="helped"
    )
    assert [case for case in aged if asked(town, case)] == [aged[0]], "then who has waited longest"
    town.ignoring_what_was_told()


# ---------------------------------------------------------------------------------------------- two calls for one silence
def test_nobody_is_called_twice_for_one_silence_because_somebody_restarted(town: Town) -> None:
    twice = (ContactMethod(kind="log"), ContactMethod(kind="log"))
    entry = RosterEntry(responder_id="ann", desk_id=DESK, methods=twice, **ABLE)
    put = ResponderPut(**town._command(SUPERVISOR), desk_id=DESK, entry=entry)
    psychologists(town)._to_desk(DESK, "responder_put", put).presence("ann", DESK, Presence.AVAILABLE)
    harassed(town)
    town.passes(minutes=7, seconds=29).expects_silence().everything_restarts().passes(seconds=1).expects_offers("ann")
    town.everything_restarts().passes(minutes=7).expects_silence()
