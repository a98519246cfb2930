"""The offer protocol: as many are asked at once as the band wants, each until an instant; the first to accept has it. Silence passes
it on, the search widens at planned instants, and nobody left is told to the router."""

from datetime import datetime, timedelta

from schemas.desk_records import Asking, DeskTrackRecord
from schemas.words import TrackState
from services.responders.due import widens_at
from services.responders.matching import Asked, Found, search
from services.responders.state import Partition
from services.responders.telling import Telling
from services.rules import ids
from services.rules.deadlines import Deadline
from services.rules.lifecycle import OWNED, UNOWNED
from services.rules.needs import needs_of, speaks
from services.rules.reaching import next_ring, planned_rings

NOBODY_STANDS_IN: dict[str, object] = {"stands_in_until": None, "relief_at": None, "relieving": False}
MORE_URGENT = "more_urgent"
DEEPEST_LOOK = 100  # waiting tracks looked past for one responder because they may not take them


def drain(partition: Partition, telling: Telling) -> None:
    """Offer waiting tracks, those that go first first, to whoever may be asked more since the last look; what they set aside goes on after
    what is urgent and before the rest."""
    while partition.crowd.freed:
        who = next(iter(partition.crowd.freed))
        del partition.crowd.freed[who]
        passed_over: list[DeskTrackRecord] = []
        aside = any(one.set_aside for one in partition.held_by(who))
        while len(passed_over) < DEEPEST_LOOK and (track := partition.first_for(who, telling.now)) is not None:
            if aside and track.dispatch.band not in partition.crowd.work().reserve.interrupting:
                aside = False
                partition.wait(track)
                take_up_again(who, partition, telling)
                continue
            ask(partition, track, telling)
            if partition.tracks[track.dispatch.track_id].version == track.version:
                passed_over.append(track)  # a changed one has its new place already
        for track in passed_over:
            partition.wait(track)
        if aside:
            take_up_again(who, partition, telling)


def take_up_again(who: str, partition: Partition, telling: Telling) -> None:
    """Somebody has room again: what they set aside goes on, the most urgent first, before anything new of its kind is offered to them."""
    waiting = [one for one in partition.held_by(who) if one.set_aside]
    for track in sorted(waiting, key=least_urgent_last):
        if not partition.crowd.has_room(partition.crowd.responders[who], track.dispatch.band):
            return
        saved = partition.save_track(track.model_copy(update={"set_aside": False}), telling.step)
        telling.progress("taken_up", saved, responder_id=who, result="room_again")


def least_urgent_last(track: DeskTrackRecord) -> tuple[int, datetime]:
    """Sorts tracks as they go on: by band, then by the end of their promise."""
    return track.dispatch.band.rank, track.dispatch.acknowledge_by


def notice_who_left(partition: Partition, telling: Telling) -> None:
    """Somebody has left a desk: what nobody there is able to take any more is looked at again, so many at a time."""
    for desk_id in list(partition.crowd.left):
        del partition.crowd.left[desk_id]
        look_at_forsaken(partition, desk_id, telling)


def look_at_forsaken(partition: Partition, desk_id: str, telling: Telling) -> None:
    """Widen the search of what nobody at a desk is able to take, or tell the router; the rest a moment later."""
    today, here = telling.now.date(), partition.crowd.here(desk_id)
    looked, known, one_able = 0, list[DeskTrackRecord](), dict[str, None]()
    for kind in partition.queue.kinds(desk_id):
        if able := here & partition.crowd.fit(desk_id, kind[0], today).who:
            one_able[min(able)] = None
            continue
        while looked < DEEPEST_LOOK and (track_id := partition.queue.take(desk_id, kind)) is not None:
            looked += 1
            track = partition.tracks[track_id]
            ask(partition, track, telling)
            if partition.tracks[track_id].version == track.version:
                known.append(track)
    for track in known:
        partition.wait(track)
    for who in one_able:
        _look_at_kept_out(partition, who, telling)
    if looked == DEEPEST_LOOK and len(known) < looked:
        partition.deadlines.add(Deadline(telling.now, 0, "forsaken", desk_id, 0))


def _look_at_kept_out(partition: Partition, who: str, telling: Telling) -> None:
    """The same for what all who are able to take may not: `who`, one of them, is kept out of it too, so theirs is enough to look at."""
    record, today = partition.crowd.responders[who], telling.now.date()
    desk_id, households = record.entry.desk_id, (record.entry.household_id or "", *record.conflicts)
    known = [track_id for one in households for track_id in partition.places.household.get(one, ())]
    for track_id in (*partition.places.kept_out.get(who, ()), *known):
        track = partition.tracks[track_id]
        if track.state not in UNOWNED or track.dispatch.desk_id != desk_id:
            continue
        needs = needs_of(track.dispatch, track.step, partition.pinned(track))
        able = partition.crowd.here(desk_id) & partition.crowd.fit(desk_id, needs, today).who
        if able <= partition.excluded(track, telling.now).keys():
            ask(partition, track, telling)


def ask(partition: Partition, track: DeskTrackRecord, telling: Telling) -> None:
    """Ask the next ones for a track that wants somebody; when nobody can be asked now it waits, or is told to the router."""
    if not partition.wants(track):
        return
    found = _search(partition, track, telling.now)
    if track.relieving and not found.who:
        partition.save_track(track.model_copy(update={"relieving": False}), telling.step)
        return  # until the next look: whoever stands in goes on
    if not found.who and not track.offers and (track.asked or not found.waits):
        track = _next_round(partition, track, found, telling)
        found = _search(partition, track, telling.now)
    if found.who:
        _offer(partition, track, found, telling)
    elif found.step > track.step:  # it waits for those who are able to at that step, not for anybody of an earlier one
        partition.save_track(track.model_copy(update={"step": found.step}), telling.step)


def _search(partition: Partition, track: DeskTrackRecord, now: datetime) -> Found:
    asked = Asked(track, partition.pinned(track), now.date(), partition.excluded(track, now), partition.familiar(track))
    return search(asked, partition.crowd, partition.wants(track))


def _offer(partition: Partition, track: DeskTrackRecord, found: Found, telling: Telling) -> None:
    dispatch = track.dispatch
    until = telling.now + partition.pinned(track).sla.offer_window[dispatch.band]
    new = tuple(
        Asking(
            offer_id=ids.offer_id(dispatch.track_id, dispatch.epoch, number),
            number=number,
            responder_id=one.entry.responder_id,
            at=telling.now,
            until=until,
            ring_at=next_ring(planned_rings(one.entry, dispatch.band, telling.now, until), 1),
        )
        for number, one in enumerate(found.who, track.offer_number + 1)
    )
    state = track.state if track.state in OWNED else TrackState.OFFERED
    fields = {"state": state, "offers": (*track.offers, *new), "offer_number": new[-1].number, "step": found.step}
    saved = partition.save_track(track.model_copy(update=fields), telling.step)
    for one, asking in zip(found.who, new, strict=True):
        partition.save_responder(one.model_copy(update={"idle_since": telling.now}), telling.step)
        telling.offered(saved, asking, found.explanation)


def _next_round(partition: Partition, track: DeskTrackRecord, found: Found, telling: Telling) -> DeskTrackRecord:
    """Begin a new round with those who did not answer; tell the router, once per search, when nobody is left to wait for."""
    tell = not found.waits and not track.exhausted and track.state not in OWNED
    if not tell and not track.asked:
        return track
    changed = {"exhausted": track.exhausted or tell, "asked": (), "step": found.step}
    saved = partition.save_track(track.model_copy(update=changed), telling.step)
    if tell:
        telling.progress("exhausted", saved, explanation=found.explanation)
    return saved


def offer_over(track: DeskTrackRecord, *, barred: str | None = None) -> DeskTrackRecord:
    """The track waiting again, with nobody asked, after an offer was declined for good or an assignment ended."""
    return track.model_copy(
        update={
            "state": TrackState.PENDING,
            "offers": (),
            "offer_id": None,
            "owner": None,
            "previous": track.owner or track.previous,
            "interpreter": None,
            "interpreted_by": None,
            "set_aside": False,
            "accepted_at": None,
            "contact_by": None,
            "covering": False,
            "covered_by": None,
            "spoke_at": None,
            **NOBODY_STANDS_IN,
            "barred": (*track.barred, barred) if barred and barred not in track.barred else track.barred,
        }
    )


def searched_anew(track: DeskTrackRecord, now: datetime) -> DeskTrackRecord:
    """The track with its search begun again at `now`, for as long as at first."""
    dispatch = track.dispatch
    whole = max(timedelta(0), dispatch.acknowledge_by - dispatch.received_at)
    return track.model_copy(update={"step": 0, "exhausted": False, "search_from": now, "search_until": now + whole})


def without(
    track: DeskTrackRecord, offer_id: str, *, asked: str | None = None, barred: str | None = None
) -> DeskTrackRecord:
    """The track with one of its offers over: whoever was `asked` did not answer, or declined (`barred`); it waits when none is open."""
    left = tuple(one for one in track.offers if one.offer_id != offer_id)
    fields: dict[str, object] = {"offers": left}
    if track.state not in OWNED:
        fields["state"] = TrackState.OFFERED if left else TrackState.PENDING
    if barred is not None and barred not in track.barred:
        fields["barred"] = (*track.barred, barred)
    if asked is not None:
        fields["asked"] = (*track.asked, asked)
    return track.model_copy(update=fields)


def time_out(partition: Partition, track_id: str, number: int, telling: Telling, *, reason: str = "timed_out") -> None:
    """An offer's time ran out, or nobody can answer it; nothing happens when it is over already. Whoever took something more urgent
    instead is waited for: they may be asked again as soon as they have room."""
    track = partition.tracks.get(track_id)
    asking = next((one for one in track.offers if one.number == number), None) if track else None
    if track is None or asking is None:
        return
    silent = None if reason == MORE_URGENT else asking.responder_id
    saved = partition.save_track(without(track, asking.offer_id, asked=silent), telling.step)
    if saved.state not in OWNED:
        telling.progress(
            "declined",
            saved,
            offer_id=asking.offer_id,
            responder_id=asking.responder_id,
            reason=reason,
            pending=len(saved.offers),
        )
    ask(partition, saved, telling)


def widen(partition: Partition, track_id: str, step: int, telling: Telling) -> None:
    """So much of its promise is gone that the search widens, whoever is being asked; nothing happens to what somebody has."""
    track = partition.tracks.get(track_id)
    if track is None or track.state not in UNOWNED or track.step >= step:
        return
    planned = widens_at(track, partition.pinned(track))
    if planned is None or planned > telling.now:
        return  # the search has begun anew since
    saved = partition.save_track(track.model_copy(update={"step": step}), telling.step)
    if partition.wants(saved):
        ask(partition, saved, telling)


def through_interpreter(track: DeskTrackRecord, who: str, partition: Partition) -> str | None:
    """The language in which somebody who takes a track needs an interpreter, if any."""
    record = partition.crowd.responders[who]
    needs = needs_of(track.dispatch, track.step, partition.pinned(track))
    return None if speaks(record.entry, needs) else needs.language
