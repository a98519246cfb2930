"""Which cases belong together? A merged one goes on in another; related ones only know of each other.

Only cases of one household: keys never cross partitions (DESIGN section 3). Never those of opposite sides (DOMAIN section 4).
"""

from schemas.base import Explanation
from schemas.case_commands import CaseLink, CaseMerge
from schemas.cases import CaseRecord, Link
from schemas.words import LinkKind, Refusal
from services.router.context import Context
from services.router.deciding import Explanations, News, take_in
from services.router.ending import leave_desks
from services.router.learning import facts_of, missing_from
from services.router.opening import first_and_newest
from services.router.standing import advance
from services.router.threats import threatens_sooner
from services.router.timeline import Timeline
from services.router.tracking import send_changed
from services.router.updating import MOST_KEYS
from services.router.walls import joined, on_opposite_sides, put_wall, wall_off
from services.rules.answered import Verdict
from services.rules.lifecycle import ENDED

MOST_LINKS = 32


def merge(command: CaseMerge, context: Context, timeline: Timeline) -> Verdict:
    """This case goes on in another: its promises stop, its facts and reports go along, it keeps a pointer that everything follows."""
    case = timeline.case
    target = context.partition.find(command.into_case_id)
    refused = _not_joined(case, target, command.into_household_id)
    if refused is None and target is not None and {case.state, target.state} & {*ENDED}:
        refused = Refusal.WRONG_STATE
    if refused is not None or target is None:
        return context.refused(case, refused or Refusal.NOT_FOUND)
    leave_desks(timeline, reason="merged")
    timeline.set(merged_into=target.case_id, follow_up_at=None, arrivals=())
    add_link(timeline, target, LinkKind.MERGED)
    timeline.tell("merged", command.actor, into_case_id=target.case_id, reason=command.reason)
    advance(timeline, "merged", actor=command.actor, reason=command.reason)
    timeline.save(context.partition)
    context.partition.count(context.step, open=-1, merged=1)
    into = context.change(target)
    _absorb(into, case, command, context)
    return context.done(into)


def link(command: CaseLink, context: Context, timeline: Timeline) -> Verdict:
    """Two cases have to do with each other, or their people are on opposite sides: then a wall, and no link that shows one to the other."""
    case = timeline.case
    other = context.partition.find(command.other_case_id)
    refused = _not_joined(case, other, command.other_household_id)
    walls = command.kind is LinkKind.OPPOSITE_SIDES
    if other is None or (refused is not None and not (walls and refused is Refusal.OPPOSITE_SIDES)):
        return context.refused(case, refused or Refusal.NOT_FOUND)
    there = context.change(other)
    if walls:
        put_wall(timeline, there, context.partition)
    else:
        add_link(timeline, other, command.kind, because=command)
        add_link(there, case, command.kind, because=command)
    for side, before in ((there, other), (timeline, case)):
        send_changed(side, before, context.partition.pinned(before))
    there.save(context.partition)
    return context.done(timeline)


def add_link(
    timeline: Timeline, other: CaseRecord, kind: LinkKind, *, because: CaseLink | Explanation | None = None
) -> None:
    """Keep a pointer to another case, once; told with the reason when that is all that ties them."""
    links = timeline.case.links
    if any((one.case_id, one.kind) == (other.case_id, kind) for one in links):
        return
    timeline.set(links=(*links, Link(case_id=other.case_id, kind=kind, at=timeline.now))[-MOST_LINKS:])
    if isinstance(because, CaseLink):
        timeline.tell("linked", because.actor, other_case_id=other.case_id, kind=kind, reason=because.reason)
    elif because is not None:
        timeline.tell("linked", other_case_id=other.case_id, kind=kind, reason="same_key", explanation=because)


def _not_joined(case: CaseRecord, other: CaseRecord | None, household_id: str) -> Refusal | None:
    """Why two cases have nothing to do with each other, as far as one household's keys can tell."""
    if household_id != case.household_id:
        return Refusal.OTHER_HOUSEHOLD
    if other is None:
        return Refusal.NOT_FOUND
    if other.household_id != case.household_id:
        return Refusal.OTHER_HOUSEHOLD
    if other.case_id == case.case_id:
        return Refusal.SAME_CASE
    if on_opposite_sides(case, other):
        return Refusal.OPPOSITE_SIDES
    return Refusal.WRONG_STATE if case.drill is not other.drill else None


def _absorb(timeline: Timeline, gone: CaseRecord, command: CaseMerge, context: Context) -> None:
    """The other case takes over what was known and not yet known here, every code and signal, and how urgent it was."""
    case = timeline.case
    _take_along(timeline, gone)
    wall_off(timeline, context.partition, as_well_as=gone)

    def tell(explanations: Explanations) -> None:
        timeline.tell(
            "absorbed", command.actor, from_case_id=gone.case_id, reason=command.reason, explanations=explanations
        )

    told: dict[str, object] = {"code": None, "secondary_codes": (gone.code, *gone.secondary_codes)}
    sooner = gone.deadline_at if threatens_sooner(gone, case, at=command.received_at) else None
    if sooner is not None:
        told["deadline_at"] = sooner.isoformat()
    said = missing_from(facts_of(case), facts_of(gone)).model_copy(update=told)
    take_in(
        timeline,
        News(said, command.received_at, band=gone.band, cut_at=gone.cut_at if sooner else None),
        partition=context.partition,
        catalogue=context.partition.pinned(case),
        tell=tell,
    )


def _take_along(timeline: Timeline, gone: CaseRecord) -> None:
    case = timeline.case
    closed = tuple(one for one in gone.closed_signals if one.signal not in case.signals)
    contact = {name: value for name, value in gone.personal if value and not getattr(case.personal, name)}
    timeline.set(
        reports=first_and_newest(case.reports, gone.reports),
        report_count=case.report_count + gone.report_count,
        last_report_at=max(one.last_report_at or one.received_at for one in (case, gone)),
        arrivals=first_and_newest(case.arrivals, gone.arrivals),
        duplicate_keys=tuple(dict.fromkeys((*case.duplicate_keys, *gone.duplicate_keys)))[-MOST_KEYS:],
        closed_signals=(*case.closed_signals, *closed),
        signals=tuple(sorted({*case.signals, *(one.signal for one in closed)})),
        flags=tuple(sorted({*case.flags, *gone.flags})),
        campaign=case.campaign or gone.campaign,
        placed=case.placed or gone.placed,
        worked=joined(case.worked, gone.worked),
        personal=case.personal.model_copy(update=contact),
    )
    add_link(timeline, gone, LinkKind.MERGED)
