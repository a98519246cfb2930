"""What waits for something more urgent? Whoever takes a P0 or P1 on top of a full load is asked about less, and sets work aside."""

from datetime import datetime

from schemas.desk_records import DeskTrackRecord
from services.responders.offering import MORE_URGENT, least_urgent_last, time_out
from services.responders.state import Partition
from services.responders.telling import Telling


def make_room(taken: DeskTrackRecord, partition: Partition, telling: Telling) -> None:
    """End what the owner of an urgent track is asked about and set aside what they have, until the rest fits: the least urgent first,
    whose promise ends last; what cannot be set aside keeps its offer as long as it may. Nothing waits for a mere offer."""
    band, who = taken.dispatch.band, taken.owner
    reserve = partition.crowd.work().reserve
    if who is None or band not in reserve.interrupting:
        return
    asked = [one for one in partition.asked_of(who) if one.dispatch.band.rank > band.rank]
    not_yet = sum(one.weight for one in partition.asked_of(who) if one.dispatch.band.rank <= band.rank)
    most = partition.crowd.capacity(partition.crowd.responders[who], band) + not_yet
    held = [one for one in partition.held_by(who) if one.dispatch.band in reserve.sets_aside and not one.set_aside]

    def goes_on(one: DeskTrackRecord) -> tuple[bool, bool, int, datetime]:
        return one.dispatch.band in reserve.sets_aside, one.asking_of(who) is not None, *least_urgent_last(one)

    for track in sorted((*asked, *held), key=goes_on)[::-1]:
        if partition.crowd.load[who] <= most:
            return
        if asking := track.asking_of(who):
            time_out(partition, track.dispatch.track_id, asking.number, telling, reason=MORE_URGENT)
        else:
            saved = partition.save_track(track.model_copy(update={"set_aside": True}), telling.step)
            telling.progress("set_aside", saved, responder_id=who, result=MORE_URGENT)
