"""The records of a desk (`desks.<pillar>`): one per track, one per responder, and its books. Read by boards and by the pager."""

from schemas.base import Actor, Code, Id, Instant, Record, RecordPart, usual
from schemas.dispatch import DispatchTaken
from schemas.rosters import RosterEntry
from schemas.words import Presence, TrackState


class Asking(RecordPart):
    """One responder being asked for a track, until an instant; the id of the offer fences answers to an older one.

    They were rung `attempt` times and are rung again at `ring_at`. A provider took the first at `told_at`, or no attempt reached them
    (`unreached_at`); since `seen_at` they know.
    """

    offer_id: Id
    number: int
    responder_id: Id
    at: Instant
    until: Instant
    attempt: int = usual(1)
    ring_at: Instant | None = None
    told_at: Instant | None = None
    unreached_at: Instant | None = None
    seen_at: Instant | None = None


class DeskTrackRecord(Record):
    """A track as its desk holds it, key `track/<track_id>`.

    `offers` are those being asked now; `offer_number` rises with each offer (its id derives from it), `offer_id` is the accepted one.
    `asked` did not answer in this round and are asked again in the next; `barred` declined or gave the track back. The search runs
    from `search_from` to `search_until` and has widened to `step`. `weight` is what it takes of a responder's capacity; nothing while
    it is `set_aside` for something more urgent. `interpreter`: its owner speaks with the victim through one, in this language;
    `interpreted_by` was called to be it, nobody of the desk when absent. Who stands in for somebody trained has it until
    `stands_in_until`; meanwhile those are asked (`relieving`), again at `relief_at`. `previous` had it last. The victim is to hear
    from us by `contact_by`; `covering`: its owner is away then, and somebody on duty is asked, or has promised (`covered_by`, at
    `covered_at`), to make that contact for them. `spoke_at` is when its owner last reached the victim. `ended_at` is when it was done
    or withdrawn;
    the record goes 7 days later.
    """

    dispatch: DispatchTaken
    state: TrackState
    taken_at: Instant
    version: int
    weight: int = 1
    search_from: Instant | None = None
    search_until: Instant | None = None
    step: int = 0
    offer_number: int = 0
    offers: tuple[Asking, ...] = ()
    asked: tuple[Id, ...] = ()
    barred: tuple[Id, ...] = ()
    exhausted: bool = False
    offer_id: Id | None = None
    owner: Id | None = None
    previous: Id | None = None
    interpreter: Code | None = None
    interpreted_by: Id | None = usual(None)
    set_aside: bool = False
    accepted_at: Instant | None = None
    contact_by: Instant | None = None
    covering: bool = False
    covered_by: Id | None = None
    spoke_at: Instant | None = None
    ended_at: Instant | None = None
    stands_in_until: Instant | None = usual(None)
    relief_at: Instant | None = usual(None)
    relieving: bool = usual(False)  # noqa: FBT003 - the field's own default
    covered_at: Instant | None = usual(None)

    def asking(self, offer_id: str) -> Asking | None:
        """The open offer of this id."""
        return next((one for one in self.offers if one.offer_id == offer_id), None)

    @property
    def known_to(self) -> set[str]:
        """Who has it or had it last, covers, interprets, or is asked."""
        working = {self.owner, self.covered_by, self.interpreted_by, self.previous}
        return {one.responder_id for one in self.offers}.union(who for who in working if who is not None)

    def asking_of(self, responder_id: str) -> Asking | None:
        """The open offer to somebody."""
        return next((one for one in self.offers if one.responder_id == responder_id), None)


class Verifying(RecordPart):
    """The code of this notice was sent over the method of this place, at this instant, and was not said back yet."""

    method: int
    notice_id: Id
    at: Instant


class ResponderRecord(Record):
    """A responder of a desk, key `responder/<responder_id>`; load is counted from the tracks, never stored.

    `conflicts` are the households they know and never work for. Being `drained` they keep what they have and are asked no more.
    `verifying` are the contact methods they are about to prove theirs.
    `hard_cases` are when they took the latest of those that are hard to bear.
    They are on a shift since `shift_began`, if on any. A wrap-up ends at `wrap_up_until`. Who promised a beat every `beat_seconds`
    and was not heard of since `beat_at` for three of them is `silent`: away, until the next one brings back what they `said`.
    """

    entry: RosterEntry
    presence: Presence
    idle_since: Instant
    version: int
    conflicts: tuple[Id, ...] = ()
    drained: bool = False
    hard_cases: tuple[Instant, ...] = ()
    verifying: tuple[Verifying, ...] = usual(())
    shift_began: Instant | None = usual(None)
    wrap_up_until: Instant | None = usual(None)
    beat_seconds: int | None = usual(None)
    beat_at: Instant | None = usual(None)
    silent: bool = usual(False)  # noqa: FBT003 - the field's own default
    said: Presence | None = usual(None)


class DrillRecord(Record):
    """A reachability drill of a desk, or of one responder (`only`), key `drill/<drill_id>`; it goes 90 days later.

    The responders are rung in the order of their ids, so many at a time: up to `rung_to` so far, all of them when `rung` says so.
    """

    drill_id: Id
    desk_id: Id
    by: Actor
    started_at: Instant
    version: int
    only: Id | None = None
    rung_to: Id | None = None
    rung: bool = False


class DrillWay(RecordPart):
    """One contact method in a drill: when a provider took its notice, or nobody did; when its recipient answered."""

    method: int
    kind: Code
    told_at: Instant | None = None
    failed_at: Instant | None = None
    answered_at: Instant | None = None


class DrillRowRecord(Record):
    """One responder in a drill, key `drill_row/<drill_id>/<responder_id>`; without `ways` there was none to reach them by."""

    drill_id: Id
    desk_id: Id
    responder_id: Id
    version: int
    ways: tuple[DrillWay, ...] = ()


class DeskStateRecord(Record):
    """A desk as a supervisor left it, key `desk/<desk_id>`: `paused`, it offers nothing but a P0."""

    desk_id: Id
    paused: bool
    reason: Code
    by: Id
    at: Instant
    version: int


class DeskBooksRecord(Record):
    """What a partition of desks has read, by kind; key `books`."""

    taken: int = 0
    commands: int = 0
    ignored: int = 0
    dead_lettered: int = 0
