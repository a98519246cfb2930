"""What every fact of a case's timeline says."""

from schemas.base import Actor, Fact, Id, Instant


def case_type(fact: str) -> str:
    """The CloudEvents type of a fact on a case."""
    return f"eu.sameroof.case.v1.{fact}"


class CaseFact(Fact):
    """Every fact: its case, the case's version after it, the instant decided (`at`) and who caused it."""

    case_id: Id
    household_id: Id
    version: int
    at: Instant
    actor: Actor
