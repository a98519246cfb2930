"""What the router hands to a desk: the whole track, its epoch, and nothing personal."""

from schemas.base import Code, Fact, Id, Instant, usual
from schemas.words import Band, Pillar, Signal

TAKEN = "eu.sameroof.dispatch.v1.taken"
WITHDRAWN = "eu.sameroof.dispatch.v1.withdrawn"


class DispatchTaken(Fact):
    """Take (or, under a higher epoch, change) this track. A full snapshot: an older epoch arriving later is ignored.

    `acknowledge_by` is the promise the router keeps; the desk uses it only for order. `received_at` is our receipt of
    the report. Nobody who works on a case of `walled_from` may be offered the track, nor who ever did (`walled_people`, of any pillar):
    its people are on the other side.
    `reopened` says that the router knows the track was done, and takes it up again. With `case_version` it says under the same epoch
    what the case has become while somebody has the track: a newer one counts, and nobody is asked anew.
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
    secondary_codes: tuple[Code, ...] = ()
    signals: tuple[Signal, ...] = ()
    language: Code | None = None
    covert: bool = False
    drill: bool = False
    services: tuple[Code, ...] = ()
    walled_from: tuple[Id, ...] = ()
    walled_people: tuple[Id, ...] = usual(())
    reopened: bool = False
    received_at: Instant
    acknowledge_by: Instant
    catalogue: Code
    case_version: int = usual(0)


class DispatchWithdrawn(Fact):
    """The desk gives the track up; it answers `released`. A desk that has not read of the track yet keeps `track` as withdrawn,
    so that an older dispatch on another lane, read later, is ignored."""

    track_id: Id
    household_id: Id
    desk_id: Id
    epoch: int
    reason: Code
    track: DispatchTaken | None = None
