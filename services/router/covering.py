"""On whose roster and holdings is a case's coverage decided? Its household's, or those of the household it was placed in."""

from collections.abc import Sequence

from schemas.cases import CaseRecord
from schemas.catalogue import Catalogue
from schemas.households import HouseholdBody
from schemas.reports import ReportBody
from schemas.words import Flag, Pillar
from services.router.learning import open_signals
from services.router.recovering import Recovered, recover
from services.router.state import Partition
from services.router.timeline import Timeline
from services.rules.asked_of_coverage import asked
from services.rules.coverage import Coverage


def cover_case(case: CaseRecord, pillars: Sequence[Pillar], partition: Partition, catalogue: Catalogue) -> Recovered:
    """Which services the case's people may use in these pillars, as far as this partition knows them."""
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


def note_coverage(timeline: Timeline, recovered: Recovered) -> Coverage:
    """Keep on the case what coverage said; an unknown household is flagged, and no longer once it is known."""
    coverage = recovered.coverage
    flags = {*timeline.case.flags} - {Flag.UNKNOWN_HOUSEHOLD}
    if not coverage.known:
        flags |= {Flag.UNKNOWN_HOUSEHOLD}
    timeline.set(tracks=recovered.tracks, flags=tuple(sorted(flags)), **recovered.fields)
    return coverage
