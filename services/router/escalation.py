"""What if nobody moves? One page to the duty lead when a track's acknowledge promise fails or its desk has nobody (first rules)."""

from schemas.cases import Page, Track
from services.router.timeline import SOURCE, Timeline
from services.rules.lifecycle import OWNED
from services.rules.paging import About, page_notice


def page_about(timeline: Timeline, track: Track, *, reason: str) -> Track:
    """Page the duty lead about a track, once, unless somebody has it; returns the track as it stands in the timeline."""
    case = timeline.case
    about = About(track.track_id, case.case_id, case.household_id, track.desk_id, track.pillar, case.band, case.drill)
    notice = page_notice(about, reason=reason, at=timeline.now)
    if track.state in OWNED or any(page.page_id == notice.page_id for page in track.pages):
        return track
    page = Page(page_id=str(notice.page_id), recipient=notice.recipient, reason=reason, raised_at=timeline.now)
    paged = track.model_copy(update={"pages": (*track.pages, page)})
    timeline.put_track(paged)
    timeline.tell(
        "page_raised",
        page_id=page.page_id,
        track_id=track.track_id,
        pillar=track.pillar,
        band=case.band,
        recipient=notice.recipient,
        reason=reason,
    )
    timeline.step.issue(notice, SOURCE, cause=timeline.cause)
    return paged
