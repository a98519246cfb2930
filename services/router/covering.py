"""On whose roster and holdings is a case's coverage decided? Its household's, or those of the household it was placed in."""

from schemas.cases import CaseRecord
from schemas.catalogue import Catalogue
from schemas.households import HouseholdRecord
from schemas.words import Flag
from services.router.coverage import Coverage, cover
from services.router.state import Partition
from services.router.timeline import Timeline


def cover_case(case: CaseRecord, partition: Partition, catalogue: Catalogue) -> Coverage:
    """Which services the case's people may use, as far as this partition knows them."""
    return cover(household_of(case, partition), band=case.band, at=case.received_at, catalogue=catalogue)


def household_of(case: CaseRecord, partition: Partition) -> HouseholdRecord | None:
    """The household as coverage reads it: the snapshot of the real one for a case that was placed."""
    placed = case.placed
    if placed is None or placed.body is None:
        return partition.households.get(case.household_id)
    return HouseholdRecord(
        household_id=placed.household_id, version=placed.household_version or 0, changed_at=placed.at, body=placed.body
    )


def note_coverage(timeline: Timeline, coverage: Coverage) -> None:
    """Keep on the case what coverage said; an unknown household is flagged, and no longer once it is known."""
    flags = {*timeline.case.flags} - {Flag.UNKNOWN_HOUSEHOLD}
    if not coverage.known:
        flags |= {Flag.UNKNOWN_HOUSEHOLD}
    timeline.set(member=coverage.member, programme=coverage.programme, flags=tuple(sorted(flags)))
