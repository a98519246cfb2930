"""Group workshops: one session of a desk, many tracks. The record (`workshop/<workshop_id>` on `desks.<pillar>`) and its commands."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from schemas.base import Actor, Code, Id, Instant, Record, RecordPart
from schemas.commands import Command, DeskCommand, command_type

MOST_TRACKS = 50
Tracks = Annotated[tuple[Id, ...], Field(max_length=MOST_TRACKS)]


class WorkshopState(StrEnum):
    """Where a workshop stands."""

    PLANNED = "planned"
    HELD = "held"
    CANCELLED = "cancelled"


class Attendance(StrEnum):
    """What became of a track that was invited; who `left` ended, went to another desk, or may not be there any more."""

    INVITED = "invited"
    ATTENDED = "attended"
    MISSED = "missed"
    LEFT = "left"


class WorkshopSeat(RecordPart):
    """A track in a workshop."""

    track_id: Id
    state: Attendance


class WorkshopRecord(Record):
    """A workshop of a desk, led by one of its responders, key `workshop/<workshop_id>`; it goes 90 days after it began.

    `seats` is how many tracks may be in it at most. While it is `running` its leader is asked about nothing but a P0. At `next_at` its
    leader is reminded, it begins, or it is over. `reason` says why it was cancelled.
    """

    workshop_id: Id
    desk_id: Id
    leader: Id
    by: Actor
    begins: Instant
    minutes: int
    seats: int
    state: WorkshopState
    version: int
    tracks: tuple[WorkshopSeat, ...] = ()
    running: bool = False
    next_at: Instant | None = None
    reason: Code | None = None

    @property
    def invited(self) -> tuple[str, ...]:
        """The tracks that are expected."""
        return self._that(Attendance.INVITED)

    @property
    def seen(self) -> tuple[str, ...]:
        """The tracks whose people its leader is to see, or saw."""
        expected = self.invited if self.state is WorkshopState.PLANNED else ()
        return (*expected, *self._that(Attendance.ATTENDED))

    def _that(self, state: Attendance) -> tuple[str, ...]:
        return tuple(one.track_id for one in self.tracks if one.state is state)


class WorkshopCommand(DeskCommand):
    """A command on one workshop of a desk."""

    workshop_id: Id


class WorkshopPlan(WorkshopCommand):
    """Plan a workshop; a dry run changes nothing."""

    leader: Id
    begins: Instant
    minutes: int
    seats: int
    dry_run: bool = False


class WorkshopTracks(WorkshopCommand):
    """Invite tracks to a workshop, or take them out: all of them or none."""

    tracks: Tracks


class WorkshopHeld(WorkshopCommand):
    """A workshop took place: who attended, who missed it; who was invited and is not named has left it."""

    attended: Tracks = ()
    missed: Tracks = ()

    @model_validator(mode="after")
    def _either_attended_or_missed(self) -> Self:
        if not {*self.attended}.isdisjoint(self.missed):
            raise ValueError("a track attended or missed, not both")
        return self


class WorkshopCancel(WorkshopCommand):
    """A workshop does not take place."""

    reason: Code


WORKSHOP_COMMANDS: dict[str, type[Command]] = {
    command_type("workshop_plan"): WorkshopPlan,
    command_type("workshop_invite"): WorkshopTracks,
    command_type("workshop_remove"): WorkshopTracks,
    command_type("workshop_held"): WorkshopHeld,
    command_type("workshop_cancel"): WorkshopCancel,
}
