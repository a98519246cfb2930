"""Who waits at a desk, in which order? By band; inside P0 life first, then danger, then money; then whose promise ends first."""

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from schemas.catalogue.work import Work
from schemas.desk_records import DeskTrackRecord
from schemas.words import Band
from services.rules.lifecycle import UNOWNED
from services.rules.needs import Needs
from services.rules.ordering import rank_inside

Kind = tuple[
    Needs, Band, bool, bool
]  # what is needed, how urgently, whether the router knows that nobody is left for it, whether it is hard to bear
Place = tuple[int, int, datetime, str, int]  # rank of the band, rank inside P0, end of the promise, track, its version


@dataclass(slots=True)
class Queue:
    """Tracks that want somebody asked, in heaps of a kind: for all in one, the same people have room. A place whose track changed since
    is skipped."""

    current: Callable[[str, int], bool]  # whether a track still waits under this version
    _heaps: dict[str, dict[Kind, list[Place]]] = field(default_factory=lambda: defaultdict(dict))

    def put(self, track: DeskTrackRecord, needs: Needs, work: Work, *, hard: bool) -> None:
        """Give a track its place."""
        kind = needs, track.dispatch.band, track.exhausted, hard
        heap = self._heaps[track.dispatch.desk_id].setdefault(kind, [])
        heapq.heappush(heap, place_of(track, work))

    def first(self, desk_id: str, accepts: Callable[[Kind], bool]) -> str | None:
        """Take out the track that goes first among those of the kinds that somebody `accepts`."""
        best: list[Place] | None = None
        for heap in self._acceptable(desk_id, accepts):
            if best is None or heap[0] < best[0]:
                best = heap
        return None if best is None else heapq.heappop(best)[3]

    def kinds(self, desk_id: str) -> list[Kind]:
        """Of which kinds those are who wait at a desk, but for those of whom the router knows that nobody is left for them."""
        return [kind for kind in self._heaps.get(desk_id, {}) if not kind[2]]

    def take(self, desk_id: str, kind: Kind) -> str | None:
        """Take out the track that goes first among those of such a kind."""
        heap = self._heaps.get(desk_id, {}).get(kind, [])
        while heap:
            place = heapq.heappop(heap)
            if self.current(place[3], place[4]):
                return place[3]
        return None

    def _acceptable(self, desk_id: str, accepts: Callable[[Kind], bool]) -> Iterator[list[Place]]:
        heaps = self._heaps.get(desk_id, {})
        for kind in list(heaps):
            heap = heaps[kind]
            while heap and not self.current(heap[0][3], heap[0][4]):
                heapq.heappop(heap)
            if not heap:
                del heaps[kind]
            elif accepts(kind):
                yield heap


@dataclass(slots=True)
class Waits:
    """Since when nobody has taken which tracks, by desk and band: the receipt of their report, whatever their place in the queue."""

    since: dict[tuple[str, Band], dict[str, datetime]] = field(default_factory=lambda: defaultdict(dict))

    def count(self, track: DeskTrackRecord, by: int) -> None:
        """A track begins (1) or ceases (-1) to be as it is."""
        if track.state not in UNOWNED:
            return
        dispatch = track.dispatch
        waiting = self.since[dispatch.desk_id, dispatch.band]
        if by > 0:
            waiting[dispatch.track_id] = dispatch.received_at
        else:
            waiting.pop(dispatch.track_id, None)


def place_of(track: DeskTrackRecord, work: Work) -> Place:
    """Where a track stands: the smaller the sooner."""
    dispatch = track.dispatch
    inside = rank_inside(dispatch.band, dispatch.signals, work.first)
    return (dispatch.band.rank, inside, until(track), dispatch.track_id, track.version)


def until(track: DeskTrackRecord) -> datetime:
    """When its acknowledge promise ends, as its desk counts it; of a contact to be covered, when that is due."""
    if track.covering and track.contact_by is not None:
        return track.contact_by
    return track.search_until or track.dispatch.acknowledge_by
