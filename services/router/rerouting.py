"""A human sends a track to another region's desk, or a desk held on for too long to one that left it."""

from schemas.case_commands import CaseReroute
from schemas.words import Refusal
from services.router.context import Context
from services.router.dispatching import arrive, move_track
from services.router.standing import settle
from services.router.state import Partition
from services.router.timeline import Timeline
from services.rules.answered import Verdict
from services.rules.deadlines import Deadline
from services.rules.lifecycle import ENDED, OPEN


def reroute(command: CaseReroute, context: Context, timeline: Timeline) -> Verdict:
    """Move a track to the desk of another region; whoever has it loses it, and its promises run on."""
    case = timeline.case
    track = next((one for one in case.tracks if one.pillar is command.pillar), None)
    if track is None or command.region not in context.catalogue.desks.regions:
        return context.refused(case, Refusal.NOT_FOUND)
    desk_id = f"{track.pillar}-{command.region}"
    if case.state in ENDED or track.state not in OPEN or desk_id == (track.moving_to or track.desk_id):
        return context.refused(case, Refusal.WRONG_STATE)
    move_track(timeline, track, desk_id, reason=command.reason, catalogue=context.catalogue, actor=command.actor)
    settle(timeline, context.catalogue)
    return context.done(timeline)


def held_too_long(deadline: Deadline, partition: Partition, timeline: Timeline) -> None:
    """The old desk's time to let go is over: the track goes on, unless it did already."""
    track = timeline.track(deadline.subject.partition("/")[2])
    if track is not None and track.moving_to is not None and track.desk_epoch == deadline.epoch:
        arrive(timeline, track)
        timeline.save(partition)
