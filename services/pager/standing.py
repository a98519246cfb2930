"""Which notices is this process telling? By id, with the records that asked for them; an attempt that a later one overtook is over."""

from dataclasses import dataclass, field
from typing import TypeVar

from schemas.notices import NoticeIssued
from services.runtime.edge.arrivals import Arrival

LATELY_TOLD = 10_000  # ids remembered: the gateway's scout and its door may both ask for one page
Cause = tuple[str, str]
K = TypeVar("K")
V = TypeVar("V")


@dataclass(slots=True)
class Span:
    """Records that are settled together, once all their notices are told and, if it `grows`, no other can come to it."""

    grows: bool
    arrivals: list[Arrival] = field(default_factory=list)
    waiting: set[str] = field(default_factory=set)
    told: list[str] = field(default_factory=list)

    def ends(self) -> None:
        """No other record comes to it; what it holds is still being told."""
        self.grows = False


@dataclass(slots=True)
class Standing:
    """The notices read and not settled yet, those told lately, and the latest attempt for each cause and recipient."""

    _spans: dict[str, Span] = field(default_factory=dict)
    _told_lately: dict[str, None] = field(default_factory=dict)
    _latest: dict[Cause, int] = field(default_factory=dict)

    def knows(self, notice: NoticeIssued, arrival: Arrival) -> bool:
        """Whether a notice just read is told already, or being told: then only its record is noted."""
        if notice.notice_id in self._told_lately:
            arrival.settle()
            return True
        span = self._spans.get(notice.notice_id)
        if span is not None:
            span.arrivals.append(arrival)
        return span is not None

    def begin(self, notice: NoticeIssued, arrival: Arrival, span: Span) -> None:
        """A notice is to be told; its record belongs to `span`."""
        span.arrivals.append(arrival)
        span.waiting.add(notice.notice_id)
        self._spans[notice.notice_id] = span
        cause = cause_of(notice)
        _remember(self._latest, cause, max(notice.attempt, self._latest.get(cause, 0)))

    def overtaken(self, notice: NoticeIssued) -> bool:
        """Whether a later attempt was asked for: two calls for one silence are one too many."""
        return self._latest.get(cause_of(notice), 0) > notice.attempt

    def end(self, notice: NoticeIssued) -> None:
        """All that a notice asked for is done."""
        span = self._spans[notice.notice_id]
        span.waiting.discard(notice.notice_id)
        span.told.append(notice.notice_id)
        if span.grows or span.waiting:
            return
        for told in span.told:
            del self._spans[told]
            _remember(self._told_lately, told, None)
        for arrival in span.arrivals:
            arrival.settle()


def cause_of(notice: NoticeIssued) -> Cause:
    """What a notice is an attempt to tell, and whom."""
    return notice.offer_id or notice.page_id or notice.notice_id, notice.recipient


def _remember(memory: dict[K, V], key: K, value: V) -> None:
    memory.pop(key, None)
    memory[key] = value
    if len(memory) > LATELY_TOLD:
        del memory[next(iter(memory))]
