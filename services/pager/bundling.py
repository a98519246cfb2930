"""What goes out in one message? What was appended for one person within one second, so that a restart finds the same messages again.

A window of a partition begins with the first notice that may wait, and lasts one second of the log's own time. It is complete when
something later was read or, at the end of the log, when nothing came for a moment. All records of its span are committed together
(`standing`), so that a restart never begins in the middle of one: the same notices make the same messages under the same keys.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from schemas.notices import NoticeIssued
from schemas.words import Band, NoticeKind
from services.pager.standing import Span

TOGETHER = timedelta(seconds=1)
QUIET_SECONDS = 0.25
MOST_TOGETHER = 50
KINDS = frozenset({NoticeKind.OFFER, NoticeKind.REMINDER, NoticeKind.PAGE})


@dataclass(slots=True)
class _Window:
    ends_at: datetime
    read_at: float
    span: Span
    waiting: list[NoticeIssued]


@dataclass(slots=True)
class Bundles:
    """The window of each partition that may still grow, and the notices of those that are complete."""

    _open: dict[int, _Window] = field(default_factory=dict)
    _complete: list[list[NoticeIssued]] = field(default_factory=list)

    def span_of(self, notice: NoticeIssued, partition: int, appended_at: datetime, now: float) -> Span:
        """Where a notice just read belongs: to the open window, to a new one, or to itself. `now` is of a monotonic clock."""
        window = self._open.get(partition)
        if window is not None and appended_at >= window.ends_at:
            self._end(partition)
            window = None
        if window is None:
            if not is_bundled(notice):
                return Span(grows=False)
            window = self._open[partition] = _Window(appended_at + TOGETHER, now, Span(grows=True), [])
        window.read_at = now
        return window.span

    def add(self, notice: NoticeIssued, partition: int) -> None:
        """Has a notice wait for the end of its window."""
        self._open[partition].waiting.append(notice)

    def complete(self, instant: datetime, now: float) -> list[Sequence[NoticeIssued]]:
        """Takes out what makes one message each, but for where it goes; `instant` is of the clock that the log is read by."""
        for partition, window in list(self._open.items()):
            over = instant >= window.ends_at + timedelta(seconds=QUIET_SECONDS)
            if over and now - window.read_at >= QUIET_SECONDS:
                self._end(partition)
        found, self._complete = self._complete, []
        return list(found)

    def __len__(self) -> int:
        return len(self._open) + len(self._complete)

    def _end(self, partition: int) -> None:
        window = self._open.pop(partition)
        window.span.ends()
        of_person: dict[str, list[NoticeIssued]] = defaultdict(list)
        for notice in window.waiting:
            of_person[notice.recipient].append(notice)
        self._complete += of_person.values()


def is_bundled(notice: NoticeIssued) -> bool:
    """Whether a notice may wait a second for others: never a P0, and only what a person is told of work."""
    to_a_person = not notice.recipient.startswith("post:")
    return to_a_person and notice.kind in KINDS and notice.band is not Band.P0 and not notice.drill
