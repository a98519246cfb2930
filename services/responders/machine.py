"""The machine of one partition of desks of one pillar. Dispatches, commands and deadlines in; effects out."""

from collections.abc import Callable
from datetime import datetime

from schemas import topics
from schemas.active_release import CatalogueSwitch
from schemas.catalogue import Catalogue, Releases
from schemas.commands import Command
from schemas.dispatch import DispatchTaken, DispatchWithdrawn
from schemas.envelope import EnvelopeError
from schemas.messages import read
from schemas.words import DeadReason, Pillar
from services.responders.ahead import fall_due, look_at_room
from services.responders.answering import answer
from services.responders.context import Context
from services.responders.drilling import go_on as drill
from services.responders.drills import KINDS as DRILLS
from services.responders.duty import KINDS as DUTY
from services.responders.duty import RESTED
from services.responders.meeting import go_on as meet
from services.responders.offering import ask, drain, look_at_forsaken, notice_who_left, time_out, widen
from services.responders.ringing import ring_again
from services.responders.seating import leave_workshops
from services.responders.standing_in import look_for_relief
from services.responders.state import Partition
from services.responders.taking import give_up, take
from services.responders.telling import SOURCE, Telling
from services.responders.watching import look_after
from services.responders.workshops import KINDS as WORKSHOPS
from services.rules.answered import FORGET_ANSWERS, Outcomes, answer_once
from services.rules.in_force import KEY as CATALOGUE
from services.rules.in_force import InForce
from services.rules.machine import Effects, Message, Wiring
from services.rules.rejecting import reject_into
from services.rules.step import Step

LOOKS: dict[str, Callable[[Partition, str, Telling], None]] = {
    "forsaken": look_at_forsaken,
    "contact": look_after,
    "relief": look_for_relief,
    RESTED: lambda partition, who, _: partition.crowd.look(who),
}
PARTS = {**dict.fromkeys(DRILLS, drill), **dict.fromkeys(DUTY, fall_due), **dict.fromkeys(WORKSHOPS, meet)}


def wiring(pillar: Pillar) -> Wiring:
    """Which topics the desks of a pillar live on."""
    urgent = topics.dispatch(pillar, urgent=True)
    commands = topics.desk_commands(pillar)
    return Wiring(
        group=f"responders-{pillar}",
        inputs=((urgent,), (commands,), (topics.dispatch(pillar, urgent=False),)),
        states=(topics.desks(pillar),),
        urgent=frozenset({urgent.name}),
        stops=frozenset({commands.name}),
    )


class DesksMachine:
    """The desks of one partition (see `services.rules.machine.Machine`).

    It begins with `catalogue`, and can switch to the `releases` given.
    """

    def __init__(self, pillar: Pillar, catalogue: Catalogue, releases: Releases | None = None) -> None:
        changelog = topics.desks(pillar)
        self.partition = Partition(changelog, InForce(releases or Releases(catalogue), changelog))
        self.urgent = topics.dispatch(pillar, urgent=True).name
        self.allowed = {topic.name: frozenset(topic.carries) for tier in wiring(pillar).inputs for topic in tier}

    def restore(self, topic: str, key: str, record: bytes | None) -> None:
        """Replay one changelog record."""
        assert topic == self.partition.changelog.name, "a desk has one changelog"
        self.partition.restore(key, record)

    def next_due(self) -> datetime | None:
        """The earliest instant at which something may be due."""
        return self.partition.deadlines.next_due()

    def digest(self) -> str:
        """A hash of the whole state."""
        return self.partition.digest()

    def handle(self, message: Message, now: datetime) -> Effects:
        """One record of any input. A record that is no message of ours becomes a dead letter."""
        step = Step()
        try:
            typed = read(message.value, message.headers, self.allowed[message.topic])
        except EnvelopeError as error:
            return self.reject(message, error.reason, now)
        self.partition.in_force.begin(step, now)
        self.partition.crowd.forget_news()
        telling = Telling(step, now, typed.envelope.id)
        data, kind = typed.data, "commands"
        if isinstance(data, DispatchTaken):
            kind = "taken" if take(self.partition, data, telling) else "ignored"
            if kind == "taken":
                ask(self.partition, self.partition.tracks[data.track_id], telling)
        elif isinstance(data, DispatchWithdrawn):
            kind = "taken" if give_up(self.partition, data, telling) else "ignored"
        elif isinstance(data, CatalogueSwitch):
            self._switch(data, message.offset, telling)
        elif isinstance(data, Command):
            answer(data, Context(self.partition, telling, typed.envelope.type.rpartition(".")[2]))
        self._settle(telling)
        return self._counted(step, kind)

    def _settle(self, telling: Telling) -> None:
        """What follows from who came, left, or has room again."""
        notice_who_left(self.partition, telling)
        drain(self.partition, telling)
        look_at_room(self.partition, telling)
        leave_workshops(self.partition, telling)

    def _switch(self, command: CatalogueSwitch, position: int, telling: Telling) -> None:
        answer_once(
            command,
            CATALOGUE,
            answers=self.partition.answers,
            outcomes_to=Outcomes(SOURCE, telling.step, telling.now, telling.cause),
            carry_out=lambda: self.partition.in_force.switch(command, position, telling.step, telling.now),
        )
        self.partition.crowd.look_at_everybody()

    def _counted(self, step: Step, kind: str) -> Effects:
        self.partition.count(step, **{kind: 1})
        return step.effects()

    def reject(self, message: Message, reason: DeadReason, now: datetime) -> Effects:
        """The record as a dead letter; one of the P0 lane pages a human."""
        step = Step()
        reject_into(step, "responders", message, reason=reason, now=now, urgent=message.topic == self.urgent)
        self.partition.count(step, dead_lettered=1)
        return step.effects()

    def fire(self, now: datetime, limit: int) -> Effects:
        """At most `limit` deadlines due at `now`: offers whose time ran out, searches that widen, shifts, gaps, tracks to forget."""
        step = Step()
        telling = Telling(step, now, None)
        self.partition.crowd.forget_news()
        for deadline in self.partition.deadlines.take(now, limit):
            if deadline.kind == "forget":
                self.partition.forget_track(deadline.subject, step, now)
            elif deadline.kind == FORGET_ANSWERS:
                self.partition.answers.forget(deadline.subject, step, now)
            elif (look := LOOKS.get(deadline.kind)) is not None:
                look(self.partition, deadline.subject, telling)
            elif deadline.kind in PARTS:
                PARTS[deadline.kind](deadline, self.partition, telling)
            elif deadline.kind == "ring":
                ring_again(self.partition, deadline.subject, deadline.epoch, telling)
            elif deadline.kind == "widen":
                widen(self.partition, deadline.subject, deadline.epoch, telling)
            else:
                time_out(self.partition, deadline.subject, deadline.epoch, telling)
        self._settle(telling)
        return step.effects()
