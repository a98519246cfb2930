"""Who comes on duty and who goes, by the rota; who is done wrapping up; whose device is silent, and whose is there again.

Presence changes nothing about the work somebody holds. Whoever says something during their shift stays so until the next one begins.
"""

from collections.abc import Iterable

from schemas.commands import PresenceSet
from schemas.desk_records import ResponderRecord
from schemas.rota_commands import Beat
from schemas.words import Presence, Refusal
from services.responders.context import Context
from services.responders.duty import silent_from
from services.responders.offering import time_out
from services.responders.state import Partition
from services.responders.telling import Telling
from services.responders.watching import look_at_presence
from services.rules.answered import Verdict
from services.rules.reaching import reachable
from services.rules.rota import Span

NO_BEATS = {"beat_seconds": None, "beat_at": None, "silent": False, "said": None}
OFF_DUTY = {"presence": Presence.AWAY, "shift_began": None, "wrap_up_until": None, **NO_BEATS}


# ---------------------------------------------------------------------------------------------------------- by the rota
def change_over(desk_id: str, worked: Iterable[Span], partition: Partition, telling: Telling) -> None:
    """Whose shift has begun is available, whose shift is over is away."""
    now = telling.now
    begun = {one.who: one.begins for one in worked if one.who and one.begins <= now < one.ends}  # the latest counts
    for record in partition.crowd.roster(desk_id):
        since = begun.get(record.entry.responder_id)
        if since is not None and not reachable(record.entry):
            since = None
        if since == record.shift_began:
            continue
        changed: dict[str, object] = {"shift_began": since}
        if since is not None and record.shift_began is not None and since < record.shift_began:
            pass  # one of two shifts is over, and the earlier one goes on: nothing has begun
        elif since is None:
            changed |= OFF_DUTY
        elif record.silent:
            changed |= {"said": Presence.AVAILABLE}
        elif record.presence is Presence.AWAY:
            changed |= {"presence": Presence.AVAILABLE}
        _save(record, partition, telling, **changed)


# --------------------------------------------------------------------------------------------------- what somebody says
def set_presence(command: PresenceSet, context: Context) -> Verdict:
    """Somebody comes, goes, or is busy; nobody is on duty without a verified way to be reached."""
    partition, telling = context.partition, context.telling
    before = partition.crowd.responders.get(command.responder_id)
    if before is None:
        return Verdict(command.responder_id, 0, Refusal.NOT_FOUND)
    if command.presence is not Presence.AWAY and not reachable(before.entry):
        return Verdict(command.responder_id, before.version, Refusal.NOT_ELIGIBLE)
    ends = telling.now + partition.in_force.catalogue.work.presence.wrap_up
    beats: dict[str, object] = dict(NO_BEATS)
    if command.heartbeat_seconds is not None and command.presence is not Presence.AWAY:
        beats |= {"beat_seconds": command.heartbeat_seconds, "beat_at": command.received_at}
    wrap_up = {"wrap_up_until": ends if command.presence is Presence.WRAP_UP else None}
    saved = _save(before, partition, telling, presence=command.presence, **wrap_up, **beats)
    return Verdict(command.responder_id, saved.version)


def beat(command: Beat, context: Context) -> Verdict:
    """A device is there: whoever was silent is back at what they said. It is no statement, and changes nothing else."""
    partition, telling = context.partition, context.telling
    before = partition.crowd.responders.get(command.responder_id)
    if before is None:
        return Verdict(command.responder_id, 0, Refusal.NOT_FOUND)
    late = before.beat_at is not None and command.received_at <= before.beat_at
    if late or (before.presence is Presence.AWAY and not before.silent):
        return Verdict(command.responder_id, before.version)
    beats = {"beat_seconds": command.heartbeat_seconds, "beat_at": command.received_at}
    if before.silent:
        saved = _save(before, partition, telling, presence=before.said, silent=False, said=None, **beats)
        return Verdict(command.responder_id, saved.version)
    partition.save_responder(
        before.model_copy(update=beats), telling.step
    )  # no new version: a supervisor's edit still fits
    return Verdict(command.responder_id, before.version)


# --------------------------------------------------------------------------------------------------------- by the clock
def end_wrap_up(who: str, partition: Partition, telling: Telling) -> None:
    """A wrap-up ends by itself."""
    record = partition.crowd.responders[who]
    if record.wrap_up_until is None or record.wrap_up_until > telling.now:
        return
    if record.silent:
        _save(record, partition, telling, wrap_up_until=None, said=Presence.AVAILABLE)
    else:
        _save(record, partition, telling, wrap_up_until=None, presence=Presence.AVAILABLE)


def miss_beats(who: str, partition: Partition, telling: Telling) -> None:
    """Three beats are missing: away, silent, and what they are being asked is passed on; they have not resigned."""
    partition.duty.beat_looked_at(who)
    record = partition.crowd.responders[who]
    due = silent_from(record, partition.in_force.catalogue.work.presence.missed_beats)
    if due is None:
        return
    if due > telling.now:
        partition.duty.await_beat(who, due)
        return
    _save(record, partition, telling, silent=True, said=record.presence, presence=Presence.AWAY)
    for track in partition.asked_of(who):
        if asking := track.asking_of(who):
            time_out(partition, track.dispatch.track_id, asking.number, telling, reason="silent")


def _save(record: ResponderRecord, partition: Partition, telling: Telling, **changed: object) -> ResponderRecord:
    saved = record.model_copy(update={**changed, "version": record.version + 1})
    partition.save_responder(saved, telling.step)
    if saved.presence is not record.presence:
        look_at_presence(partition, saved.entry.responder_id, telling)
    return saved
