"""A router by itself: one case, told what its desk did as bytes off the bus, at instants of the test's choosing."""

import json
from datetime import datetime
from itertools import count
from typing import Any

from schemas import topics
from schemas.base import Actor
from schemas.case_commands import ROUTER_COMMANDS
from schemas.cases import CaseRecord, Track
from schemas.catalogue import Catalogue
from schemas.clock_events import ClockFact
from schemas.commands import command_type
from schemas.envelope import Event, encode
from schemas.progress import PROGRESS, progress_type
from schemas.topics import Topic
from schemas.words import Channel, Role
from services.router.machine import RouterMachine
from services.rules.admission import admit, event_of, report_of
from services.rules.machine import Effects, Message

AGENT = Actor(role=Role.AGENT, id="agent-1")
RESPONDER = Actor(role=Role.RESPONDER, id="r")


class LoneRouter:
    """Its case has one track. `facts` are those about promises since they were last taken, oldest first."""

    def __init__(self, catalogue: Catalogue, now: datetime, code: str = "unclassified_suspicion") -> None:
        self.machine = RouterMachine(catalogue)
        self.now = now
        self.facts: list[tuple[str, ClockFact]] = []
        self._numbers = count(1)
        body = json.dumps({"code": code, "country": "FR"}).encode()
        report = report_of(
            admit(body, sender=None, at=now, catalogue=catalogue),
            source="urn:sameroof:intake",
            report_id="report-1",
            channel=Channel.AGENT,
            actor=AGENT,
            received_at=now,
        )
        lane, event = event_of(report, catalogue)
        self._read(lane, event)

    @property
    def case(self) -> CaseRecord:
        """The case as the router has it."""
        (case,) = self.machine.partition.cases.values()
        return case

    @property
    def track(self) -> Track:
        """Its track."""
        return self.case.tracks[0]

    def progress(self, fact: str, at: datetime, **said: Any) -> None:
        """Its desk tells what was done at `at`."""
        track = self.track
        about: dict[str, object] = {
            "track_id": track.track_id,
            "case_id": self.case.case_id,
            "household_id": self.case.household_id,
        }
        about |= {"desk_id": track.desk_id, "pillar": track.pillar, "epoch": track.desk_epoch}
        data = PROGRESS[progress_type(fact)].model_validate({**about, "at": at, "actor": RESPONDER, **said})
        self._read(topics.PROGRESS_TOPIC, self._event(progress_type(fact), data))

    def command(self, verb: str, **said: Any) -> None:
        """A human asks something of the case."""
        number = next(self._numbers)
        about = {"command_id": f"command-{number}", "actor": AGENT, "received_at": self.now}
        about |= {"household_id": self.case.household_id, "case_id": self.case.case_id}
        data = ROUTER_COMMANDS[command_type(verb)].model_validate({**about, **said})
        self._read(topics.COMMANDS, self._event(command_type(verb), data))

    def fire(self) -> None:
        """Whatever is due now."""
        while (due := self.machine.next_due()) is not None and due <= self.now:
            self._note(self.machine.fire(self.now, 10))

    def take_facts(self) -> list[tuple[str, ClockFact]]:
        """What was told about promises since the last time."""
        taken, self.facts = self.facts, []
        return taken

    def _event(self, type_: str, data: Any) -> Event:
        number = next(self._numbers)
        return Event(f"event-{number}", type_, "urn:test", self.now, data, partitionkey=self.case.household_id)

    def _read(self, topic: Topic, event: Event) -> None:
        value, headers = encode(event)
        self._note(self.machine.handle(Message(topic.name, 0, 0, b"key", value, headers, self.now), self.now))

    def _note(self, effects: Effects) -> None:
        for send in effects.sends:
            if isinstance(send.body, Event) and isinstance(send.body.data, ClockFact):
                self.facts.append((send.body.type.rpartition(".")[2], send.body.data))
