"""Which human has been told? Pages that intake sent by itself, acknowledgements, and providers' receipts."""

from schemas import topics
from schemas.commands import PageAcknowledge, PageRequest, Receipt
from schemas.router_records import PagedRecord
from schemas.words import Refusal
from services.router.context import Context
from services.router.opening import take_over_page
from services.router.timeline import Timeline
from services.rules.answered import Verdict


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
    """A human has seen a page; the first to say so is kept."""
    for case in context.partition.cases_of(command.household_id):
        for track in case.tracks:
            page = next((one for one in track.pages if one.page_id == command.page_id), None)
            if page is None:
                continue
            if page.acknowledged_at is not None:
                return Verdict(command.page_id, case.version)
            timeline = Timeline(case, context.step, now=context.now, cause=context.cause)
            seen = page.model_copy(update={"acknowledged_at": command.received_at, "acknowledged_by": command.actor.id})
            pages = tuple(seen if one is page else one for one in track.pages)
            timeline.put_track(track.model_copy(update={"pages": pages}))
            timeline.tell("page_acknowledged", command.actor, page_id=page.page_id, track_id=track.track_id)
            timeline.save(context.partition)
            return Verdict(command.page_id, timeline.case.version)
    return Verdict(command.page_id, 0, Refusal.NOT_FOUND)


def note_receipt(command: Receipt, context: Context) -> Verdict:
    """A provider took a page's notice: the first receipt's time is kept, without a new version."""
    for case in context.partition.cases_of(command.issuer_key):
        timeline = Timeline(case, context.step, now=context.now, cause=context.cause)
        track = timeline.track(command.track_id)
        if track is None or not command.delivered:
            continue
        pages = tuple(
            page if page.delivered_at else page.model_copy(update={"delivered_at": command.delivered_at})
            for page in track.pages
        )
        timeline.put_track(track.model_copy(update={"pages": pages}))
        timeline.save(context.partition)
        return Verdict(command.notice_id, case.version)
    return Verdict(command.notice_id, 0)
