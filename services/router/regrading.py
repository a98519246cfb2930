"""What changes with a case's band? Its promises, and where its tracks wait: what somebody has, or had done, stays as it is."""

from schemas.commands import CaseRaise
from schemas.words import Refusal, TrackState
from services.router.clocks import rebased
from services.router.context import Context
from services.router.opening import send_track
from services.rules.answered import Verdict

UNOWNED = (TrackState.PENDING, TrackState.OFFERED)


def raise_band(command: CaseRaise, context: Context) -> Verdict:
    """A human raises the band; a band that is no more urgent is refused."""
    timeline = context.timeline(command.case_id)
    if timeline is None:
        return Verdict(command.case_id, 0, Refusal.NOT_FOUND)
    if command.band.rank >= timeline.case.band.rank:
        return Verdict(command.case_id, timeline.case.version, Refusal.WRONG_STATE)
    timeline.set(band=command.band)
    timeline.tell("state_changed", command.actor, state=timeline.case.state, band=command.band, reason=command.reason)
    for track in timeline.case.tracks:
        changed = rebased(track, command.band, context.catalogue)
        if track.state in UNOWNED:
            again: dict[str, object] = {"state": TrackState.PENDING, "responder_id": None, "offer_id": None}
            again |= {"desk_epoch": track.desk_epoch + 1, "dispatched_at": context.now, "exhausted": False}
            changed = changed.model_copy(update=again)
        timeline.put_track(changed)
        if changed.desk_epoch != track.desk_epoch:
            send_track(timeline, changed)
    timeline.save(context.partition)
    return Verdict(command.case_id, timeline.case.version)
