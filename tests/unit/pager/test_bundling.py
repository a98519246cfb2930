"""What comes for one person within a second is one message; a restart finds the same ones, and a P0 is never in any."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from schemas.notices import NoticeIssued
from schemas.words import Band, NoticeKind
from services.pager.bundling import Bundles, is_bundled
from services.pager.standing import Standing
from services.rules.machine import Message
from services.rules.parcels import Parcel
from services.runtime.edge.arrivals import Arrival

NOW = datetime(2026, 1, 1, tzinfo=UTC)
Record = tuple[NoticeIssued, datetime]


def notice(name: str, recipient: str = "r-1", **said: object) -> NoticeIssued:
    told = {
        "notice_id": name, "kind": "offer", "recipient": recipient, "band": "P2", "attempt": 1, "method_rank": 0,
        "issuer_topic": "commands.legal", "issuer_key": "legal-fr", "case_id": "c", "track_id": "t", "desk_id": "legal-fr",
        "pillar": "legal", "reason": "offer", "at": NOW,
    }  # fmt: skip
    return NoticeIssued.model_validate(told | said)


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


@dataclass
class Reader:
    """Reads a log to its end, each record at the instant it was appended, and notes what is settled."""

    settled: set[int] = field(default_factory=set)
    standing: Standing = field(default_factory=Standing)
    bundles: Bundles = field(default_factory=Bundles)
    sent: list[tuple[NoticeIssued, ...]] = field(default_factory=list)

    def read(self, records: Sequence[Record], begin: int = 0) -> list[list[str]]:
        """What goes out together."""
        for offset, (one, appended) in enumerate(records[begin:], begin):
            seconds = (appended - NOW).total_seconds()
            self.take(one, appended, offset, seconds)
            self.sent += map(tuple, self.bundles.complete(appended, seconds))
        last = (records[-1][1] - NOW).total_seconds()
        self.sent += map(tuple, self.bundles.complete(at(last + 5), last + 5))
        assert len(self.bundles) == 0
        return [[one.notice_id for one in together] for together in self.sent]

    def take(self, one: NoticeIssued, appended: datetime, offset: int, seconds: float) -> None:
        message = Message("notices", 0, offset, None, None, (), appended)
        arrival = Arrival(message, lambda: self.settled.add(offset))
        span = self.bundles.span_of(one, 0, appended, seconds)
        self.standing.begin(one, arrival, span)
        if is_bundled(one):
            self.bundles.add(one, 0)
        else:
            self.sent.append((one,))


def read(records: Sequence[Record]) -> list[list[str]]:
    return Reader().read(records)


def test_a_burst_to_one_person_is_one_message_and_another_persons_is_another() -> None:
    records = [(notice("a"), at(0)), (notice("x", "r-2"), at(0.1)), (notice("b"), at(0.5)), (notice("c"), at(0.999))]
    assert sorted(read(records)) == [["a", "b", "c"], ["x"]]


def test_a_second_after_the_first_another_message_begins() -> None:
    assert read([(notice("a"), at(0)), (notice("b"), at(0.9)), (notice("c"), at(1.0))]) == [["a", "b"], ["c"]]


def test_nothing_goes_out_before_it_is_known_that_nothing_more_belongs_to_it() -> None:
    reader = Reader()
    reader.take(notice("a"), at(0), 0, 0.0)
    assert reader.bundles.complete(at(1.2), 1.2) == []
    reader.take(notice("b"), at(0.9), 1, 1.2)  # read late
    assert reader.bundles.complete(at(1.3), 1.3) == []
    assert [[one.notice_id for one in each] for each in reader.bundles.complete(at(1.45), 1.45)] == [["a", "b"]]


def test_something_later_in_the_log_ends_what_goes_together_at_once() -> None:
    reader = Reader()
    reader.take(notice("a"), at(0), 0, 100.0)
    reader.take(notice("b"), at(1.0), 1, 100.0)
    assert [[one.notice_id for one in each] for each in reader.bundles.complete(at(1.0), 100.0)] == [["a"]]


@pytest.mark.parametrize("seed", range(100))
def test_wherever_a_restart_begins_what_goes_out_again_goes_out_in_the_same_messages(seed: int) -> None:
    dice = random.Random(seed)
    seconds = 0.0
    records: list[Record] = []
    for number in range(100):
        seconds += dice.choice((0.0, 0.05, 0.3, 0.95, 1.0, 2.0))
        band = dice.choice((Band.P0, Band.P2, Band.P2))
        records.append((notice(f"n{number:03}", f"r-{dice.randrange(3)}", band=band), at(seconds)))
    first = Reader()
    first.read(records)
    messages = {Parcel(together).key for together in first.sent}
    told = [one for together in dice.sample(first.sent, len(first.sent)) for one in together]
    for one in told[: dice.randrange(len(told) // 2, len(told))]:
        first.standing.end(one)
    begin = min(set(range(len(records))) - first.settled)
    again = Reader()
    again.read(records, begin)
    assert {Parcel(together).key for together in again.sent} <= messages
    missing = {one.notice_id for one, _ in records[begin:]} - {one.notice_id for each in again.sent for one in each}
    assert not missing


def test_what_was_read_twice_is_told_once_and_settled_with_the_rest() -> None:
    reader = Reader()
    reader.take(notice("a"), at(0), 0, 0.0)
    twice = Arrival(Message("notices", 0, 7, None, None, (), at(0.1)), lambda: reader.settled.add(7))
    assert reader.standing.knows(notice("a"), twice)
    assert reader.bundles.complete(at(2), 2.0)
    assert reader.settled == set()
    reader.standing.end(notice("a"))
    assert reader.settled == {0, 7}
    assert reader.standing.knows(notice("a"), twice)


def test_two_calls_for_one_silence_are_one_when_a_later_attempt_overtakes_the_first() -> None:
    reader = Reader()
    attempts = [notice(f"n{number}", offer_id="o", attempt=number) for number in (1, 2)]
    other = notice("n3", "r-2", offer_id="o")
    for offset, one in enumerate((*attempts, other)):
        reader.take(one, at(offset * 2), offset, offset * 2)
    assert [reader.standing.overtaken(one) for one in (*attempts, other)] == [True, False, False]


@pytest.mark.parametrize(
    ("said", "waits"),
    [
        ({}, True),
        ({"kind": NoticeKind.REMINDER}, True),
        ({"band": Band.P0}, False),
        ({"recipient": "post:sink", "kind": NoticeKind.PAGE}, False),
        ({"kind": NoticeKind.DRILL}, False),
        ({"kind": NoticeKind.VERIFICATION}, False),
        ({"drill": True}, False),
    ],
)
def test_only_what_a_person_is_told_of_work_that_is_no_p0_waits_for_company(
    said: dict[str, object], waits: bool
) -> None:
    assert is_bundled(notice("a").model_copy(update=said)) is waits


def test_the_key_of_a_message_is_its_notices_and_that_of_one_notice_its_own() -> None:
    a, b, c = (notice(name) for name in "abc")
    assert Parcel((a,)).key == "a"
    assert Parcel((a, b)).key == Parcel((a, b)).key
    assert len({Parcel(together).key for together in ((a, b), (a, c), (a, b, c), (b,))}) == 4
