"""Working days end at a local midnight, whatever the clocks of the zone do meanwhile."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from services.rules.working_days import end_of_working_days

PARIS = "Europe/Paris"
ANY_TIME = st.integers(0, 8 * 365 * 24).map(lambda hours: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=hours))


def test_ten_working_days_end_two_weeks_later_at_midnight_local_time() -> None:
    monday = datetime(2026, 1, 12, 9, 0, tzinfo=UTC)
    assert end_of_working_days(monday, 10, zone=PARIS) == datetime(2026, 1, 26, 23, 0, tzinfo=UTC)


def test_a_weekend_and_a_holiday_are_no_working_days() -> None:
    thursday = datetime(2026, 4, 30, 9, 0, tzinfo=UTC)
    assert end_of_working_days(thursday, 1, zone=PARIS) == datetime(2026, 5, 1, 22, 0, tzinfo=UTC)
    assert end_of_working_days(thursday, 1, zone=PARIS, holidays=("05-01",)) == datetime(2026, 5, 4, 22, 0, tzinfo=UTC)


def test_across_the_clock_change_of_spring_the_end_comes_an_hour_earlier_in_utc() -> None:
    before = datetime(2026, 3, 27, 9, 0, tzinfo=UTC)  # the Friday before
    assert end_of_working_days(before, 1, zone=PARIS) == datetime(2026, 3, 30, 22, 0, tzinfo=UTC)


def test_across_the_clock_change_of_autumn_the_end_comes_an_hour_later_in_utc() -> None:
    before = datetime(2026, 10, 23, 9, 0, tzinfo=UTC)  # the Friday before
    assert end_of_working_days(before, 1, zone=PARIS) == datetime(2026, 10, 26, 23, 0, tzinfo=UTC)


def test_the_29th_of_february_is_a_working_day() -> None:
    monday = datetime(2028, 2, 28, 9, 0, tzinfo=UTC)
    assert end_of_working_days(monday, 1, zone=PARIS) == datetime(2028, 2, 29, 23, 0, tzinfo=UTC)
    assert end_of_working_days(monday, 2, zone=PARIS) == datetime(2028, 3, 1, 23, 0, tzinfo=UTC)


def test_late_in_the_evening_the_local_day_counts_and_not_that_of_utc() -> None:
    sunday_in_utc = datetime(2026, 6, 14, 23, 0, tzinfo=UTC)  # Monday 01:00 in Paris
    assert end_of_working_days(sunday_in_utc, 1, zone=PARIS) == datetime(2026, 6, 16, 22, 0, tzinfo=UTC)


@given(ANY_TIME, st.integers(1, 30), st.sampled_from([PARIS, "Europe/Brussels", "UTC", "America/New_York"]))
def test_the_end_is_a_local_midnight_after_so_many_weekdays(since: datetime, days: int, zone: str) -> None:
    end = end_of_working_days(since, days, zone=zone).astimezone(ZoneInfo(zone))
    assert (end.hour, end.minute, end.second) == (0, 0, 0)
    first, last = since.astimezone(ZoneInfo(zone)).date(), end.date()
    between = [first + timedelta(days=n) for n in range(1, (last - first).days)]
    assert sum(day.weekday() < 5 for day in between) == days
    assert between[-1].weekday() < 5
