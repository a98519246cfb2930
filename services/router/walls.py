"""Who of this household is on the other side? Their cases get another team each, and neither shows the other (DOMAIN section 4)."""

from collections.abc import Iterable

from schemas.base import Explanation
from schemas.cases import CaseRecord, Link
from schemas.words import LinkKind
from services.router.dispatching import move_track
from services.router.keeping import Moment, hand
from services.router.standing import settle
from services.router.state import Partition
from services.router.timeline import ROUTER, Timeline
from services.rules.lifecycle import OWNED
from services.rules.sides import opposite, side_of

MOST_WALLS = 32
MOST_PEOPLE = 64  # who worked on a case, or on its other side: a whole life of hand-overs, several times over


def wall_off(timeline: Timeline, partition: Partition, *, as_well_as: CaseRecord | None = None) -> None:
    """Note on a case, and on every case of the other side, that nobody may work on both. Told without saying whose case it is.

    What stands between `as_well_as` and others stands between them and this one: it goes on here, or this was a part of it.
    """
    case = timeline.case
    across = dict.fromkeys(one.case_id for one in _other_cases(case, partition) if _opposed(case, one))
    if as_well_as is not None:
        across |= dict.fromkeys((*as_well_as.walled_from, *case.walled_from))
    others = [one for one in map(partition.cases.__getitem__, across) if one.merged_into is None]
    if here := [one for one in others if not _stands(case, one, partition)]:
        _put_up(timeline, here, partition)
    if as_well_as is not None:
        _remember(timeline, {*as_well_as.walled_people})
    for other in others:
        if not _stands(other, case, partition):
            there = Timeline(other, timeline.step, now=timeline.now, cause=timeline.cause)
            _put_up(there, [case], partition)
            _part_teams(timeline, there, partition)
            there.save(partition)


def _stands(here: CaseRecord, there: CaseRecord, partition: Partition) -> bool:
    across = {there.case_id}
    return there.case_id in here.walled_from and not any(_leads_to(one, across, partition) for one in here.links)


def put_wall(timeline: Timeline, other: Timeline, partition: Partition) -> None:
    """A human says that two cases are on opposite sides."""
    for here, there in ((timeline, other), (other, timeline)):
        if there.case.case_id not in here.case.walled_from:
            _put_up(here, [there.case], partition)
    _part_teams(timeline, other, partition)


def part(timeline: Timeline, who: str | None, partition: Partition, *, covers: bool = False) -> None:
    """Somebody took a track, or makes a contact for its owner: their case and its other side remember it for good. If a wall went up
    meanwhile and they work there too, they keep one of them."""
    if who is None or not (covers or who in _owners(timeline.case)):
        return
    if who not in timeline.case.worked:
        timeline.set(worked=joined(timeline.case.worked, (who,)))
    for other in map(partition.cases.get, timeline.case.walled_from):
        if other is None:
            continue
        there = Timeline(other, timeline.step, now=timeline.now, cause=timeline.cause)
        if who in _owners(other) and not covers:
            _part_teams(timeline, there, partition)
        _remember(there, {who})
        if there.case is not other:
            there.save(partition)


def _remember(timeline: Timeline, people: set[str]) -> None:
    """Note who works on the other side, or did; who has this case too keeps it."""
    known = timeline.case.walled_people
    if new := sorted(people - {*known} - _owners(timeline.case)):
        timeline.set(walled_people=joined(known, new))


def joined(known: tuple[str, ...], more: Iterable[str]) -> tuple[str, ...]:
    """Who worked on a case, each once and the newest last."""
    return tuple(dict.fromkeys((*known, *more)))[-MOST_PEOPLE:]


def _part_teams(one: Timeline, other: Timeline, partition: Partition) -> None:
    """Whoever works on both sides keeps that of whom somebody at home harms, else the older case; the other gets somebody else."""
    shared = _owners(one.case) & _owners(other.case)
    leaving = max(
        one, other, key=lambda side: (not side_of(side.case).same_roof, side.case.opened_at, side.case.case_id)
    )
    catalogue = partition.pinned(leaving.case)
    for track in leaving.case.tracks:
        if track.state in OWNED and track.responder_id in shared:
            gone = move_track(leaving, track, track.desk_id, reason="opposite_sides", catalogue=catalogue)
            hand(leaving, gone, track.state, Moment(leaving.now, ROUTER, catalogue))
            settle(leaving, catalogue)


def _owners(case: CaseRecord) -> set[str]:
    return {track.responder_id for track in case.tracks if track.state in OWNED and track.responder_id is not None}


def on_opposite_sides(one: CaseRecord, other: CaseRecord) -> bool:
    """Whether two cases must never be joined."""
    return other.case_id in one.walled_from or _opposed(one, other)


def _opposed(one: CaseRecord, other: CaseRecord) -> bool:
    parts = any(link.kind is LinkKind.SPLIT and link.case_id == other.case_id for link in one.links)
    return opposite(side_of(one), side_of(other), of_one_case=parts)


def _put_up(timeline: Timeline, others: list[CaseRecord], partition: Partition) -> None:
    case, across = timeline.case, {one.case_id for one in others}
    timeline.set(
        walled_from=tuple(dict.fromkeys((*case.walled_from, *sorted(across))))[-MOST_WALLS:],
        links=tuple(one for one in case.links if not _leads_to(one, across, partition)),  # neither shows the other now
    )
    _remember(timeline, {who for one in others for who in one.worked})
    side = side_of(case)
    inputs = {"same_roof": str(side.same_roof).lower(), "victim": "known" if side.victim else "unknown"}
    why = Explanation(rule="opposite_sides", catalogue=case.catalogue, inputs=inputs)
    timeline.tell("walled", explanation=why)


def _leads_to(link: Link, across: set[str], partition: Partition) -> bool:
    found = partition.find(link.case_id)
    return link.kind is not LinkKind.MERGED and found is not None and found.case_id in across


def _other_cases(case: CaseRecord, partition: Partition) -> list[CaseRecord]:
    """The household's other cases; one whose side nobody can be opposed to looks only at those that have one."""
    everybody = partition.cases_of(case.household_id) if side_of(case).is_taken else partition.sided(case.household_id)
    return [one for one in everybody if one.case_id != case.case_id and one.merged_into is None]
