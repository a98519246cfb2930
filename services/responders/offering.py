"""The offer protocol: one responder is asked at a time, until an instant; silence passes it on, nobody left is told to the router."""

from datetime import timedelta

from schemas.desk_records import DeskTrackRecord
from schemas.words import TrackState
from services.responders.matching import Choice, choose, room_of
from services.responders.state import Partition
from services.responders.telling import Telling
from services.rules import ids

DEEPEST_LOOK = 100  # waiting tracks looked past in one step because nobody with room may take them


def drain(partition: Partition, desk_id: str, telling: Telling) -> None:
    """Offer waiting tracks of a desk, most urgent first, as long as somebody has room.

    With nobody on duty the most urgent ones are told to the router as exhausted; a track that arrives later tells so itself.
    """
    passed_over: list[DeskTrackRecord] = []
    on_duty = partition.on_duty(desk_id)
    while len(passed_over) < DEEPEST_LOOK and (track := partition.pop_waiting(desk_id)) is not None:
        if on_duty and not any(
            partition.loads[one.entry.responder_id] < room_of(one, track.dispatch.band) for one in on_duty
        ):
            passed_over.append(track)  # and nothing less urgent can be offered either
            break
        left = ask_next(partition, track, telling)
        if left is not None and left.version == track.version:  # a changed one has its new place in the queue already
            passed_over.append(left)
    for track in passed_over:
        partition.push_waiting(track)


def ask_next(partition: Partition, track: DeskTrackRecord, telling: Telling) -> DeskTrackRecord | None:
    """Ask the next responder; returns the track as it still waits when nobody can be asked now."""
    catalogue = partition.in_force.pinned(track.dispatch.catalogue)
    roster = partition.roster(track.dispatch.desk_id)
    across = partition.across(track.dispatch)
    choice = choose(track, roster, partition.loads.__getitem__, catalogue.version, across=across)
    if choice.responder is None and (choice.exhausted or track.asked):
        track = _next_round(partition, track, telling, choice)
        choice = choose(track, roster, partition.loads.__getitem__, catalogue.version, across=across)
    if choice.responder is None:
        return track
    _offer(partition, track, telling, choice, window=catalogue.sla.offer_window[track.dispatch.band])
    return None


def _offer(
    partition: Partition, track: DeskTrackRecord, telling: Telling, choice: Choice, *, window: timedelta
) -> None:
    assert choice.responder is not None
    responder = choice.responder.entry.responder_id
    number = track.offer_number + 1
    offered = track.model_copy(
        update={
            "state": TrackState.OFFERED,
            "offer_number": number,
            "offer_id": ids.offer_id(track.dispatch.track_id, track.dispatch.epoch, number),
            "offered_to": responder,
            "offered_at": telling.now,
            "offered_until": telling.now + window,
        }
    )
    saved = partition.save_track(offered, telling.step)
    partition.save_responder(choice.responder.model_copy(update={"idle_since": telling.now}), telling.step)
    telling.progress(
        "offered",
        saved,
        offer_id=saved.offer_id,
        responder_id=responder,
        until=saved.offered_until,
        explanation=choice.explanation,
    )
    telling.offer_notice(saved)


def _next_round(partition: Partition, track: DeskTrackRecord, telling: Telling, choice: Choice) -> DeskTrackRecord:
    """Begin a new round with those who did not answer; tell the router, once per dispatch, when nobody is left to wait for."""
    tell = choice.exhausted and not track.exhausted
    if not tell and not track.asked:
        return track
    changed = {"exhausted": track.exhausted or choice.exhausted, "asked": ()}
    saved = partition.save_track(track.model_copy(update=changed), telling.step)
    if tell:
        telling.progress("exhausted", saved, explanation=choice.explanation)
    return saved


def offer_over(track: DeskTrackRecord, *, asked: str | None = None, barred: str | None = None) -> DeskTrackRecord:
    """The track waiting again after an offer or an assignment ended."""
    return track.model_copy(
        update={
            "state": TrackState.PENDING,
            "offer_id": None,
            "offered_to": None,
            "offered_until": None,
            "owner": None,
            "accepted_at": None,
            "spoke_at": None,
            "asked": (*track.asked, asked) if asked else track.asked,
            "barred": (*track.barred, barred) if barred and barred not in track.barred else track.barred,
        }
    )


def time_out(partition: Partition, track_id: str, number: int, telling: Telling) -> str | None:
    """An offer's time ran out; returns the desk to drain, or `None` when the offer is no longer the one meant."""
    track = partition.tracks.get(track_id)
    if track is None or track.state is not TrackState.OFFERED or track.offer_number != number:
        return None
    saved = partition.save_track(offer_over(track, asked=track.offered_to), telling.step)
    telling.progress("declined", saved, offer_id=track.offer_id, responder_id=track.offered_to, reason="timed_out")
    return track.dispatch.desk_id
