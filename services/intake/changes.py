"""What those who wait learn from one record of the read model."""

from dataclasses import dataclass

from schemas.outcomes import OutcomeDone, OutcomeRefused

PAGES = "pages"


@dataclass(frozen=True, slots=True)
class Change:
    """A subject (case, track, household, responder) at a version, an outcome, and the parts of the board that changed.

    A part is a desk id, or `PAGES`.
    """

    subject: str | None = None
    version: int = 0
    outcome: OutcomeDone | OutcomeRefused | None = None
    touched: frozenset[str] = frozenset()


NOTHING = Change()
