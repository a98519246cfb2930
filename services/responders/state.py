"""Everything one partition of desks knows: tracks, rosters, who waits, who has room. Rebuilt from the changelog."""

import hashlib
import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from schemas.desk_records import DeskBooksRecord, DeskTrackRecord, ResponderRecord
from schemas.dispatch import DispatchTaken
from schemas.topics import Topic
from schemas.words import Band, Presence, TrackState
from services.rules.answered import Answers
from services.rules.deadlines import Deadline, Deadlines
from services.rules.in_force import KEY as CATALOGUE
from services.rules.in_force import InForce
from services.rules.lifecycle import OWNED
from services.rules.step import Step

FORGET_AFTER = timedelta(days=7)
BOOKS = "books"
Waiting = tuple[int, datetime, str, int]


@dataclass(slots=True)
class Partition:
    """The state of one partition of desks; `changelog` is the topic its records are saved on."""

    changelog: Topic
    in_force: InForce
    tracks: dict[str, DeskTrackRecord] = field(default_factory=dict)
    responders: dict[str, ResponderRecord] = field(default_factory=dict)
    answers: Answers = field(init=False)
    books: DeskBooksRecord = field(default_factory=DeskBooksRecord)
    deadlines: Deadlines = field(default_factory=Deadlines)
    loads: Counter[str] = field(default_factory=Counter)
    standing: Counter[tuple[str, Band, TrackState]] = field(default_factory=Counter)
    _waiting: dict[str, list[Waiting]] = field(default_factory=lambda: defaultdict(list))
    _roster: dict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    _of_case: dict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    _walled_off: dict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))

    def __post_init__(self) -> None:
        self.answers = Answers(self.changelog, self.deadlines)

    def restore(self, key: str, record: bytes | None) -> None:
        """One changelog record; raises `pydantic.ValidationError` for one that is not ours."""
        kind, _, subject = key.partition("/")
        if kind == "track":
            self.put_track(None if record is None else DeskTrackRecord.model_validate_json(record), subject)
        elif kind == "responder" and record is not None:
            self.put_responder(ResponderRecord.model_validate_json(record))
        elif kind == "answered":
            self.answers.restore(subject, record)
        elif kind == BOOKS and record is not None:
            self.books = DeskBooksRecord.model_validate_json(record)
        elif kind == CATALOGUE:
            self.in_force.restore(record)

    def put_track(self, track: DeskTrackRecord | None, track_id: str) -> None:
        """Keep a track (`None` forgets it): load of its holder, place in the queue, deadlines."""
        before = self.tracks.pop(track_id, None)
        if before is not None:
            self._count(before, -1)
        if track is None:
            return
        self.tracks[track_id] = track
        self._count(track, 1)
        rank = track.dispatch.band.rank
        if track.state is TrackState.PENDING:
            place = (rank, track.dispatch.acknowledge_by, track_id, track.version)
            heapq.heappush(self._waiting[track.dispatch.desk_id], place)
        elif track.state is TrackState.OFFERED and track.offered_until is not None:
            self.deadlines.add(Deadline(track.offered_until, rank, "offer", track_id, track.offer_number))
        elif track.ended_at is not None:
            self.deadlines.add(Deadline(track.ended_at + FORGET_AFTER, len(Band), "forget", track_id, 0))

    def _count(self, track: DeskTrackRecord, by: int) -> None:
        dispatch = track.dispatch
        if holder := holder_of(track):
            self.loads[holder] += by
        self.standing[dispatch.desk_id, dispatch.band, track.state] += by
        _note(self._of_case, (dispatch.case_id,), dispatch.track_id, by)
        _note(self._walled_off, dispatch.walled_from, dispatch.track_id, by)

    def across(self, dispatch: DispatchTaken) -> frozenset[str]:
        """The responders who know, or are asked about, a case on the other side of this one: they may not see both."""
        there = {track_id for case_id in dispatch.walled_from for track_id in self._of_case.get(case_id, ())}
        there.update(self._walled_off.get(dispatch.case_id, ()))
        return frozenset(who for track_id in there for who in _who_knows(self.tracks[track_id]))

    def save_track(self, track: DeskTrackRecord, step: Step) -> DeskTrackRecord:
        """Keep a changed track under its next version and write it."""
        saved = track.model_copy(update={"version": track.version + 1})
        track_id = track.dispatch.track_id
        self.put_track(saved, track_id)
        step.save(self.changelog, f"track/{track_id}", saved)
        return saved

    def forget_track(self, track_id: str, step: Step, now: datetime) -> None:
        """Remove a track that ended long ago, unless it was taken up again since."""
        track = self.tracks.get(track_id)
        if track is None or track.ended_at is None or track.ended_at + FORGET_AFTER > now:
            return
        self.put_track(None, track_id)
        step.save(self.changelog, f"track/{track_id}", None)

    def put_responder(self, responder: ResponderRecord) -> None:
        """Keep a responder in the roster of their home desk."""
        entry = responder.entry
        before = self.responders.get(entry.responder_id)
        if before is not None:
            self._roster[before.entry.desk_id].pop(entry.responder_id, None)
        self.responders[entry.responder_id] = responder
        self._roster[entry.desk_id][entry.responder_id] = None

    def save_responder(self, responder: ResponderRecord, step: Step) -> None:
        """Keep a changed responder and write it."""
        self.put_responder(responder)
        step.save(self.changelog, f"responder/{responder.entry.responder_id}", responder)

    def roster(self, desk_id: str) -> list[ResponderRecord]:
        """The responders whose home is this desk."""
        return [self.responders[one] for one in self._roster.get(desk_id, ())]

    def on_duty(self, desk_id: str) -> list[ResponderRecord]:
        """The responders of this desk who can be offered work."""
        return [one for one in self.roster(desk_id) if one.presence is Presence.AVAILABLE]

    def pop_waiting(self, desk_id: str) -> DeskTrackRecord | None:
        """The most urgent waiting track, out of the queue; a place whose track has changed since is skipped."""
        queue = self._waiting[desk_id]
        while queue:
            _, _, track_id, version = heapq.heappop(queue)
            track = self.tracks.get(track_id)
            if track is not None and track.state is TrackState.PENDING and track.version == version:
                return track
        return None

    def push_waiting(self, track: DeskTrackRecord) -> None:
        """Put a track that could not be offered back into the queue."""
        dispatch = track.dispatch
        place = (dispatch.band.rank, dispatch.acknowledge_by, dispatch.track_id, track.version)
        heapq.heappush(self._waiting[dispatch.desk_id], place)

    def count(self, step: Step, **steps: int) -> None:
        """Add to the books."""
        self.books = self.books.model_copy(update={name: getattr(self.books, name) + by for name, by in steps.items()})
        step.save(self.changelog, BOOKS, self.books)

    def digest(self) -> str:
        """A hash of the whole state, equal on any node that restored the same log (RELIABILITY I16)."""
        total = hashlib.sha256()
        single = {BOOKS: self.books, CATALOGUE: self.in_force.record}
        alone = {key: record for key, record in single.items() if record is not None}
        for table in (self.tracks, self.responders, self.answers.records, alone):
            for key in sorted(table):
                total.update(key.encode() + b"\0" + table[key].model_dump_json().encode() + b"\0")
        return total.hexdigest()


def holder_of(track: DeskTrackRecord) -> str | None:
    """Whose load the track counts in: its owner, or whoever is being asked."""
    if track.state is TrackState.OFFERED:
        return track.offered_to
    return track.owner if track.state in OWNED else None


def _who_knows(track: DeskTrackRecord) -> tuple[str, ...]:
    return tuple(who for who in (track.owner, track.offered_to) if who is not None)


def _note(index: dict[str, dict[str, None]], case_ids: Iterable[str], track_id: str, by: int) -> None:
    for case_id in case_ids:
        if by > 0:
            index[case_id][track_id] = None
            continue
        index[case_id].pop(track_id, None)
        if not index[case_id]:
            del index[case_id]
