"""How is a person told, and when again? By their own rules, over what they have proved to be theirs; the same for desk and pager."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from schemas.rosters import ContactMethod, RosterEntry
from schemas.words import Band

NOTHING_TO_PROVE = frozenset({"log"})  # has no address that could be somebody else's


@dataclass(frozen=True, slots=True)
class Ring:
    """One attempt: so long after the first, by the method of this place in the roster entry."""

    after: timedelta
    method: int


def reachable(entry: RosterEntry) -> bool:
    """Whether there is any way to reach somebody that is known to work: without one nobody goes on duty."""
    return any(method.verified for method in entry.methods)


def rings(entry: RosterEntry, band: Band, window: timedelta) -> tuple[Ring, ...]:
    """Every attempt to tell somebody of something of a band, the first at once; empty when there is no verified method.

    By their rules for the band; without any, by each of their methods in order, spread evenly over `window`.
    """
    usable = [place for place, method in enumerate(entry.methods) if method.verified]
    ruled = [
        (rule.after_seconds + number * rule.repeat_seconds, rule.method)
        for rule in entry.reach
        if rule.band is band and rule.method in usable
        for number in range(rule.times)
    ]
    if not ruled:
        return tuple(Ring(window * number / len(usable), place) for number, place in enumerate(usable))
    ruled.sort()
    first = ruled[0][0]
    return tuple(Ring(timedelta(seconds=seconds - first), place) for seconds, place in ruled)


def planned_rings(entry: RosterEntry, band: Band, start: datetime, end: datetime) -> list[datetime]:
    """When somebody is rung about what lasts from `start` to `end`; never after that."""
    planned = [start + ring.after for ring in rings(entry, band, end - start)]
    return [at for at in planned if at < end]


def next_ring(planned: list[datetime], made: int) -> datetime | None:
    """When the attempt after the first `made` is planned, if there is one."""
    return planned[made] if made < len(planned) else None


def still_proved(entry: RosterEntry, before: RosterEntry | None) -> RosterEntry:
    """An entry as somebody else wrote it, with only those methods verified whose address was before: nobody proves another's."""
    proved = {_address(before, place) for place, one in enumerate(before.methods) if one.verified} if before else set()
    methods = tuple(
        one if one.kind in NOTHING_TO_PROVE else ContactMethod(kind=one.kind, verified=_address(entry, place) in proved)
        for place, one in enumerate(entry.methods)
    )
    return entry.model_copy(update={"methods": methods})


def same_method(entry: RosterEntry, before: RosterEntry, place: int) -> bool:
    """Whether the method of a place is the one it was."""
    both = len(entry.methods) > place < len(before.methods)
    return both and _address(entry, place) == _address(before, place)


def with_verified(entry: RosterEntry, place: int) -> RosterEntry:
    """The entry with the method of a place proved to work."""
    proved = tuple(
        ContactMethod(kind=one.kind, verified=one.verified or number == place)
        for number, one in enumerate(entry.methods)
    )
    return entry.model_copy(update={"methods": proved})


def address_of(entry: RosterEntry, place: int) -> str | None:
    """Where the method of a place leads; personal data."""
    return entry.personal.addresses[place] if place < len(entry.personal.addresses) else None


def _address(entry: RosterEntry, place: int) -> tuple[str, str | None]:
    return entry.methods[place].kind, address_of(entry, place)
