"""Who may see what? Roles open a call; these rules decide about one case or track (DESIGN section 8, DOMAIN section 4)."""

from enum import Enum

from schemas.cases import Track
from schemas.words import Pillar, Role, TrackState
from services.intake.queries import TrackFound
from services.intake.voices import Voice
from services.rules.lifecycle import OWNED


class Sight(Enum):
    """How much of a track its reader sees."""

    NOTHING = 0
    OFFER = 1  # enough to decide: codes, band, language, promise; nothing personal
    WORK = 2  # facts, notes of their pillar, safe contact; ends with the assignment


def track_of(found: TrackFound) -> Track:
    """The track inside its case."""
    return next(one for one in found.case.tracks if one.track_id == found.track_id)


def sight_of(found: TrackFound, voice: Voice) -> Sight:
    """What a responder sees of a track: all of it while it is theirs, the offer while it is offered to them.

    The live assignment is the router's; the desk's own word counts until the router has heard it, under the same epoch.
    """
    track, desk = track_of(found), found.desk
    if voice.actor.role is Role.SUPERVISOR:
        return Sight.OFFER
    if voice.actor.role is not Role.RESPONDER or not may_know(voice, found.case.walled_from):
        return Sight.NOTHING
    if track.state in OWNED and track.responder_id in voice.people:
        return Sight.WORK
    if (
        desk is None
        or desk.dispatch.epoch != track.desk_epoch
        or track.state in (TrackState.DONE, TrackState.WITHDRAWN)
    ):
        return Sight.NOTHING
    if not voice.people.isdisjoint((desk.owner, desk.covered_by)) and desk.state in OWNED:
        return Sight.WORK
    if any(one.responder_id in voice.people for one in desk.offers):
        return Sight.OFFER
    return Sight.NOTHING


def may_know(voice: Voice, walled_from: tuple[str, ...]) -> bool:
    """Whether a case may be known at all: what has another side only by a person, never by the system of a whole organisation."""
    return voice.organisation is None or not walled_from


def hands_on(found: TrackFound, voice: Voice) -> str | None:
    """Who of those a voice speaks for works on the track: its owner, by its desk or its case, or who covers for them."""
    desk = found.desk
    if desk is None or not may_know(voice, found.case.walled_from):
        return None
    working = (desk.owner, desk.covered_by, track_of(found).responder_id)
    return next((who for who in working if who in voice.people), None)


def owns(found: TrackFound, voice: Voice) -> bool:
    """Whether a responder holds the track now."""
    return voice.actor.role is Role.RESPONDER and sight_of(found, voice) is Sight.WORK


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
