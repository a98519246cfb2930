"""Who may see what? Roles open a call; these rules decide about one case or track (DESIGN section 8, DOMAIN section 4)."""

from enum import Enum

from schemas.base import Actor
from schemas.cases import Track
from schemas.words import Pillar, Role, TrackState
from services.intake.queries import TrackFound
from services.rules.lifecycle import OWNED


class Sight(Enum):
    """How much of a track its reader sees."""

    NOTHING = 0
    OFFER = 1  # enough to decide: codes, band, language, promise; nothing personal
    WORK = 2  # facts, notes of their pillar, safe contact; ends with the assignment


def track_of(found: TrackFound) -> Track:
    """The track inside its case."""
    return next(one for one in found.case.tracks if one.track_id == found.track_id)


def sight_of(found: TrackFound, actor: Actor) -> Sight:
    """What a responder sees of a track: all of it while it is theirs, the offer while it is offered to them.

    The live assignment is the router's; the desk's own word counts until the router has heard it, under the same epoch.
    """
    track, desk = track_of(found), found.desk
    if actor.role is Role.SUPERVISOR:
        return Sight.OFFER
    if actor.role is not Role.RESPONDER:
        return Sight.NOTHING
    if track.state in OWNED and track.responder_id == actor.id:
        return Sight.WORK
    if (
        desk is None
        or desk.dispatch.epoch != track.desk_epoch
        or track.state in (TrackState.DONE, TrackState.WITHDRAWN)
    ):
        return Sight.NOTHING
    if actor.id in (desk.owner, desk.covered_by) and desk.state in OWNED:
        return Sight.WORK
    if any(one.responder_id == actor.id for one in desk.offers):
        return Sight.OFFER
    return Sight.NOTHING


def owns(found: TrackFound, actor: Actor) -> bool:
    """Whether a responder holds the track now."""
    return actor.role is Role.RESPONDER and sight_of(found, actor) is Sight.WORK


def reads_notes_of(pillar: Pillar | None, reader: Pillar | None) -> bool:
    """Whether a note sealed to `pillar` is shown to a responder of `reader`, or to agents and supervisors (`None`).

    Psychological notes are sealed from everybody but their own pillar (DOMAIN section 4, Confidentiality).
    """
    if pillar is None or pillar is reader:
        return True
    return reader is None and pillar is not Pillar.PSYCHOLOGICAL


def sealed_to(pillar: Pillar, *, sealed: bool) -> Pillar | None:
    """The pillar a note from its track is sealed to; psychological ones always are."""
    return pillar if sealed or pillar is Pillar.PSYCHOLOGICAL else None
