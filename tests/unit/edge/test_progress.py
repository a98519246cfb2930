"""Nothing is committed past a record that is out, and no gap in the offsets holds a commit back."""

from hypothesis import given
from hypothesis import strategies as st

from services.runtime.edge.progress import Progress

OFFSETS = st.lists(st.integers(0, 200), unique=True, min_size=1).map(sorted)


@given(OFFSETS, st.data())
def test_the_commit_is_the_oldest_record_that_is_out_whatever_the_order_of_settling(
    offsets: list[int], data: st.DataObject
) -> None:
    progress = Progress()
    for offset in offsets:
        progress.read(offset)
    out = list(offsets)
    for offset in data.draw(st.permutations(offsets)):
        assert progress.committable == out[0]
        progress.settle(offset)
        out.remove(offset)
    assert progress.committable == offsets[-1] + 1
    assert len(progress) == 0


def test_before_anything_is_read_there_is_nothing_to_commit() -> None:
    assert Progress().committable is None


def test_a_record_of_an_older_assignment_settles_nothing() -> None:
    progress = Progress()
    progress.read(10)
    progress.settle(3)
    assert progress.committable == 10


def test_a_record_read_again_is_out_again() -> None:
    progress = Progress()
    for offset in (5, 6, 7):
        progress.read(offset)
        progress.settle(offset)
    progress.read(6)
    assert progress.committable == 6
