"""Who has a track and is not heard of? A contact due while its owner is away is covered; a track nobody is heard of is offered anew."""

from datetime import datetime, timedelta

from schemas.catalogue import Catalogue
from schemas.desk_records import DeskTrackRecord
from schemas.words import ClockKind, Presence
from services.responders.offering import ask, offer_over, searched_anew
from services.responders.state import Partition
from services.responders.telling import Telling
from services.rules.lifecycle import OWNED

AT_ONCE = timedelta(0)


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
    record = partition.crowd.responders.get(track.owner or "")
    return record is None or record.presence is Presence.AWAY


def look_after(partition: Partition, track_id: str, telling: Telling) -> None:
    """A contact comes near, or was due long ago: cover it if its owner is away, else offer the track to somebody who is heard of."""
    track = partition.tracks.get(track_id)
    if track is None or track.state not in OWNED or track.contact_by is None:
        return
    work = partition.pinned(track).work
    away = is_away(track, partition)
    if away and telling.now >= track.contact_by - work.cover.get(track.dispatch.band, AT_ONCE):
        _cover(partition, track, telling)
    elif not away and telling.now >= track.contact_by + work.quiet.get(track.dispatch.band, timedelta.max):
        _unown(partition, track, telling)


def look_at_presence(partition: Partition, who: str, telling: Telling) -> None:
    """Somebody came or went: what they have is covered while they are away, and theirs alone while they are there."""
    for track in partition.held_by(who):
        if track.covering and track.covered_by is None and not is_away(track, partition):
            partition.save_track(track.model_copy(update={"covering": False, "offers": ()}), telling.step)
        look_after(partition, track.dispatch.track_id, telling)


def _cover(partition: Partition, track: DeskTrackRecord, telling: Telling) -> None:
    if track.covering:
        return
    fields = {"covering": True, "relieving": False, "offers": (), "asked": (), "step": 0}
    saved = partition.save_track(track.model_copy(update=fields), telling.step)
    ask(partition, saved, telling)


def _unown(partition: Partition, track: DeskTrackRecord, telling: Telling) -> None:
    """Reminded by the router, and still not heard of: somebody else is asked, its clocks run on."""
    quiet = track.owner
    waiting = searched_anew(offer_over(track), telling.now)
    waiting = waiting.model_copy(update={"asked": (quiet,), "previous": None})
    saved = partition.save_track(waiting, telling.step)
    telling.progress("released", saved, responder_id=quiet, reason="gone_quiet")
    ask(partition, saved, telling)
