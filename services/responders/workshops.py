"""Which group workshops were there, which are coming, who is invited? Kept 90 days after they began."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic import BaseModel

from schemas.topics import Topic
from schemas.words import Band
from schemas.workshops import WorkshopRecord
from services.responders.crowd import Crowd
from services.rules.deadlines import Deadline, Deadlines
from services.rules.step import Step

KEPT = timedelta(days=90)
WORKSHOP, FORGET_WORKSHOP = "workshop", "forget_workshop"
KINDS = frozenset({WORKSHOP, FORGET_WORKSHOP})


@dataclass(slots=True)
class Workshops:
    """The workshops of a partition of desks; `changed` are the invited tracks that have changed in this step."""

    changelog: Topic
    deadlines: Deadlines
    crowd: Crowd
    workshops: dict[str, WorkshopRecord] = field(default_factory=dict)
    changed: dict[str, None] = field(default_factory=dict)
    _seeing: dict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))

    def restore(self, kind: str, subject: str, record: bytes | None) -> None:
        """Replay one changelog record, if it is of this kind."""
        if kind == WORKSHOP:
            self._put(subject, None if record is None else WorkshopRecord.model_validate_json(record))

    def tables(self) -> tuple[dict[str, BaseModel], ...]:
        """Everything that is kept, for the digest."""
        return ({**self.workshops},)

    def save(self, workshop: WorkshopRecord, step: Step) -> WorkshopRecord:
        """Keep a changed workshop under its next version and write it."""
        saved = workshop.model_copy(update={"version": workshop.version + 1})
        self._put(saved.workshop_id, saved)
        step.save(self.changelog, f"{WORKSHOP}/{saved.workshop_id}", saved)
        return saved

    def forget(self, workshop_id: str, step: Step) -> None:
        """Remove a workshop that was long ago."""
        if workshop_id in self.workshops:
            self._put(workshop_id, None)
            step.save(self.changelog, f"{WORKSHOP}/{workshop_id}", None)

    def note(self, track_id: str) -> None:
        """A track has changed: where it is invited, it may have to leave."""
        if track_id in self._seeing:
            self.changed[track_id] = None

    def note_leader(self, who: str) -> None:
        """What somebody is able to do, or whom they know, has changed: their tracks may have to leave."""
        for workshop in self.led_by(who):
            self.changed |= dict.fromkeys(workshop.invited)

    def seeing(self, track_id: str) -> list[WorkshopRecord]:
        """The workshops to which a track is invited, or that it attended."""
        return [self.workshops[one] for one in self._seeing.get(track_id, ())]

    def led_by(self, who: str) -> list[WorkshopRecord]:
        """The workshops that somebody leads, or led."""
        return [one for one in self.workshops.values() if one.leader == who]

    def _put(self, workshop_id: str, workshop: WorkshopRecord | None) -> None:
        before = self.workshops.pop(workshop_id, None)
        for track_id in before.seen if before else ():
            del self._seeing[track_id][workshop_id]
            if not self._seeing[track_id]:
                del self._seeing[track_id]
        if workshop is not None:
            self.workshops[workshop_id] = workshop
            for track_id in workshop.seen:
                self._seeing[track_id][workshop_id] = None
            self._note_due(workshop, before)
        for one in (before, workshop):
            if one is not None and one.running:
                self.crowd.lead(one.leader, leads=any(other.running for other in self.led_by(one.leader)))

    def _note_due(self, workshop: WorkshopRecord, before: WorkshopRecord | None) -> None:
        if before is None:
            self.deadlines.add(Deadline(workshop.begins + KEPT, len(Band), FORGET_WORKSHOP, workshop.workshop_id, 0))
        if workshop.next_at is not None and (before is None or before.next_at != workshop.next_at):
            self.deadlines.add(Deadline(workshop.next_at, Band.P1.rank, WORKSHOP, workshop.workshop_id, 0))


def over_at(workshop: WorkshopRecord) -> datetime:
    """When a workshop is over."""
    return workshop.begins + timedelta(minutes=workshop.minutes)
