"""The bus of a town: an in-memory log that hands records to machines in the order the processor would."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import BaseModel

from schemas.catalogue import Catalogue, Releases
from schemas.envelope import Event, encode
from schemas.topics import Topic
from schemas.words import Pillar
from services.responders.machine import DesksMachine
from services.responders.machine import wiring as desk_wiring
from services.router.machine import WIRING, RouterMachine
from services.rules.machine import Effects, Machine, Message, Wiring

Changelog = dict[tuple[str, str], BaseModel]


def written(record: BaseModel) -> bytes:
    """As it is in a changelog."""
    return record.model_dump_json(exclude_none=True).encode()


@dataclass
class Seat:
    """One machine, its wiring, and the changelog it wrote."""

    machine: Machine
    wiring: Wiring
    changelog: Changelog = field(default_factory=dict)


class Bus:
    """All machines of a town, one partition each. Every effect is encoded and decoded again, as on a broker."""

    def __init__(self, catalogue: Catalogue, releases: Releases | None = None) -> None:
        self.catalogue = catalogue
        self.releases = releases or Releases(catalogue)
        self.seats = [Seat(RouterMachine(catalogue, self.releases), WIRING)]
        self.seats += [Seat(DesksMachine(pillar, catalogue, self.releases), desk_wiring(pillar)) for pillar in Pillar]
        self.log: dict[str, list[Message]] = {}
        self.unread: dict[str, deque[Message]] = {}
        self.events: list[tuple[str, Event]] = []

    def publish(self, topic: Topic, key: str, event: Event, now: datetime) -> None:
        """Append one event; whoever reads it finds what was meant, also where it was not validated before it was sent."""
        value, headers = encode(event)
        assert type(event.data).model_validate_json(value) == event.data
        self._append(topic.name, Message(topic.name, 0, 0, key.encode(), value, headers, now))
        self.events.append((topic.name, event))

    def publish_bytes(self, topic: Topic, value: bytes, now: datetime) -> None:
        """Append bytes that may be anything."""
        self._append(topic.name, Message(topic.name, 0, 0, b"key", value, (), now))

    def _append(self, topic: str, message: Message) -> None:
        log = self.log.setdefault(topic, [])
        placed = Message(topic, 0, len(log), message.key, message.value, message.headers, message.appended_at)
        log.append(placed)
        self.unread.setdefault(topic, deque()).append(placed)

    def settle(self, now: datetime) -> None:
        """Let every machine read until nothing is unread."""
        while sum(self._step(seat, now) for seat in self.seats):
            pass

    def _step(self, seat: Seat, now: datetime) -> bool:
        for tier in seat.wiring.inputs:
            for topic in tier:
                queue = self.unread.get(topic.name)
                if queue:
                    self._apply(seat, seat.machine.handle(queue.popleft(), now), now)
                    return True
        return False

    def _apply(self, seat: Seat, effects: Effects, now: datetime) -> None:
        for save in effects.saves:
            place = (save.topic.name, save.key)
            if save.record is None:
                seat.changelog.pop(place, None)
            else:
                seat.changelog[place] = save.record
        for send in effects.sends:
            if isinstance(send.body, Event):
                self.publish(send.topic, send.key, send.body, now)
            else:
                body = send.body
                self._append(send.topic.name, Message(send.topic.name, 0, 0, None, body.value, body.headers, now))

    def next_due(self) -> datetime | None:
        """The earliest deadline of any machine."""
        return min((due for seat in self.seats if (due := seat.machine.next_due()) is not None), default=None)

    def fire(self, now: datetime) -> None:
        """Fire what is due everywhere, then settle."""
        for seat in self.seats:
            while (due := seat.machine.next_due()) is not None and due <= now:
                self._apply(seat, seat.machine.fire(now, 100), now)
        self.settle(now)

    def restart(self) -> None:
        """Throw every machine away and rebuild it from its changelog; the state must be the same to the byte."""
        for seat in self.seats:
            before = seat.machine.digest()
            fresh: Machine = (
                RouterMachine(self.catalogue, self.releases)
                if seat.wiring.group == "router"
                else DesksMachine(Pillar(seat.wiring.group.partition("-")[2]), self.catalogue, self.releases)
            )
            for topic in seat.wiring.states:
                for name, key in sorted(seat.changelog):
                    if name == topic.name:
                        fresh.restore(name, key, written(seat.changelog[name, key]))
            assert before == fresh.digest(), f"{seat.wiring.group} differs after a restart"
            seat.machine = fresh
