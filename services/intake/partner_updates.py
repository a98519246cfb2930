"""What may a partner see of a case? Their reference, our id, status and times; nothing of a covert or somebody else's case."""

from collections.abc import Container
from datetime import datetime

from pydantic import ValidationError

from schemas import partners, topics
from schemas.cases import CaseRecord
from schemas.envelope import Event
from schemas.messages import wrong_type
from schemas.partners import PartnerCaseUpdated
from schemas.words import CaseState, Channel, ClockKind, ClockState, TrackState
from services.intake.commanding import SOURCE
from services.rules import ids
from services.rules.machine import Message, Send

# The words of TMF621, so that a partner reads the same ones on every channel (CONTRACTS, Partner telcos 3).
STATUS = {
    CaseState.RECEIVED: "acknowledged",
    CaseState.TRIAGED: "acknowledged",
    CaseState.DISPATCHED: "inProgress",
    CaseState.STABILISED: "inProgress",
    CaseState.FOLLOW_UP: "inProgress",
    CaseState.REOPENED: "inProgress",
    CaseState.RESOLVED: "resolved",
    CaseState.CLOSED: "closed",
    CaseState.MERGED: "closed",
}
OVER = frozenset({TrackState.DONE, TrackState.WITHDRAWN, TrackState.NOT_COVERED_REFERRED})


def update(message: Message, partner_ids: Container[str]) -> tuple[Send, ...]:
    """The word to every partner whose report this snapshot's case holds. Raises `EnvelopeError` for an unreadable one.

    Nothing of a covert case, and nothing more of a merged one: the case it goes on in tells of its reports.
    """
    if message.value is None:
        return ()
    try:
        case = CaseRecord.model_validate_json(message.value)
    except ValidationError as error:
        raise wrong_type(error) from None
    if case.covert or case.state is CaseState.MERGED:
        return ()
    return tuple(_told(case, *sender) for sender in _senders(case) if sender[0] in partner_ids)


def _senders(case: CaseRecord) -> tuple[tuple[str, str | None], ...]:
    """The partners (and their references) whose doors a case's reports came through, each once."""
    found = [(one.partner_id, one.partner_reference) for one in case.arrivals]
    if case.channel is Channel.PARTNER and not found:
        found = [(case.partner_id, case.partner_reference)]
    return tuple(dict.fromkeys((partner, reference) for partner, reference in found if partner))


def _told(case: CaseRecord, partner_id: str, reference: str | None) -> Send:
    told = PartnerCaseUpdated(
        partner_reference=reference,
        case_id=case.case_id,
        status=status_of(case),
        expected_resolution=expected_resolution(case),
        changed_at=case.changed_at,
    )
    event = Event(
        id=ids.derived("partner-case", case.case_id, case.version, partner_id, reference or ""),
        type=partners.UPDATED,
        source=SOURCE,
        time=case.changed_at,
        data=told,
        partitionkey=case.case_id,
        correlationid=case.case_id,
    )
    return Send(topics.partner(partner_id).cases, case.case_id, case.case_id, event)


def status_of(case: CaseRecord) -> str:
    """`pending` while all open tracks wait for the victim; otherwise the state of the case in a partner's words."""
    status = STATUS[case.state]
    open_tracks = [track for track in case.tracks if track.state not in OVER]
    waiting = open_tracks and all(track.state is TrackState.WAITING_VICTIM for track in open_tracks)
    return "pending" if waiting and status == "inProgress" else status


def expected_resolution(case: CaseRecord) -> datetime | None:
    """The latest instant at which a running promise to resolve falls due."""
    running = (
        clock.due
        for track in case.tracks
        for clock in track.clocks
        if clock.kind is ClockKind.RESOLVE and clock.state in (ClockState.RUNNING, ClockState.PAUSED)
    )
    return max(running, default=None)
