"""What the bus says while the demo plays: desks, tracks and pages as they are now, read_committed, in a thread of its own."""

import json
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from confluent_kafka import Consumer, TopicPartition

from deploy.local.demo.dump import Record, record_of
from deploy.local.demo.stackfile import Stack
from deploy.local.demo.town import PILLARS

WAITING, ASKED, TAKEN, DONE = "waiting", "asked", "taken", "done"
_STATE_AFTER = {
    "offered": ASKED,
    "accepted": TAKEN,
    "done": DONE,
    "declined": WAITING,
    "released": WAITING,
    "exhausted": WAITING,
}
_SINK_SECONDS = 0.3
TOPICS = ("progress", "case.events", *(f"dispatch.{pillar}{lane}" for pillar in PILLARS for lane in ("", ".p0")))


@dataclass
class Standing:
    """Everything seen so far. A track is known by its dispatch (desk, band) and its progress (state), in either order."""

    desks: dict[str, tuple[str, str]] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    cases: set[str] = field(default_factory=set)
    offers: int = 0
    pages: dict[str, dict[str, Any]] = field(default_factory=dict)
    last_dispatch: float = 0.0

    def take_in(self, record: Record) -> None:
        """One more fact."""
        data, fact = record.data, record.fact
        if record.topic == "case.events":
            self.cases |= {data["case_id"]} if fact == "opened" else set()
        elif record.topic == "progress":
            self.offers += fact == "offered"
            if fact in _STATE_AFTER:
                self.states[data["track_id"]] = _STATE_AFTER[fact]
        elif fact == "taken":
            self.desks[data["track_id"]] = data["desk_id"], data["band"]
            self.last_dispatch = time.monotonic()

    def state(self, track: str) -> str:
        """Where a track is."""
        return self.states.get(track, WAITING)

    def counts(self) -> Counter[tuple[str, str, str]]:
        """Tracks by desk, band and state."""
        return Counter((desk, band, self.state(track)) for track, (desk, band) in list(self.desks.items()))

    def totals(self) -> Counter[str]:
        """Tracks by state."""
        return Counter(self.state(track) for track in list(self.desks))

    def quiet_for(self) -> float:
        """Seconds since the last dispatch."""
        return time.monotonic() - self.last_dispatch

    def page_about(self, track_id: str) -> dict[str, Any] | None:
        """The page about a track, as the sink received it."""
        return next((page for page in list(self.pages.values()) if page.get("track_id") == track_id), None)


class Watch:
    """Follows the bus and the page sink from their beginnings until stopped."""

    def __init__(self, stack: Stack) -> None:
        self.standing = Standing()
        self._stack = stack
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=one, daemon=True) for one in (self._bus, self._sink)]

    def start(self) -> None:
        """Starts following."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Returns when nothing is read any more."""
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _bus(self) -> None:
        consumer = Consumer(
            {
                "bootstrap.servers": self._stack.bootstrap_servers,
                "group.id": "demo-watch",  # never joined: partitions are assigned by hand
                "isolation.level": "read_committed",
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
            }
        )
        try:
            known = consumer.list_topics(timeout=10).topics
            consumer.assign([TopicPartition(name, one, 0) for name in TOPICS for one in known[name].partitions])
            while not self._ended.is_set():
                for message in consumer.consume(500, timeout=0.2):
                    if message.error() is None:
                        self.standing.take_in(record_of(message))
        finally:
            consumer.close()

    def _sink(self) -> None:
        while not self._ended.wait(_SINK_SECONDS):
            try:
                with urlopen(self._stack.page_sink_url, timeout=5) as answer:
                    received = [json.loads(line) for line in answer.read().decode().splitlines()]
            except (URLError, OSError):
                continue
            self.standing.pages |= {one["page_id"]: one for one in received if one.get("kind") == "page"}
