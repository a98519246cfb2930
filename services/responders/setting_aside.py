"""What waits for something more urgent? A P0 taken on top of a full load sets less urgent work aside, until there is room for it again."""

from schemas.desk_records import DeskTrackRecord
from schemas.words import Band
from services.responders.state import Partition
from services.responders.telling import Telling


def make_room(taken: DeskTrackRecord, partition: Partition, telling: Telling) -> None:
    """Set aside what the owner of a P0 cannot carry beside it: the least urgent first, whose promise ends last."""
    if taken.dispatch.band is not Band.P0 or taken.owner is None:
        return
    crowd = partition.crowd
    record = crowd.responders[taken.owner]
    order = crowd.work().reserve.sets_aside
    carried = [one for one in partition.held_by(taken.owner) if one.dispatch.band in order and not one.set_aside]
    carried.sort(key=lambda one: (one.dispatch.band.rank, one.dispatch.acknowledge_by), reverse=True)
    for track in carried:
        if crowd.load[taken.owner] <= crowd.capacity(record, Band.P0):
            return
        saved = partition.save_track(track.model_copy(update={"set_aside": True}), telling.step)
        telling.progress("set_aside", saved, responder_id=taken.owner, result="more_urgent")


def take_up_again(who: str, partition: Partition, telling: Telling) -> None:
    """Somebody has room again: what they set aside goes on, the most urgent first, before anything new is offered to them."""
    waiting = [one for one in partition.held_by(who) if one.set_aside]
    for track in sorted(waiting, key=lambda one: (one.dispatch.band.rank, one.dispatch.acknowledge_by)):
        if not partition.crowd.has_room(partition.crowd.responders[who], track.dispatch.band):
            return
        saved = partition.save_track(track.model_copy(update={"set_aside": False}), telling.step)
        telling.progress("taken_up", saved, responder_id=who, result="room_again")
