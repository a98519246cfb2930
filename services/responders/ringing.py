"""When is somebody who is asked rung again? By their own rules until they answer or have seen it; at once when nobody could reach them."""

from datetime import datetime

from schemas.commands import NoticeSeen, Receipt
from schemas.desk_records import Asking, DeskTrackRecord
from schemas.words import Refusal
from services.responders import drilling, gap_pages
from services.responders.context import Context
from services.responders.offering import ask
from services.responders.state import Partition
from services.responders.telling import Telling
from services.rules import ids
from services.rules.answered import Verdict
from services.rules.reaching import next_ring, planned_rings


def ring_again(partition: Partition, track_id: str, number: int, telling: Telling) -> None:
    """It is time to ring somebody once more, by what their rules want now; attempts that an outage swallowed are not made up for."""
    track = partition.tracks.get(track_id)
    asking = next((one for one in track.offers if one.number == number), None) if track else None
    if track is None or asking is None or asking.ring_at is None or asking.ring_at > telling.now:
        return
    planned = _planned(partition, track, asking)
    made = sum(at <= telling.now for at in planned)
    if made > asking.attempt:
        _ring(partition, track, asking, made, telling)
    else:  # their rules changed since
        _put(partition, track, asking.model_copy(update={"ring_at": next_ring(planned, asking.attempt)}), telling)


def note_receipt(command: Receipt, context: Context) -> Verdict:
    """A provider took an offer's notice; or nobody could be reached by it, and the next attempt is made at once.

    Somebody whom no attempt has reached may still find the offer, and is not waited for: another one is asked beside them.
    """
    drilled = drilling.note_receipt(command, context)
    if drilled is not None:
        return drilled
    partition, telling = context.partition, context.telling
    if command.track_id in partition.duty.gaps:
        return gap_pages.note_receipt(command, context)
    track = partition.tracks.get(command.track_id)
    asking = next((one for one in track.offers if notice_of(one) == command.notice_id), None) if track else None
    if track is None or asking is None:
        return Verdict(command.track_id, track.version if track else 0)
    if command.delivered:
        if asking.told_at is None:
            _put(partition, track, asking.model_copy(update={"told_at": command.delivered_at}), telling)
    elif asking.seen_at is None and asking.attempt < len(_planned(partition, track, asking)):
        _ring(partition, track, asking, asking.attempt + 1, telling)
    elif asking.seen_at is None and asking.told_at is None and asking.unreached_at is None:
        lost = asking.model_copy(update={"unreached_at": telling.now})
        ask(partition, _put(partition, track, lost, telling), telling)
    return Verdict(command.track_id, partition.tracks[command.track_id].version)


def see(command: NoticeSeen, context: Context) -> Verdict:
    """Somebody knows that they are asked: they are rung no more, and still have to answer. Of a drill it is the answer."""
    if command.offer_id is None:
        return drilling.answer(command, context)
    track = context.partition.tracks.get(command.track_id)
    if track is None:
        return Verdict(command.track_id, 0, Refusal.NOT_FOUND)
    asking = track.asking(command.offer_id)
    if asking is None:
        return Verdict(command.track_id, track.version, Refusal.OFFER_OVER)
    if asking.responder_id != command.responder_id:
        return Verdict(command.track_id, track.version, Refusal.NOT_YOURS)
    if asking.seen_at is None:
        seen = asking.model_copy(update={"seen_at": command.received_at, "ring_at": None})
        track = _put(context.partition, track, seen, context.telling)
    return Verdict(command.track_id, track.version)


def notice_of(asking: Asking) -> str:
    """The id of the latest notice of an offer."""
    return ids.notice_id(asking.offer_id, asking.responder_id, asking.attempt)


def _ring(partition: Partition, track: DeskTrackRecord, asking: Asking, attempt: int, telling: Telling) -> None:  # noqa: PLR0917
    rung = asking.model_copy(update={"attempt": attempt})
    rung = rung.model_copy(update={"ring_at": next_ring(_planned(partition, track, rung), attempt)})
    telling.offer_notice(_put(partition, track, rung, telling), rung)


def _planned(partition: Partition, track: DeskTrackRecord, asking: Asking) -> list[datetime]:
    entry = partition.crowd.responders[asking.responder_id].entry
    return planned_rings(entry, track.dispatch.band, asking.at, asking.until)


def _put(partition: Partition, track: DeskTrackRecord, asking: Asking, telling: Telling) -> DeskTrackRecord:
    offers = tuple(asking if one.offer_id == asking.offer_id else one for one in track.offers)
    return partition.save_track(track.model_copy(update={"offers": offers}), telling.step)
