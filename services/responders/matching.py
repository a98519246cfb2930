"""Who is asked next? First rules: on duty at this desk, not asked in this round, room left; longest idle first."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from schemas.base import Explanation
from schemas.desk_records import DeskTrackRecord, ResponderRecord
from schemas.words import Band, Presence


@dataclass(frozen=True, slots=True)
class Choice:
    """The responder to ask, if any, and why; `exhausted` says that waiting for room would not help."""

    responder: ResponderRecord | None
    exhausted: bool
    explanation: Explanation


def choose(
    track: DeskTrackRecord,
    roster: Iterable[ResponderRecord],
    load_of: Callable[[str], int],
    catalogue: str,
    *,
    across: Collection[str] = (),
) -> Choice:
    """The longest idle responder who can take `track` and is not `across`, on its other side; ties go to the smaller id."""
    rejected: Counter[str] = Counter()
    candidates: list[ResponderRecord] = []
    full = 0
    for responder in roster:
        who = responder.entry.responder_id
        reason = "other_side" if who in across else why_not(track, responder, load_of(who))
        if reason is None:
            candidates.append(responder)
        else:
            rejected[reason] += 1
            full += reason == "no_room"
    best = min(candidates, key=lambda one: (one.idle_since, one.entry.responder_id), default=None)
    explanation = Explanation(
        rule="matching:longest_idle" if best else "matching:nobody",
        catalogue=catalogue,
        inputs={"band": track.dispatch.band, "desk": track.dispatch.desk_id, "offer": str(track.offer_number + 1)},
        rejected=dict(sorted(rejected.items())),
    )
    return Choice(best, exhausted=best is None and full == 0, explanation=explanation)


def why_not(track: DeskTrackRecord, responder: ResponderRecord, load: int) -> str | None:
    """The reason a responder cannot be asked, from a closed list; `None` when they can."""
    entry = responder.entry
    if responder.presence is not Presence.AVAILABLE:
        return "not_on_duty"
    if entry.responder_id in track.barred:
        return "declined_or_gave_back"
    if entry.responder_id in track.asked:
        return "did_not_answer"
    if load >= room_of(responder, track.dispatch.band):
        return "no_room"
    return None


def room_of(responder: ResponderRecord, band: Band) -> int:
    """How many tracks a responder may hold before one of this band: a P0 may come on top of a full load."""
    return responder.entry.capacity + (1 if band is Band.P0 else 0)
