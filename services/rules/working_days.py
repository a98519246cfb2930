"""When do so many working days end? The one place where local days count: a zone comes in, an instant of UTC goes out."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

A_DAY = timedelta(days=1)
SATURDAY = 5


def end_of_working_days(since: datetime, days: int, *, zone: str, holidays: Collection[str] = ()) -> datetime:
    """The midnight (UTC) that ends the `days`-th working day after the local day of `since`.

    Mondays to Fridays are working days, but for `holidays` (`MM-DD`, every year); the day of `since` does not count.
    Midnight is never skipped or repeated by a change of the clocks in the zones we serve.
    """
    local = ZoneInfo(zone)
    day = since.astimezone(local).date()
    while days:
        day += A_DAY
        days -= is_working_day(day, holidays)
    return datetime.combine(day + A_DAY, time(), tzinfo=local).astimezone(UTC)


def is_working_day(day: date, holidays: Collection[str]) -> bool:
    """Whether people of this zone work on this day."""
    return day.weekday() < SATURDAY and f"{day:%m-%d}" not in holidays
