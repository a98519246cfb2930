"""What one person has in hand and works on: every P0, then the most urgent up to their capacity; the rest stands still."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from schemas.words import Band
from tests.desk_sim.arrivals import Track
from tests.shipped import CATALOGUE

WEIGHTS = CATALOGUE.work.weights
NONE = timedelta(0)


@dataclass(slots=True)
class Hands:
    """`left` says how much work each track still makes, whoever has it; `waits` are those the desk set aside. `busy` is how long how many
    units of work were done, never more than `capacity` at once; `there` how long somebody was on duty."""

    capacity: int
    left: dict[str, timedelta]
    held: dict[str, Track] = field(default_factory=dict)
    waits: set[str] = field(default_factory=set)
    busy: timedelta = NONE
    there: timedelta = NONE
    changes: int = 0
    on_duty: bool = False
    _active: tuple[Track, ...] = ()
    _since: datetime | None = None

    def take(self, track: Track, now: datetime) -> None:
        """Begin, or go on with, a track."""
        self.held[track.track_id] = track
        self.look(now)

    def drop(self, track_id: str, now: datetime) -> None:
        """Have a track no more."""
        self.held.pop(track_id, None)
        self.waits.discard(track_id)
        self.look(now)

    def look(self, now: datetime) -> None:
        """Account for the time since the last look, and choose anew what to work on."""
        passed = now - self._since if self._since is not None else NONE
        for track in self._active:
            self.left[track.track_id] -= passed
        self.busy += passed * min(self.capacity, sum(WEIGHTS[track.band] for track in self._active))
        self.there += passed if self.on_duty else NONE
        self._since, self.changes = now, self.changes + 1
        self._active = tuple(self._chosen())

    def _chosen(self) -> list[Track]:
        chosen: list[Track] = []
        units = 0
        for track in sorted(self.held.values(), key=lambda one: (one.band.rank, one.at)):
            units += WEIGHTS[track.band]
            if track.track_id not in self.waits and (track.band is Band.P0 or units <= self.capacity or not chosen):
                chosen.append(track)
        return chosen

    def done_next(self) -> tuple[datetime, Track] | None:
        """When which track will be done, if nothing changes before."""
        if not self._active or self._since is None:
            return None
        track = min(self._active, key=lambda one: (self.left[one.track_id], one.track_id))
        return self._since + max(NONE, self.left[track.track_id]), track
