"""What a rota is judged by: what nobody covers, how evenly hours are shared, who gets too much or too little rest."""

from datetime import UTC, datetime, timedelta

import pytest

from schemas.gaps import GapReason
from services.rules.rota import Span
from services.rules.rota_quality import Overload, quality_of
from tests.shipped import CATALOGUE

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HUMANE = CATALOGUE.work.humane


def at(hours: float) -> datetime:
    return NOON + timedelta(hours=hours)


def works(who: str | None, begins: float, ends: float) -> Span:
    return Span("first", at(begins), at(ends), who, who, None if who else GapReason.NOBODY_PLANNED)


def test_gaps_are_a_share_of_the_time_that_is_to_be_staffed() -> None:
    judged = quality_of([works("ann", -5, 6), works(None, 6, 8)], ["ann"], HUMANE, begins=NOON, ends=at(8))
    assert judged.gaps_percent == 25.0


def test_a_rota_that_wants_nobody_is_all_gap() -> None:
    assert quality_of([], [], HUMANE, begins=NOON, ends=at(8)).gaps_percent == 100.0


def test_hours_are_counted_per_person_and_balance_is_the_least_to_the_most() -> None:
    spans = [works("ann", 0, 8), works("bob", 8, 10)]
    judged = quality_of(spans, ["ann", "bob"], HUMANE, begins=NOON, ends=at(10))
    assert (judged.hours, judged.balance_percent) == ({"ann": 8.0, "bob": 2.0}, 25.0)
    assert quality_of(spans, ["ann", "bob", "cy"], HUMANE, begins=NOON, ends=at(10)).balance_percent == 0.0


@pytest.mark.parametrize(("hours", "expected"), [(12, []), (12.1, [Overload.SHIFT_TOO_LONG])])
def test_a_shift_is_too_long_above_twelve_hours_also_over_two_layers(hours: float, expected: list[Overload]) -> None:
    judged = quality_of([works("ann", 0, 6), works("ann", 6, hours)], ["ann"], HUMANE, begins=NOON, ends=at(20))
    assert [one.why for one in judged.overload] == expected


@pytest.mark.parametrize(("rest", "expected"), [(11, []), (10.9, [Overload.REST_TOO_SHORT])])
def test_rest_between_two_shifts_is_too_short_below_eleven_hours(rest: float, expected: list[Overload]) -> None:
    spans = [works("ann", 0, 6), works("bob", 6, 6 + rest), works("ann", 6 + rest, 8 + rest)]
    judged = quality_of(spans, ["ann", "bob"], HUMANE, begins=NOON, ends=at(30))
    assert [(one.responder_id, one.why) for one in judged.overload] == [("ann", one) for one in expected]
