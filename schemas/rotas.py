"""When somebody works at a desk: layers of people in turn, overrides, swaps and leave."""

from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from schemas.base import Code, Fact, Id, Instant, Record
from schemas.zones import Zone

LONGEST = timedelta(days=366)  # of an override, a swap or a leave
YEARS = range(2000, 2100)
LocalTime = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class Unit(StrEnum):
    """What the length of a turn is counted in, by the clock on the wall: a day is a day when it has 23 hours."""

    HOURS = "hours"
    DAYS = "days"
    WEEKS = "weeks"


class Weekday(StrEnum):
    """The days of a week, in the order of `date.weekday()`."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


class Window(Fact):
    """On these days, from a local time to another one: of the next day when that is not later."""

    days: Annotated[tuple[Weekday, ...], Field(min_length=1, max_length=7)]
    begins: LocalTime = "00:00"
    ends: LocalTime = "00:00"


class Layer(Fact):
    """One seat of a desk: `people` take turns of `every` `unit`, the first from `starts_on` at `hand_over_at` of `zone`.

    With `windows` the seat is staffed inside them only. Without people it is a seat nobody sits on, which is a gap.
    """

    name: Code
    people: Annotated[tuple[Id, ...], Field(max_length=64)] = ()
    every: Annotated[int, Field(ge=1, le=366)] = 1
    unit: Unit = Unit.WEEKS
    hand_over_at: LocalTime
    zone: Zone
    starts_on: date
    windows: Annotated[tuple[Window, ...], Field(max_length=16)] = ()

    @model_validator(mode="after")
    def _starts_in_our_time(self) -> Self:
        if self.starts_on.year not in YEARS:
            raise PydanticCustomError("not_in_our_time", "starts_on is in the years 2000 to 2099")
        return self


class Stretch(Fact):
    """A time with an end."""

    begins: Instant
    ends: Instant

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if not self.begins < self.ends <= self.begins + LONGEST or self.begins.year not in YEARS:
            raise PydanticCustomError("no_stretch", "it ends after it begins, within a year, in the years 2000 to 2099")
        return self


class Override(Stretch):
    """In one layer somebody works instead of somebody else, or of whoever it is."""

    override_id: Id
    layer: Code
    who: Id
    instead_of: Id | None = None


class SwapState(StrEnum):
    """How far a swap is; only an accepted one changes who works."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Swap(Stretch):
    """`asked_by` asks `asked_of` to work instead of them, and offers to work instead of that one `in_return`."""

    swap_id: Id
    layer: Code
    asked_by: Id
    asked_of: Id
    in_return: Stretch | None = None
    state: SwapState = SwapState.ASKED


class Leave(Stretch):
    """Somebody is not there, whatever the rota says."""

    leave_id: Id
    responder_id: Id


class RotaRecord(Record):
    """The rota of a desk, key `rota/<desk_id>`; what ended more than 60 days ago is dropped from its lists."""

    desk_id: Id
    version: int
    layers: tuple[Layer, ...] = ()
    overrides: tuple[Override, ...] = ()
    swaps: tuple[Swap, ...] = ()
    leave: tuple[Leave, ...] = ()


class RotaLookRecord(Record):
    """When a desk looks again at its rota, and, if it is to, at the coverage ahead; key `look/<desk_id>`."""

    desk_id: Id
    look_at: Instant
    ahead_at: Instant | None = None
