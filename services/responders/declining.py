"""Somebody who is asked will not take a track, or may have nothing more to do with a household: others are asked."""

from collections.abc import Set as AbstractSet

from schemas.base import Code
from schemas.commands import Command
from schemas.desk_records import DeskTrackRecord
from schemas.dispatch import DispatchTaken
from services.responders.context import Context
from services.responders.interpreting import interpreted_anew
from services.responders.offering import ask, offer_over, searched_anew, time_out, without
from services.responders.state import Partition
from services.responders.telling import Telling
from services.rules.desks_of import duty_lead_of
from services.rules.lifecycle import OWNED
from services.rules.needs import is_cleared, needs_of


def decline(
    track: DeskTrackRecord, offer_id: str, context: Context, command: Command, *, who: str, reason: Code | None
) -> None:
    """One offer is over and its responder asked no more about this track."""
    declined = without(track, offer_id, barred=who)
    saved = context.partition.save_track(declined, context.telling.step)
    if saved.state not in OWNED:
        context.telling.progress(
            "declined",
            saved,
            actor=command.actor,
            at=command.received_at,
            offer_id=offer_id,
            responder_id=who,
            reason=reason,
            pending=len(saved.offers),
        )
    ask(context.partition, saved, context.telling)


def give_back(track: DeskTrackRecord, who: str, context: Context, command: Command, *, reason: Code) -> None:
    """Its owner has a track no more and is asked no more about it."""
    waiting = searched_anew(offer_over(track, barred=who), context.telling.now)
    saved = context.partition.save_track(waiting, context.telling.step)
    context.telling.progress("released", saved, actor=command.actor, responder_id=who, reason=reason)
    ask(context.partition, saved, context.telling)


def part(who: str, household_id: str, context: Context, command: Command) -> None:
    """Somebody works for a household no more: what they have of it, are asked about, cover or interpret goes to others."""
    for track in context.partition.interpreted_by(who):
        if track.dispatch.household_id == household_id:
            interpreted_anew(track, context.partition, context.telling)
    for track in context.partition.of_household(household_id):
        asking = track.asking_of(who)
        if asking is not None:
            decline(track, asking.offer_id, context, command, who=who, reason="conflict")
        elif track.owner == who and track.state in OWNED:
            give_back(track, who, context, command, reason="conflict")
        elif track.covered_by == who:
            barred = track.model_copy(update={"covered_by": None, "barred": (*track.barred, who)})
            saved = context.partition.save_track(barred, context.telling.step)
            ask(context.partition, saved, context.telling)


def part_sides(dispatch: DispatchTaken, partition: Partition, telling: Telling) -> None:
    """A wall has gone up: who covers, interprets or is asked on one side and works on the other has to do with one of them alone."""
    cases = (dispatch.case_id, *dispatch.walled_from)
    for track_id in [one for case_id in cases for one in partition.places.case.get(case_id, ())]:
        across = partition.across(partition.tracks[track_id].dispatch)
        _leave(across, track_id, partition, telling, reason="other_side")


def keep_to_the_cleared(track: DeskTrackRecord, partition: Partition, telling: Telling) -> None:
    """A case somebody has asks for a clearance from now on: nobody else without it has to do with it any more. Its owner, who knows it,
    stays with the victim; without the clearance the duty lead hears of it and decides."""
    dispatch = track.dispatch
    needs = needs_of(dispatch, track.step, partition.pinned(track))
    roster = partition.crowd.roster(dispatch.desk_id)
    uncleared = {one.entry.responder_id for one in roster if not is_cleared(one.entry, needs)}
    _leave(uncleared, dispatch.track_id, partition, telling, reason="no_clearance")
    if track.owner in uncleared:
        telling.reminder(track, duty_lead_of(dispatch.desk_id), reason="owner_not_cleared")


def _leave(people: AbstractSet[str], track_id: str, partition: Partition, telling: Telling, *, reason: str) -> None:
    """These cover, interpret or are asked about a track no more; others do, or are."""
    for asking in partition.tracks[track_id].offers:
        if asking.responder_id in people:
            time_out(partition, track_id, asking.number, telling, reason=reason)
    track = partition.tracks[track_id]
    if track.interpreted_by in people and track.state in OWNED:
        track = interpreted_anew(track, partition, telling)
    if track.covered_by in people:
        ask(partition, partition.save_track(track.model_copy(update={"covered_by": None}), telling.step), telling)
