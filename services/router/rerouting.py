"""A human sends a track to another region's desk."""

from schemas.case_commands import CaseReroute
from schemas.words import Refusal
from services.router.context import Context
from services.router.dispatching import move_track
from services.router.keeping import Moment, hand
from services.router.standing import settle
from services.router.timeline import Timeline
from services.rules.answered import Verdict
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
    away = track.model_copy(update={"home_desk": None})
    gone = move_track(timeline, away, desk_id, reason=command.reason, catalogue=context.catalogue, actor=command.actor)
    hand(timeline, gone, track.state, Moment(command.received_at, command.actor, context.catalogue))
    settle(timeline, context.catalogue)
    return context.done(timeline)
