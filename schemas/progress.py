"""What desks did, told to the router; every fact echoes the epoch of the dispatch it answers."""

from schemas.base import Actor, Code, Explanation, Fact, Id, Instant
from schemas.words import Pillar


def progress_type(fact: str) -> str:
    """The CloudEvents type of a progress fact."""
    return f"eu.sameroof.progress.v1.{fact}"


class Progress(Fact):
    """One step of a desk on a track. `at` is the instant that counts for clocks: our receipt of the command behind it."""

    track_id: Id
    case_id: Id
    household_id: Id
    desk_id: Id
    pillar: Pillar
    epoch: int
    at: Instant
    actor: Actor


class Offered(Progress):
    """A responder was asked, until an instant; the explanation says who was passed over and why."""

    offer_id: Id
    responder_id: Id
    until: Instant
    explanation: Explanation


class Answered(Progress):
    """An offer was accepted, declined, or its time ran out (`reason` is then `timed_out`); so many others are asked still (`pending`).

    An acceptance may need an `interpreter` of a language, and says who was considered where a human chose.
    """

    offer_id: Id
    responder_id: Id
    reason: Code | None = None
    pending: int = 0
    interpreter: Code | None = None


class Worked(Progress):
    """The owner contacted the victim, waits, resumed or is done."""

    responder_id: Id
    result: Code | None = None
    next_contact_at: Instant | None = None


class Released(Progress):
    """The track left its owner or the desk: handed over, conflict, or withdrawn."""

    responder_id: Id | None = None
    reason: Code


class Exhausted(Progress):
    """Nobody at this desk can take the track; the router takes the next step of its ladder."""

    explanation: Explanation


PROGRESS: dict[str, type[Progress]] = {
    progress_type("offered"): Offered,
    progress_type("accepted"): Answered,
    progress_type("declined"): Answered,
    progress_type("contacted"): Worked,
    progress_type("waiting"): Worked,
    progress_type("resumed"): Worked,
    progress_type("done"): Worked,
    progress_type("set_aside"): Worked,
    progress_type("taken_up"): Worked,
    progress_type("covered"): Worked,
    progress_type("released"): Released,
    progress_type("exhausted"): Exhausted,
}
