"""Every instant belongs to exactly one person per layer, whatever the zone, the clocks or the calendar do; leave and windows excepted."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from schemas.gaps import GapReason
from schemas.rotas import Layer, Leave, Override, RotaRecord, Stretch, Swap, SwapState, Unit, Weekday, Window
from services.rules.rota import Span, hand_over, instant_of, next_change, on_duty, spans, turn_at

ZONES = sorted(available_timezones() - {"localtime"})
HOUR = timedelta(hours=1)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def a_layer(**said: Any) -> Layer:
    usual = {"name": "first", "people": ("ann", "bob"), "every": 1, "unit": "days", "hand_over_at": "09:00",
             "zone": "Europe/Paris", "starts_on": "2026-03-02"}  # fmt: skip
    return Layer.model_validate(usual | said)


def a_rota(*layers: Layer, **said: Any) -> RotaRecord:
    return RotaRecord(desk_id="legal-fr", version=1, layers=layers or (a_layer(),), **said)


def shown(found: list[Span]) -> list[tuple[str, str, str | None]]:
    return [(f"{one.begins:%d %H:%M}", f"{one.ends:%d %H:%M}", one.who) for one in found]


# ------------------------------------------------------------------------------------------------------- properties
LAYERS = st.builds(
    Layer,
    name=st.just("first"),
    people=st.lists(st.sampled_from("abcdef"), min_size=1, max_size=6).map(tuple),
    every=st.integers(1, 30),
    unit=st.sampled_from(Unit),
    hand_over_at=st.builds("{:02}:{:02}".format, st.integers(0, 23), st.sampled_from((0, 15, 30, 59))),
    zone=st.sampled_from(ZONES),
    starts_on=st.dates(date(2000, 1, 1), date(2030, 12, 31)),
)


@settings(max_examples=300, deadline=None)
@given(LAYERS, st.integers(0, 4_000), st.integers(1, 60))
def test_every_instant_after_the_start_belongs_to_exactly_one_person(layer: Layer, begins: int, days: int) -> None:
    start = hand_over(layer, 0) + timedelta(hours=begins)
    end = start + timedelta(days=days)
    found = spans(a_rota(layer), start, end)
    assert found[0].begins <= start
    assert found[-1].ends >= end
    assert all(earlier.ends == later.begins for earlier, later in pairwise(found))
    assert all(one.begins < one.ends and one.who is not None for one in found)


@settings(max_examples=300, deadline=None)
@given(LAYERS, st.integers(0, 200_000))
def test_a_turn_holds_the_instants_between_its_hand_overs_and_no_others(layer: Layer, minutes: int) -> None:
    at = hand_over(layer, 0) + timedelta(minutes=minutes)
    number = turn_at(layer, at)
    assert hand_over(layer, number) <= at < hand_over(layer, number + 1)


@settings(max_examples=300, deadline=None)
@given(LAYERS, st.integers(0, 1_000))
def test_a_hand_over_shows_its_local_time_unless_the_clocks_leave_that_out(layer: Layer, number: int) -> None:
    zone = ZoneInfo(layer.zone)
    length = timedelta(**{layer.unit.value: layer.every})
    meant = datetime.fromisoformat(f"{layer.starts_on}T{layer.hand_over_at}") + number * length
    there = hand_over(layer, number).astimezone(zone)
    if there.replace(tzinfo=None) != meant:
        before = (hand_over(layer, number) - timedelta(seconds=1)).astimezone(zone)
        assert before.replace(tzinfo=None) < meant <= there.replace(tzinfo=None)  # the jump itself
    else:
        assert there.fold == 0


@settings(max_examples=100, deadline=None)
@given(LAYERS, st.lists(st.tuples(st.integers(0, 400), st.integers(1, 100), st.sampled_from("abcdefx")), max_size=6))
def test_overrides_and_leave_never_make_two_of_one_or_lose_a_minute(
    layer: Layer, changes: list[tuple[int, int, str]]
) -> None:
    start = hand_over(layer, 0)
    stretches = [(start + begins * HOUR, start + (begins + hours) * HOUR, who) for begins, hours, who in changes]
    overrides = tuple(
        Override(override_id=f"o-{n}", layer="first", who=who, begins=begins, ends=ends)
        for n, (begins, ends, who) in enumerate(stretches[::2])
    )
    leave = tuple(
        Leave(leave_id=f"l-{n}", responder_id=who, begins=begins, ends=ends)
        for n, (begins, ends, who) in enumerate(stretches[1::2])
    )
    end = start + 500 * HOUR
    found = spans(a_rota(layer, overrides=overrides, leave=leave), start, end)
    assert (found[0].begins, found[-1].ends >= end) == (start, True)
    assert all(earlier.ends == later.begins for earlier, later in pairwise(found))
    for one in found:
        gone = [away for away in leave if away.begins < one.ends and away.ends > one.begins]
        assert one.who is None or one.who not in {away.responder_id for away in gone}
        assert (one.who is None) == (one.reason is GapReason.ON_LEAVE)


WINDOWS = st.lists(
    st.builds(
        Window,
        days=st.lists(st.sampled_from(Weekday), min_size=1, max_size=7, unique=True).map(tuple),
        begins=st.builds("{:02}:00".format, st.integers(0, 23)),
        ends=st.builds("{:02}:00".format, st.integers(0, 23)),
    ),
    min_size=1,
    max_size=3,
).map(tuple)


def inside(window: Window, local: datetime) -> bool:
    """Whether a window is open at a local time, as a person reads it."""
    today, yesterday = Weekday(list(Weekday)[local.weekday()]), list(Weekday)[(local.weekday() - 1) % 7]
    clock = f"{local:%H:%M}"
    if window.begins < window.ends:
        return today in window.days and window.begins <= clock < window.ends
    return (today in window.days and clock >= window.begins) or (yesterday in window.days and clock < window.ends)


@settings(max_examples=300, deadline=None)
@given(LAYERS, WINDOWS, st.integers(100, 100_000))
def test_with_windows_somebody_works_exactly_inside_them_and_never_two(
    layer: Layer, windows: tuple[Window, ...], minutes: int
) -> None:
    zone = ZoneInfo(layer.zone)
    at = hand_over(layer, 0) + timedelta(minutes=minutes)
    around = {(at + hours * HOUR).astimezone(zone).utcoffset() for hours in range(-26, 27)}
    assume(len(around) == 1)  # a window that begins in an hour that comes twice is told below
    found = on_duty(a_rota(layer.model_copy(update={"windows": windows})), at)
    assert len(found) == any(inside(one, at.astimezone(zone)) for one in windows)


# ------------------------------------------------------------------------------------------- the clocks are changed
def test_a_daily_hand_over_stays_at_nine_when_the_clocks_go_forward_and_back() -> None:
    spring = spans(a_rota(), utc("2026-03-28T08:00"), utc("2026-03-30T07:00"))
    assert shown(spring) == [("28 08:00", "29 07:00", "ann"), ("29 07:00", "30 07:00", "bob")]
    autumn = spans(a_rota(), utc("2026-10-24T07:00"), utc("2026-10-26T08:00"))
    assert shown(autumn) == [("24 07:00", "25 08:00", "ann"), ("25 08:00", "26 08:00", "bob")]


def test_a_hand_over_inside_the_hour_that_comes_twice_happens_once() -> None:
    rota = a_rota(a_layer(hand_over_at="02:30", starts_on="2026-10-24"))
    found = spans(rota, utc("2026-10-24T12:00"), utc("2026-10-25T12:00"))
    assert shown(found) == [("24 00:30", "25 00:30", "ann"), ("25 00:30", "26 01:30", "bob")]


def test_a_hand_over_inside_the_hour_that_does_not_exist_happens_when_the_clocks_jump() -> None:
    rota = a_rota(a_layer(hand_over_at="02:30", starts_on="2026-03-28"))
    found = spans(rota, utc("2026-03-28T12:00"), utc("2026-03-29T12:00"))
    assert shown(found) == [("28 01:30", "29 01:00", "ann"), ("29 01:00", "30 00:30", "bob")]


def test_turns_of_twelve_hours_change_at_eight_and_at_eight_all_year() -> None:
    layer = a_layer(every=12, unit="hours", hand_over_at="08:00")
    zone = ZoneInfo(layer.zone)
    hours = {hand_over(layer, number).astimezone(zone).hour for number in range(1_000)}
    assert hours == {8, 20}


def test_a_leap_day_is_a_day_like_any_other() -> None:
    rota = a_rota(a_layer(starts_on="2028-02-28"))
    found = spans(rota, utc("2028-02-28T08:00"), utc("2028-03-02T08:00"))
    assert shown(found) == [("28 08:00", "29 08:00", "ann"), ("29 08:00", "01 08:00", "bob"), ("01 08:00", "02 08:00", "ann")]  # fmt: skip


def test_half_an_hour_of_summer_time_and_a_day_that_was_left_out_are_kept_too() -> None:
    assert instant_of(datetime(2026, 10, 4, 2, 15), "Australia/Lord_Howe") == utc("2026-10-03T15:30")  # noqa: DTZ001
    assert instant_of(datetime(2011, 12, 30, 12), "Pacific/Apia") == utc("2011-12-30T10:00")  # noqa: DTZ001


# ------------------------------------------------------------------------------------------------------ what is said
def test_people_take_turns_in_their_order() -> None:
    rota = a_rota(a_layer(people=("ann", "bob", "cy"), unit="weeks"))
    found = spans(rota, utc("2026-03-02T08:00"), utc("2026-03-30T07:00"))
    assert [one.who for one in found] == ["ann", "bob", "cy", "ann"]


def test_a_layer_wants_nobody_before_it_starts() -> None:
    assert spans(a_rota(), utc("2026-02-01T00:00"), utc("2026-03-02T08:00")) == []


def test_a_layer_with_windows_wants_somebody_inside_them_only_also_over_midnight() -> None:
    windows = (Window(days=(Weekday.FRI,), begins="20:00", ends="06:00"), Window(days=(Weekday.SAT, Weekday.SUN)))
    rota = a_rota(a_layer(people=("ann",), unit="weeks", hand_over_at="00:00", windows=windows))
    found = spans(rota, utc("2026-03-06T00:00"), utc("2026-03-09T00:00"))
    assert shown(found) == [("06 19:00", "07 23:00", "ann"), ("07 23:00", "08 23:00", "ann")]


def test_a_layer_without_people_is_a_gap_and_not_nothing() -> None:
    found = on_duty(a_rota(a_layer(people=())), utc("2026-03-10T12:00"))
    assert [(one.who, one.reason) for one in found] == [(None, GapReason.NOBODY_PLANNED)]


def test_an_override_ends_when_it_says_and_a_later_one_counts() -> None:
    times: dict[str, Any] = {"begins": utc("2026-03-02T10:00"), "ends": utc("2026-03-02T14:00"), "layer": "first"}
    later = {**times, "begins": utc("2026-03-02T12:00")}
    rota = a_rota(
        overrides=(Override(override_id="1", who="cy", **times), Override(override_id="2", who="di", **later))
    )
    found = spans(rota, utc("2026-03-02T08:00"), utc("2026-03-03T08:00"))
    assert shown(found) == [
        ("02 08:00", "02 10:00", "ann"), ("02 10:00", "02 12:00", "cy"), ("02 12:00", "02 14:00", "di"), ("02 14:00", "03 08:00", "ann"),
    ]  # fmt: skip


def test_an_override_instead_of_somebody_changes_nobody_else() -> None:
    whole: dict[str, Any] = {"begins": utc("2026-03-02T00:00"), "ends": utc("2026-03-05T00:00"), "layer": "first"}
    rota = a_rota(overrides=(Override(override_id="1", who="cy", instead_of="bob", **whole),))
    found = spans(rota, utc("2026-03-02T08:00"), utc("2026-03-04T08:00"))
    assert [one.who for one in found] == ["ann", "cy"]


@pytest.mark.parametrize(("state", "expected"), [("asked", ["ann", "bob"]), ("accepted", ["bob", "ann"])])
def test_a_swap_counts_once_the_other_has_accepted_and_in_both_directions(state: str, expected: list[str]) -> None:
    swap = Swap(
        swap_id="1", layer="first", asked_by="ann", asked_of="bob", state=SwapState(state),
        begins=utc("2026-03-02T08:00"), ends=utc("2026-03-03T08:00"),
        in_return=Stretch(begins=utc("2026-03-03T08:00"), ends=utc("2026-03-04T08:00")),
    )  # fmt: skip
    found = spans(a_rota(swaps=(swap,)), utc("2026-03-02T08:00"), utc("2026-03-04T08:00"))
    assert [one.who for one in found] == expected


def test_leave_is_a_gap_unless_somebody_works_instead() -> None:
    times: dict[str, Any] = {"begins": utc("2026-03-02T12:00"), "ends": utc("2026-03-02T16:00")}
    leave = Leave(leave_id="1", responder_id="ann", **times)
    alone = spans(a_rota(leave=(leave,)), utc("2026-03-02T08:00"), utc("2026-03-03T08:00"))
    assert [(one.who, one.reason) for one in alone] == [("ann", None), (None, GapReason.ON_LEAVE), ("ann", None)]
    instead = Override(override_id="1", layer="first", who="bob", instead_of="ann", **times)
    found = spans(a_rota(leave=(leave,), overrides=(instead,)), utc("2026-03-02T08:00"), utc("2026-03-03T08:00"))
    assert [one.who for one in found] == ["ann", "bob", "ann"]


def test_the_next_change_is_the_next_hand_over_or_the_end_of_the_search() -> None:
    for begins, ends, expected in (
        ("2026-03-02T08:00", "2026-03-09T00:00", "2026-03-03T08:00"),
        ("2026-02-01T00:00", "2026-02-02T00:00", "2026-02-02T00:00"),
    ):
        worked = spans(a_rota(), utc(begins), utc(ends))
        assert next_change(worked, utc(begins), utc(ends)) == utc(expected)


@pytest.mark.parametrize("zone", ["Europe/Nowhere", "/etc/passwd", ""])
def test_a_zone_that_is_none_is_refused(zone: str) -> None:
    with pytest.raises(ValueError, match="zone"):
        a_layer(zone=zone)
