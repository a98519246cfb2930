"""The simulated log keeps the promises of Kafka that exactly once rests on."""

import pytest

from tests.simulation.log import TRANSACTION_TIMEOUT_US, Commit, Fenced, Log, Place, Producer

PLACE: Place = ("changes", 0)
OTHER: Place = ("effects", 0)


class Bench:
    """A log of two topics, and a time that passes when told to."""

    def __init__(self) -> None:
        self.us = 0
        self.commits: list[Commit] = []
        self.log = Log({"changes": 1, "effects": 1}, now_us=lambda: self.us, broker_ms=lambda: self.us // 1_000)
        self.log.on_commit.append(self.commits.append)

    def send(self, producer: Producer, text: str, place: Place = PLACE) -> None:
        self.log.send(producer, place, (text.encode(), text.encode(), ()))

    def plain(self, key: str, value: str | None, place: Place = PLACE) -> None:
        self.log.append("edge", place, (key.encode(), None if value is None else value.encode(), ()))

    def read(self, place: Place = PLACE) -> list[str]:
        found, _ = self.log.fetch(place, self.log.start(place), 1_000)
        return [(kept.key or b"").decode() for kept in found]


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_transaction_is_read_whole_or_not_at_all(bench: Bench) -> None:
    producer = bench.log.register("owner")
    bench.send(producer, "a")
    bench.send(producer, "b", OTHER)
    assert (bench.read(), bench.read(OTHER)) == ([], [])
    bench.log.commit(producer)
    assert (bench.read(), bench.read(OTHER)) == (["a"], ["b"])
    assert [len(commit.records) for commit in bench.commits] == [2]


def test_readers_stop_at_the_first_open_transaction(bench: Bench) -> None:
    bench.plain("before", "1")
    producer = bench.log.register("owner")
    bench.send(producer, "open")
    bench.plain("after", "1")
    assert bench.read() == ["before"]
    bench.log.commit(producer)
    assert bench.read() == ["before", "open", "after"]


def test_an_aborted_record_is_never_read_and_its_offset_never_used_again(bench: Bench) -> None:
    bench.send(bench.log.register("owner"), "lost")
    bench.log.register("owner")
    bench.plain("next", "1")
    assert bench.read() == ["next"]
    assert bench.log.end(PLACE) == 3  # the aborted record, its marker, the next one


def test_a_new_owner_fences_the_old_one_whether_or_not_it_had_a_transaction_open(bench: Bench) -> None:
    idle = bench.log.register("owner")
    busy = bench.log.register("owner")
    bench.send(busy, "open")
    bench.log.register("owner")
    with pytest.raises(Fenced):
        bench.send(idle, "late")
    with pytest.raises(Fenced):
        bench.log.commit(busy)
    assert bench.read() == []


def test_owners_of_different_names_do_not_fence_each_other(bench: Bench) -> None:
    one, other = bench.log.register("one"), bench.log.register("other")
    bench.send(one, "1")
    bench.send(other, "2")
    bench.log.commit(other)
    assert bench.read() == []
    bench.log.commit(one)
    assert bench.read() == ["1", "2"]


def test_a_transaction_left_open_too_long_is_aborted_and_its_owner_fenced(bench: Bench) -> None:
    producer = bench.log.register("owner")
    bench.send(producer, "slow")
    assert bench.log.expire() == TRANSACTION_TIMEOUT_US
    bench.us = TRANSACTION_TIMEOUT_US
    assert bench.log.expire() is None
    with pytest.raises(Fenced):
        bench.log.commit(producer)
    assert bench.read() == []


def test_compaction_keeps_the_newest_record_of_each_key_and_no_old_tombstone(bench: Bench) -> None:
    for key, value in (("a", "1"), ("b", "1"), ("a", "2"), ("b", None)):
        bench.plain(key, value)
    bench.log.compact(PLACE, keep_tombstones_since_ms=0)
    assert bench.read() == ["a", "b"]
    bench.log.compact(PLACE, keep_tombstones_since_ms=1)
    assert bench.read() == ["a"]


def test_compaction_leaves_alone_what_nobody_can_read_yet(bench: Bench) -> None:
    producer = bench.log.register("owner")
    bench.plain("a", "old")
    bench.send(producer, "a")
    bench.log.compact(PLACE, keep_tombstones_since_ms=0)
    bench.log.register("owner")
    assert bench.read() == ["a"]


def test_retention_takes_the_beginning_and_gives_no_offset_twice(bench: Bench) -> None:
    bench.plain("old", "1")
    bench.us = 5_000
    bench.plain("new", "1")
    bench.log.retain(PLACE, since_ms=5)
    assert (bench.log.start(PLACE), bench.read()) == (1, ["new"])
