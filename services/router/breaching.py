"""A deadline fell due: is it still the track's promise, was it kept, and who is told?"""

from datetime import datetime

from schemas.words import ClockKind, ClockState
from services.router.clocks import clock_of, settled
from services.router.escalation import page_about
from services.router.state import Partition
from services.router.timeline import Timeline
from services.rules.deadlines import Deadline
from services.rules.step import Step


def breach(deadline: Deadline, partition: Partition, step: Step, now: datetime) -> None:
    """Settle a clock as breached and page, once; nothing when the deadline is stale (settled, or of an older epoch)."""
    case_id, _, track_id = deadline.subject.partition("/")
    case = partition.cases.get(case_id)
    if case is None:
        return
    timeline = Timeline(case, step, now=now, cause=None)
    track = timeline.track(track_id)
    clock = clock_of(track, ClockKind(deadline.kind)) if track else None
    if track is None or clock is None or clock.state is not ClockState.RUNNING or clock.epoch != deadline.epoch:
        return
    timeline.put_track(settled(track, clock.kind, ClockState.BREACHED, now))
    timeline.tell(
        "clock_breached",
        track_id=track.track_id,
        pillar=track.pillar,
        band=case.band,
        kind=clock.kind,
        clock_epoch=clock.epoch,
        due=clock.due,
        lateness_seconds=max(0.0, (now - clock.due).total_seconds()),
    )
    current = timeline.track(track_id)
    if current is not None:
        page_about(timeline, current, reason="not_acknowledged")
    timeline.save(partition)
