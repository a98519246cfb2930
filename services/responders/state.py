"""Everything one partition of desks knows: tracks, rosters, who waits, who has room. Rebuilt from the changelog."""

from collections import Counter
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from pydantic import BaseModel

from schemas.catalogue import Catalogue
from schemas.desk_records import DeskBooksRecord, DeskStateRecord, DeskTrackRecord, ResponderRecord
from schemas.dispatch import DispatchTaken
from schemas.topics import Topic
from schemas.words import Band, TrackState
from services.responders.crowd import Crowd
from services.responders.drills import Drills
from services.responders.due import FORGET_AFTER, deadlines_of
from services.responders.duty import Duty
from services.responders.places import Places
from services.responders.queue import Kind, Queue, Waits
from services.responders.workshops import Workshops
from services.rules.answered import Answers
from services.rules.cells import cells_of
from services.rules.deadlines import Deadlines
from services.rules.digest import digest_of
from services.rules.in_force import KEY as CATALOGUE
from services.rules.in_force import InForce
from services.rules.lifecycle import UNOWNED
from services.rules.needs import is_hard, needs_of
from services.rules.step import Step

BOOKS = "books"


@dataclass(slots=True)
class Partition:
    """The state of one partition of desks; `changelog` is the topic its records are saved on."""

    changelog: Topic
    in_force: InForce
    tracks: dict[str, DeskTrackRecord] = field(default_factory=dict)
    crowd: Crowd = field(init=False)
    queue: Queue = field(init=False)
    desks: dict[str, DeskStateRecord] = field(default_factory=dict)
    answers: Answers = field(init=False)
    drills: Drills = field(init=False)
    duty: Duty = field(init=False)
    workshops: Workshops = field(init=False)
    books: DeskBooksRecord = field(default_factory=DeskBooksRecord)
    deadlines: Deadlines = field(default_factory=Deadlines)
    standing: Counter[tuple[str, Band, TrackState]] = field(default_factory=Counter)
    waits: Waits = field(default_factory=Waits)
    places: Places = field(default_factory=Places)

    def __post_init__(self) -> None:
        self.answers = Answers(self.changelog, self.deadlines)
        self.drills = Drills(self.changelog, self.deadlines)
        self.crowd = Crowd(lambda: self.in_force.catalogue.work, lambda desk: cells_of(desk, self.in_force.catalogue))
        self.queue = Queue(self._still_waits)
        self.duty = Duty(self.changelog, self.deadlines)
        self.workshops = Workshops(self.changelog, self.deadlines, self.crowd)

    def restore(self, key: str, record: bytes | None) -> None:
        """One changelog record; raises `pydantic.ValidationError` for one that is not ours."""
        kind, _, subject = key.partition("/")
        if kind == "track":
            track = None if record is None else DeskTrackRecord.model_validate_json(record)
            self.put_track(track, subject)
            if track is not None and self.wants(track):
                self.crowd.restored[track.dispatch.desk_id] = None
        elif kind == "responder" and record is not None:
            self._put_responder(ResponderRecord.model_validate_json(record))
        elif kind == "desk" and record is not None:
            self.put_desk(DeskStateRecord.model_validate_json(record))
        elif kind == "answered":
            self.answers.restore(subject, record)
        elif kind == BOOKS and record is not None:
            self.books = DeskBooksRecord.model_validate_json(record)
        elif kind == CATALOGUE:
            self.in_force.restore(record)
            self.crowd.look_at_everybody()
        else:
            for part in (self.duty, self.drills, self.workshops):
                part.restore(kind, subject, record)

    # ---------------------------------------------------------------------------------------------------------- tracks
    def put_track(self, track: DeskTrackRecord | None, track_id: str) -> None:
        """Keep a track (`None` forgets it): load of who holds it, place in the queue, deadlines."""
        before = self.tracks.pop(track_id, None)
        if before is not None:
            self._count(before, -1)
        if track is None:
            return
        self.tracks[track_id] = track
        self._count(track, 1)
        if self.wants(track) and not track.relieving:
            self.wait(track)
        for deadline in deadlines_of(track, before, self.pinned(track)):
            self.deadlines.add(deadline)

    def _count(self, track: DeskTrackRecord, by: int) -> None:
        dispatch = track.dispatch
        self.crowd.count(track, by)
        self.standing[dispatch.desk_id, dispatch.band, track.state] += by
        self.waits.count(track, by)
        self.places.note(track, by)

    def asked_of(self, who: str) -> list[DeskTrackRecord]:
        """The tracks somebody is being asked about."""
        return [self.tracks[one] for one in self.places.asked.get(who, ())]

    def held_by(self, who: str) -> list[DeskTrackRecord]:
        """The tracks somebody has."""
        return [self.tracks[one] for one in self.places.owner.get(who, ())]

    def covered_by(self, who: str) -> list[DeskTrackRecord]:
        """The tracks of which somebody makes the next contact for another."""
        return [self.tracks[one] for one in self.places.covers.get(who, ())]

    def interpreted_by(self, who: str) -> list[DeskTrackRecord]:
        """The tracks for whose owner somebody interprets."""
        return [self.tracks[one] for one in self.places.interprets.get(who, ())]

    def of_household(self, household_id: str) -> list[DeskTrackRecord]:
        """The tracks of a household."""
        return [self.tracks[one] for one in self.places.household.get(household_id, ())]

    def pinned(self, track: DeskTrackRecord) -> Catalogue:
        """The release that a track's case was promised to be decided by."""
        return self.in_force.pinned(track.dispatch.catalogue)

    def wants(self, track: DeskTrackRecord) -> int:
        """How many more are to be asked about a track now."""
        if track.covering:
            return int(track.covered_by is None and all(one.unreached_at is not None for one in track.offers))
        if track.state not in UNOWNED:
            return int(track.relieving and not track.offers)
        catalogue = self.pinned(track)
        steps = catalogue.work.search
        at_once = catalogue.sla.widening.at_once[track.dispatch.band] * steps[min(track.step, len(steps) - 1)].at_once
        return max(0, at_once - sum(one.unreached_at is None for one in track.offers))

    def wait(self, track: DeskTrackRecord) -> None:
        """Give a track its place in the queue of its desk."""
        catalogue = self.pinned(track)
        needs = needs_of(track.dispatch, track.step, catalogue)
        self.queue.put(track, needs, catalogue.work, hard=is_hard(track.dispatch, catalogue))

    def _still_waits(self, track_id: str, version: int) -> bool:
        track = self.tracks.get(track_id)
        return track is not None and track.version == version

    def first_for(self, who: str, now: datetime) -> DeskTrackRecord | None:
        """The track that goes first among those somebody is able to take and has room for, out of the queue."""
        desk_id, today = self.crowd.responders[who].entry.desk_id, now.date()
        enough = self.crowd.bears(who, self.in_force.catalogue.skills.shift, now)

        def accepts(kind: Kind) -> bool:
            needs, band, _, hard = kind
            may = who in self.crowd.free(desk_id, band, needs.presences) and not (hard and enough)
            return may and who in self.crowd.fit(desk_id, needs, today).who

        return self.tracks.get(self.queue.first(desk_id, accepts) or "")

    # ----------------------------------------------------------------------------------------------- who may not, who knows
    def excluded(self, track: DeskTrackRecord, now: datetime) -> dict[str, str]:
        """Who may not be asked about a track now, and why."""
        dispatch, skills = track.dispatch, self.pinned(track).skills
        found = dict.fromkeys(track.asked, "did_not_answer")
        found.update((one.responder_id, "is_asked") for one in track.offers)
        found.update(dict.fromkeys(track.barred, "declined_or_gave_back"))
        if track.owner is not None:
            found[track.owner] = "is_away"
        if self.crowd.burdened and is_hard(dispatch, self.pinned(track)):
            limit = skills.shift
            found.update((who, "exposure_limit") for who in self.crowd.burdened if self.crowd.bears(who, limit, now))
        found.update(dict.fromkeys(self.crowd.knows(dispatch.household_id), "conflict"))
        found.update(dict.fromkeys(self.across(dispatch), "other_side"))
        return found

    def familiar(self, track: DeskTrackRecord) -> AbstractSet[str]:
        """Who has had this track before, or has another one of its household."""
        there = self.places.household.get(track.dispatch.household_id, ())
        known = {self.tracks[one].owner for one in there} | {track.previous}
        return {who for who in known if who is not None}

    def across(self, dispatch: DispatchTaken) -> set[str]:
        """Who has or ever had, covers, interprets, is asked about, or sees in a workshop, a case on the other side: nobody sees both."""
        there = {track_id for case_id in dispatch.walled_from for track_id in self.places.case.get(case_id, ())}
        there.update(self.places.walled_from.get(dispatch.case_id, ()))
        known = {one.leader for track_id in there for one in self.workshops.seeing(track_id)}.union(
            dispatch.walled_people
        )
        return known.union(who for track_id in there for who in self.tracks[track_id].known_to)

    def save_track(self, track: DeskTrackRecord, step: Step) -> DeskTrackRecord:
        """Keep a changed track under its next version and write it."""
        saved = track.model_copy(update={"version": track.version + 1})
        track_id = track.dispatch.track_id
        self.put_track(saved, track_id)
        self.workshops.note(track_id)
        step.save(self.changelog, f"track/{track_id}", saved)
        return saved

    def forget_track(self, track_id: str, step: Step, now: datetime) -> None:
        """Remove a track that ended long ago, unless it was taken up again since."""
        track = self.tracks.get(track_id)
        if track is None or track.ended_at is None or track.ended_at + FORGET_AFTER > now:
            return
        self.put_track(None, track_id)
        step.save(self.changelog, f"track/{track_id}", None)

    def save_responder(self, responder: ResponderRecord, step: Step) -> None:
        """Keep a changed responder and write it."""
        self._put_responder(responder)
        step.save(self.changelog, f"responder/{responder.entry.responder_id}", responder)

    def _put_responder(self, responder: ResponderRecord) -> None:
        before = self.crowd.responders.get(responder.entry.responder_id)
        self.crowd.put(responder)
        self.duty.note_presence(responder, before, self.in_force.catalogue.work.presence.missed_beats)
        self.duty.note_hard_cases(responder, before, self.in_force.catalogue.skills.shift)

    def put_desk(self, record: DeskStateRecord) -> None:
        """Keep how a supervisor left a desk."""
        self.desks[record.desk_id] = record
        self.crowd.pause(record.desk_id, paused=record.paused)

    def save_desk(self, record: DeskStateRecord, step: Step) -> None:
        """Keep it and write it."""
        self.put_desk(record)
        step.save(self.changelog, f"desk/{record.desk_id}", record)

    def count(self, step: Step, **steps: int) -> None:
        """Add to the books."""
        self.books = self.books.model_copy(update={name: getattr(self.books, name) + by for name, by in steps.items()})
        step.save(self.changelog, BOOKS, self.books)

    def digest(self) -> str:
        """A hash of the whole state, equal on any node that restored the same log (RELIABILITY I16)."""
        single = ((BOOKS, self.books), (CATALOGUE, self.in_force.record))
        alone = {key: record for key, record in single if record is not None}
        kept = (self.tracks, self.crowd.responders, self.answers.records, self.desks, alone)
        parts = (table for part in (self.duty, self.drills, self.workshops) for table in part.tables())
        return digest_of((*cast("tuple[dict[str, BaseModel], ...]", kept), *parts))
