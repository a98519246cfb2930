"""Who of this household is on the other side? Their cases get another team each, and neither shows the other (DOMAIN section 4)."""

from schemas.base import Explanation
from schemas.cases import CaseRecord
from schemas.words import LinkKind
from services.router.state import Partition
from services.router.timeline import Timeline
from services.rules.sides import opposite, side_of

MOST_WALLS = 32


def wall_off(timeline: Timeline, partition: Partition) -> None:
    """Note on a case, and on every case of the other side, that nobody may work on both. Told without saying whose case it is."""
    _between(
        timeline, [one for one in _other_cases(timeline.case, partition) if _opposed(timeline.case, one)], partition
    )


def keep_walls(timeline: Timeline, of: CaseRecord, partition: Partition) -> None:
    """What stood between a case and others stands between them and this one, in which it goes on or which was a part of it."""
    others = [partition.cases[case_id] for case_id in of.walled_from]
    _between(timeline, [one for one in others if one.merged_into is None], partition)


def _between(timeline: Timeline, others: list[CaseRecord], partition: Partition) -> None:
    case = timeline.case
    fresh = [one for one in others if one.case_id not in case.walled_from]
    if not fresh:
        return
    _put_up(timeline, fresh)
    for other in fresh:
        there = Timeline(other, timeline.step, now=timeline.now, cause=timeline.cause)
        if case.case_id not in other.walled_from:
            _put_up(there, [case])
            there.save(partition)


def put_wall(timeline: Timeline, other: Timeline) -> None:
    """A human says that two cases are on opposite sides."""
    for here, there in ((timeline, other), (other, timeline)):
        if there.case.case_id not in here.case.walled_from:
            _put_up(here, [there.case])


def on_opposite_sides(one: CaseRecord, other: CaseRecord) -> bool:
    """Whether two cases must never be joined."""
    return other.case_id in one.walled_from or _opposed(one, other)


def _opposed(one: CaseRecord, other: CaseRecord) -> bool:
    parts = any(link.kind is LinkKind.SPLIT and link.case_id == other.case_id for link in one.links)
    return opposite(side_of(one), side_of(other), of_one_case=parts)


def _put_up(timeline: Timeline, others: list[CaseRecord]) -> None:
    case, across = timeline.case, {one.case_id for one in others}
    timeline.set(
        walled_from=(*case.walled_from, *sorted(across))[-MOST_WALLS:],
        links=tuple(one for one in case.links if one.case_id not in across),  # neither shows the other from now on
    )
    side = side_of(case)
    inputs = {"same_roof": str(side.same_roof).lower(), "victim": "known" if side.victim else "unknown"}
    why = Explanation(rule="opposite_sides", catalogue=case.catalogue, inputs=inputs)
    timeline.tell("walled", explanation=why)


def _other_cases(case: CaseRecord, partition: Partition) -> list[CaseRecord]:
    """The household's other cases; one whose side nobody can be opposed to looks only at those that have one."""
    everybody = partition.cases_of(case.household_id) if side_of(case).is_taken else partition.sided(case.household_id)
    return [one for one in everybody if one.case_id != case.case_id and one.merged_into is None]
