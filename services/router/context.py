"""What is a command carried out on? The partition, the step that collects its effects, the instant, and the case it names."""

from dataclasses import dataclass
from datetime import datetime

from schemas.cases import CaseRecord
from schemas.catalogue import Catalogue
from schemas.words import Refusal
from services.router.state import Partition
from services.router.timeline import Timeline
from services.rules.answered import Verdict
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
        """The case being changed; one that was merged goes on where it was merged into."""
        case = self.partition.find(case_id)
        return None if case is None else self.change(case)

    def change(self, case: CaseRecord) -> Timeline:
        """This case, about to be changed by this command."""
        return Timeline(case, self.step, now=self.now, cause=self.cause)

    def done(self, timeline: Timeline) -> Verdict:
        """The case as changed is kept; the command is carried out."""
        timeline.save(self.partition)
        return Verdict(timeline.case.case_id, timeline.case.version)

    def refused(self, case: CaseRecord, refusal: Refusal) -> Verdict:
        """Nothing was changed, and why."""
        return Verdict(case.case_id, case.version, refusal)
