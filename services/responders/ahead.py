"""What will nobody be able to take, and what can nobody take now? Gaps are kept until they are filled, and told in time."""

from datetime import datetime, timedelta

from schemas.catalogue.ahead import Ahead
from schemas.gaps import GapReason, GapRecord
from schemas.rotas import RotaRecord
from schemas.words import Band
from services.responders.duty import AHEAD, GAP_PAGE, LOOK, SILENT, WRAP_UP
from services.responders.gap_pages import page_again, page_later, raise_page
from services.responders.shifts import change_over, end_wrap_up, miss_beats
from services.responders.state import Partition
from services.responders.telling import Telling
from services.rules import ids
from services.rules.cells import all_of, cells_of, named
from services.rules.coverage_ahead import Crew, Hole, holes, unfit
from services.rules.deadlines import Deadline
from services.rules.rota import next_change, spans

AT_LEAST_EVERY = timedelta(days=1)


def fall_due(deadline: Deadline, partition: Partition, telling: Telling) -> None:
    """Something of the rota has come; what no longer holds does nothing."""
    if deadline.kind == LOOK:
        look(deadline.subject, partition, telling)
    elif deadline.kind == AHEAD:
        look_ahead(deadline.subject, partition, telling)
    elif deadline.kind == GAP_PAGE:
        page_again(deadline.subject, deadline.epoch, partition, telling)
    elif deadline.kind == WRAP_UP:
        end_wrap_up(deadline.subject, partition, telling)
    else:
        assert deadline.kind == SILENT, "duty has no other deadlines"
        miss_beats(deadline.subject, partition, telling)


def look(desk_id: str, partition: Partition, telling: Telling) -> None:
    """A desk looks at its rota: who comes and goes; and plans when to look again, and to look ahead at once, in a step of its own."""
    rota, planned = partition.duty.rotas.get(desk_id), partition.duty.looks.get(desk_id)
    if rota is None or planned is None or planned.look_at > telling.now:
        return
    farthest = telling.now + AT_LEAST_EVERY
    today = spans(rota, telling.now, farthest)
    change_over(desk_id, today, partition, telling)
    again = next_change(today, telling.now, farthest)
    partition.duty.plan(planned.model_copy(update={"look_at": again, "ahead_at": telling.now}), telling.step)


def look_ahead(desk_id: str, partition: Partition, telling: Telling) -> None:
    """A desk looks at the fortnight ahead: what is not covered, whom to warn; and plans to look again when the next warning comes."""
    rota, planned = partition.duty.rotas.get(desk_id), partition.duty.looks.get(desk_id)
    if rota is None or planned is None or planned.ahead_at is None or planned.ahead_at > telling.now:
        return
    ahead = partition.in_force.catalogue.work.ahead
    _keep(desk_id, _holes_of(rota, ahead, partition, telling.now), partition, telling)
    for gap in partition.duty.gaps_of(desk_id):
        if not gap.live:
            _warn(gap, ahead, partition, telling)
    partition.crowd.room_changed[desk_id] = None
    warnings = (_next_warning(gap, ahead, telling.now) for gap in partition.duty.gaps_of(desk_id) if not gap.live)
    again = min((planned.look_at, *(one for one in warnings if one is not None)))
    partition.duty.plan(planned.model_copy(update={"look_at": again, "ahead_at": None}), telling.step)


def _holes_of(rota: RotaRecord, ahead: Ahead, partition: Partition, now: datetime) -> list[Hole]:
    ends = now + ahead.look
    worked = spans(rota, now, ends)
    roster = {one.entry.responder_id: one.entry for one in partition.crowd.roster(rota.desk_id)}
    cannot = unfit({one.who for one in worked if one.who is not None}, roster)
    able = {who: partition.crowd.able[who] for who in roster}
    crew = Crew(cells_of(rota.desk_id, partition.in_force.catalogue), able, cannot)
    return holes(worked, crew, begins=now, ends=ends)


def _keep(desk_id: str, found: list[Hole], partition: Partition, telling: Telling) -> None:
    """What is still open goes on under its own record, also when part of it was filled; what is filled is closed."""
    duty = partition.duty
    before = [one for one in duty.gaps_of(desk_id) if not one.live]
    for hole in found:
        same = next((one for one in before if _goes_on(one, hole)), None)
        if same is None:
            _open(desk_id, hole, partition, telling)
            continue
        before.remove(same)
        begins = min(same.begins, hole.begins) if hole.begins <= telling.now else hole.begins
        changed = {"begins": begins, "ends": hole.ends, "cells": hole.cells, "reasons": hole.reasons}
        if any(getattr(same, name) != value for name, value in changed.items()):
            duty.save_gap(same.model_copy(update=changed), telling.step)
    for gone in before:
        duty.close_gap(gone.gap_id, telling.step)


def _goes_on(gap: GapRecord, hole: Hole) -> bool:
    """Whether a hole is what is left of a gap: at the same time, and nothing in it that was covered."""
    together = (gap.ends is None or hole.begins < gap.ends) and (hole.ends is None or gap.begins < hole.ends)
    return together and {*hole.cells} <= {*gap.cells}


def _open(desk_id: str, hole: Hole, partition: Partition, telling: Telling, *, live: bool = False) -> GapRecord:
    gap = GapRecord(
        gap_id=ids.derived("gap", desk_id, hole.begins.isoformat(), hole.reasons[0] if live else "rota", *hole.cells),
        desk_id=desk_id,
        version=0,
        begins=hole.begins,
        ends=hole.ends,
        cells=hole.cells,
        reasons=hole.reasons,
        live=live,
        found_at=telling.now,
    )
    return partition.duty.save_gap(gap, telling.step)


# ------------------------------------------------------------------------------------------------------------- warnings
def _instants(gap: GapRecord, ahead: Ahead) -> list[tuple[datetime, Band]]:
    """When a gap is warned of, and in which band; the last time when it begins."""
    return [*((gap.begins - one.before, one.band) for one in ahead.warn), (gap.begins, ahead.now)]


def _warn(gap: GapRecord, ahead: Ahead, partition: Partition, telling: Telling) -> None:
    """Page once for the latest warning that has come; the earlier ones need no page of their own any more."""
    come = [band for at, band in _instants(gap, ahead) if at <= telling.now]
    if len(come) > gap.told:
        raise_page(gap.model_copy(update={"told": len(come)}), come[-1], partition, telling)


def _next_warning(gap: GapRecord, ahead: Ahead, now: datetime) -> datetime | None:
    return next((at for at, _ in _instants(gap, ahead) if at > now), None)


# ------------------------------------------------------------------------------------------------------------------ now
def look_at_room(partition: Partition, telling: Telling) -> None:
    """Who has room for one more P0 has changed at some desks: what nobody there can take now is a gap, until somebody can."""
    for desk_id in list(partition.crowd.room_changed):
        del partition.crowd.room_changed[desk_id]
        planned = partition.duty.looks.get(desk_id)
        if planned is not None and planned.ahead_at is None:  # else what the rota lacks comes first
            _compare_room(desk_id, partition, telling)


def _compare_room(desk_id: str, partition: Partition, telling: Telling) -> None:
    gaps = partition.duty.gaps_of(desk_id)
    known = {name for one in gaps if not one.live and one.begins <= telling.now for name in one.cells}
    lacking = {name: why for name, why in _lacking(desk_id, partition, telling.now).items() if name not in known}
    for why in (GapReason.AWAY, GapReason.NO_ROOM):
        before = next((one for one in gaps if one.live and why in one.reasons), None)
        cells = tuple(name for name, reason in lacking.items() if reason is why)
        if before is None and cells:
            before = _open(desk_id, Hole(telling.now, None, cells, (why,)), partition, telling, live=True)
            _page_now(before, partition, telling)
        elif before is not None and not cells:
            partition.duty.close_gap(before.gap_id, telling.step)
        elif before is not None and {*before.cells} != {*cells}:
            _resize(before, cells, partition, telling)


def _resize(before: GapRecord, cells: tuple[str, ...], partition: Partition, telling: Telling) -> None:
    gap = before.model_copy(update={"cells": cells})
    if {*cells} <= {*before.cells}:
        partition.duty.save_gap(gap, telling.step)  # less than was told
    else:
        _page_now(gap, partition, telling)


def _page_now(gap: GapRecord, partition: Partition, telling: Telling) -> None:
    """At once; whoever has no room may only be asked about another P0, so that is paged when nobody is asked about the same any more."""
    catalogue = partition.in_force.catalogue
    band = catalogue.work.ahead.now
    told = gap.model_copy(update={"told": gap.told + 1, "band": band})
    if GapReason.NO_ROOM in gap.reasons:
        planned = gap.next_at if gap.page_id is None else None
        page_later(told, planned or telling.now + catalogue.sla.offer_window[Band.P0], partition, telling)
    else:
        raise_page(told, band, partition, telling)


def _lacking(desk_id: str, partition: Partition, now: datetime) -> dict[str, GapReason]:
    """The cells that somebody of the desk is able to take, and nobody can now."""
    crowd, catalogue = partition.crowd, partition.in_force.catalogue
    cells = cells_of(desk_id, catalogue)
    free = crowd.can_take(crowd.free(desk_id, Band.P0, catalogue.work.search[-1].presence), now, all_of(cells))
    if free == all_of(cells):
        return {}
    lacking = crowd.can_take((one.entry.responder_id for one in crowd.roster(desk_id)), now) & ~free
    full = crowd.can_take(crowd.here(desk_id), now) & lacking
    return dict.fromkeys(named(lacking & ~full, cells), GapReason.AWAY) | dict.fromkeys(
        named(full, cells), GapReason.NO_ROOM
    )
