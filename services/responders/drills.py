"""Which reachability drills were there, and who answered? Kept 90 days, as long as the notices themselves."""

from dataclasses import dataclass, field
from datetime import timedelta

from pydantic import BaseModel

from schemas.desk_records import DrillRecord, DrillRowRecord, DrillWay
from schemas.topics import Topic
from schemas.words import Band
from services.rules import ids
from services.rules.deadlines import Deadline, Deadlines
from services.rules.step import Step

KEPT = timedelta(days=90)
DRILL, ROW = "drill", "drill_row"
FORGET_DRILL = "forget_drill"
KINDS = frozenset({DRILL, FORGET_DRILL})


@dataclass(slots=True)
class Drills:
    """The drills of a partition of desks, their rows by `<drill>/<responder>`, and the row and method of each of their notices."""

    changelog: Topic
    deadlines: Deadlines
    drills: dict[str, DrillRecord] = field(default_factory=dict)
    rows: dict[str, DrillRowRecord] = field(default_factory=dict)
    _asked: dict[str, tuple[str, int]] = field(default_factory=dict)

    def restore(self, kind: str, subject: str, record: bytes | None) -> None:
        """Replay one changelog record, if it is of such a kind."""
        if kind == DRILL and record is not None:
            self._put(DrillRecord.model_validate_json(record))
        elif kind == ROW and record is not None:
            self._put_row(DrillRowRecord.model_validate_json(record))
        elif kind == DRILL:
            self.drills.pop(subject, None)
        elif kind == ROW:
            self._drop_row(subject)

    def tables(self) -> tuple[dict[str, BaseModel], ...]:
        """Everything that is kept, for the digest."""
        return {**self.drills}, {**self.rows}

    def save(self, drill: DrillRecord, step: Step) -> None:
        """Keep a drill and write it."""
        self._put(drill)
        step.save(self.changelog, f"{DRILL}/{drill.drill_id}", drill)

    def save_row(self, row: DrillRowRecord, step: Step) -> None:
        """Keep a responder's row and write it."""
        self._put_row(row)
        step.save(self.changelog, f"{ROW}/{row.drill_id}/{row.responder_id}", row)

    def asked_by(self, notice_id: str) -> tuple[DrillRowRecord, DrillWay] | None:
        """The row and the method that a notice of a drill was about."""
        found = self._asked.get(notice_id)
        if found is None:
            return None
        row = self.rows[found[0]]
        return row, next(way for way in row.ways if way.method == found[1])

    def forget(self, drill_id: str, step: Step) -> None:
        """Remove a drill that was long ago."""
        if self.drills.pop(drill_id, None) is None:
            return
        step.save(self.changelog, f"{DRILL}/{drill_id}", None)
        for subject in [one for one, row in self.rows.items() if row.drill_id == drill_id]:
            self._drop_row(subject)
            step.save(self.changelog, f"{ROW}/{subject}", None)

    def _put(self, drill: DrillRecord) -> None:
        if drill.drill_id not in self.drills:
            self.deadlines.add(Deadline(drill.started_at + KEPT, len(Band), FORGET_DRILL, drill.drill_id, 0))
        self.drills[drill.drill_id] = drill
        if not drill.rung:
            self.deadlines.add(Deadline(drill.started_at, len(Band), DRILL, drill.drill_id, drill.version))

    def _put_row(self, row: DrillRowRecord) -> None:
        subject = f"{row.drill_id}/{row.responder_id}"
        self.rows[subject] = row
        for way in row.ways:
            self._asked[ids.drill_notice_id(row.drill_id, row.responder_id, way.method)] = (subject, way.method)

    def _drop_row(self, subject: str) -> None:
        row = self.rows.pop(subject, None)
        if row is None:
            return
        for way in row.ways:
            del self._asked[ids.drill_notice_id(row.drill_id, row.responder_id, way.method)]
