"""What the desks of a partition know about duty: rotas, when they look at them again, gaps, and what falls due of presences."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic import BaseModel

from schemas.catalogue.skills import Shift
from schemas.desk_records import ResponderRecord
from schemas.gaps import GapRecord
from schemas.rotas import RotaLookRecord, RotaRecord
from schemas.topics import Topic
from schemas.words import Band
from services.rules.deadlines import Deadline, Deadlines
from services.rules.step import Step

LOOK, AHEAD, GAP_PAGE, WRAP_UP, SILENT = "look", "ahead", "gap_page", "wrap_up", "silent"
RESTED = "rested"
KINDS = frozenset({LOOK, AHEAD, GAP_PAGE, WRAP_UP, SILENT})


@dataclass(slots=True)
class Duty:
    """Rotas, looks and gaps by desk; `_awaited` says when somebody's beats are looked at next."""

    changelog: Topic
    deadlines: Deadlines
    rotas: dict[str, RotaRecord] = field(default_factory=dict)
    looks: dict[str, RotaLookRecord] = field(default_factory=dict)
    gaps: dict[str, GapRecord] = field(default_factory=dict)
    _gaps_of: dict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    _awaited: dict[str, datetime] = field(default_factory=dict)

    def restore(self, kind: str, subject: str, record: bytes | None) -> None:
        """Replay one changelog record, if it is of such a kind."""
        if kind == "rota" and record is not None:
            self.rotas[subject] = RotaRecord.model_validate_json(record)
        elif kind == "look" and record is not None:
            self._put_look(RotaLookRecord.model_validate_json(record))
        elif kind == "gap":
            self._put_gap(subject, None if record is None else GapRecord.model_validate_json(record))

    def tables(self) -> tuple[dict[str, BaseModel], ...]:
        """Everything that is kept, for the digest."""
        return {**self.rotas}, {**self.looks}, {**self.gaps}

    # ------------------------------------------------------------------------------------------------ rotas, gaps, looks
    def save_rota(self, rota: RotaRecord, step: Step) -> None:
        """Keep a changed rota and write it."""
        self.rotas[rota.desk_id] = rota
        step.save(self.changelog, f"rota/{rota.desk_id}", rota)

    def plan(self, look: RotaLookRecord, step: Step) -> None:
        """Have a desk look at its rota, or ahead, at these instants and no more at those planned before."""
        if look.desk_id in self.rotas and self.looks.get(look.desk_id) != look:
            self._put_look(look)
            step.save(self.changelog, f"look/{look.desk_id}", look)

    def look_soon(self, desk_id: str, step: Step, now: datetime) -> None:
        """Something about a desk's people has changed: have it look as soon as what came with it is read."""
        planned = self.looks.get(desk_id) or RotaLookRecord(desk_id=desk_id, look_at=now)
        if planned.look_at >= now:
            self.plan(planned.model_copy(update={"look_at": now}), step)

    def _put_look(self, record: RotaLookRecord) -> None:
        before = self.looks.get(record.desk_id)
        self.looks[record.desk_id] = record
        if before is None or before.look_at != record.look_at:
            self.deadlines.add(Deadline(record.look_at, Band.P1.rank, LOOK, record.desk_id, 0))
        if record.ahead_at is not None and (before is None or before.ahead_at != record.ahead_at):
            self.deadlines.add(Deadline(record.ahead_at, Band.P1.rank, AHEAD, record.desk_id, 0))

    def gaps_of(self, desk_id: str) -> list[GapRecord]:
        """The open gaps of a desk."""
        return [self.gaps[one] for one in self._gaps_of.get(desk_id, ())]

    def save_gap(self, gap: GapRecord, step: Step) -> GapRecord:
        """Keep a changed gap under its next version and write it."""
        saved = gap.model_copy(update={"version": gap.version + 1})
        self._put_gap(saved.gap_id, saved)
        step.save(self.changelog, f"gap/{saved.gap_id}", saved)
        return saved

    def close_gap(self, gap_id: str, step: Step) -> None:
        """A gap is filled: its page ends with it."""
        self._put_gap(gap_id, None)
        step.save(self.changelog, f"gap/{gap_id}", None)

    def _put_gap(self, gap_id: str, gap: GapRecord | None) -> None:
        before = self.gaps.pop(gap_id, None)
        if before is not None:
            self._gaps_of[before.desk_id].pop(gap_id, None)
        if gap is None:
            return
        self.gaps[gap_id] = gap
        self._gaps_of[gap.desk_id][gap_id] = None
        if gap.next_at is not None and gap.band is not None and (before is None or before.next_at != gap.next_at):
            self.deadlines.add(Deadline(gap.next_at, gap.band.rank, GAP_PAGE, gap_id, gap.attempt))

    # -------------------------------------------------------------------------------------------------------- presences
    def await_beat(self, who: str, due: datetime) -> None:
        """Look at somebody's beats at an instant; when that comes it is asked again whether there were any."""
        if who not in self._awaited or due < self._awaited[who]:
            self._awaited[who] = due
            self.deadlines.add(Deadline(due, Band.P1.rank, SILENT, who, 0))

    def beat_looked_at(self, who: str) -> None:
        """The instant has come."""
        self._awaited.pop(who, None)

    def note_presence(self, record: ResponderRecord, before: ResponderRecord | None, missed_beats: int) -> None:
        """What falls due of a responder's presence."""
        who = record.entry.responder_id
        until = record.wrap_up_until
        if until is not None and (before is None or before.wrap_up_until != until):
            self.deadlines.add(Deadline(until, Band.P1.rank, WRAP_UP, who, 0))
        silent_at = silent_from(record, missed_beats)
        if silent_at is not None:
            self.await_beat(who, silent_at)

    def note_hard_cases(self, record: ResponderRecord, before: ResponderRecord | None, limit: Shift) -> None:
        """When somebody who has borne as much as a shift may hold may be asked about such a case again."""
        taken = record.hard_cases
        if len(taken) >= limit.at_most and (before is None or before.hard_cases != taken):
            due = taken[-limit.at_most] + limit.within
            self.deadlines.add(Deadline(due, Band.P1.rank, RESTED, record.entry.responder_id, 0))


def silent_from(record: ResponderRecord, missed_beats: int) -> datetime | None:
    """When somebody who promised beats becomes unreachable without another one; `None` when that changes nothing."""
    if record.beat_seconds is None or record.beat_at is None or record.silent:
        return None
    return record.beat_at + timedelta(seconds=record.beat_seconds * missed_beats)
