"""Where does a track go when nobody answers, and when? Steps are counted from planned instants, never from when they were taken."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from schemas.catalogue import Catalogue
from schemas.words import Band
from services.rules.desks_of import duty_lead_of

SINK = "post:sink"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its name, the post or desk it leads to, how long after the step before."""

    name: str
    to: str
    after: timedelta


@dataclass(frozen=True, slots=True)
class Climb:
    """What a page does next: the number of the step it takes (the last one again, at the sink) and when the one after is planned."""

    number: int
    step: Step
    again: bool
    planned_at: datetime
    next_at: datetime


def ladder_of(desk_id: str, promise: timedelta, catalogue: Catalogue, *, moves: bool) -> tuple[Step, ...]:
    """The steps for a track of this desk; without `moves` it stays there, since somebody has it.

    `promise` is the acknowledge promise of its band, whose shares the delays are. A step with nobody there (a region without
    neighbours) is not on the ladder, and its delay is not waited for.
    """
    pillar, _, region = desk_id.partition("-")
    known = catalogue.desks.regions.get(region)
    places = {
        "duty_lead": (duty_lead_of(desk_id),),
        "neighbours": tuple(f"{pillar}-{one}" for one in known.neighbours) if moves and known else (),
        "sink": (SINK,),
    }
    return tuple(
        Step(rung.to, place, promise * rung.after_percent / 100)
        for rung in catalogue.sla.ladder.steps
        for place in places[rung.to]
    )


def first_step(steps: tuple[Step, ...], planned_at: datetime) -> Climb:
    """The step taken when a promise fails, or when nobody is left to wait for."""
    return Climb(0, steps[0], again=False, planned_at=planned_at, next_at=planned_at + steps[1].after)


def next_step(steps: tuple[Step, ...], number: int, planned_at: datetime, *, repeat: timedelta, now: datetime) -> Climb:
    """The step after `number`, planned for `planned_at`. The last one comes again every `repeat`, once for all that was missed."""
    last = len(steps) - 1
    following = min(number + 1, last)
    if following == last:
        missed = max(timedelta(0), now - planned_at) // repeat
        next_at = planned_at + repeat * (missed + 1)
    else:
        next_at = planned_at + steps[following + 1].after
    return Climb(following, steps[following], again=number >= last, planned_at=planned_at, next_at=next_at)


def repeat_of(band: Band, catalogue: Catalogue) -> timedelta:
    """How often the sink is told again about a track of this band."""
    return catalogue.sla.ladder.repeat[band]
