"""A responder sees what is offered or assigned to them, as long as it is, and never another pillar's sealed notes."""

import json
from datetime import UTC, datetime

import pytest

from schemas.base import Actor
from schemas.desk_records import Asking
from schemas.words import Pillar, Role, TrackState
from services.intake.access import Sight, owns, reads_notes_of, sealed_to, sight_of
from services.intake.case_queries import EventFound
from services.intake.desk_views import track_view
from services.intake.queries import TrackFound
from services.intake.timeline import entry_of
from services.intake.voices import Voice
from services.rules.lifecycle import OWNED
from tests.unit.intake.records import example, golden_case, golden_track

NOW = datetime(2026, 3, 20, tzinfo=UTC)


def voice(who: str, role: Role = Role.RESPONDER) -> Voice:
    """Somebody who speaks for themselves."""
    return Voice(Actor(role=role, id=who), frozenset({who}))


ME, OTHER = voice("me"), voice("other")
SYSTEM = Voice(Actor(role=Role.RESPONDER, id="system"), frozenset({"me", "a colleague"}), "an_organisation")


def asking(who: str) -> Asking:
    return Asking(offer_id="o-1", number=1, responder_id=who, at=NOW, until=NOW)


def found(state: TrackState, *, responder: str | None = None, desk: dict[str, object] | None = None) -> TrackFound:
    """A case of one track, as the router and as the desk show it."""
    case = golden_case()
    track = case.tracks[0].model_copy(update={"state": state, "responder_id": responder})
    golden = golden_track()
    dispatch = golden.dispatch.model_copy(update={"track_id": track.track_id, "epoch": track.desk_epoch})
    record = golden.model_copy(
        update={"dispatch": dispatch, "offers": (), "owner": None, "state": state, **(desk or {})}
    )
    return TrackFound(track.track_id, case.model_copy(update={"tracks": (track,)}), record)


@pytest.mark.parametrize("state", OWNED)
def test_my_assignment_shows_me_the_work_and_others_nothing(state: TrackState) -> None:
    mine = found(state, responder="me")
    assert (sight_of(mine, ME), sight_of(mine, OTHER)) == (Sight.WORK, Sight.NOTHING)


def test_an_offer_shows_who_was_asked_enough_to_decide() -> None:
    offered = found(TrackState.OFFERED, desk={"offers": (asking("me"),)})
    assert (sight_of(offered, ME), sight_of(offered, OTHER)) == (Sight.OFFER, Sight.NOTHING)


def test_the_system_of_an_organisation_sees_what_its_people_see_and_nothing_that_has_another_side() -> None:
    held = found(TrackState.ACTIVE, responder="me")
    assert sight_of(held, SYSTEM) is Sight.WORK
    assert sight_of(found(TrackState.ACTIVE, responder="somebody else"), SYSTEM) is Sight.NOTHING
    walled = TrackFound(held.track_id, held.case.model_copy(update={"walled_from": ("another case",)}), held.desk)
    assert (sight_of(walled, SYSTEM), sight_of(walled, ME)) == (Sight.NOTHING, Sight.WORK)


def test_an_acceptance_counts_before_the_router_has_heard_of_it() -> None:
    accepted = found(TrackState.OFFERED, desk={"owner": "me", "state": TrackState.ACCEPTED})
    assert owns(accepted, ME)


def test_an_acceptance_under_an_older_epoch_shows_nothing() -> None:
    stale = found(TrackState.PENDING, desk={"owner": "me", "state": TrackState.ACCEPTED})
    assert stale.desk is not None
    dispatch = stale.desk.dispatch.model_copy(update={"epoch": stale.desk.dispatch.epoch - 1})
    older = TrackFound(stale.track_id, stale.case, stale.desk.model_copy(update={"dispatch": dispatch}))
    assert sight_of(older, ME) is Sight.NOTHING


@pytest.mark.parametrize("state", [TrackState.DONE, TrackState.WITHDRAWN])
def test_what_was_mine_is_closed_to_me_when_it_is_over(state: TrackState) -> None:
    assert sight_of(found(state, responder="me", desk={"owner": "me"}), ME) is Sight.NOTHING


def test_a_supervisor_sees_a_track_without_anything_personal_and_an_agent_none() -> None:
    mine = found(TrackState.ACTIVE, responder="me")
    supervisor, agent = (voice("x", role) for role in (Role.SUPERVISOR, Role.AGENT))
    assert (sight_of(mine, supervisor), sight_of(mine, agent)) == (Sight.OFFER, Sight.NOTHING)


def test_an_offer_shows_nothing_personal_and_an_assignment_does() -> None:
    events = [EventFound("e", "eu.sameroof.case.v1.opened", b'{"personal": {"free_text": "CANARY"}}')]
    mine = found(TrackState.ACTIVE, responder="me")
    case = mine.case.model_copy(update={"personal": mine.case.personal.model_copy(update={"safe_contact": "CANARY"})})
    told = TrackFound(mine.track_id, case, mine.desk)
    assert "CANARY" not in track_view(told, Sight.OFFER, events).model_dump_json()
    assert track_view(told, Sight.WORK, events).model_dump_json().count("CANARY") == 2


@pytest.mark.parametrize(
    ("sealed", "reader", "shown"),
    [
        (None, None, True),
        (None, Pillar.LEGAL, True),
        (Pillar.LEGAL, Pillar.LEGAL, True),
        (Pillar.LEGAL, Pillar.TECHNICAL, False),
        (Pillar.LEGAL, None, True),
        (Pillar.PSYCHOLOGICAL, Pillar.PSYCHOLOGICAL, True),
        (Pillar.PSYCHOLOGICAL, Pillar.LEGAL, False),
        (Pillar.PSYCHOLOGICAL, None, False),
    ],
)
def test_a_sealed_note_is_read_by_its_pillar(sealed: Pillar | None, reader: Pillar | None, shown: bool) -> None:
    assert reads_notes_of(sealed, reader) is shown


@pytest.mark.parametrize("pillar", Pillar)
def test_psychological_notes_are_sealed_whatever_their_author_says(pillar: Pillar) -> None:
    assert sealed_to(pillar, sealed=True) is pillar
    assert (sealed_to(pillar, sealed=False) is pillar) is (pillar is Pillar.PSYCHOLOGICAL)


def test_a_sealed_note_leaves_its_text_out_of_the_timeline() -> None:
    told = example("eu.sameroof.case.v1.noted")["data"]
    note = {
        "pillar": "psychological",
        "personal": {"text": "CANARY"},
        "at": told["at"],
        "version": 3,
        "actor": told["actor"],
    }
    event = EventFound("e", "eu.sameroof.case.v1.noted", json.dumps(note).encode())
    sealed, open_ = entry_of(event, reader=None), entry_of(event, reader=Pillar.PSYCHOLOGICAL)
    assert (sealed.sealed, "CANARY" in sealed.model_dump_json()) == (True, False)
    assert (open_.sealed, "CANARY" in open_.model_dump_json()) == (False, True)
