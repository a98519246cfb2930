"""Commands on households and cases: each changes its record or not, and ends in one outcome."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from schemas import topics
from schemas.catalogue import Catalogue
from schemas.commands import CaseNote, CaseRaise, Command, HouseholdPut, PageAcknowledge, PageRequest, Receipt
from schemas.households import HouseholdRecord
from schemas.router_records import PagedRecord
from schemas.words import Refusal, TrackState
from services.router.clocks import rebased
from services.router.escalation import acknowledged, is_attempt
from services.router.opening import send_track, take_over_page
from services.router.state import Partition
from services.router.timeline import SOURCE, Timeline
from services.rules.answered import Outcomes, Verdict, answer_once
from services.rules.step import Step

UNOWNED = (TrackState.PENDING, TrackState.OFFERED)  # what somebody has, or had done, stays as it is when the band rises


@dataclass(frozen=True, slots=True)
class Context:
    """What a command is carried out on. `cause` is the id of the command's event."""

    partition: Partition
    step: Step
    now: datetime
    cause: str
    catalogue: Catalogue

    def timeline(self, case_id: str) -> Timeline | None:
        """The case being changed."""
        case = self.partition.cases.get(case_id)
        return None if case is None else Timeline(case, self.step, now=self.now, cause=self.cause)


def answer(command: Command, context: Context) -> None:
    """Carry out a command, or give the answer it got the first time."""
    answer_once(
        command,
        _subject_of(command),
        answers=context.partition.answers,
        outcomes_to=Outcomes(SOURCE, context.step, context.now, context.cause),
        carry_out=lambda: _HANDLERS[type(command)](command, context),
    )


def _subject_of(command: Command) -> str:
    if isinstance(command, (CaseNote, CaseRaise, PageRequest)):
        return command.case_id
    if isinstance(command, PageAcknowledge):
        return command.page_id
    if isinstance(command, Receipt):
        return command.notice_id
    assert isinstance(command, HouseholdPut)
    return command.household_id


def _put_household(command: HouseholdPut, context: Context) -> Verdict:
    before = context.partition.households.get(command.household_id)
    version = before.version if before else 0
    if command.expected_version is not None and command.expected_version != version:
        return Verdict(command.household_id, version, Refusal.STALE_VERSION)
    extra = before.model_extra or {} if before else {}
    record = HouseholdRecord.model_validate(
        extra
        | {
            "household_id": command.household_id,
            "version": version + 1,
            "changed_at": context.now,
            "body": command.body,
        }
    )
    context.partition.households[command.household_id] = record
    context.step.save(topics.HOUSEHOLDS, command.household_id, record)
    return Verdict(command.household_id, version + 1)


def _note(command: CaseNote, context: Context) -> Verdict:
    timeline = context.timeline(command.case_id)
    if timeline is None:
        return Verdict(command.case_id, 0, Refusal.NOT_FOUND)
    personal = {"text": command.personal.text}
    timeline.tell("noted", command.actor, pillar=command.pillar, track_id=command.track_id, personal=personal)
    timeline.save(context.partition)
    return Verdict(command.case_id, timeline.case.version)


def _raise(command: CaseRaise, context: Context) -> Verdict:
    timeline = context.timeline(command.case_id)
    if timeline is None:
        return Verdict(command.case_id, 0, Refusal.NOT_FOUND)
    if command.band.rank >= timeline.case.band.rank:
        return Verdict(command.case_id, timeline.case.version, Refusal.WRONG_STATE)
    timeline.set(band=command.band)
    timeline.tell("state_changed", command.actor, state=timeline.case.state, band=command.band, reason=command.reason)
    for track in timeline.case.tracks:
        changed = rebased(timeline.case, track, context.catalogue, now=context.now)
        if track.state in UNOWNED:
            again: dict[str, object] = {"state": TrackState.PENDING, "responder_id": None, "offer_id": None}
            again |= {"desk_epoch": track.desk_epoch + 1, "dispatched_at": context.now, "exhausted": False}
            changed = changed.model_copy(update=again)
        timeline.put_track(changed)
        if changed.desk_epoch != track.desk_epoch:
            send_track(timeline, changed)
    timeline.save(context.partition)
    return Verdict(command.case_id, timeline.case.version)


def _page(command: PageRequest, context: Context) -> Verdict:
    """Intake paged by itself: the case takes the page over now, or when it opens."""
    sent = PagedRecord(
        page_id=command.page_id,
        track_id=command.track_id,
        recipient=command.recipient,
        reason=command.reason,
        raised_at=command.received_at,
        delivered_at=command.delivered_at,
    )
    context.partition.paged[command.case_id] = sent
    context.step.save(topics.ROUTER_STATE, f"paged/{command.case_id}", sent)
    timeline = context.timeline(command.case_id)
    if timeline is None:
        return Verdict(command.case_id, 0)
    track = timeline.track(command.track_id)
    if track is not None and all(page.page_id != command.page_id for page in track.pages):
        take_over_page(timeline, context.partition)
        timeline.save(context.partition)
    return Verdict(command.case_id, timeline.case.version)


def _acknowledge(command: PageAcknowledge, context: Context) -> Verdict:
    for case in context.partition.cases_of(command.household_id):
        for track in case.tracks:
            page = next((one for one in track.pages if one.page_id == command.page_id), None)
            if page is None:
                continue
            if page.acknowledged_at is not None:
                return Verdict(command.page_id, case.version)
            timeline = Timeline(case, context.step, now=context.now, cause=context.cause)
            seen = acknowledged(page, at=command.received_at, by=command.actor.id)
            pages = tuple(seen if one is page else one for one in track.pages)
            timeline.put_track(track.model_copy(update={"pages": pages}))
            timeline.tell("page_acknowledged", command.actor, page_id=page.page_id, track_id=track.track_id)
            timeline.save(context.partition)
            return Verdict(command.page_id, timeline.case.version)
    return Verdict(command.page_id, 0, Refusal.NOT_FOUND)


def _receipt(command: Receipt, context: Context) -> Verdict:
    """A provider took a page's notice: the first receipt's time is kept, without a new version."""
    for case in context.partition.cases_of(command.issuer_key):
        timeline = Timeline(case, context.step, now=context.now, cause=context.cause)
        track = timeline.track(command.track_id)
        if track is None or not command.delivered:
            continue
        pages = tuple(
            page.model_copy(update={"delivered_at": page.delivered_at or command.delivered_at})
            if is_attempt(page, command.notice_id)
            else page
            for page in track.pages
        )
        timeline.put_track(track.model_copy(update={"pages": pages}))
        timeline.save(context.partition)
        return Verdict(command.notice_id, case.version)
    return Verdict(command.notice_id, 0)


_HANDLERS: dict[type[Command], Callable[..., Verdict]] = {
    HouseholdPut: _put_household,
    CaseNote: _note,
    CaseRaise: _raise,
    PageRequest: _page,
    PageAcknowledge: _acknowledge,
    Receipt: _receipt,
}
