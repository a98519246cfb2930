"""Bugs to plant in the desks: who is asked, who has what, who covers for whom, and what of it survives a restart."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from schemas.desk_records import DeskTrackRecord
from schemas.words import Band
from services.responders import answering, offering, owning, taking, working
from services.responders import machine as desk_machine
from services.responders.crowd import Crowd
from services.responders.queue import Queue
from services.responders.state import Partition as DesksPartition
from services.rules.step import Step
from tests.simulation.planting import Bug, does_nothing, few, patch, populated


def _goes_on_asking(own: Callable[..., Any]) -> Callable[..., Any]:
    def other(track: DeskTrackRecord, responder_id: str, context: Any, *rest: Any, **named: Any) -> Any:
        verdict = own(track, responder_id, context, *rest, **named)
        partition, track_id = context.partition, track.dispatch.track_id
        left = tuple(one for one in track.offers if one.responder_id != responder_id)
        again = partition.tracks[track_id].model_copy(update={"offers": left})
        partition.save_track(again, context.telling.step)
        return verdict

    return other


def _weighs_what_is_held(count: Callable[..., None]) -> Callable[..., None]:
    def other(crowd: Crowd, track: DeskTrackRecord, by: int) -> None:
        count(crowd, track.model_copy(update={"offers": ()}), by)

    return other


def _ends_whichever_is_open(time_out: Callable[..., None]) -> Callable[..., None]:
    def other(partition: DesksPartition, track_id: str, number: int, telling: Any) -> None:
        track = partition.tracks.get(track_id)
        newest = track.offers[-1].number if track is not None and track.offers else number
        time_out(partition, track_id, newest, telling)

    return other


def _owns(_: Callable[..., Any]) -> Callable[..., Any]:
    return owning.own


def _forgets_pauses(pause: Callable[..., None]) -> Callable[..., None]:
    def other(crowd: Crowd, desk_id: str, *, paused: bool) -> None:
        pause(crowd, desk_id, paused=False)

    return other


def _asks_it_of_whoever_asked(declare: Callable[..., None]) -> Callable[..., None]:
    def other(track: DeskTrackRecord, command: Any, context: Any) -> None:
        declare(track, command, replace(context, telling=replace(context.telling, step=Step())))

    return other


def _passes_over_the_urgent(first: Callable[..., Any]) -> Callable[..., Any]:
    def other(waiting: Queue, desk_id: str, accepts: Callable[[Any], bool]) -> Any:
        return first(waiting, desk_id, lambda kind: kind[1] is not Band.P0 and accepts(kind))

    return other


def _restores_records_alone(restore: Callable[..., None]) -> Callable[..., None]:
    def other(partition: DesksPartition, key: str, record: bytes | None) -> None:
        later = list(partition.deadlines._later)
        restore(partition, key, record)
        partition.deadlines._later[:] = later

    return other


def _could_for_a_p0_alone(could: Callable[..., int]) -> Callable[..., int]:
    return lambda crowd, who, band: could(crowd, who, band) if band is Band.P0 else 0


def _no_room_is_no_answer(without: Callable[..., DeskTrackRecord]) -> Callable[..., DeskTrackRecord]:
    def other(track: DeskTrackRecord, offer_id: str, **named: Any) -> DeskTrackRecord:
        asking = track.asking(offer_id)
        silent = {"asked": asking.responder_id} if asking is not None and "barred" not in named else {}
        return without(track, offer_id, **named | silent)

    return other


def _no_walls(_: Callable[..., Any]) -> Callable[..., frozenset[str]]:
    return lambda *_: frozenset()


BUGS: dict[str, Bug] = {
    "goes_on_asking": Bug(
        "others are still asked about a track that somebody accepted", frozenset({"I2"}),
        patch("own", _goes_on_asking, answering),
        populated,
    ),
    "room_stays_free": Bug(
        "room that becomes free is not filled", frozenset({"I6", "work"}), patch("drain", does_nothing, desk_machine),
        populated,
    ),
    "offers_weigh_nothing": Bug(
        "what somebody is asked about does not count as load", frozenset({"capacity"}),
        patch("count", _weighs_what_is_held, Crowd),
        populated,
    ),
    "never_taken_up": Bug(
        "work set aside for a P0 is never taken up again", frozenset({"work"}),
        patch("take_up_again", does_nothing, offering),
        populated, rare=True,
    ),
    "ends_a_newer_offer": Bug(
        "the time-out of an offer that is over ends a newer one", frozenset({"I4", "I5"}),
        patch("time_out", _ends_whichever_is_open, desk_machine),
        populated,
    ),
    "cover_takes_the_track": Bug(
        "whoever makes a contact for an owner who is away has the track", frozenset({"I2"}), patch("cover", _owns, answering),
        populated, rare=True,
    ),
    "paused_desk_asks": Bug(
        "a paused desk goes on asking about everything", frozenset({"asked"}), patch("pause", _forgets_pauses, Crowd),
        populated,
    ),
    "conflict_in_memory": Bug(
        "a conflict declared is remembered in memory alone", frozenset({"I16", "walls"}),
        patch("_declare_conflict", _asks_it_of_whoever_asked, working),
        populated, rare=True,
    ),
    "urgent_passed_over": Bug(
        "room that becomes free goes to what is less urgent than a P0", frozenset({"I6", "work"}),
        patch("first", _passes_over_the_urgent, Queue),
        populated,
    ),
    "no_desk_deadline_restored": Bug(
        "a new owner of a desk knows its offers and not when they end", frozenset({"I5", "I15"}),
        patch("restore", _restores_records_alone, DesksPartition),
        populated,
    ),
    "nothing_makes_room": Bug(
        "whoever takes something urgent goes on with everything else", frozenset({"capacity"}),
        patch("make_room", does_nothing, owning, taking),
        populated,
    ),
    "p1_waits_for_less": Bug(
        "a P1 waits until what is not urgent is done", frozenset({"I6", "work"}),
        patch("_could_wait", _could_for_a_p0_alone, Crowd),
        populated,
    ),
    "no_room_is_no_answer": Bug(
        "whoever took something more urgent instead has not answered, and nobody is left", frozenset({"work"}),
        patch("without", _no_room_is_no_answer, offering),
        few, rare=True,
    ),
    "no_walls": Bug(
        "a desk asks people about both sides of a household", frozenset({"walls"}), patch("across", _no_walls, DesksPartition),
        populated,
    ),
}  # fmt: skip
