"""Sends a call to its single writer and waits for the answer, and for the read model to show it; never longer than allowed."""

import asyncio
import time

from schemas.outcomes import OutcomeRefused
from services.intake import queries
from services.intake.bus import Bus, BusUnavailable
from services.intake.metrics import IntakeMetrics
from services.intake.problems import Code, Problem
from services.intake.read_model import ReadModel
from services.intake.waiters import Outcome, Waiters
from services.rules.machine import Send

SEND_SECONDS = 2.5
ANSWER_SECONDS = 2.0
RETRY_AFTER = {"Retry-After": "2"}


class Commander:
    """One per process."""

    def __init__(self, bus: Bus, model: ReadModel, waiters: Waiters, metrics: IntakeMetrics) -> None:
        self._bus = bus
        self._model = model
        self._waiters = waiters
        self._metrics = metrics

    async def ask(self, command_id: str, send: Send, shown: str | None = None) -> Outcome | None:
        """The outcome, once the read model shows it; `None` when that takes longer than a caller should wait.

        `shown` is the subject to wait for, when that is not the outcome's own.

        Raises `Problem` (503) when the bus does not take it in time.
        """
        until = time.monotonic() + ANSWER_SECONDS
        with self._waiters.outcome(command_id) as answer:
            await self.send(send)
            sent_at = time.monotonic()
            try:
                async with asyncio.timeout(max(0.0, until - sent_at)):
                    outcome = await answer
                    await self._shown(outcome, shown or outcome.subject)
            except TimeoutError:
                self._metrics.unanswered.inc()
                return None
        self._metrics.outcome_wait.observe(time.monotonic() - sent_at)
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
