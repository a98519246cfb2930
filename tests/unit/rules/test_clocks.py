"""What a clock does: real time, pauses that count as none, re-basing on the original start, breaches by event time."""

from datetime import UTC, datetime, timedelta

import pytest

from schemas.cases import Clock
from schemas.words import Band, ClockKind, ClockState, Holder
from services.rules import clocks
from services.rules.clocks import DUE
from services.rules.promises import Promise

START = datetime(2026, 3, 20, 21, 40, tzinfo=UTC)
WARN = (50, 80)
HOUR = timedelta(hours=1)


def after(**duration: float) -> datetime:
    return START + timedelta(**duration)


def promise(hours: float, *, kind: ClockKind = ClockKind.RESOLVE, by: datetime | None = None) -> Promise:
    return Promise(kind, "test", timedelta(hours=hours), by=by)


def running(hours: float, *, cut: datetime | None = None) -> Clock:
    return clocks.start(promise(hours), at=START, cut=cut)


@pytest.mark.parametrize(
    "start",
    [
        datetime(2026, 3, 29, 0, 30, tzinfo=UTC),
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2028, 2, 28, 12, tzinfo=UTC),
    ],
    ids=["spring", "autumn", "leap_day"],
)
def test_a_day_is_24_hours_of_real_time(start: datetime) -> None:
    assert clocks.start(promise(24), at=start, cut=None).due - start == timedelta(hours=24)


def test_a_clock_is_warned_of_at_half_and_at_four_fifths_and_then_due() -> None:
    clock, marks = running(10), []
    while (mark := clocks.next_mark(clock, WARN)) is not None and mark[1] != DUE:
        marks.append(mark)
        clock = clock.model_copy(update={"warned": mark[1]})
    assert [*marks, mark] == [(after(hours=5), 50), (after(hours=8), 80), (after(hours=10), DUE)]


def test_after_an_outage_one_warning_stands_for_both_and_a_breach_for_all() -> None:
    assert clocks.mark_reached(running(10), WARN, after(hours=9)) == 80
    assert clocks.mark_reached(running(10), WARN, after(hours=11)) == DUE
    assert clocks.mark_reached(running(10), WARN, after(hours=4)) is None


def test_a_pause_moves_the_deadline_by_its_length_and_counts_in_no_warning() -> None:
    clock = running(10).model_copy(update={"warned": 50})
    clock = clocks.resume(clocks.pause(clock, after(hours=6), cut=None), after(hours=26), cut=None)
    assert (clock.due, clock.paused, clock.epoch) == (after(hours=30), timedelta(hours=20), 3)
    assert clocks.next_mark(clock, WARN) == (after(hours=28), 80)


def test_nothing_is_due_while_a_clock_stands_still() -> None:
    paused = clocks.pause(running(10), after(hours=6), cut=None)
    assert clocks.next_mark(paused, WARN) is None
    assert clocks.mark_reached(paused, WARN, after(days=365)) is None


def test_a_band_change_keeps_the_start_and_what_was_paused() -> None:
    clock = clocks.resume(clocks.pause(running(10), after(hours=2), cut=None), after(hours=5), cut=None)
    again = clocks.rebase(clock, promise(4), cut=None, now=after(hours=6))
    assert (again.started_at, again.due, again.warned) == (START, after(hours=7), 0)


def test_what_would_be_over_under_the_new_band_falls_due_now_and_not_in_the_past() -> None:
    assert clocks.rebase(running(100), promise(1), cut=None, now=after(hours=20)).due == after(hours=20)


def test_a_band_change_that_changes_nothing_keeps_the_epoch_and_its_warnings() -> None:
    clock = running(10).model_copy(update={"warned": 50})
    assert clocks.rebase(clock, promise(10), cut=None, now=after(hours=6)) is clock


def test_a_paused_clock_whose_time_was_over_before_its_pause_under_the_new_band_is_due_now() -> None:
    paused = clocks.pause(running(10), after(hours=6), cut=None)
    again = clocks.rebase(paused, promise(4), cut=None, now=after(hours=30))
    assert (again.state, again.due, again.paused_at) == (ClockState.RUNNING, after(hours=30), None)


def test_a_paused_clock_re_based_goes_on_standing_still_for_the_time_it_has_left() -> None:
    paused = clocks.pause(running(10), after(hours=6), cut=None)
    again = clocks.rebase(paused, promise(8), cut=None, now=after(hours=30))
    assert (again.state, clocks.resume(again, after(hours=40), cut=None).due) == (ClockState.PAUSED, after(hours=42))


@pytest.mark.parametrize(
    ("remains", "before"),
    [(timedelta(hours=10), timedelta(hours=2)), (timedelta(hours=1), timedelta(minutes=30))],
    ids=["a fifth", "at least half an hour"],
)
def test_an_attackers_deadline_cuts_with_a_margin(remains: timedelta, before: timedelta) -> None:
    cut = clocks.cut_at(START + remains, told_at=START, percent=20, at_least=timedelta(minutes=30))
    assert cut == START + remains - before


def test_an_attackers_deadline_in_a_few_minutes_cuts_to_now_and_one_that_passed_to_nothing() -> None:
    margin = timedelta(minutes=30)
    assert clocks.cut_at(after(minutes=10), told_at=START, percent=20, at_least=margin) == START
    assert clocks.cut_at(START, told_at=START, percent=20, at_least=margin) is None


def test_the_earlier_of_policy_and_cut_counts_unless_the_cut_was_reached_before() -> None:
    assert running(10, cut=after(hours=3)).due == after(hours=3)
    assert running(10, cut=after(hours=20)).due == after(hours=10)
    assert running(10, cut=after(hours=-1)).due == after(hours=10)


def test_no_pause_outlasts_an_attackers_deadline() -> None:
    cut = after(hours=20)
    paused = clocks.pause(running(10, cut=cut), after(hours=6), cut=cut)
    assert clocks.next_mark(paused, WARN) == (cut, DUE)
    assert clocks.resume(paused, after(hours=7), cut=cut).due == after(hours=11)
    assert clocks.resume(paused, after(hours=19), cut=cut).due == cut


def test_a_next_contact_promised_sooner_is_due_then_and_one_promised_later_changes_nothing() -> None:
    silence = ClockKind.NEXT_CONTACT
    assert clocks.start(promise(4, kind=silence, by=after(hours=1)), at=START, cut=None).due == after(hours=1)
    assert clocks.start(promise(4, kind=silence, by=after(hours=9)), at=START, cut=None).due == after(hours=4)


@pytest.mark.parametrize("band", Band)
@pytest.mark.parametrize("kind", ClockKind)
def test_only_p2_and_p3_pause_and_never_the_next_contact(band: Band, kind: ClockKind) -> None:
    allowed = band in (Band.P2, Band.P3) and kind is not ClockKind.NEXT_CONTACT
    assert clocks.may_pause(kind, band) is allowed


@pytest.mark.parametrize(
    ("state", "hours", "event"),
    [
        (ClockState.RUNNING, 9, "stop"),
        (ClockState.RUNNING, 10, "stop"),
        (ClockState.RUNNING, 11, "breach"),
        (ClockState.BREACHED, 10, "correct"),
        (ClockState.BREACHED, 11, "stop"),
    ],
)
def test_a_promise_is_kept_or_not_by_when_it_was_stopped(state: ClockState, hours: float, event: str) -> None:
    clock = running(10).model_copy(update={"state": state})
    assert clocks.how_stopped(clock, after(hours=hours)) == event


def test_a_settled_clock_is_not_settled_again() -> None:
    met = clocks.settle(running(10), "stop", after(hours=1))
    for event in ("stop", "breach", "correct", "cancel"):
        with pytest.raises(ValueError, match="met"):
            clocks.settle(met, event, after(hours=2))


def test_time_is_whose_it_was_and_the_rest_is_ours() -> None:
    clock = clocks.waited(running(10), Holder.VICTIM, since=after(hours=1), until=after(hours=3))
    clock = clocks.waited(clock, Holder.THIRD_PARTY, since=after(hours=3), until=after(hours=7))
    clock = clocks.waited(clock, Holder.US, since=after(hours=7), until=after(hours=9))
    used = clocks.used(clock, after(hours=9))
    assert (used.us, used.victim, used.third_party) == (3 * HOUR, 2 * HOUR, 4 * HOUR)


def test_what_somebody_used_before_a_clock_began_is_not_its_time() -> None:
    clock = clocks.waited(running(10), Holder.VICTIM, since=after(hours=-5), until=after(hours=1))
    assert clocks.used(clock, after(hours=1)).victim == HOUR
