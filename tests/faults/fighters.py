"""The people of two desks while their processes fight: they accept, accept again, decline, keep silent; tracks are moved meanwhile."""

import heapq
import json
import random
import threading
import time
from collections import Counter
from datetime import UTC, datetime
from itertools import count
from typing import Any

from confluent_kafka import Consumer, Producer

from schemas import topics
from schemas.base import Actor
from schemas.case_commands import CaseReroute
from schemas.commands import Command, OfferCommand, PresenceSet, ResponderPut, TrackCommand, command_type
from schemas.envelope import Event, encode
from schemas.rosters import ContactMethod, RosterEntry
from schemas.words import Pillar, Presence, Role
from tests.shipped import ABLE

DESKS = ("technical-fr", "technical-be")
OTHER = {"technical-fr": "be", "technical-be": "fr"}
PEOPLE, CAPACITY = 4, 60
SUPERVISOR = Actor(role=Role.SUPERVISOR, id="supervisor-1")


class Fighters:
    """Draws from a seed how each offer is answered; `calm`: everybody accepts, and nothing is moved any more."""

    def __init__(self, bootstrap: str, seed: int) -> None:
        self.did: Counter[str] = Counter()
        self.calm = False
        self._dice = random.Random(f"fighters/{seed}")
        self._numbers = count(1)
        self._household: dict[str, str] = {}
        self._later: list[tuple[float, int, str, Any]] = []
        self._over = threading.Event()
        self._producer = Producer({"bootstrap.servers": bootstrap, "partitioner": "murmur2_random", "linger.ms": 2})
        self._reader = Consumer(
            {
                "bootstrap.servers": bootstrap,
                "group.id": "fighters",
                "isolation.level": "read_committed",
                "auto.offset.reset": "earliest",
                "fetch.wait.max.ms": 20,
            }
        )
        self._thread = threading.Thread(target=self._live, daemon=True)

    def start(self) -> None:
        """All come on duty, and listen from now on."""
        for desk in DESKS:
            for number in range(PEOPLE):
                self._comes(desk, f"{desk}-{number}")
        assert self._producer.flush(30) == 0, "the rosters were not acknowledged"
        self._reader.subscribe([topics.NOTICES_TOPIC.name, topics.CASES.name])
        self._thread.start()

    def close(self) -> None:
        """They hear nothing any more."""
        self._over.set()
        self._thread.join()
        self._reader.close()
        self._producer.flush(10)

    def _comes(self, desk: str, name: str) -> None:
        method = ContactMethod(kind="log")
        entry = RosterEntry(responder_id=name, desk_id=desk, capacity=CAPACITY, methods=(method,), **ABLE)
        self._tell(ResponderPut, "responder_put", desk, entry=entry)
        self._tell(PresenceSet, "presence", desk, responder_id=name, presence=Presence.AVAILABLE)

    def _live(self) -> None:
        while not self._over.is_set():
            while self._later and self._later[0][0] <= time.monotonic():
                _, _, verb, notice = heapq.heappop(self._later)
                self._works(verb, notice)
            record = self._reader.poll(0.02)
            if record is None or record.error() is not None:
                continue
            told = json.loads(record.value() or b"{}")
            if record.topic() == topics.CASES.name:
                self._household[str(told.get("case_id"))] = str(told.get("household_id"))
            elif told.get("kind") == "offer" and told.get("offer_id"):
                self._rung(told)
            self._producer.poll(0)

    def _rung(self, notice: dict[str, Any]) -> None:
        if self.calm:
            return self._answers("accept", notice)
        chance = self._dice.random()
        if self._dice.random() < 0.25 and notice["case_id"] in self._household:
            self._moves(notice)
        if chance < 0.6:
            self._answers("accept", notice)
            if self._dice.random() < 0.3:
                self._answers("accept", notice)  # a second time, under another id
            soon = time.monotonic() + self._dice.uniform(0.2, 2.0)
            verb = self._dice.choice(("done", "handover", "wait", "contacted"))
            heapq.heappush(self._later, (soon, next(self._numbers), verb, notice))
        elif chance < 0.7:
            self._answers("decline", notice)
        return None

    def _answers(self, verb: str, notice: dict[str, Any]) -> None:
        offer = {name: notice[name] for name in ("offer_id", "track_id")}
        self._tell(OfferCommand, verb, notice["desk_id"], responder_id=notice["recipient"], **offer)

    def _works(self, verb: str, notice: dict[str, Any]) -> None:
        said = {"responder_id": notice["recipient"], "track_id": notice["track_id"]}
        result = {"contacted": "spoke", "wait": "third_party"}.get(verb)
        self._tell(TrackCommand, verb, notice["desk_id"], result=result, **said)

    def _moves(self, notice: dict[str, Any]) -> None:
        """A supervisor sends it to the other desk while somebody is being asked."""
        household = self._household[notice["case_id"]]
        said = {"pillar": Pillar.TECHNICAL, "region": OTHER[notice["desk_id"]], "reason": "moved"}
        command = CaseReroute.model_validate(
            {**self._common(), "household_id": household, "case_id": notice["case_id"], **said}
        )
        self._send(topics.COMMANDS, "reroute", household, command)

    def _tell(self, model: type[Command], verb: str, desk: str, **said: Any) -> None:
        command = model.model_validate({**self._common(), "desk_id": desk, **said})
        self._send(topics.desk_commands(Pillar.TECHNICAL), verb, desk, command)

    def _common(self) -> dict[str, Any]:
        named = {"command_id": f"fight-{next(self._numbers)}", "actor": SUPERVISOR}
        return {**named, "received_at": datetime.now(UTC), "answer": True}

    def _send(self, topic: topics.Topic, verb: str, key: str, command: Command) -> None:
        event = Event(command.command_id, command_type(verb), "urn:sameroof:intake", command.received_at, command, key)
        value, headers = encode(event)
        self._producer.produce(topic.name, value, key=key, headers=list(headers))
        self.did[verb] += 1
