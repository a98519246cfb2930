"""Which promise runs until when? Clocks are data: started at our receipt, settled once, fenced by an epoch (DESIGN section 7)."""

from datetime import datetime

from schemas.cases import Clock, Track
from schemas.catalogue import Catalogue
from schemas.words import Band, ClockKind, ClockState, Pillar


def started(kind: ClockKind, at: datetime, *, band: Band, pillar: Pillar, lead: bool, catalogue: Catalogue) -> Clock:
    """A running clock that began at `at` (our receipt of the report)."""
    due = at + catalogue.promise(band, pillar, kind, lead=lead)
    return Clock(kind=kind, started_at=at, due=due, epoch=1)


def clock_of(track: Track, kind: ClockKind) -> Clock | None:
    """The track's clock of this kind."""
    return next((clock for clock in track.clocks if clock.kind is kind), None)


def settled(track: Track, kind: ClockKind, state: ClockState, at: datetime) -> Track:
    """The track with its running clock of this kind settled at `at`; unchanged when none is running."""
    clocks = tuple(
        clock.model_copy(update={"state": state, "settled_at": at})
        if clock.kind is kind and clock.state is ClockState.RUNNING
        else clock
        for clock in track.clocks
    )
    return track.model_copy(update={"clocks": clocks})


def rebased(track: Track, band: Band, catalogue: Catalogue) -> Track:
    """The track with its running clocks re-based for another band, on their original start, under a new epoch."""

    def again(clock: Clock) -> Clock:
        if clock.state is not ClockState.RUNNING:
            return clock
        due = clock.started_at + catalogue.promise(band, track.pillar, clock.kind, lead=track.lead)
        return clock.model_copy(update={"due": due, "epoch": clock.epoch + 1})

    return track.model_copy(update={"clocks": tuple(again(clock) for clock in track.clocks)})


def cancelled(track: Track, at: datetime) -> Track:
    """The track with every promise that still ran fallen away: withdrawn, merged or closed."""
    clocks = tuple(
        clock.model_copy(update={"state": ClockState.WITHDRAWN, "settled_at": at})
        if clock.state is ClockState.RUNNING
        else clock
        for clock in track.clocks
    )
    return track.model_copy(update={"clocks": clocks})
