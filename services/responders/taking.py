"""A dispatch arrives: take the track, change it under a newer epoch, or give it up; an older epoch is ignored."""

from datetime import datetime

from schemas.desk_records import DeskTrackRecord
from schemas.dispatch import DispatchTaken, DispatchWithdrawn
from schemas.words import Clearance, TrackState
from services.responders.declining import keep_to_the_cleared, part_sides
from services.responders.offering import offer_over
from services.responders.setting_aside import make_room
from services.responders.state import Partition
from services.responders.telling import Telling
from services.responders.watching import next_contact_by
from services.rules.lifecycle import OPEN, OWNED
from services.rules.needs import needs_of

SINCE = {
    TrackState.WAITING_VICTIM: ("waiting", "kept"),
    TrackState.WAITING_THIRD_PARTY: ("waiting", "third_party"),
    TrackState.DONE: ("done", "kept"),
}


def take(partition: Partition, taken: DispatchTaken, telling: Telling) -> bool:
    """Take a track, or know it otherwise; whether it now looks for somebody."""
    before = partition.tracks.get(taken.track_id)
    if not _is_news(before, taken):
        return False
    weight = partition.in_force.pinned(taken.catalogue).work.weights[taken.band]
    search = {"search_from": telling.now, "search_until": taken.acknowledge_by, "step": 0, "weight": weight}
    if before is None:
        fresh = DeskTrackRecord(dispatch=taken, state=TrackState.PENDING, taken_at=telling.now, version=0)
        begun = search | {"search_from": min(taken.received_at, telling.now)}
        partition.save_track(fresh.model_copy(update=begun), telling.step)
        return True
    changed = before.model_copy(update={"dispatch": taken, "exhausted": False, "asked": (), "weight": weight})
    done = before.state is TrackState.DONE and not taken.reopened
    same_desk = taken.desk_id == before.dispatch.desk_id  # two desks of one partition share the record of a track
    if same_desk and (before.state in OWNED or done):
        saved = partition.save_track(_more_urgent(changed, before, partition, telling.now), telling.step)
        if not taken.case_version:
            _keep(saved, telling)
        _heed(saved, before, partition, telling)
        return False
    if not same_desk and before.state in OWNED:  # under its own epoch: the router has moved it already
        telling.progress("released", before, responder_id=before.owner, reason="moved")
    waiting = offer_over(changed).model_copy(update={**search, **_barred(before, taken), "ended_at": None})
    partition.save_track(waiting, telling.step)
    return True


def _is_news(before: DeskTrackRecord | None, taken: DispatchTaken) -> bool:
    """Whether a dispatch is newer than what the desk has; what a case has become is told of open tracks alone, under their epoch."""
    if before is None:
        return not taken.case_version
    known = before.dispatch
    if (taken.epoch, taken.case_version) <= (known.epoch, known.case_version):
        return False
    return not taken.case_version or (taken.epoch == known.epoch and before.state in OPEN)


def _barred(before: DeskTrackRecord, taken: DispatchTaken) -> dict[str, object]:
    """Who declined what it was may take what it is now: more urgent, or opened again."""
    another = taken.reopened or taken.band.rank < before.dispatch.band.rank
    return {"barred": ()} if another else {}


def _heed(track: DeskTrackRecord, before: DeskTrackRecord, partition: Partition, telling: Telling) -> None:
    """What follows from what the case of a track has become while somebody has it."""
    if before.set_aside and not track.set_aside:
        telling.progress("taken_up", track, responder_id=track.owner, result="more_urgent")
    if track.state in OWNED and track.dispatch.band is not before.dispatch.band:
        make_room(track, partition, telling)
    if _across(track) != _across(before):
        part_sides(track.dispatch, partition, telling)
    if track.state in OWNED and _clearances(track, partition) != _clearances(before, partition):
        keep_to_the_cleared(partition.tracks[track.dispatch.track_id], partition, telling)


def _across(track: DeskTrackRecord) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return track.dispatch.walled_from, track.dispatch.walled_people


def _clearances(track: DeskTrackRecord, partition: Partition) -> tuple[Clearance, ...]:
    return needs_of(track.dispatch, track.step, partition.pinned(track)).clearances


def _more_urgent(
    track: DeskTrackRecord, before: DeskTrackRecord, partition: Partition, now: datetime
) -> DeskTrackRecord:
    """A track that was raised under its owner: not to be set aside any more, and the victim is to hear from us as soon as it says."""
    if track.dispatch.band.rank >= before.dispatch.band.rank or track.contact_by is None:
        return track
    catalogue = partition.pinned(track)
    aside = track.set_aside and track.dispatch.band in catalogue.work.reserve.sets_aside
    contact_by = min(track.contact_by, next_contact_by(track, catalogue, at=now))
    return track.model_copy(update={"set_aside": aside, "contact_by": contact_by})


def _keep(track: DeskTrackRecord, telling: Telling) -> None:
    """The router decided before it heard that somebody has, or had, the track: say so under its epoch, and how far it is."""
    offer_id = track.offer_id or track.dispatch.track_id
    telling.progress(
        "accepted", track, at=track.accepted_at, offer_id=offer_id, responder_id=track.owner, reason="kept"
    )
    if track.spoke_at is not None or track.state is TrackState.ACTIVE:
        result = "attempted" if track.spoke_at is None else "kept"
        telling.progress("contacted", track, at=track.spoke_at, responder_id=track.owner, result=result)
    if track.state in SINCE:
        fact, result = SINCE[track.state]
        telling.progress(fact, track, at=track.ended_at, responder_id=track.owner, result=result)


def give_up(partition: Partition, withdrawn: DispatchWithdrawn, telling: Telling) -> bool:
    """Withdraw a track and say it is released; whether it was here."""
    track = partition.tracks.get(withdrawn.track_id)
    if track is None:
        _never_take(partition, withdrawn, telling)
        return False
    if withdrawn.epoch < track.dispatch.epoch:
        return False
    taken = track.dispatch.model_copy(update={"epoch": withdrawn.epoch})
    if track.state is TrackState.DONE:
        _keep(partition.save_track(track.model_copy(update={"dispatch": taken}), telling.step), telling)
    if track.state not in OPEN:
        return False
    ended = {"state": TrackState.WITHDRAWN, "ended_at": telling.now, "dispatch": taken}
    saved = partition.save_track(offer_over(track).model_copy(update=ended), telling.step)
    telling.progress("released", saved, responder_id=track.owner, reason=withdrawn.reason)
    return True


def _never_take(partition: Partition, withdrawn: DispatchWithdrawn, telling: Telling) -> None:
    """Withdrawn before it was read of: an older dispatch may still wait on the other lane, and must find the track gone."""
    if withdrawn.track is None:
        return
    gone = DeskTrackRecord(
        dispatch=withdrawn.track,
        state=TrackState.WITHDRAWN,
        taken_at=telling.now,
        version=0,
        ended_at=telling.now,
    )
    saved = partition.save_track(gone, telling.step)
    telling.progress("released", saved, responder_id=None, reason=withdrawn.reason)
