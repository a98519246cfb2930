"""What happens with a group workshop? It is planned, tracks are invited, its leader is reminded; held, it is a contact with each."""

from collections.abc import Callable
from datetime import timedelta

from schemas.commands import Command, TrackCommand
from schemas.words import Refusal, Role
from schemas.workshops import (
    Attendance,
    WorkshopCancel,
    WorkshopCommand,
    WorkshopHeld,
    WorkshopPlan,
    WorkshopRecord,
    WorkshopSeat,
    WorkshopState,
    WorkshopTracks,
)
from services.responders.context import Context
from services.responders.seating import became, misfit
from services.responders.state import Partition
from services.responders.telling import Telling
from services.responders.working import go_on_with
from services.responders.workshops import FORGET_WORKSHOP, over_at
from services.rules.answered import Verdict
from services.rules.deadlines import Deadline
from services.rules.lifecycle import OWNED

RESULTS = {Attendance.ATTENDED: "spoke", Attendance.MISSED: "no_answer"}
Changed = WorkshopRecord | Refusal


def plan(command: WorkshopPlan, context: Context) -> Verdict:
    """A workshop to come."""
    partition, now = context.partition, context.telling.now
    known = partition.workshops.workshops.get(command.workshop_id)
    if known is not None:
        return Verdict(command.workshop_id, known.version)
    remind = partition.in_force.catalogue.work.workshops.remind
    workshop = WorkshopRecord(
        workshop_id=command.workshop_id,
        desk_id=command.desk_id,
        leader=command.leader,
        by=command.actor,
        begins=command.begins,
        minutes=command.minutes,
        seats=command.seats,
        state=WorkshopState.PLANNED,
        version=0,
        next_at=max(now, command.begins - remind),
    )
    refused = _plan_refusal(workshop, command, context)
    if refused is None and not command.dry_run:
        workshop = partition.workshops.save(workshop, context.telling.step)
    return Verdict(command.workshop_id, workshop.version, refused)


def _plan_refusal(workshop: WorkshopRecord, command: WorkshopPlan, context: Context) -> Refusal | None:
    partition, limits = context.partition, context.partition.in_force.catalogue.work.workshops
    leader = partition.crowd.responders.get(workshop.leader)
    if leader is None or leader.entry.desk_id != workshop.desk_id:
        return Refusal.NOT_FOUND
    if not _may(command, workshop.leader):
        return Refusal.NOT_YOURS
    lasts = timedelta(minutes=workshop.minutes)
    if workshop.begins <= context.telling.now or workshop.seats > limits.seats or lasts > limits.longest:
        return Refusal.WRONG_STATE
    planned = [one for one in partition.workshops.led_by(workshop.leader) if one.state is WorkshopState.PLANNED]
    busy = any(one.begins < over_at(workshop) and workshop.begins < over_at(one) for one in planned)
    return Refusal.NOT_ELIGIBLE if busy else None


def change(command: WorkshopCommand, context: Context) -> Verdict:
    """Change a workshop that is planned, or say why not."""
    workshops = context.partition.workshops
    there = workshops.workshops.get(command.workshop_id)
    if there is None or there.desk_id != command.desk_id:
        return Verdict(command.workshop_id, 0, Refusal.NOT_FOUND)
    if command.expected_version not in (None, there.version):
        return Verdict(command.workshop_id, there.version, Refusal.STALE_VERSION)
    planned = there.state is WorkshopState.PLANNED
    after = _CHANGES[context.verb](there, command, context) if planned else Refusal.WRONG_STATE
    if isinstance(after, Refusal):
        return Verdict(command.workshop_id, there.version, after)
    saved = there if after == there else workshops.save(after, context.telling.step)
    return Verdict(command.workshop_id, saved.version)


def _invite(workshop: WorkshopRecord, command: WorkshopTracks, context: Context) -> Changed:
    """Tracks that somebody has, before it begins, while there are seats; their clocks run on."""
    partition, now = context.partition, context.telling.now
    if now >= workshop.begins:
        return Refusal.WRONG_STATE
    for track_id in command.tracks:
        track = partition.tracks.get(track_id)
        refused = Refusal.NOT_FOUND if track is None else misfit(workshop, track, partition, now.date())
        if track is None or refused is Refusal.NOT_FOUND:
            return Refusal.NOT_FOUND
        if not _may(command, track.owner):
            return Refusal.NOT_YOURS  # before why not: what keeps somebody else's track out is theirs to know
        if refused is not None:
            return refused if command.actor.role is Role.SUPERVISOR else Refusal.NOT_ELIGIBLE
        if track.state not in OWNED or (len(workshop.invited) >= workshop.seats and track_id not in workshop.invited):
            return Refusal.WRONG_STATE
        others = tuple(one for one in workshop.tracks if one.track_id != track_id)
        if track_id not in workshop.invited:
            seat = WorkshopSeat(track_id=track_id, state=Attendance.INVITED)
            workshop = workshop.model_copy(update={"tracks": (*others, seat)})
    return workshop


def _remove(workshop: WorkshopRecord, command: WorkshopTracks, context: Context) -> Changed:
    for track_id in command.tracks:
        track = context.partition.tracks.get(track_id)
        if track_id not in workshop.invited or track is None:
            return Refusal.NOT_FOUND
        if not _may(command, track.owner, workshop.leader):
            return Refusal.NOT_YOURS
    kept = tuple(one for one in workshop.tracks if one.track_id not in command.tracks)
    return workshop.model_copy(update={"tracks": kept})


def _held(workshop: WorkshopRecord, command: WorkshopHeld, context: Context) -> Changed:
    """Who attended was spoken with by its leader when it began, who missed it was not reached; each track stays whose it is."""
    said = dict.fromkeys(command.attended, Attendance.ATTENDED) | dict.fromkeys(command.missed, Attendance.MISSED)
    if not _may(command, workshop.leader):
        return Refusal.NOT_YOURS
    if not {*said} <= {one.track_id for one in workshop.tracks}:
        return Refusal.NOT_FOUND
    if command.received_at < workshop.begins:
        return Refusal.WRONG_STATE
    for track_id, attendance in said.items():
        _tell(workshop, track_id, RESULTS[attendance], command=command, context=context)
    over = {"state": WorkshopState.HELD, "running": False, "next_at": None}
    unsaid = dict.fromkeys(workshop.invited, Attendance.LEFT)
    return became(workshop, unsaid | said).model_copy(update=over)


def _tell(workshop: WorkshopRecord, track_id: str, result: str, *, command: WorkshopHeld, context: Context) -> None:
    """A contact like any other, unless nobody has the track here now, or its victim was spoken with since."""
    track = context.partition.tracks.get(track_id)
    if track is None or track.state not in OWNED or track.dispatch.desk_id != workshop.desk_id:
        return
    if track.spoke_at is not None and track.spoke_at >= workshop.begins:
        return
    contact = TrackCommand(
        command_id=command.command_id,
        actor=command.actor,
        received_at=workshop.begins,
        desk_id=workshop.desk_id,
        responder_id=workshop.leader,
        track_id=track_id,
        result=result,
    )
    go_on_with(track, contact, Context(context.partition, context.telling, "contacted"))


def _cancel(workshop: WorkshopRecord, command: WorkshopCancel, _: Context) -> Changed:
    if not _may(command, workshop.leader):
        return Refusal.NOT_YOURS
    over = {"state": WorkshopState.CANCELLED, "running": False, "next_at": None, "reason": command.reason}
    return workshop.model_copy(update=over)


def _may(command: WorkshopCommand, *people: str | None) -> bool:
    """A responder does what is theirs to do; a supervisor anything."""
    return command.actor.role is not Role.RESPONDER or command.actor.id in people


def go_on(deadline: Deadline, partition: Partition, telling: Telling) -> None:
    """What falls due of a workshop: its leader is reminded, it begins, it is over, or it was long ago."""
    workshops = partition.workshops
    if deadline.kind == FORGET_WORKSHOP:
        workshops.forget(deadline.subject, telling.step)
        return
    workshop = workshops.workshops.get(deadline.subject)
    if workshop is None or workshop.next_at is None or workshop.next_at > telling.now:
        return
    ends = over_at(workshop)
    if telling.now < workshop.begins:
        telling.workshop_near(workshop)
        after: dict[str, object] = {"next_at": workshop.begins}
    elif telling.now < ends:
        after = {"next_at": ends, "running": True}
    else:
        after = {"next_at": None, "running": False}
    workshops.save(workshop.model_copy(update=after), telling.step)


_CHANGES: dict[str, Callable[..., Changed]] = {
    "workshop_invite": _invite,
    "workshop_remove": _remove,
    "workshop_held": _held,
    "workshop_cancel": _cancel,
}
WORKSHOP_HANDLERS: dict[type[Command], Callable[..., Verdict]] = {
    WorkshopPlan: plan,
    **dict.fromkeys((WorkshopTracks, WorkshopHeld, WorkshopCancel), change),
}
