"""The rota brings people on duty and lets them go; what they say, their devices and their leave count; what they hold stays theirs."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from schemas.catalogue import Catalogue
from schemas.rotas import Layer, Unit
from schemas.words import Presence
from tests.scenarios.town import Town
from tests.shipped import FOUR_PROMISES

DESK, LEAD = "psychological-fr", "duty-lead-psychological-fr"
HARASSED = "insult_harassment"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """What nobody has classified makes no promise of its own here."""
    return FOUR_PROMISES


def seat(*people: str, name: str = "first", **said: Any) -> Layer:
    """A seat that changes hands every day at eight in Paris; it is Friday evening, twenty to eleven there."""
    usual: dict[str, Any] = {"every": 1, "unit": Unit.DAYS, "hand_over_at": "08:00", "zone": "Europe/Paris"}
    return Layer(name=name, people=people, **(usual | {"starts_on": date(2026, 3, 20)} | said))


def staffed(town: Town, *names: str, **said: Any) -> Town:
    """These people are in the roster, and away; the other pillars have their own."""
    for pillar in ("technical", "legal"):
        town.responder(f"r-{pillar}", f"{pillar}-fr", capacity=100)
    for name in names:
        town.responder(name, DESK, on_duty=False, **said)
    return town


def until(town: Town, text: str) -> Town:
    """Time passes until an instant (UTC)."""
    return town.passes(seconds=(datetime.fromisoformat(text).replace(tzinfo=UTC) - town.now).total_seconds())


def asked(town: Town) -> list[str]:
    return [one.responder_id for one in town.desk("psychological").tracks[town.track("psychological").track_id].offers]


# ------------------------------------------------------------------------------------------------------------- shifts
def test_who_is_on_rota_is_available_from_the_start_of_their_shift_to_its_end(town: Town) -> None:
    staffed(town, "ann", "bob").rota(DESK, seat("ann", "bob"))
    assert town.on_duty(DESK) == {"ann": "available", "bob": "away"}
    until(town, "2026-03-21T06:59:59")
    assert town.on_duty(DESK) == {"ann": "available", "bob": "away"}
    until(town, "2026-03-21T07:00:00")
    assert town.on_duty(DESK) == {"ann": "away", "bob": "available"}


def test_the_hand_over_stays_at_eight_in_paris_when_the_clocks_go_forward(town: Town) -> None:
    staffed(town, "ann", "bob").rota(DESK, seat("ann", "bob"))
    until(town, "2026-03-29T05:59:59")
    assert town.on_duty(DESK) == {"ann": "available", "bob": "away"}
    until(town, "2026-03-29T06:00:00")  # eight o'clock of summer time; an hour later nobody else comes
    assert town.on_duty(DESK) == {"ann": "away", "bob": "available"}
    until(town, "2026-03-29T07:30:00")
    assert town.on_duty(DESK) == {"ann": "away", "bob": "available"}


def test_a_shift_that_begins_takes_what_waits_and_one_that_ends_keeps_what_it_has(town: Town) -> None:
    staffed(town, "ann", "bob").rota(DESK, seat("ann", "bob"))
    town.reports(None, HARASSED, country="FR").answers("accept", "ann", "psychological")
    town.works("contacted", "ann", "psychological", result="spoke").ignoring_what_was_told()
    until(town, "2026-03-21T07:00:00").expects("psychological", "active", responder="ann").ignoring_what_was_told()
    town.reports(None, HARASSED, country="FR").ignoring_what_was_told()
    assert asked(town) == ["bob"]


def test_who_is_on_another_shift_stays_when_one_ends(town: Town) -> None:
    town = staffed(town, "ann", "bob").rota(DESK, seat("ann", "bob"), seat("ann", name="second", unit=Unit.WEEKS))
    until(town, "2026-03-21T12:00:00")
    assert town.on_duty(DESK) == {"ann": "available", "bob": "available"}


@pytest.mark.parametrize("said", [Presence.BUSY, Presence.AWAY])
def test_who_says_busy_or_away_during_the_shift_stays_so_until_their_next_one(town: Town, said: Presence) -> None:
    staffed(town, "ann", "bob").rota(DESK, seat("ann", "bob")).presence("ann", DESK, said)
    until(town, "2026-03-21T06:00:00")
    assert town.on_duty(DESK)["ann"] == said
    until(town, "2026-03-22T08:00:00").ignoring_what_was_told()
    assert town.on_duty(DESK)["ann"] == "available"


def test_a_restart_in_the_middle_of_a_shift_changes_nothing_and_forgets_no_hand_over(town: Town) -> None:
    staffed(town, "ann", "bob").rota(DESK, seat("ann", "bob")).everything_restarts()
    assert town.on_duty(DESK) == {"ann": "available", "bob": "away"}
    until(town, "2026-03-21T07:00:00")
    assert town.on_duty(DESK) == {"ann": "away", "bob": "available"}


def test_after_an_outage_over_two_hand_overs_those_of_now_are_there(town: Town) -> None:
    staffed(town, "ann", "bob", "cy").rota(DESK, seat("ann", "bob", "cy")).sleeps(days=2)
    assert town.on_duty(DESK) == {"ann": "away", "bob": "away", "cy": "available"}


def test_a_rota_without_layers_lets_everybody_go(town: Town) -> None:
    staffed(town, "ann").rota(DESK, seat("ann")).rota(DESK).ignoring_what_was_told()
    assert town.on_duty(DESK) == {"ann": "away"}


# ---------------------------------------------------------------------------------------- overrides, swaps, and leave
def a_day(begins: str) -> dict[str, str]:
    start = datetime.fromisoformat(begins).replace(tzinfo=UTC)
    return {"begins": start.isoformat(), "ends": (start + timedelta(days=1)).isoformat()}


def test_an_override_counts_at_once_and_can_be_taken_back(town: Town) -> None:
    staffed(town, "ann", "bob", "cy").rota(DESK, seat("ann", "bob"))
    said = {"override_id": "o", "layer": "first", "who": "cy", **a_day("2026-03-20T12:00:00")}
    town.plans(DESK, "rota_override", override_id="o", override=said).expects_outcome("done")
    assert town.on_duty(DESK) == {"ann": "away", "bob": "away", "cy": "available"}
    town.plans(DESK, "rota_override", override_id="o", cancel=True).expects_outcome("done")
    assert town.on_duty(DESK) == {"ann": "available", "bob": "away", "cy": "away"}
    town.plans(DESK, "rota_override", override_id="o", cancel=True).expects_outcome("not_found")


def test_a_swap_counts_when_the_other_accepts_and_only_they_may(town: Town) -> None:
    staffed(town, "ann", "bob").rota(DESK, seat("ann", "bob"))
    swap = {"swap_id": "s", "layer": "first", "asked_by": "ann", "asked_of": "bob", **a_day("2026-03-20T07:00:00")}
    about: dict[str, Any] = {"swap_id": "s", "responder_id": "ann"}
    town.plans(DESK, "rota_swap", **about, state="asked", swap=swap).expects_outcome("done")
    assert town.on_duty(DESK) == {"ann": "available", "bob": "away"}
    town.plans(DESK, "rota_swap", **about, state="accepted").expects_outcome("not_yours")
    town.plans(DESK, "rota_swap", **{**about, "responder_id": "bob"}, state="accepted").expects_outcome("done")
    assert town.on_duty(DESK) == {"ann": "away", "bob": "available"}
    town.plans(DESK, "rota_swap", **about, state="withdrawn").expects_outcome("wrong_state")


@pytest.mark.parametrize(("state", "by"), [("declined", "bob"), ("withdrawn", "ann")])
def test_a_swap_that_is_declined_or_withdrawn_changes_nothing(town: Town, state: str, by: str) -> None:
    staffed(town, "ann", "bob").rota(DESK, seat("ann", "bob"))
    swap = {"swap_id": "s", "layer": "first", "asked_by": "ann", "asked_of": "bob", **a_day("2026-03-20T07:00:00")}
    town.plans(DESK, "rota_swap", swap_id="s", responder_id="ann", state="asked", swap=swap)
    town.plans(DESK, "rota_swap", swap_id="s", responder_id=by, state=state).expects_outcome("done")
    assert town.on_duty(DESK) == {"ann": "available", "bob": "away"}


def test_who_is_on_leave_is_not_on_duty_and_their_desk_is_told(town: Town) -> None:
    staffed(town, "ann", "bob").rota(DESK, seat("ann", "bob"))
    leave = {"leave_id": "l", "responder_id": "ann", **a_day("2026-03-20T08:00:00")}
    town.plans(DESK, "rota_leave", leave_id="l", leave=leave).expects_outcome("done").expects_pages(LEAD)
    assert town.on_duty(DESK) == {"ann": "away", "bob": "away"}
    town.plans(DESK, "rota_leave", leave_id="l", cancel=True).expects_outcome("done").expects_silence()
    assert town.on_duty(DESK) == {"ann": "available", "bob": "away"}


def test_nobody_from_elsewhere_is_planned_by_name_and_no_layer_that_is_not_there(town: Town) -> None:
    staffed(town, "ann").rota(DESK, seat("ann"))
    stranger = {"override_id": "o", "layer": "first", "who": "r-legal", **a_day("2026-03-20T12:00:00")}
    town.plans(DESK, "rota_override", override_id="o", override=stranger).expects_outcome("not_found")
    nowhere = {**stranger, "who": "ann", "layer": "second"}
    town.plans(DESK, "rota_override", override_id="o", override=nowhere).expects_outcome("not_found")


def test_a_rota_written_over_another_ones_back_is_refused(town: Town) -> None:
    staffed(town, "ann").rota(DESK, seat("ann"))
    town.plans(DESK, "rota_put", layers=[], expected_version=0).expects_outcome("stale_version")
    town.plans(DESK, "rota_put", layers=[seat("ann").model_dump()], expected_version=1).expects_outcome("done")


def test_a_rota_that_would_grow_too_large_is_refused_and_stays_as_it_is(town: Town) -> None:
    staffed(town, "ann").rota(DESK, seat("ann"))
    names = [f"{number:03}-{'n' * 120}" for number in range(64)]
    layers = [seat(*names, name=f"layer-{number}").model_dump() for number in range(64)]
    town.plans(DESK, "rota_put", layers=layers).expects_outcome("wrong_state")
    assert town.on_duty(DESK) == {"ann": "available"}


def test_a_contact_due_after_the_shift_is_covered_by_the_next_one_and_the_work_stays_whose_it_is(town: Town) -> None:
    staffed(town, "ann", "bob").rota(DESK, seat("ann", "bob"))
    until(town, "2026-03-21T06:30:00").reports(None, HARASSED, signals=["address_exposed"], country="FR")
    town.answers("accept", "ann", "psychological").ignoring_what_was_told()
    until(town, "2026-03-21T07:00:00").ignoring_what_was_told().expects("psychological", "accepted", responder="ann")
    assert asked(town) == ["bob"]
    town.answers("accept", "bob", "psychological").expects("psychological", "accepted", responder="ann")


# -------------------------------------------------------------------------------------------------- presence and beats
def test_a_device_that_misses_three_beats_is_away_and_one_beat_brings_back_what_was_said(town: Town) -> None:
    staffed(town, "ann").presence("ann", DESK, Presence.BUSY, beats=30).passes(seconds=89)
    assert town.on_duty(DESK) == {"ann": "busy"}
    town.passes(seconds=1)
    assert town.on_duty(DESK) == {"ann": "away"}
    town.everything_restarts().passes(hours=3).beats("ann", DESK)
    assert town.on_duty(DESK) == {"ann": "busy"}


def test_every_beat_begins_the_grace_anew(town: Town) -> None:
    staffed(town, "ann").presence("ann", DESK, Presence.AVAILABLE, beats=30)
    for _ in range(5):
        town.passes(seconds=80).beats("ann", DESK)
    assert town.on_duty(DESK) == {"ann": "available"}
    town.everything_restarts().passes(seconds=90)
    assert town.on_duty(DESK) == {"ann": "away"}


def test_a_flapping_phone_loses_no_offer_before_the_grace_is_over_and_passes_it_on_after(town: Town) -> None:
    staffed(town, "ann", "bob").presence("ann", DESK, Presence.AVAILABLE, beats=30)
    town.reports(None, HARASSED, country="FR").presence("bob", DESK, Presence.AVAILABLE).ignoring_what_was_told()
    town.passes(seconds=80).beats("ann", DESK).passes(seconds=80)
    assert asked(town) == ["ann"]
    town.expects_silence().passes(seconds=10).expects_offers("bob")
    assert asked(town) == ["bob"]
    town.answers("accept", "bob", "psychological").expects("psychological", "accepted", responder="bob")


def test_who_was_silent_keeps_the_work_they_have(town: Town) -> None:
    staffed(town, "ann").presence("ann", DESK, Presence.AVAILABLE, beats=30).reports(None, HARASSED, country="FR")
    town.answers("accept", "ann", "psychological").ignoring_what_was_told().passes(seconds=100)
    town.expects("psychological", "accepted", responder="ann")


def test_who_said_away_is_not_brought_back_by_a_beat_nor_given_up_for_missing_ones(town: Town) -> None:
    staffed(town, "ann").presence("ann", DESK, Presence.AWAY, beats=30).beats("ann", DESK).passes(minutes=5)
    record = town.desk("psychological").crowd.responders["ann"]
    assert (record.presence, record.silent) == ("away", False)


def test_a_beat_that_comes_late_counts_for_nothing_and_no_beat_disturbs_a_supervisors_edit(town: Town) -> None:
    staffed(town, "ann").presence("ann", DESK, Presence.AVAILABLE, beats=30)
    before = town.desk("psychological").crowd.responders["ann"]
    town.passes(seconds=20).beats("ann", DESK)
    record = town.desk("psychological").crowd.responders["ann"]
    assert (record.version, record.beat_at) == (before.version, town.now)


def test_a_shift_that_ends_ends_for_a_silent_device_too(town: Town) -> None:
    staffed(town, "ann", "bob").rota(DESK, seat("ann", "bob")).presence("ann", DESK, Presence.AVAILABLE, beats=30)
    until(town, "2026-03-21T08:00:00").beats("ann", DESK).ignoring_what_was_told()
    assert town.on_duty(DESK) == {"ann": "away", "bob": "available"}


def test_a_shift_that_begins_waits_for_a_silent_device(town: Town) -> None:
    staffed(town, "ann", "bob").rota(DESK, seat("bob", "ann"))
    town.presence("ann", DESK, Presence.BUSY, beats=30)
    until(town, "2026-03-21T08:00:00").ignoring_what_was_told()
    assert town.on_duty(DESK)["ann"] == "away"
    assert town.beats("ann", DESK).on_duty(DESK)["ann"] == "available"


def test_a_wrap_up_ends_by_itself_after_a_quarter_of_an_hour(town: Town) -> None:
    staffed(town, "ann").presence("ann", DESK, Presence.WRAP_UP).everything_restarts().passes(minutes=14, seconds=59)
    assert town.on_duty(DESK) == {"ann": "wrap_up"}
    assert town.passes(seconds=1).on_duty(DESK) == {"ann": "available"}


def test_who_says_something_else_during_a_wrap_up_stays_so(town: Town) -> None:
    staffed(town, "ann").presence("ann", DESK, Presence.WRAP_UP).passes(minutes=5).presence("ann", DESK, Presence.BUSY)
    assert town.passes(minutes=30).on_duty(DESK) == {"ann": "busy"}
