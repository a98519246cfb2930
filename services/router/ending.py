"""When does a case end, and when does it begin again? A human closes and reopens; what is resolved is followed up."""

from schemas.case_commands import CaseClose, CaseReopen
from schemas.words import CaseState, Refusal, Signal, TrackState
from services.router.clocks import cancelled
from services.router.context import Context
from services.router.dispatching import end_track
from services.router.learning import open_signals
from services.router.standing import advance, settle
from services.router.timeline import Timeline
from services.router.tracking import lead_on, take_up
from services.rules.answered import Verdict
from services.rules.lifecycle import AT_WORK, ENDED, OPEN

BEGUN_AGAIN = (TrackState.DONE, TrackState.WITHDRAWN, TrackState.DECLINED)


def close(command: CaseClose, context: Context, timeline: Timeline) -> Verdict:
    """End a case for good. Self-harm needs a human safety check first; no case at work is closed over an open safety signal."""
    case = timeline.case
    if case.state in ENDED:
        return context.refused(case, Refusal.WRONG_STATE)
    if Signal.SELF_HARM in case.signals and not command.safety_checked:
        return context.refused(case, Refusal.SAFETY_CHECK_NEEDED)
    if case.state in AT_WORK and open_signals(case):
        return context.refused(case, Refusal.SAFETY_SIGNAL_OPEN)
    leave_desks(timeline, reason=command.reason)
    timeline.set(follow_up_at=None)
    advance(timeline, "closed", actor=command.actor, reason=command.reason, safety_checked=command.safety_checked)
    context.partition.count(context.step, open=-1, closed=1)
    return context.done(timeline)


def reopen(command: CaseReopen, context: Context, timeline: Timeline) -> Verdict:
    """Take a case up again: the pillars named, or every track that was at work."""
    case = timeline.case
    if case.state not in (CaseState.RESOLVED, CaseState.FOLLOW_UP, CaseState.CLOSED):
        return context.refused(case, Refusal.WRONG_STATE)
    named = set(command.pillars) or {track.pillar for track in case.tracks if track.state is not TrackState.DECLINED}
    again = [track for track in case.tracks if track.pillar in named and track.state in BEGUN_AGAIN]
    if not again:
        return context.refused(case, Refusal.WRONG_STATE)
    if case.state is CaseState.CLOSED:
        context.partition.count(context.step, closed=-1, open=1)
    timeline.set(resolved_at=None, follow_up_at=None)
    advance(timeline, "reopened", actor=command.actor, reason=command.reason)
    for track in again:
        take_up(timeline, track, at=command.received_at, catalogue=context.catalogue, actor=command.actor)
    lead_on(timeline, context.catalogue)
    advance(timeline, "dispatched")
    settle(timeline, context.catalogue)
    return context.done(timeline)


def leave_desks(timeline: Timeline, *, reason: str) -> None:
    """No desk works on the case any more, no promise of it runs."""
    for track in timeline.case.tracks:
        if track.state in OPEN:
            end_track(timeline, track, "withdrawn", reason=reason)
        else:
            timeline.put_track(cancelled(track, timeline.now))
