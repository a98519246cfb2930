"""What a desk tells: progress to the router, notices to responders."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from schemas import topics
from schemas.base import Actor, Explanation
from schemas.desk_records import Asking, DeskTrackRecord
from schemas.envelope import Event
from schemas.notices import NoticeIssued
from schemas.progress import PROGRESS, progress_type
from schemas.rosters import RosterEntry
from schemas.words import Band, NoticeKind, Role
from schemas.workshops import WorkshopRecord
from services.rules import ids
from services.rules.desks_of import pillar_of
from services.rules.lifecycle import OWNED
from services.rules.step import Step

SOURCE = "urn:sameroof:responders"
DESK = Actor(role=Role.SERVICE, id="responders")
ONCE: dict[str, Any] = {"attempt": 1, "method_rank": 0}


@dataclass(frozen=True, slots=True)
class Telling:
    """One step of a desk at one instant, caused by one event (`None`: a deadline)."""

    step: Step
    now: datetime
    cause: str | None

    def progress(
        self, fact: str, track: DeskTrackRecord, *, actor: Actor = DESK, at: datetime | None = None, **fields: object
    ) -> None:
        """Tell the router; the id derives from the track, its epoch and version, and the offer it is about: no two share one."""
        dispatch = track.dispatch
        data = PROGRESS[progress_type(fact)].model_validate(
            {
                "track_id": dispatch.track_id,
                "case_id": dispatch.case_id,
                "household_id": dispatch.household_id,
                "desk_id": dispatch.desk_id,
                "pillar": dispatch.pillar,
                "epoch": dispatch.epoch,
                "at": at or self.now,
                "actor": actor,
            }
            | fields
        )
        about = str(fields.get("offer_id", ""))
        event = Event(
            id=ids.derived("progress", dispatch.track_id, dispatch.epoch, fact, track.version, about),
            type=progress_type(fact),
            source=SOURCE,
            time=self.now,
            data=data,
            partitionkey=dispatch.household_id,
            correlationid=dispatch.case_id,
            causationid=self.cause,
        )
        self.step.send(topics.PROGRESS_TOPIC, dispatch.household_id, event)

    def offered(self, track: DeskTrackRecord, asking: Asking, explanation: Explanation) -> None:
        """Somebody is asked: the router is told who and why, and they are rung."""
        if track.state not in OWNED:
            self.progress(
                "offered",
                track,
                offer_id=asking.offer_id,
                responder_id=asking.responder_id,
                until=asking.until,
                explanation=explanation,
            )
        self.offer_notice(track, asking)

    def offer_notice(self, track: DeskTrackRecord, asking: Asking) -> None:
        """Ring a responder who is being asked, for the first time or again."""
        self.notice(
            NoticeIssued(
                **_about(track),
                notice_id=ids.notice_id(asking.offer_id, asking.responder_id, asking.attempt),
                kind=NoticeKind.OFFER,
                recipient=asking.responder_id,
                attempt=asking.attempt,
                method_rank=asking.attempt - 1,
                offer_id=asking.offer_id,
                until=asking.until,
                reason="cover" if track.covering else "relief" if track.relieving else "offer",
                at=self.now,
            )
        )

    def reminder(self, track: DeskTrackRecord, to: str, *, reason: str) -> None:
        """Tell somebody something about a track that they need not answer; once for this version of it."""
        dispatch = track.dispatch
        self.notice(
            NoticeIssued(
                **_about(track),
                **ONCE,
                notice_id=ids.notice_id(ids.derived(reason, dispatch.track_id, dispatch.epoch, track.version), to, 1),
                kind=NoticeKind.REMINDER,
                recipient=to,
                reason=reason,
                at=self.now,
            )
        )

    def method_notice(
        self, kind: NoticeKind, entry: RosterEntry, method: int, *, notice_id: str, about: str, band: Band
    ) -> None:
        """Try one contact method of somebody: bring a code to prove it by, or drill. `about` is what it is told under instead of a case."""
        self.notice(
            NoticeIssued(
                **of_desk(entry.desk_id, about),
                **ONCE,
                notice_id=notice_id,
                kind=kind,
                recipient=entry.responder_id,
                band=band,
                method=method,
                reason=kind.value,
                at=self.now,
            )
        )

    def workshop_near(self, workshop: WorkshopRecord) -> None:
        """Remind the leader of a workshop that it begins."""
        self.notice(
            NoticeIssued(
                **of_desk(workshop.desk_id, workshop.workshop_id),
                **ONCE,
                notice_id=ids.notice_id(workshop.workshop_id, workshop.leader, 1),
                kind=NoticeKind.REMINDER,
                recipient=workshop.leader,
                band=Band.P3,
                until=workshop.begins,
                reason="workshop",
                at=self.now,
            )
        )

    def notice(self, notice: NoticeIssued) -> None:
        """Have somebody told."""
        self.step.issue(notice, SOURCE, cause=self.cause)


def of_desk(desk_id: str, about: str) -> dict[str, Any]:
    """Where a desk waits for receipts and answers; what a notice is told under instead of a case, when it is about none."""
    pillar = pillar_of(desk_id)
    desk = {"desk_id": desk_id, "pillar": pillar, "issuer_topic": topics.desk_commands(pillar).name}
    return {**desk, "issuer_key": desk_id, "case_id": about, "track_id": about}


def _about(track: DeskTrackRecord) -> dict[str, Any]:
    dispatch = track.dispatch
    told = {"case_id": dispatch.case_id, "band": dispatch.band, "drill": dispatch.drill}
    return {**of_desk(dispatch.desk_id, dispatch.track_id), **told}
