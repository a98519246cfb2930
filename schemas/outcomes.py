"""The single writer's one answer to a command or an awaited report."""

from schemas.base import Code, Fact, Id
from schemas.words import Refusal

DONE = "eu.sameroof.outcome.v1.done"
REFUSED = "eu.sameroof.outcome.v1.refused"


class OutcomeDone(Fact):
    """Carried out; `version` is what the record now carries, so that a reader can wait for it."""

    command_id: Id
    subject: Id
    version: int
    repeated: bool = False


class OutcomeRefused(Fact):
    """Refused, with a reason from the closed list and the version at which it was decided."""

    command_id: Id
    subject: Id
    version: int
    reason: Refusal
    decision: Code | None = None


OUTCOMES: dict[str, type[Fact]] = {DONE: OutcomeDone, REFUSED: OutcomeRefused}
