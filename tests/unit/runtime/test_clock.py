"""The clock never leaps, never goes back, alarms when it differs, and refuses to start apart from the broker."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.runtime.clock import Clock, ClockRefused


class Hands:
    """The two clocks of a machine, moved by hand."""

    def __init__(self) -> None:
        self.wall = 1_700_000_000.0
        self.monotonic = 50.0

    def pass_(self, seconds: float, *, wall: float | None = None) -> None:
        self.monotonic += seconds
        self.wall += seconds if wall is None else wall

    def clock(self) -> Clock:
        return Clock(lambda: self.wall, lambda: self.monotonic)


def test_it_starts_at_the_wall_clock_in_utc() -> None:
    assert Hands().clock().now() == datetime.fromtimestamp(1_700_000_000, UTC)


def test_a_leap_of_the_wall_clock_is_alarmed_and_slewed_not_followed() -> None:
    hands = Hands()
    clock = hands.clock()
    before = clock.now()
    hands.pass_(1.0, wall=3_601.0)
    assert clock.now() - before == timedelta(seconds=1)
    assert clock.check() == pytest.approx(3_600, abs=0.01)
    assert clock.slewing
    hands.pass_(10.0)
    assert clock.now() - before == timedelta(seconds=11.5)


def test_slewing_ends_when_both_agree_again() -> None:
    hands = Hands()
    clock = hands.clock()
    hands.pass_(0.0, wall=-1.0)
    clock.check()
    for _ in range(40):
        hands.pass_(1.0)
        clock.check()
    assert not clock.slewing
    assert abs(clock.check()) < 0.5


def test_a_small_difference_is_left_alone() -> None:
    hands = Hands()
    clock = hands.clock()
    hands.pass_(0.0, wall=0.4)
    clock.check()
    assert not clock.slewing


@given(st.lists(st.tuples(st.floats(0, 5), st.floats(-7_200, 7_200)), max_size=30))
def test_it_never_goes_back_whatever_the_wall_clock_does(steps: list[tuple[float, float]]) -> None:
    hands = Hands()
    clock = hands.clock()
    last = clock.now()
    for seconds, wall in steps:
        hands.pass_(seconds, wall=wall)
        clock.check()
        assert clock.now() >= last
        last = clock.now()


def test_a_start_more_than_five_seconds_from_the_broker_is_refused() -> None:
    clock = Hands().clock()
    clock.refuse_if_apart(1_700_000_004_900)
    with pytest.raises(ClockRefused, match=r"5\.1 s apart"):
        clock.refuse_if_apart(1_699_999_994_900)


def test_an_offset_moves_readings_and_append_times_alike_but_not_the_comparison_with_the_broker() -> None:
    clock = Hands().clock()
    clock.offset = timedelta(hours=6)
    assert clock.now() == clock.shifted(1_700_000_000_000)
    clock.refuse_if_apart(1_700_000_000_000)
