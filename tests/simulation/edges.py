"""The at-least-once edges: what they read is passed on first and settled afterwards, so whoever takes over passes it on again.

A process of an edge that lost its membership may still be passing things on: nothing fences a plain producer.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from random import Random

from schemas.envelope import Event, encode
from services.rules.machine import Message, Send
from services.runtime.partitioning import partition_of
from tests.simulation.hosts import Host
from tests.simulation.lanes import Lane
from tests.simulation.log import Log, Place
from tests.simulation.scheduler import Act, Actor, Nap, Scheduler
from tests.simulation.staff import once

Decide = Callable[[Message, Host], tuple[Send, ...]]


@dataclass(slots=True)
class Edge:
    """One group's reading of one partition: its settled offset, and the processes that read it, the rightful one last.

    `decide` is pure; `done` is told of each record that was passed on, before it is settled.
    """

    name: str
    place: Place
    decide: Decide
    done: Callable[[Message], None] = lambda _: None
    settled: int = 0
    readers: list[Actor] = field(default_factory=list)
    generation: int = 0


class Edges:
    """All edges of a world."""

    def __init__(self, edges: list[Edge], log: Log, scheduler: Scheduler, *, hosts: list[Host], dice: Random) -> None:
        self.edges = edges
        self._log = log
        self._scheduler = scheduler
        self._hosts = hosts
        self._dice = dice
        self._at: dict[Place, list[Edge]] = {}
        for edge in edges:
            self._at.setdefault(edge.place, []).append(edge)
            self.start(edge)

    def start(self, edge: Edge) -> None:
        """A process begins to read where the group had settled; another one may still be reading."""
        edge.generation += 1
        act = self._reading(edge, edge.generation, self._dice.choice(self._hosts))
        edge.readers.append(self._scheduler.spawn(f"{edge.name}#{edge.generation}", act))

    def crash(self, edge: Edge) -> None:
        """Every process of the group dies; one comes back."""
        for reader in edge.readers:
            self._scheduler.end(reader)
        edge.readers.clear()
        self._scheduler.spawn(
            f"{edge.name} is started again", once(lambda: self.start(edge)), in_us=self._dice.randrange(10**6)
        )

    def rebalance(self, edge: Edge) -> None:
        """Another process gets the partition while the old one goes on for a while."""
        old = list(edge.readers)
        self.start(edge)
        for reader in old:
            self._scheduler.hold(reader)
            delay = int(self._dice.random() * 20e6)
            self._scheduler.spawn(f"{reader.name} goes on", once(partial(self._go_on, edge, reader)), in_us=delay)

    def readable(self, place: Place) -> None:
        """There may be something new in a partition."""
        for edge in self._at.get(place, ()):
            for reader in edge.readers:
                self._scheduler.wake(reader)

    def _go_on(self, edge: Edge, reader: Actor) -> None:
        self._scheduler.let_go(reader)
        delay = int(self._dice.random() * 2e6)
        self._scheduler.spawn(f"{reader.name} ends", once(lambda: self._dismiss(edge, reader)), in_us=delay)

    def _dismiss(self, edge: Edge, reader: Actor) -> None:
        self._scheduler.end(reader)
        if reader in edge.readers:
            edge.readers.remove(reader)

    def _reading(self, edge: Edge, generation: int, host: Host) -> Act:
        lane = Lane(edge.place, urgent=False, read_to=edge.settled)
        while True:
            found, lane.read_to = self._log.fetch(edge.place, lane.read_to, self._dice.choice((1, 5, 50)))
            if not found:
                yield Nap(None)
                continue
            lane.waiting.extend(found)
            while lane.waiting:
                message = lane.take()
                for send in edge.decide(message, host):
                    self._append(edge.name, send)
                    yield ("passes on to", send.topic.name)
                edge.done(message)
            if edge.generation == generation:
                edge.settled = lane.position
                yield ("settles", *edge.place, edge.settled)

    def _append(self, name: str, send: Send) -> None:
        value, headers = encode(send.body) if isinstance(send.body, Event) else (send.body.value, send.body.headers)
        place = (send.topic.name, partition_of(send.partition_by, self._log.counts[send.topic.name]))
        self._log.append(name, place, (send.key.encode(), value, headers))
