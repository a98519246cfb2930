"""Sends a call to its single writer and waits for the answer, and for the read model to show it; never longer than allowed."""

import asyncio
import time
from dataclasses import dataclass

from schemas import topics
from schemas.case_commands import ROUTER_COMMANDS
from schemas.commands import Command, DeskCommand, command_type
from schemas.envelope import Event
from schemas.outcomes import OutcomeRefused
from schemas.topics import Topic
from schemas.words import Pillar
from services.intake import queries
from services.intake.bus import Bus, BusUnavailable
from services.intake.metrics import IntakeMetrics
from services.intake.problems import Code, Problem, problem_of_refusal
from services.intake.read_model import ReadModel
from services.intake.waiters import Outcome, Waiters
from services.rules.machine import Send

SOURCE = "urn:sameroof:intake"
SEND_SECONDS = 2.5
ANSWER_SECONDS = 2.0
RETRY_AFTER = {"Retry-After": "2"}


@dataclass(frozen=True, slots=True)
class Shown:
    """Where the read model shows that an outcome is there: a subject, or the outcome's own when `None`."""

    subject: str | None = None


class Commander:
    """One per process."""

    def __init__(self, bus: Bus, model: ReadModel, waiters: Waiters, metrics: IntakeMetrics) -> None:
        self._bus = bus
        self._model = model
        self._waiters = waiters
        self._metrics = metrics

    async def ask(self, command_id: str, send: Send, shown: Shown = Shown()) -> Outcome | None:
        """The outcome, once the read model shows it; `None` when that takes longer than a caller should wait.

        Raises `Problem` (503) when the bus does not take it in time.
        """
        until = time.monotonic() + ANSWER_SECONDS
        with self._waiters.outcome(command_id) as answer:
            await self.send(send)
            sent_at = time.monotonic()
            try:
                async with asyncio.timeout(max(0.0, until - sent_at)):
                    outcome = await answer
                    await self._shown(outcome, shown.subject or outcome.subject)
            except TimeoutError:
                self._metrics.unanswered.inc()
                return None
        self._metrics.outcome_wait.observe(time.monotonic() - sent_at)
        return outcome

    async def carry_out(self, command_id: str, send: Send, shown: Shown = Shown()) -> Outcome | None:
        """Like `ask`, with a refusal as a `Problem`."""
        outcome = await self.ask(command_id, send, shown)
        if isinstance(outcome, OutcomeRefused):
            raise problem_of_refusal(outcome.reason)
        return outcome

    async def send(self, send: Send) -> None:
        """Puts a record on the bus. Raises `Problem` (503) in less than three seconds."""
        try:
            await self._bus.publish(send, within=SEND_SECONDS)
        except BusUnavailable:
            self._metrics.bus_refusals.inc()
            raise Problem(Code.BUS_UNAVAILABLE, headers=RETRY_AFTER) from None
        self._metrics.bus_sent.inc()

    async def _shown(self, outcome: Outcome, subject: str) -> None:
        """Waits until the read model has reached the outcome's version; a refusal changed nothing and is there at once."""
        if isinstance(outcome, OutcomeRefused):
            return
        with self._waiters.version(subject, outcome.version) as reached:
            if (await self._model.ask(queries.version_of(subject)) or 0) < outcome.version:
                await reached


def case_command(verb: str, command: Command, household_id: str) -> Send:
    """A command to the router, as a record on `commands`."""
    assert command_type(verb) in ROUTER_COMMANDS, "an unlisted command"
    return Send(topics.COMMANDS, household_id, household_id, _event(verb, command, household_id))


def desk_command(verb: str, command: DeskCommand, *, pillar: Pillar, key: str) -> Send:
    """A command to a desk, keyed by its track or responder."""
    topic: Topic = topics.desk_commands(pillar)
    return Send(topic, key, command.desk_id, _event(verb, command, command.desk_id))


def _event(verb: str, command: Command, partitionkey: str) -> Event:
    return Event(command.command_id, command_type(verb), SOURCE, command.received_at, command, partitionkey)
