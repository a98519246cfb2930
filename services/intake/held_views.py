"""What somebody who works on tracks is shown of all they have."""

from schemas.base import Instant
from schemas.desk_records import DeskTrackRecord
from schemas.words import Band, Pillar, TrackState
from services.intake.views import View


class HeldTrack(View):
    """A track somebody has. By `contact_by` its victim hears from us; `set_aside` it waits for something more urgent; `interpreter` is
    the language of one, `interpreted_by` who was called; `covered`: a colleague makes the next contact; somebody trained for it takes
    it over by `stands_in_until`."""

    track_id: str
    case_id: str
    desk_id: str
    pillar: Pillar
    band: Band
    code: str
    state: TrackState
    responder_id: str
    covert: bool
    contact_by: Instant | None = None
    set_aside: bool = False
    interpreter: str | None = None
    interpreted_by: str | None = None
    covered: bool = False
    stands_in_until: Instant | None = None
    version: int


class HeldList(View):
    """What I have, the most urgent first."""

    tracks: tuple[HeldTrack, ...]


def held_view(desk: DeskTrackRecord) -> HeldTrack:
    """A track as whoever has it sees it in a list."""
    told = desk.dispatch.model_dump(include=set(HeldTrack.model_fields))
    mine = desk.model_dump(
        include={"state", "contact_by", "set_aside", "interpreter", "interpreted_by", "stands_in_until", "version"}
    )
    return HeldTrack(**told, **mine, responder_id=desk.owner or "", covered=desk.covered_by is not None)
