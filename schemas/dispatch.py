"""What the router hands to a desk: the whole track, its epoch, and nothing personal."""

from schemas.base import Code, Fact, Id, Instant
from schemas.words import Band, Pillar, Signal

TAKEN = "eu.sameroof.dispatch.v1.taken"
WITHDRAWN = "eu.sameroof.dispatch.v1.withdrawn"


class DispatchTaken(Fact):
    """Take (or, under a higher epoch, change) this track. A full snapshot: an older epoch arriving later is ignored.

    `acknowledge_by` is the promise the router keeps; the desk uses it only for order. `received_at` is our receipt of
    the report; `appended_at` the broker's append time of the record that caused the dispatch.
    """

    track_id: Id
    case_id: Id
    household_id: Id
    desk_id: Id
    pillar: Pillar
    band: Band
    epoch: int
    lead: bool
    code: Code
    signals: tuple[Signal, ...] = ()
    language: Code | None = None
    covert: bool = False
    drill: bool = False
    services: tuple[Code, ...] = ()
    received_at: Instant
    acknowledge_by: Instant
    catalogue: Code


class DispatchWithdrawn(Fact):
    """The desk gives the track up; it answers `released`."""

    track_id: Id
    household_id: Id
    desk_id: Id
    epoch: int
    reason: Code
