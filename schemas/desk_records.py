"""The records of a desk (`desks.<pillar>`): one per track, one per responder, and its books. Read by boards and by the pager."""

from schemas.base import Id, Instant, Record
from schemas.commands import RosterEntry
from schemas.dispatch import DispatchTaken
from schemas.words import Presence, TrackState


class DeskTrackRecord(Record):
    """A track as its desk holds it, key `track/<track_id>`.

    `offer_number` rises with each offer (its id derives from it); `asked` did not answer in this round and are asked again in
    the next; `barred` declined or gave the track back. `spoke_at` is when its owner last reached the victim. `ended_at` is when it
    was done or withdrawn; the record goes 7 days later.
    """

    dispatch: DispatchTaken
    state: TrackState
    taken_at: Instant
    version: int
    offer_number: int = 0
    offer_id: Id | None = None
    offered_to: Id | None = None
    offered_at: Instant | None = None
    offered_until: Instant | None = None
    asked: tuple[Id, ...] = ()
    barred: tuple[Id, ...] = ()
    exhausted: bool = False
    owner: Id | None = None
    accepted_at: Instant | None = None
    spoke_at: Instant | None = None
    ended_at: Instant | None = None


class ResponderRecord(Record):
    """A responder of a desk, key `responder/<responder_id>`; load is counted from the tracks, never stored."""

    entry: RosterEntry
    presence: Presence
    idle_since: Instant
    version: int


class DeskBooksRecord(Record):
    """What a partition of desks has read, by kind; key `books`."""

    taken: int = 0
    commands: int = 0
    ignored: int = 0
    dead_lettered: int = 0
