"""Which tracks does coverage ask for, and why? On roster and holdings of the case's household, or of the one it was placed in."""

from collections.abc import Sequence

from schemas.base import Explanation
from schemas.cases import CaseRecord
from schemas.catalogue import Catalogue
from schemas.households import HouseholdBody
from schemas.reports import ReportBody
from schemas.words import Flag, Pillar
from services.router.learning import open_signals
from services.router.pillars import concerned
from services.router.recovering import Recovered, recover
from services.router.state import Partition
from services.router.timeline import Timeline
from services.router.tracking import Wanted
from services.rules.asked_of_coverage import asked
from services.rules.routing import why_these
from services.rules.triage import Triage


def tracks_wanted(
    timeline: Timeline,
    decision: Triage,
    partition: Partition,
    catalogue: Catalogue,
    *,
    also: tuple[Explanation, ...] = (),
) -> tuple[Wanted, tuple[Explanation, ...]]:
    """The tracks that coverage asks for on what is known, and why; what it said is kept on the case with the names of these rules
    and of what `also` was decided."""
    pillars = concerned(timeline.case, decision)
    recovered = _cover(timeline.case, pillars, partition, catalogue)
    _note(timeline, recovered)
    coverage = recovered.coverage
    decided = (decision.explanation, coverage.explanation, why_these(decision, coverage, catalogue.version))
    timeline.set(rules=tuple(one.rule for one in (*decided, *also)))
    return Wanted(recovered, pillars), (*decided, *also)


def _cover(case: CaseRecord, pillars: Sequence[Pillar], partition: Partition, catalogue: Catalogue) -> Recovered:
    question = asked(
        household_of(case, partition),
        case.facts or ReportBody(),
        codes=(case.code, *case.secondary_codes),
        band=case.band,
        signals=open_signals(case),
        pillars=pillars,
        received_at=case.received_at,
        catalogue=catalogue,
    )
    return recover(case, question, catalogue)


def household_of(case: CaseRecord, partition: Partition) -> HouseholdBody | None:
    """The household as coverage reads it: the snapshot of the real one for a case that was placed."""
    if case.placed is not None and case.placed.body is not None:
        return case.placed.body
    known = partition.households.get(case.household_id)
    return None if known is None else known.body


def _note(timeline: Timeline, recovered: Recovered) -> None:
    """Keep on the case what coverage said; an unknown household is flagged, and no longer once it is known."""
    flags = {*timeline.case.flags} - {Flag.UNKNOWN_HOUSEHOLD}
    if not recovered.coverage.known:
        flags |= {Flag.UNKNOWN_HOUSEHOLD}
    timeline.set(tracks=recovered.tracks, flags=tuple(sorted(flags)), **recovered.fields)
