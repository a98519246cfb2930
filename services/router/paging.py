"""Which human has been told? Pages that intake sent by itself, acknowledgements, and providers' receipts."""

from collections.abc import Iterable
from datetime import datetime

from schemas import topics
from schemas.base import Actor
from schemas.cases import Page
from schemas.catalogue import Catalogue
from schemas.commands import PageAcknowledge, PageRequest, Receipt
from schemas.router_records import PagedRecord
from schemas.words import Refusal
from services.router.context import Context
from services.router.escalation import acknowledged, is_attempt
from services.router.opening import take_over_page
from services.router.state import Partition
from services.router.timeline import SOURCE, Timeline
from services.rules.answered import Verdict
from services.rules.ladder import repeat_of
from services.rules.step import Step


def take_over(command: PageRequest, context: Context) -> Verdict:
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
    known = {page.page_id for track in timeline.case.tracks for page in track.pages}
    if command.page_id not in known:
        take_over_page(timeline, sent)
        timeline.save(context.partition)
    return Verdict(timeline.case.case_id, timeline.case.version)


def acknowledge(command: PageAcknowledge, context: Context) -> Verdict:
    """A human has seen a page; the first to say so is kept. Of one page for many, its cases are told a little later."""
    group = context.partition.grouping.groups.get(command.page_id)
    if group is not None:
        if group.acknowledged_at is None:
            context.partition.grouping.acknowledge(
                command.page_id, at=command.received_at, by=command.actor, step=context.step
            )
        return Verdict(command.page_id, 0)
    for case in context.partition.cases_of(command.household_id):
        pages = [page for track in case.tracks for page in track.pages if page.page_id == command.page_id]
        if pages:
            timeline = context.change(case)
            if _seen(timeline, pages, at=command.received_at, by=command.actor):
                timeline.save(context.partition)
            return Verdict(command.page_id, timeline.case.version)
    return Verdict(command.page_id, 0, Refusal.NOT_FOUND)


def tell_together(group_id: str, partition: Partition, step: Step, *, now: datetime, catalogue: Catalogue) -> None:
    """One page for many is due; or it was acknowledged, and its cases are told so, some in each step."""
    group = partition.grouping.groups.get(group_id)
    if group is None:
        return
    if group.acknowledged_at is None or group.acknowledged_by is None:
        repeat = repeat_of(group.band, catalogue)
        partition.grouping.tell(group_id, now=now, step=step, repeat=repeat, source=SOURCE)
        return
    for case_id in partition.grouping.waiting(group_id):
        timeline = Timeline(partition.cases[case_id], step, now=now, cause=None)
        pages = [page for track in timeline.case.tracks for page in track.pages if page.group == group_id]
        _seen(timeline, pages, at=group.acknowledged_at, by=group.acknowledged_by)
        timeline.save(partition)
    left = group if partition.grouping.waiting(group_id) else None
    partition.grouping.save(group_id, left, step)


def _seen(timeline: Timeline, pages: Iterable[Page], *, at: datetime, by: Actor) -> bool:
    """Note on a case that a human has seen these pages of it; whether any was new to them."""
    fresh = {page.page_id for page in pages if page.acknowledged_at is None}
    for track in timeline.case.tracks:
        now_seen = tuple(acknowledged(page, at=at, by=by.id) if page.page_id in fresh else page for page in track.pages)
        if now_seen != track.pages:
            timeline.put_track(track.model_copy(update={"pages": now_seen}))
            for page in track.pages:
                if page.page_id in fresh:
                    timeline.tell("page_acknowledged", by, page_id=page.page_id, track_id=track.track_id)
    return bool(fresh)


def note_receipt(command: Receipt, context: Context) -> Verdict:
    """A provider took a page's notice: the first receipt's time is kept, without a new version."""
    for case in context.partition.cases_of(command.issuer_key):
        track = next((one for one in case.tracks if one.track_id == command.track_id), None)
        page = next((one for one in track.pages if is_attempt(one, command.notice_id)), None) if track else None
        if track is None or page is None or not command.delivered or page.delivered_at is not None:
            continue
        told = page.model_copy(update={"delivered_at": command.delivered_at})
        timeline = context.change(case)
        pages = tuple(told if one is page else one for one in track.pages)
        timeline.put_track(track.model_copy(update={"pages": pages}))
        timeline.save(context.partition)
        return Verdict(command.notice_id, case.version)
    return Verdict(command.notice_id, 0)
