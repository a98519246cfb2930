"""What of a case falls due, and when? Deadlines are found in its data; firing one looks whether it still holds."""

from collections.abc import Iterator

from schemas.cases import CaseRecord
from schemas.words import Band, CaseState, ClockState
from services.rules.deadlines import Deadline

RELEASE = "release"
FOLLOW_UP = "follow_up"


def deadlines_of(case: CaseRecord) -> Iterator[Deadline]:
    """Running promises, tracks on their way from desk to desk, the first follow-up of a resolved case."""
    rank = case.band.rank
    for track in case.tracks:
        subject = f"{case.case_id}/{track.track_id}"
        for clock in track.clocks:
            if clock.state is ClockState.RUNNING:
                yield Deadline(clock.due, rank, clock.kind, subject, clock.epoch)
        if track.moving_by is not None:
            yield Deadline(track.moving_by, rank, RELEASE, subject, track.desk_epoch)
    if case.state is CaseState.RESOLVED and case.follow_up_at is not None:
        yield Deadline(case.follow_up_at, len(Band), FOLLOW_UP, case.case_id, 0)
