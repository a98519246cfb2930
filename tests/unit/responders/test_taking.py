"""What a desk does with a dispatch that comes in another order than it was sent: lanes are read independently."""

from datetime import UTC, datetime, timedelta

import pytest

from schemas import dispatch, topics
from schemas.desk_records import DeskTrackRecord, ResponderRecord
from schemas.dispatch import DispatchTaken, DispatchWithdrawn
from schemas.envelope import Event, encode
from schemas.progress import Released
from schemas.rosters import ContactMethod, RosterEntry
from schemas.words import Band, ClockKind, Pillar, Presence, TrackState
from services.responders.machine import DesksMachine
from services.rules.machine import Effects, Message
from tests.shipped import CATALOGUE

NOW = datetime(2026, 3, 20, 21, 40, tzinfo=UTC)


def taken(epoch: int, **changed: object) -> DispatchTaken:
    return DispatchTaken.model_validate(
        {
            "track_id": "t", "case_id": "c", "household_id": "h", "desk_id": "technical-fr", "pillar": Pillar.TECHNICAL,
            "band": Band.P2, "epoch": epoch, "lead": True, "code": "phishing", "received_at": NOW,
            "acknowledge_by": NOW, "catalogue": CATALOGUE.version,
        }
        | changed
    )  # fmt: skip


def withdrawn(epoch: int, **changed: object) -> DispatchWithdrawn:
    return DispatchWithdrawn.model_validate(
        {"track_id": "t", "household_id": "h", "desk_id": "technical-fr", "epoch": epoch, "reason": "closed"} | changed
    )


def reads(desk: DesksMachine, data: DispatchTaken | DispatchWithdrawn, *, urgent: bool = False) -> Effects:
    type_ = dispatch.TAKEN if isinstance(data, DispatchTaken) else dispatch.WITHDRAWN
    value, headers = encode(Event("e", type_, "urn:sameroof:router", NOW, data, partitionkey=data.desk_id))
    lane = topics.dispatch(Pillar.TECHNICAL, urgent=urgent)
    return desk.handle(Message(lane.name, 0, 0, b"t", value, headers, NOW), NOW)


@pytest.fixture
def desk() -> DesksMachine:
    return DesksMachine(Pillar.TECHNICAL, CATALOGUE)


def test_a_withdrawal_read_before_its_dispatch_leaves_nothing_to_offer(desk: DesksMachine) -> None:
    effects = reads(desk, withdrawn(2, track=taken(2)), urgent=True)
    assert [type(send.body.data) for send in effects.sends if isinstance(send.body, Event)] == [Released]
    reads(desk, taken(1))
    assert desk.partition.tracks["t"].state is TrackState.WITHDRAWN


def test_a_withdrawal_without_a_snapshot_of_what_nobody_knows_is_ignored(desk: DesksMachine) -> None:
    assert reads(desk, withdrawn(2)).sends == ()
    assert desk.partition.tracks == {}


def test_a_track_dispatched_again_after_its_withdrawal_waits_for_an_offer(desk: DesksMachine) -> None:
    reads(desk, taken(1))
    reads(desk, withdrawn(2))
    reads(desk, taken(3))
    assert desk.partition.tracks["t"].state is TrackState.PENDING


def test_a_track_that_went_to_the_other_desk_of_the_partition_leaves_its_owner_and_says_so(desk: DesksMachine) -> None:
    reads(desk, taken(1))
    held = desk.partition.tracks["t"].model_copy(
        update={"state": TrackState.ACCEPTED, "owner": "r", "accepted_at": NOW}
    )
    desk.partition.put_track(held, "t")
    effects = reads(desk, taken(3, desk_id="technical-be"), urgent=True)
    assert (desk.partition.tracks["t"].state, desk.partition.tracks["t"].owner) == (TrackState.PENDING, None)
    told = [send.body.data for send in effects.sends if isinstance(send.body, Event)]
    released = [(one.desk_id, one.epoch, one.responder_id) for one in told if isinstance(one, Released)]
    assert released == [("technical-fr", 1, "r")]  # its withdrawal, on the other lane, is read too late to say so


@pytest.mark.parametrize(("reopened", "state"), [(False, TrackState.DONE), (True, TrackState.PENDING)])
def test_what_is_done_stays_done_unless_the_router_knew_and_takes_it_up_again(
    desk: DesksMachine, reopened: bool, state: TrackState
) -> None:
    reads(desk, taken(1))
    done = {"state": TrackState.DONE, "owner": "r", "accepted_at": NOW, "ended_at": NOW}
    desk.partition.put_track(desk.partition.tracks["t"].model_copy(update=done), "t")
    reads(desk, taken(2, reopened=reopened))
    assert desk.partition.tracks["t"].state is state


def owned_when_raised(desk: DesksMachine, **held: object) -> DeskTrackRecord:
    """A P2 that somebody accepted before its desk reads that it is a P0 now."""
    entry = RosterEntry(responder_id="r", desk_id="technical-fr", methods=(ContactMethod(kind="log"),))
    desk.partition.crowd.put(ResponderRecord(entry=entry, presence=Presence.AVAILABLE, idle_since=NOW, version=1))
    reads(desk, taken(1))
    accepted = {"state": TrackState.ACCEPTED, "owner": "r", "accepted_at": NOW, "contact_by": NOW + timedelta(days=1)}
    desk.partition.put_track(desk.partition.tracks["t"].model_copy(update=accepted | held), "t")
    reads(desk, taken(2, band=Band.P0), urgent=True)
    return desk.partition.tracks["t"]


def test_who_accepted_what_was_just_raised_is_to_be_heard_of_as_soon_as_a_p0_asks(desk: DesksMachine) -> None:
    respond_within = CATALOGUE.promise(Band.P0, Pillar.TECHNICAL, ClockKind.FIRST_RESPONSE, lead=True)
    assert owned_when_raised(desk).contact_by == NOW + respond_within
    due = {(one.kind, one.due) for one in desk.partition.deadlines.take(NOW + timedelta(hours=1), 100)}
    assert ("contact", NOW + respond_within + CATALOGUE.work.quiet[Band.P0]) in due


def test_what_was_set_aside_is_not_when_it_turns_out_to_be_a_p0(desk: DesksMachine) -> None:
    assert not owned_when_raised(desk, set_aside=True).set_aside
