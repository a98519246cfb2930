"""What is a command carried out on? The partition, the step that collects its effects, the instant, and the case it names."""

from dataclasses import dataclass
from datetime import datetime

from schemas.catalogue import Catalogue
from services.router.state import Partition
from services.router.timeline import Timeline
from services.rules.step import Step


@dataclass(frozen=True, slots=True)
class Context:
    """One command being carried out. `cause` is the id of the command's event."""

    partition: Partition
    step: Step
    now: datetime
    cause: str
    catalogue: Catalogue

    def timeline(self, case_id: str) -> Timeline | None:
        """The case being changed."""
        case = self.partition.cases.get(case_id)
        return None if case is None else Timeline(case, self.step, now=self.now, cause=self.cause)
