"""Who has a track and is not heard of? A contact due while its owner is away is covered; a track nobody is heard of is offered anew."""

from datetime import datetime

from schemas.catalogue import Catalogue
from schemas.desk_records import DeskTrackRecord
from schemas.words import ClockKind, Presence
from services.responders.due import quiet_at
from services.responders.interpreting import interpreted_anew
from services.responders.offering import ask, offer_over, searched_anew
from services.responders.state import Partition
from services.responders.telling import Telling
from services.rules.lifecycle import OWNED


def next_contact_by(
    track: DeskTrackRecord, catalogue: Catalogue, *, at: datetime, promised: datetime | None = None
) -> datetime:
    """When the victim is to hear from us, after something was done at `at`: the first response, then never a longer silence than
    promised; sooner when the victim was promised so."""
    dispatch = track.dispatch
    kind = ClockKind.FIRST_RESPONSE if track.spoke_at is None else ClockKind.NEXT_CONTACT
    due = at + catalogue.promise(dispatch.band, dispatch.pillar, kind, lead=dispatch.lead)
    return due if promised is None or promised <= at else min(due, promised)


def is_away(track: DeskTrackRecord, partition: Partition) -> bool:
    """Whether a track's owner is not there."""
    return _not_there(track.owner, partition)


def _not_there(who: str | None, partition: Partition) -> bool:
    record = partition.crowd.responders.get(who or "")
    return record is None or record.presence is Presence.AWAY


def look_after(partition: Partition, track_id: str, telling: Telling) -> None:
    """A contact comes near, or was due long ago: cover it if its owner is away, else offer the track to somebody who is heard of."""
    track = partition.tracks.get(track_id)
    if track is None or track.state not in OWNED or track.contact_by is None:
        return
    work = partition.pinned(track).work
    away = is_away(track, partition)
    if away and telling.now >= track.contact_by - work.cover[track.dispatch.band]:
        _cover(partition, track, telling)
    elif not away and telling.now >= track.contact_by + work.quiet[track.dispatch.band]:
        _unown(partition, track, telling)


def look_at_presence(partition: Partition, who: str, telling: Telling) -> None:
    """Somebody came or went: what they have is covered while they are away, and theirs alone while they are there; what they cover
    or interpret, somebody who is there does."""
    for track in partition.interpreted_by(who):
        if track.spoke_at is None and _not_there(who, partition):
            interpreted_anew(track, partition, telling)
    for track in partition.covered_by(who):
        look_after(partition, track.dispatch.track_id, telling)
    for track in partition.held_by(who):
        if track.covering and track.covered_by is None and not is_away(track, partition):
            partition.save_track(track.model_copy(update={"covering": False, "offers": ()}), telling.step)
        look_after(partition, track.dispatch.track_id, telling)


def _cover(partition: Partition, track: DeskTrackRecord, telling: Telling) -> None:
    """Somebody makes the contact for whoever has it and is away; somebody else, when they are away too or were not heard of."""
    lost = track.covered_by
    if track.covering and (lost is None or not _is_lost(track, partition, telling.now)):
        return
    asked = () if lost is None else (lost,)
    fields = {"covering": True, "covered_by": None, "relieving": False, "offers": (), "asked": asked, "step": 0}
    saved = partition.save_track(track.model_copy(update=fields), telling.step)
    ask(partition, saved, telling)


def _is_lost(track: DeskTrackRecord, partition: Partition, now: datetime) -> bool:
    until = quiet_at(track, partition.pinned(track))
    return _not_there(track.covered_by, partition) or (until is not None and now >= until)


def _unown(partition: Partition, track: DeskTrackRecord, telling: Telling) -> None:
    """Reminded by the router, and still not heard of: somebody else is asked, its clocks run on."""
    quiet = track.owner
    waiting = searched_anew(offer_over(track), telling.now)
    waiting = waiting.model_copy(update={"asked": (quiet,), "previous": None})
    saved = partition.save_track(waiting, telling.step)
    telling.progress("released", saved, responder_id=quiet, reason="gone_quiet")
    ask(partition, saved, telling)
