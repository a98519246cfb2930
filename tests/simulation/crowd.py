"""The people outside: they know what was answered and rung, and call under an id that every retry repeats."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from random import Random
from typing import Any

from schemas import households, reports, topics
from schemas.base import Actor
from schemas.campaigns import Campaign
from schemas.case_commands import ROUTER_COMMANDS
from schemas.catalogue import Catalogue
from schemas.commands import DESK_COMMANDS, Command, command_type
from schemas.envelope import Event, Headers, encode
from schemas.topics import Topic
from schemas.words import Channel, Pillar, Role
from services.rules import ids
from services.rules.admission import admit, event_of, report_of
from services.runtime.partitioning import partition_of
from tests.simulation.hosts import Host
from tests.simulation.ledger import Ledger, Rung, SentCommand, SentReport
from tests.simulation.log import Kept, Record
from tests.simulation.scheduler import Act, Nap, Scheduler
from tests.simulation.wires import Wires

INTAKE = "urn:sameroof:intake"
AT_ONCE = frozenset({"self_harm", "physical_danger", "money_leaving", "child_sexual_content"})
GIVES_UP = frozenset({"done", "handover", "conflict"})
NOT_MINE = frozenset({"not_yours", "not_found"})

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """One thing somebody asks for. `made(at)` is its topic, key, partition key and record when the door takes it at `at`."""

    id: str
    awaited: bool
    made: Callable[[datetime], tuple[str, str, Record]]
    landed: Callable[[Kept], None]
    answered: Callable[[Answer], None] = lambda _: None


@dataclass(slots=True)
class Crowd:
    """Everybody outside. `calm`: they answer every offer, retry until they are answered, and ask for nothing new."""

    ledger: Ledger
    wires: Wires
    scheduler: Scheduler
    catalogue: Catalogue
    hosts: list[Host]
    dice: Random
    partners: tuple[str, ...]
    households: tuple[str, ...]
    responders: dict[str, list[str]]
    keys: dict[str, dict[str, str]] = field(default_factory=dict)
    focus: str | None = None
    calm: bool = False
    gone: bool = False
    waiting: int = 0
    takes: Callable[[Rung], None] = lambda _: None  # whoever takes a track
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    def number(self) -> int:
        """The next number, for an id."""
        return next(self.numbers)

    # ------------------------------------------------------------------------------------------------ what it looks at
    def case(self) -> dict[str, Any] | None:
        """Some case: the one in focus, or one of the latest, or any."""
        cases = self.ledger.cases
        if self.focus in cases:
            return cases[self.focus]
        names = list(cases)
        if not names:
            return None
        return cases[self.dice.choice(names[-5:] if self.dice.random() < 0.5 else names)]

    def rung(self) -> Rung | None:
        """Some offer that reached somebody, however old; the latest on the case in focus."""
        rung = self.ledger.rung
        if self.focus in self.ledger.cases:
            tracks = {track["track_id"] for track in self.ledger.cases[self.focus]["tracks"]}
            rung = [one for one in rung if one.track_id in tracks][-3:]
        return self.dice.choice(rung) if rung else None

    def held(self) -> Rung | None:
        """Some track that somebody was told is theirs, or whose case says so; on the case in focus."""
        held = list(self.ledger.held.values()) if self.dice.random() < 0.4 else self.ledger.owned()
        if self.focus in self.ledger.cases:
            tracks = {track["track_id"] for track in self.ledger.cases[self.focus]["tracks"]}
            held = [one for one in held if one.track_id in tracks]
        return self.dice.choice(held) if held else None

    # ------------------------------------------------------------------------------------------------------ calling
    def calls(self, call: Call) -> None:
        """Somebody calls, and calls again until there is an answer (or they have had enough)."""
        self.waiting += 1
        self.scheduler.spawn(f"call {call.id}", self._calling(call))

    def _calling(self, call: Call) -> Act:
        plan, landed = self.wires.plan, [0]

        def note(kept: Kept) -> None:
            landed[0] += 1
            call.landed(kept)

        while True:
            topic, partition_by, record = call.made(self.dice.choice(self.hosts).now())
            place = (topic, partition_of(partition_by, self.wires.log.counts[topic]))
            self.wires.put(call.id, place, record, note)
            yield Nap(self.scheduler.us + int(plan.patience_s * 1e6 * self.dice.uniform(0.5, 2)), ("calls", topic))
            answers = self.ledger.answers.get(call.id, []) if call.awaited else [{}] * landed[0]
            if answers:
                call.answered(answers[-1])
                break
            if not self.calm and self.dice.random() < plan.forgets_p:
                break
        self.waiting -= 1

    # ------------------------------------------------------------------------------------------------------ reports
    def agent_reports(self, said: dict[str, Any], report_id: str, campaign: Campaign | None = None) -> Call:
        """An agent's report by the door's own admission; one of many, when it belongs to a campaign."""
        raw = _raw(said)
        sent = self._note_report((INTAKE, report_id), said, awaited=True)

        def made(at: datetime) -> tuple[str, str, Record]:
            admitted = admit(raw, sender=None, at=at, catalogue=self.catalogue)
            report = report_of(
                admitted, source=INTAKE, report_id=report_id, channel=Channel.AGENT, actor=_actor(Role.AGENT),
                received_at=at, answer=True,
            )  # fmt: skip
            sent.bodies.add(admitted.digest)
            topic, event = event_of(report.model_copy(update={"campaign": campaign}), self.catalogue)
            return _record(topic, report.household_id, event)

        return Call(report_id, True, made, lambda _: _add_landed(sent))

    def partner_reports(self, partner: str, said: dict[str, Any], report_id: str, *, urgent: bool) -> Call:
        """A partner's report on one of its topics."""
        doors = topics.partner(partner)
        source = f"urn:partner:{partner}:crm"
        raw = _raw(said)
        sent = self._note_report((source, report_id), said, awaited=False)
        sent.bodies.add(ids.short_hash(json.dumps(said, sort_keys=True)))
        headers = _headers(report_id, source, reports.SUBMITTED)

        def made(_: datetime) -> tuple[str, str, Record]:
            topic = doors.incidents_p0 if urgent else doors.incidents
            return topic.name, report_id, (report_id.encode(), raw, headers)

        return Call(f"{partner}/{report_id}", False, made, lambda _: _add_landed(sent))

    def partner_tells(self, partner: str, household: dict[str, Any]) -> Call:
        """A partner's snapshot of one of its households."""
        number = self.number()
        headers = _headers(f"h{number}", f"urn:partner:{partner}:crm", households.SNAPSHOT)
        topic, key = topics.partner(partner).households.name, household["reference"]
        return Call(
            f"h{number}", False, lambda _: (topic, key, (key.encode(), _raw(household), headers)), lambda _: None
        )

    def _note_report(self, pair: tuple[str, str], said: dict[str, Any], *, awaited: bool) -> SentReport:
        p0 = bool(AT_ONCE & set(said.get("signals", ())))
        return self.ledger.reports.setdefault(pair, SentReport(p0, awaited))

    # ----------------------------------------------------------------------------------------------------- commands
    def case_command(self, verb: str, household: str, **said: Any) -> Call:
        """A command to the router about a household or one of its cases."""
        model = ROUTER_COMMANDS[command_type(verb)]
        fields = {"household_id": household, **said}
        return self.command(topics.COMMANDS, model, verb, fields | {"partition_by": household})

    def desk_command(self, verb: str, desk: str, *, speaks_for: str | None = None, **said: Any) -> Call:
        """A command to a desk; `speaks_for` is the responder who gives it."""
        model = DESK_COMMANDS[command_type(verb)]
        fields = {"desk_id": desk, **said, "partition_by": desk, "speaks_for": speaks_for}
        return self.command(topics.desk_commands(Pillar(desk.partition("-")[0])), model, verb, fields)

    def command(self, topic: Topic, model: type[Command], verb: str, said: dict[str, Any]) -> Call:
        """A command of any kind; `said` names its `partition_by`, and perhaps its id and whom it speaks for."""
        partition_by, speaks_for = said.pop("partition_by"), said.pop("speaks_for", None)
        command_id = said.pop("command_id", None) or f"c{self.number()}"
        awaited = bool(said.pop("answer", True))
        sent = self.ledger.commands.setdefault(command_id, SentCommand(verb, awaited, speaks_for, said))
        actor = _actor(Role.RESPONDER if speaks_for else Role.AGENT, speaks_for)

        def made(at: datetime) -> tuple[str, str, Record]:
            fields = {"command_id": command_id, "actor": actor, "received_at": at, "answer": awaited}
            command = model.model_validate(fields | said)
            event = Event(command_id, command_type(verb), INTAKE, at, command, partition_by)
            return _record(topic, partition_by, event)

        def answered(answer: Answer) -> None:
            self._learns(verb, said, answer)

        return Call(command_id, awaited, made, lambda _: _add_landed(sent), answered)

    def _learns(self, verb: str, said: dict[str, Any], answer: Answer) -> None:
        """What a responder knows from the answer: the track is theirs, or no more."""
        track = said.get("track_id", "")
        if verb in {"accept", "assign"} and answer.get("fact") == "done" and not said.get("dry_run"):
            desk = said["desk_id"]
            rung = Rung(said["responder_id"], said.get("offer_id", ""), track, desk, desk.partition("-")[0])
            self.ledger.held[track] = rung
            self.takes(rung)
        elif verb in GIVES_UP or answer.get("reason") in NOT_MINE:
            self.ledger.held.pop(track, None)

    # ------------------------------------------------------------------------------------------------------ garbage
    def garbage(self, topic: str, raw: bytes, headers: Headers) -> Call:
        """Bytes that are no message of ours, sent once."""

        def landed(kept: Kept) -> None:
            self.ledger.garbage.add((kept.topic, kept.partition, kept.offset))

        number = self.number()
        return Call(f"g{number}", False, lambda _: (topic, f"g{number}", (b"g", raw, headers)), landed)


def _add_landed(sent: SentReport | SentCommand) -> None:
    sent.landed += 1


def _record(topic: Topic, key: str, event: Event) -> tuple[str, str, Record]:
    return topic.name, event.partitionkey, (key.encode(), *encode(event))


def _raw(said: dict[str, Any]) -> bytes:
    return json.dumps(said).encode()


def _headers(identity: str, source: str, type_: str) -> tuple[tuple[str, bytes], ...]:
    named = {"ce_specversion": "1.0", "ce_id": identity, "ce_source": source, "ce_type": type_}
    return tuple((name, value.encode()) for name, value in (named | {"content-type": "application/json"}).items())


def _actor(role: Role, identity: str | None = None) -> Actor:
    return Actor(role=role, id=identity or f"{role.value}-1")
