"""What one step of a machine collects on its way to effects: sends in order, and the last save of each record."""

from collections.abc import Callable
from dataclasses import dataclass, field

from pydantic import BaseModel

from schemas import notices, topics
from schemas.envelope import Event
from schemas.notices import NoticeIssued
from schemas.topics import Topic
from services.rules.machine import Effects, Save, Send

Hold = Callable[["Step", NoticeIssued], str | None]


@dataclass(slots=True)
class Step:
    """Collects effects; saving a record twice keeps the later one. `hold` may keep a page back for a group that tells of many."""

    hold: Hold | None = None
    _sends: list[Send] = field(default_factory=list)
    _saves: dict[tuple[str, str], Save] = field(default_factory=dict)

    def send(self, topic: Topic, key: str, event: Event) -> None:
        """Publish `event` under `key`, on the partition of the event's `partitionkey`."""
        self._sends.append(Send(topic, key, event.partitionkey, event))

    def issue(self, notice: NoticeIssued, source: str, *, cause: str | None) -> None:
        """Have a human told; the event's id is the notice's."""
        event = Event(
            id=notice.notice_id,
            type=notices.ISSUED,
            source=source,
            time=notice.at,
            data=notice,
            partitionkey=notice.recipient,
            correlationid=notice.case_id,
            causationid=cause,
        )
        self.send(topics.NOTICES_TOPIC, notice.recipient, event)

    def page(self, notice: NoticeIssued, source: str, *, cause: str | None) -> str | None:
        """Have a human paged; or the id of the group of pages that tells of it instead."""
        group = self.hold(self, notice) if self.hold is not None else None
        if group is None:
            self.issue(notice, source, cause=cause)
        return group

    def pass_on(self, send: Send) -> None:
        """Publish something already addressed (a dead letter)."""
        self._sends.append(send)

    def save(self, topic: Topic, key: str, record: BaseModel | None) -> None:
        """Write a changelog record; `None` removes it."""
        self._saves[topic.name, key] = Save(topic, key, record)

    def effects(self) -> Effects:
        """Everything collected."""
        return Effects(tuple(self._sends), tuple(self._saves.values()))
