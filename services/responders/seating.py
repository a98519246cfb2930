"""Who may be in a group workshop with whom? What may not any more leaves it by itself; nobody in it is told why."""

from datetime import date

from schemas.desk_records import DeskTrackRecord
from schemas.dispatch import DispatchTaken
from schemas.words import Refusal
from schemas.workshops import Attendance, WorkshopRecord
from services.responders.state import Partition
from services.responders.telling import Telling
from services.rules.lifecycle import OPEN
from services.rules.needs import lacks, needs_of, speaks

SERVICE = "group_workshop"


def misfit(workshop: WorkshopRecord, track: DeskTrackRecord, partition: Partition, today: date) -> Refusal | None:
    """Why a track may not be in a workshop; `None` when it may.

    Only what holds the service and is open at its desk; never a covert case or a drill; nobody of the leader's household, of a conflict
    the leader declared, or whom the leader is not able to serve; and never both sides of a wall.
    """
    dispatch = track.dispatch
    if dispatch.desk_id != workshop.desk_id or track.state not in OPEN:
        return Refusal.NOT_FOUND
    if SERVICE not in dispatch.services or dispatch.covert or dispatch.drill:
        return Refusal.NOT_ELIGIBLE
    leader = workshop.leader
    if leader in partition.crowd.knows(dispatch.household_id) or not _is_able(leader, track, partition, today):
        return Refusal.NOT_ELIGIBLE
    others = [partition.tracks[one].dispatch for one in workshop.invited if one != dispatch.track_id]
    opposed = leader in partition.across(dispatch) or any(_opposed(dispatch, one) for one in others)
    return Refusal.OPPOSITE_SIDES if opposed else None


def _is_able(who: str, track: DeskTrackRecord, partition: Partition, today: date) -> bool:
    """Through no interpreter: there is one language in a room."""
    entry = partition.crowd.responders[who].entry
    needs = needs_of(track.dispatch, track.step, partition.pinned(track))
    return lacks(entry, needs, today) is None and speaks(entry, needs)


def _opposed(one: DispatchTaken, other: DispatchTaken) -> bool:
    return one.case_id in other.walled_from or other.case_id in one.walled_from


def leave_workshops(partition: Partition, telling: Telling) -> None:
    """Invited tracks have changed: those that ended, went to another desk or may not be there any more leave."""
    workshops = partition.workshops
    for track_id in list(workshops.changed):
        del workshops.changed[track_id]
        track = partition.tracks.get(track_id)
        for workshop in workshops.seeing(track_id):
            if track_id not in workshop.invited:
                continue
            if track is None or misfit(workshop, track, partition, telling.now.date()) is not None:
                workshops.save(became(workshop, {track_id: Attendance.LEFT}), telling.step)


def became(workshop: WorkshopRecord, what: dict[str, Attendance]) -> WorkshopRecord:
    """The workshop with what became of some of its tracks."""
    tracks = tuple(one.model_copy(update={"state": what.get(one.track_id, one.state)}) for one in workshop.tracks)
    return workshop.model_copy(update={"tracks": tracks})
