"""Where does a case stand, given its tracks? `stabilised` when every mandatory one is accepted and a human has spoken with the
victim on it, `resolved` when every one is done (DOMAIN section 1)."""

from schemas.base import Actor
from schemas.cases import Track
from schemas.catalogue import Catalogue
from schemas.words import CaseState, TrackState
from services.router.clocks import resolved
from services.router.timeline import ROUTER, Timeline
from services.rules.lifecycle import NOT_WANTED, OWNED, case_moved


def mandatory(tracks: tuple[Track, ...]) -> tuple[Track, ...]:
    """The tracks a case waits for: all but those that were withdrawn, that the victim declined, or that others serve."""
    return tuple(track for track in tracks if track.state not in NOT_WANTED)


def settle(timeline: Timeline, catalogue: Catalogue) -> None:
    """Move the case to where its tracks say it stands, and tell so if that is somewhere else."""
    awaited = mandatory(timeline.case.tracks)
    if all(track.state is TrackState.DONE for track in awaited):
        _resolve(timeline, catalogue)
    elif all(_responded(track) for track in awaited):
        advance(timeline, "stabilised")
    else:
        advance(timeline, "unsettled")


def advance(
    timeline: Timeline, event: str, *, actor: Actor = ROUTER, reason: str | None = None, **more: object
) -> bool:
    """Move the case if its table lists the move, and tell so; whether it moved."""
    after = case_moved(timeline.case.state, event)
    if after is None or after is timeline.case.state:
        return False
    timeline.set(state=after)
    timeline.tell_trusted("state_changed", actor, state=after, band=timeline.case.band, reason=reason or event, **more)
    return True


def _responded(track: Track) -> bool:
    return track.state is TrackState.DONE or (track.state in OWNED and track.responded_at is not None)


def _resolve(timeline: Timeline, catalogue: Catalogue) -> None:
    by, late = resolved(mandatory(timeline.case.tracks))
    if advance(timeline, "all_done", resolve_by=by, lateness_seconds=late.total_seconds()):
        after = catalogue.cases.follow_up_after[timeline.case.band]
        timeline.set(resolved_at=timeline.now, follow_up_at=timeline.now + after)


def follow_up(timeline: Timeline) -> bool:
    """A resolved case's first follow-up falls due; whether it still is resolved."""
    return timeline.case.state is CaseState.RESOLVED and advance(timeline, "follow_up_due")
