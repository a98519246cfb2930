"""A caller who floods is slowed, gets going again by itself, and costs nobody else anything."""

from services.intake.limits import SUBJECTS_AT_MOST, Limits


def test_a_burst_may_pass_and_then_so_many_a_second() -> None:
    limits = Limits(per_second=2.0, burst=3)
    assert [limits.take("a", 0.0) for _ in range(3)] == [0.0, 0.0, 0.0]
    assert limits.take("a", 0.0) == 0.5
    assert limits.take("a", 0.5) == 0.0
    assert limits.take("a", 0.5) > 0


def test_being_refused_costs_nothing() -> None:
    limits = Limits(per_second=1.0, burst=1)
    limits.take("a", 0.0)
    for _ in range(100):
        limits.take("a", 0.5)
    assert limits.take("a", 1.0) == 0.0


def test_waiting_long_saves_no_more_than_a_burst() -> None:
    limits = Limits(per_second=1.0, burst=2)
    limits.take("a", 0.0)
    assert [limits.take("a", 1_000.0) > 0 for _ in range(3)] == [False, False, True]


def test_one_caller_does_not_slow_another() -> None:
    limits = Limits(per_second=1.0, burst=1)
    limits.take("a", 0.0)
    assert (limits.take("a", 0.0) > 0, limits.take("b", 0.0)) == (True, 0.0)


def test_memory_does_not_grow_with_the_number_of_callers() -> None:
    limits = Limits(per_second=1.0, burst=1)
    for number in range(SUBJECTS_AT_MOST + 5):
        limits.take(f"s-{number}", 0.0)
    assert len(limits._buckets) == SUBJECTS_AT_MOST
