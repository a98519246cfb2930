"""Too many pages to tell each? Above so many a minute to one post, those of P2 and P3 become one per desk, with a count."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from schemas import topics
from schemas.base import Actor
from schemas.cases import CaseRecord
from schemas.notices import NoticeIssued
from schemas.router_records import PageGroupRecord, PageWindowRecord
from schemas.words import Band
from services.rules import ids
from services.rules.deadlines import Deadline, Deadlines
from services.rules.in_force import InForce
from services.rules.ladder import SINK
from services.rules.paging import About, Attempt, page_notice
from services.rules.step import Step

WINDOW, GROUP = "page_window", "page_group"
PAGE_KINDS = (WINDOW, GROUP)
A_MINUTE = timedelta(minutes=1)
GROUPED = (Band.P2, Band.P3)
AT_ONCE = 100  # cases told of an acknowledgement in one step


@dataclass(slots=True)
class Grouping:
    """The pages of one partition: how many each post got in its minute, and the groups that tell of those that were too many."""

    in_force: InForce
    deadlines: Deadlines
    windows: dict[str, PageWindowRecord] = field(default_factory=dict)
    groups: dict[str, PageGroupRecord] = field(default_factory=dict)
    _members: dict[str, dict[str, None]] = field(default_factory=dict)

    def restore(self, kind: str, subject: str, record: bytes | None) -> None:
        """Replay one record."""
        if kind == WINDOW and record is not None:
            self.windows[subject] = PageWindowRecord.model_validate_json(record)
        elif kind == GROUP:
            self._put(subject, None if record is None else PageGroupRecord.model_validate_json(record))

    def note(self, case: CaseRecord) -> None:
        """Remember in which groups a case has pages that still wait, and in which no more."""
        waiting: dict[str, bool] = {}
        for track in case.tracks:
            for page in track.pages:
                if page.group is not None:
                    live = page.acknowledged_at is None and page.withdrawn_at is None
                    waiting[page.group] = waiting.get(page.group, False) or live
        for group, live in waiting.items():
            members = self._members.setdefault(group, {})
            if live:
                members[case.case_id] = None
            else:
                members.pop(case.case_id, None)

    def waiting(self, group_id: str) -> Iterable[str]:
        """Cases with a page of the group that still waits, so many as are told at once."""
        return tuple(islice(self._members.get(group_id, ()), AT_ONCE))

    def hold(self, step: Step, notice: NoticeIssued) -> str | None:
        """Count a page to its post; the group that tells of it, if it is one of too many and may wait for its minute to end."""
        window = self.windows.get(notice.recipient)
        if window is None or notice.at >= window.since + A_MINUTE:
            window = PageWindowRecord(since=notice.at, count=0)
        window = window.model_copy(update={"count": window.count + 1})
        self.windows[notice.recipient] = window
        step.save(topics.ROUTER_STATE, f"{WINDOW}/{notice.recipient}", window)
        if window.count <= self.in_force.catalogue.sla.ladder.group_above or notice.band not in GROUPED or notice.drill:
            return None
        return self._join(step, notice, window.since)

    def _join(self, step: Step, notice: NoticeIssued, since: datetime) -> str:
        assert notice.household_id is not None, "a page about a track names its household"
        group_id = ids.derived("page-group", notice.recipient, notice.desk_id, since.isoformat(), notice.household_id)
        group_id = next((one for one, record in self.groups.items() if _is_of(record, notice, since)), group_id)
        before = self.groups.get(group_id)
        if before is None:
            before = PageGroupRecord.model_validate(
                notice.model_dump(
                    include={"recipient", "household_id", "case_id", "track_id", "desk_id", "pillar", "band"}
                )
                | {"count": 0, "next_at": since + A_MINUTE}
            )
        band = min(before.band, notice.band, key=lambda one: one.rank)
        self.save(group_id, before.model_copy(update={"count": before.count + 1, "band": band}), step)
        return group_id

    def save(self, group_id: str, record: PageGroupRecord | None, step: Step) -> None:
        """Keep a group as it is now (`None`: it is over)."""
        self._put(group_id, record)
        step.save(topics.ROUTER_STATE, f"{GROUP}/{group_id}", record)

    def acknowledge(self, group_id: str, *, at: datetime, by: Actor, step: Step) -> None:
        """A human has seen the group's page: it climbs no further, and its cases are told, some at a time."""
        seen = {"acknowledged_at": at, "acknowledged_by": by, "next_at": None}
        self.save(group_id, self.groups[group_id].model_copy(update=seen), step)

    def _put(self, group_id: str, record: PageGroupRecord | None) -> None:
        if record is None:
            self.groups.pop(group_id, None)
            self._members.pop(group_id, None)
            return
        self.groups[group_id] = record
        due = record.next_at or record.acknowledged_at
        if due is not None:
            self.deadlines.add(Deadline(due, record.band.rank, GROUP, group_id, record.attempt))

    def tell(self, group_id: str, *, now: datetime, step: Step, repeat: timedelta, source: str) -> None:
        """The group's page is due: the first time to its post, then to the sink again and again, as long as one of its pages waits."""
        record = self.groups[group_id]
        if record.next_at is None or record.next_at > now:
            return
        if not self._members.get(group_id):
            self.save(group_id, None, step)
            return
        attempt = record.attempt + 1
        recipient = record.recipient if attempt == 1 else SINK
        about = About(record.track_id, record.case_id, record.household_id, record.desk_id, record.pillar, record.band)
        notice = page_notice(about, reason="grouped", at=now, attempt=Attempt(group_id, recipient, attempt)).model_copy(
            update={"count": record.count}
        )
        step.issue(notice, source, cause=None)
        missed = (now - record.next_at) // repeat
        changed = {"attempt": attempt, "recipient": recipient, "next_at": record.next_at + repeat * (missed + 1)}
        self.save(group_id, record.model_copy(update=changed), step)


def _is_of(record: PageGroupRecord, notice: NoticeIssued, since: datetime) -> bool:
    """Whether a group that was not told yet is that of this post, desk and minute."""
    same = (record.recipient, record.desk_id) == (notice.recipient, notice.desk_id)
    return same and record.attempt == 0 and record.next_at == since + A_MINUTE
