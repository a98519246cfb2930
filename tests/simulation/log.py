"""A partitioned, transactional log as Kafka keeps one: fenced producers, aborted records, markers, and what a read_committed reader sees.

Nothing here fails on its own; who crashes, stalls or comes back as a zombie is the scheduler's business.
"""

import hashlib
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from schemas.envelope import Headers

TRANSACTION_TIMEOUT_US = 10_000_000

Place = tuple[str, int]
Record = tuple[bytes | None, bytes | None, Headers]  # key, value, headers


class Fenced(Exception):
    """A newer producer has this transactional id, or the transaction ran into its timeout."""


class Life(IntEnum):
    """What became of an offset: only `KEPT` ones are read by those who read committed records."""

    OPEN = 0
    KEPT = 1
    NO_RECORD = 2  # a marker, aborted, compacted away or beyond retention


@dataclass(slots=True)
class Kept:
    """One record where it lies; `append_ms` is the broker's clock."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    append_ms: int
    life: Life = Life.KEPT


@dataclass(frozen=True, slots=True)
class Commit:
    """Records that became readable together, as written by `writer` (a transactional id, or the name of an edge)."""

    writer: str
    epoch: int
    at_us: int
    records: tuple[Kept, ...]


@dataclass(slots=True)
class Producer:
    """What a transactional client holds: its id, its epoch, and the records of its open transaction."""

    transactional_id: str
    epoch: int
    fenced: bool = False
    began_us: int | None = None
    written: list[Kept] = field(default_factory=list)


@dataclass(slots=True)
class _Shelf:
    """One partition: every offset ever given, the first one still there, and where open transactions begin."""

    entries: list[Kept] = field(default_factory=list)
    start: int = 0
    open: dict[str, int] = field(default_factory=dict)
    reached: list[tuple[int, int]] = field(default_factory=list)  # stable end, and since when

    @property
    def stable(self) -> int:
        return min(self.open.values()) if self.open else len(self.entries)


class Log:
    """All partitions of all topics. `now_us` is true time; `broker_ms` the broker's clock."""

    def __init__(
        self, counts: Mapping[str, int], *, now_us: Callable[[], int], broker_ms: Callable[[], int], fences: bool = True
    ) -> None:
        self.counts = counts
        self._now_us = now_us
        self._broker_ms = broker_ms
        self._fences = fences
        self._shelves = {(topic, number): _Shelf() for topic, count in counts.items() for number in range(count)}
        self._producers: dict[str, list[Producer]] = {}  # those not fenced: one of each id, unless fencing is off
        self.on_commit: list[Callable[[Commit], None]] = []
        self.on_readable: Callable[[Place], None] = lambda _: None
        self.on_begin: Callable[[], None] = lambda: None

    # ------------------------------------------------------------------------------------------------------ writing
    def append(self, writer: str, place: Place, record: Record) -> Kept:
        """One record outside any transaction: (key, value, headers)."""
        kept = self._put(place, record, Life.KEPT)
        self._tell(Commit(writer, 0, self._now_us(), (kept,)))
        self._readable(place)
        return kept

    def register(self, transactional_id: str) -> Producer:
        """InitProducerId: whoever had the id is fenced, and its open transaction aborted."""
        before = self._producers.setdefault(transactional_id, [])
        epoch = before[-1].epoch + 1 if before else 0
        before[:] = [each for each in before if not self._fence(each)]
        producer = Producer(transactional_id, epoch)
        before.append(producer)
        return producer

    def send(self, producer: Producer, place: Place, record: Record) -> Kept:
        """One record (key, value, headers) of the open transaction. Raises `Fenced`."""
        self._check(producer)
        if producer.began_us is None:
            producer.began_us = self._now_us()
            self.on_begin()
        kept = self._put(place, record, Life.OPEN)
        self._shelves[place].open.setdefault(self._holder(producer), kept.offset)
        producer.written.append(kept)
        return kept

    def commit(self, producer: Producer) -> None:
        """EndTxn: all of the transaction becomes readable. Raises `Fenced`, leaving nothing of it readable."""
        self._check(producer)
        self._end(producer, Life.KEPT)

    def expire(self) -> int | None:
        """Aborts what has been open too long, fencing its producer; when the next one will be (microseconds)."""
        soonest = None
        for producer in [each for alike in self._producers.values() for each in alike]:
            if producer.began_us is None:
                continue
            over = producer.began_us + TRANSACTION_TIMEOUT_US
            if over <= self._now_us():
                self._fence(producer)
            else:
                soonest = over if soonest is None else min(soonest, over)
        return soonest

    def _fence(self, producer: Producer) -> bool:
        if producer.began_us is not None:
            self._end(producer, Life.NO_RECORD)
            producer.fenced = True
        producer.fenced |= self._fences
        return producer.fenced

    def _check(self, producer: Producer) -> None:
        if producer.fenced:
            raise Fenced(producer.transactional_id)

    def _holder(self, producer: Producer) -> str:
        return f"{producer.transactional_id}/{producer.epoch}"

    def _end(self, producer: Producer, life: Life) -> None:
        """Decides what becomes of a transaction's records, and writes the markers."""
        places = list(dict.fromkeys((kept.topic, kept.partition) for kept in producer.written))
        written, producer.written, producer.began_us = producer.written, [], None
        for kept in written:
            kept.life = life
        for place in places:
            del self._shelves[place].open[self._holder(producer)]
            self._put(place, (None, None, ()), Life.NO_RECORD)
        if life is Life.KEPT:
            self._tell(Commit(producer.transactional_id, producer.epoch, self._now_us(), tuple(written)))
        for place in places:
            self._readable(place)

    def _put(self, place: Place, record: Record, life: Life) -> Kept:
        entries = self._shelves[place].entries
        (topic, partition), (key, value, headers) = place, record
        kept = Kept(topic, partition, len(entries), key, value, headers, self._broker_ms(), life)
        entries.append(kept)
        return kept

    def _readable(self, place: Place) -> None:
        shelf = self._shelves[place]
        shelf.reached.append((shelf.stable, self._now_us()))
        self.on_readable(place)

    def _tell(self, commit: Commit) -> None:
        for listener in self.on_commit:
            listener(commit)

    # ------------------------------------------------------------------------------------------------------ reading
    def fetch(self, place: Place, position: int, most: int, *, committed: bool = True) -> tuple[list[Kept], int]:
        """At most so many records from `position` on, and the position after them."""
        shelf = self._shelves[place]
        assert position >= shelf.start, f"{place} was read before its start"
        end = shelf.stable if committed else len(shelf.entries)
        found: list[Kept] = []
        while position < end and len(found) < most:
            entry = shelf.entries[position]
            if entry.life is Life.KEPT or (not committed and entry.life is Life.OPEN):
                found.append(entry)
            position += 1
        return found, position

    def start(self, place: Place) -> int:
        """The first offset still there."""
        return self._shelves[place].start

    def end(self, place: Place) -> int:
        """The high watermark: open transactions included."""
        return len(self._shelves[place].entries)

    def stable_end(self, place: Place) -> int:
        """Where a read_committed reader has to stop now."""
        return self._shelves[place].stable

    def readable_since(self, place: Place, offset: int) -> int | None:
        """True time (microseconds) since when a committed record can be read: transactions open before it may hold it up."""
        reached = self._shelves[place].reached
        first = bisect_right(reached, offset, key=lambda one: one[0])
        return reached[first][1] if first < len(reached) else None

    # ------------------------------------------------------------------------------------------------- housekeeping
    def compact(self, place: Place, *, keep_tombstones_since_ms: int) -> None:
        """Keeps the newest record of each key below the stable end; old tombstones go too."""
        shelf = self._shelves[place]
        below = shelf.entries[: shelf.stable]
        newest = {entry.key: entry.offset for entry in below if entry.life is Life.KEPT}
        for entry in below:
            superseded = newest.get(entry.key) != entry.offset
            old_tombstone = entry.value is None and entry.append_ms < keep_tombstones_since_ms
            if entry.life is Life.KEPT and (superseded or old_tombstone):
                entry.life = Life.NO_RECORD

    def retain(self, place: Place, *, since_ms: int) -> None:
        """Drops the beginning of a log that is older than this, whatever it holds."""
        shelf = self._shelves[place]
        while shelf.start < shelf.stable and shelf.entries[shelf.start].append_ms < since_ms:
            shelf.start += 1

    @property
    def quiet(self) -> bool:
        """Whether no transaction is open."""
        return not any(shelf.open for shelf in self._shelves.values())

    def fingerprint(self) -> str:
        """A hash of every record ever written, committed or not."""
        total = hashlib.sha256()
        for place, shelf in self._shelves.items():
            total.update(repr(place).encode())
            for entry in shelf.entries:
                total.update(repr((entry.key, entry.value, entry.headers, entry.append_ms, entry.life)).encode())
        return total.hexdigest()

    def places(self, topics: Iterable[str]) -> list[Place]:
        """Every partition of these topics."""
        return [(topic, number) for topic in topics for number in range(self.counts[topic])]
