"""A gap in coverage: what nobody at a desk is able to take, from when, why, and the page about it."""

from enum import StrEnum

from schemas.base import Actor, Code, Id, Instant, Record
from schemas.words import Band


class GapReason(StrEnum):
    """Why nobody covers something."""

    NO_ROTA = "no_rota"
    NOBODY_PLANNED = "nobody_planned"  # outside every layer's windows, or a layer without people
    ON_LEAVE = "on_leave"
    NOT_IN_ROSTER = "not_in_roster"
    NO_VERIFIED_METHOD = "no_verified_method"
    NOT_ABLE = "not_able"  # those who work then lack the skill, the language or the clearance
    AWAY = "away"  # on shift, and away, silent or drained
    NO_ROOM = "no_room"  # there, and full: not even a P0 fits


class GapRecord(Record):
    """A gap of a desk, key `gap/<gap_id>`; removed as soon as it is filled.

    `cells` are what is not covered, as `<skill>/<language>[/<clearance>]`. `ends` is none when it lasts beyond what was looked at.
    `live` ones come of who is there and has room now; the others of the rota. `told` counts the catalogue's warnings that are behind;
    the page of the latest is `page_id`: its `attempt`-th notice went out, the next is due at `next_at`, until somebody acknowledges it;
    a provider took the first of them at `delivered_at`.
    """

    gap_id: Id
    desk_id: Id
    version: int
    begins: Instant
    ends: Instant | None = None
    cells: tuple[Code, ...]
    reasons: tuple[GapReason, ...]
    live: bool = False
    found_at: Instant
    told: int = 0
    page_id: Id | None = None
    recipient: Id | None = None
    band: Band | None = None
    raised_at: Instant | None = None
    delivered_at: Instant | None = None
    attempt: int = 0
    next_at: Instant | None = None
    acknowledged_at: Instant | None = None
    acknowledged_by: Actor | None = None
