"""What is due comes out once, never early, most urgent first."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.rules.deadlines import Deadline, Deadlines

START = datetime(2026, 1, 1, tzinfo=UTC)
DUES = st.lists(st.tuples(st.integers(0, 100), st.integers(0, 3)), max_size=60)


def filled(dues: list[tuple[int, int]]) -> Deadlines:
    deadlines = Deadlines()
    for number, (seconds, rank) in enumerate(dues):
        deadlines.add(Deadline(START + timedelta(seconds=seconds), rank, "acknowledge", str(number), 1))
    return deadlines


@given(DUES, st.integers(0, 100), st.integers(1, 10))
def test_each_is_taken_once_and_none_early(dues: list[tuple[int, int]], until: int, limit: int) -> None:
    deadlines, now, taken = filled(dues), START + timedelta(seconds=until), []
    while batch := deadlines.take(now, limit):
        assert len(batch) <= limit
        taken += batch
    assert sorted(one.subject for one in taken) == sorted(str(n) for n, (due, _) in enumerate(dues) if due <= until)
    later = deadlines.next_due()
    assert later is None or later > now


@given(DUES)
def test_what_is_due_at_once_comes_by_urgency(dues: list[tuple[int, int]]) -> None:
    ranks = [one.rank for one in filled(dues).take(START + timedelta(hours=1), len(dues) or 1)]
    assert ranks == sorted(ranks)
