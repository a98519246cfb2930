"""Is nobody left? Said of a track only when nobody who is there and able to take it remains to be asked, or to have room again."""

from datetime import datetime

from tests.simulation.boards import Able, Change, Record, desk_of, knows, walled
from tests.simulation.told import Broken, Told


def judge_waiting(change: Change, commit: list[Told], able: Able, now: datetime) -> None:
    """One transaction of a desk; raises `Broken`."""
    for told in commit:
        if told.topic == "progress" and told.fact == "exhausted":
            _is_nobody_left(told.data["track_id"], change, commit, able=able, now=now)


def _is_nobody_left(track_id: str, change: Change, commit: list[Told], *, able: Able, now: datetime) -> None:
    """Who is there, able to take it and was not heard out in this round may have no room, and is waited for."""
    was, track = change.was(track_id), change.board.tracks.get(track_id)
    if track is None:
        return
    answered = {
        told.data.get("responder_id")
        for told in commit
        if told.topic == "progress"
        and told.fact in {"declined", "released"}
        and told.data["track_id"] == track_id
        and told.data.get("reason") != "more_urgent"
    }
    if was is not None:  # what was declined may be opened again in the same transaction
        answered.update((*was["asked"], *was["barred"]))
    for who, person in change.board.people.items():
        before = change.person_before(who)
        if who in answered or before is None or change.heard[who] > 1 or desk_of(track) != before["entry"]["desk_id"]:
            continue
        if all(able.to_take(track, one, now) for one in (before, person)) and not _stood_apart(track, who, change):
            raise Broken("work", f"nobody is said to be left for track {track_id}, and {who} is there and able to")


def _stood_apart(track: Record, who: str, change: Change) -> bool:
    """Whether a wall stands, or stood before this transaction, between a track and what somebody knows."""
    before = ((one, change.was(track_id)) for track_id, one in change.board.tracks.items())
    return change.board.apart(track, who) or any(walled(track, one) and knows(was, who) for one, was in before)
