"""The router's machine: one partition of households. Reports, commands, progress and deadlines in; effects out."""

from datetime import datetime

from schemas import topics
from schemas.active_release import CatalogueChoose, CatalogueSwitch
from schemas.catalogue import Catalogue, Releases
from schemas.commands import Command
from schemas.envelope import EnvelopeError
from schemas.messages import Typed, read
from schemas.progress import Answered, Progress
from schemas.reports import ReportSubmitted
from schemas.words import DeadReason
from services.router.answering import answer
from services.router.breaching import look
from services.router.choosing import choose
from services.router.context import Context
from services.router.following import follow
from services.router.grouping import GROUP
from services.router.paging import tell_together
from services.router.receiving import Arrival, receive
from services.router.state import Partition
from services.router.timeline import SOURCE, Timeline
from services.router.walls import part
from services.rules.answered import FORGET_ANSWERS, Outcomes, Verdict, answer_once
from services.rules.deadlines import Deadline
from services.rules.in_force import KEY as CATALOGUE
from services.rules.in_force import InForce
from services.rules.machine import Effects, Message, Wiring
from services.rules.rejecting import reject_into
from services.rules.step import Step

REPORT_LANES = (topics.INCIDENTS_P0, topics.INCIDENTS)
WIRING = Wiring(
    group="router",
    inputs=((topics.INCIDENTS_P0,), (topics.COMMANDS, topics.PROGRESS_TOPIC), (topics.INCIDENTS,)),
    states=(topics.ROUTER_STATE, topics.HOUSEHOLDS, topics.CASES),
    urgent=frozenset({topics.INCIDENTS_P0.name}),
    stops=frozenset({topics.COMMANDS.name, topics.PROGRESS_TOPIC.name}),
)
ALLOWED = {topic.name: frozenset(topic.carries) for tier in WIRING.inputs for topic in tier}


class RouterMachine:
    """The households of one partition (see `services.rules.machine.Machine`).

    It begins with `catalogue`, and can switch to the `releases` given.
    """

    def __init__(self, catalogue: Catalogue, releases: Releases | None = None) -> None:
        self.partition = Partition(InForce(releases or Releases(catalogue), topics.ROUTER_STATE))

    @property
    def catalogue(self) -> Catalogue:
        """The release that decides new cases."""
        return self.partition.in_force.catalogue

    def restore(self, topic: str, key: str, record: bytes | None) -> None:
        """Replay one changelog record."""
        self.partition.restore(topic, key, record)

    def next_due(self) -> datetime | None:
        """The earliest instant at which something may be due."""
        return self.partition.deadlines.next_due()

    def digest(self) -> str:
        """A hash of the whole state."""
        return self.partition.digest()

    def handle(self, message: Message, now: datetime) -> Effects:
        """One record of any input. A record that is no message of ours becomes a dead letter."""
        step = Step(hold=self.partition.grouping.hold)
        try:
            typed = read(message.value, message.headers, ALLOWED[message.topic])
        except EnvelopeError as error:
            return self.reject(message, error.reason, now)
        self.partition.in_force.begin(step, now)
        if isinstance(typed.data, ReportSubmitted):
            receive(typed.data, Arrival(typed, message, step, now, self.partition, self.catalogue))
        elif isinstance(typed.data, CatalogueChoose | CatalogueSwitch):
            self._catalogue(typed.data, Arrival(typed, message, step, now, self.partition, self.catalogue))
        elif isinstance(typed.data, Command):
            pinned = self.partition.pinned_for(typed.data)
            answer(typed.data, Context(self.partition, step, now, typed.envelope.id, pinned))
        elif isinstance(typed.data, Progress):
            self._progress(typed, typed.data, step, now)
        return step.effects()

    def reject(self, message: Message, reason: DeadReason, now: datetime) -> Effects:
        """The record as a dead letter; reports are counted in the book, and a P0 lane's record pages a human."""
        step = Step()
        urgent = message.topic == topics.INCIDENTS_P0.name
        reject_into(step, "router", message, reason=reason, now=now, urgent=urgent)
        if message.topic in (lane.name for lane in REPORT_LANES):
            self.partition.count(step, read=1, dead_lettered=1)
        return step.effects()

    def fire(self, now: datetime, limit: int) -> Effects:
        """At most `limit` deadlines due at `now`."""
        step = Step(hold=self.partition.grouping.hold)
        for deadline in self.partition.deadlines.take(now, limit):
            if deadline.kind == "forget_seen":
                self.partition.forget_seen(deadline.subject, step)
            elif deadline.kind == FORGET_ANSWERS:
                self.partition.answers.forget(deadline.subject, step, now)
            elif deadline.kind == GROUP:
                tell_together(deadline.subject, self.partition, step, now=now, catalogue=self.catalogue)
            else:
                self._look(deadline, step, now)
        return step.effects()

    def _look(self, deadline: Deadline, step: Step, now: datetime) -> None:
        case = self.partition.due_case(deadline)
        if case is None:
            return
        timeline = look(case, step, self.partition, now=now)
        if timeline is None:
            self.partition.put_case(case)
        else:
            timeline.save(self.partition)

    def _catalogue(self, command: CatalogueChoose | CatalogueSwitch, arrival: Arrival) -> None:
        """A choice of release, or being told of one."""
        step, now, partition = arrival.step, arrival.now, self.partition

        def carry_out() -> Verdict:
            if isinstance(command, CatalogueChoose):
                return choose(command, partition, step, now=now, cause=arrival.cause)
            return partition.in_force.switch(command, arrival.message.offset, step, now)

        told = Outcomes(SOURCE, step, now, arrival.cause)
        answer_once(command, CATALOGUE, answers=partition.answers, outcomes_to=told, carry_out=carry_out)

    def _progress(self, typed: Typed, told: Progress, step: Step, now: datetime) -> None:
        case = self.partition.cases.get(told.case_id)
        if case is None:
            return
        timeline = Timeline(case, step, now=now, cause=typed.envelope.id)
        fact = typed.envelope.type.rpartition(".")[2]
        if follow(timeline, fact, told, self.partition.pinned(case)):
            if isinstance(told, Answered) or fact == "covered":
                part(timeline, getattr(told, "responder_id", None), self.partition, covers=fact == "covered")
            timeline.save(self.partition)
