"""Moves that the tables do not list are refused; what ended begins again only when somebody says so."""

import pytest

from schemas.words import CaseState, TrackState
from services.rules.lifecycle import AT_WORK, CASE, ENDED, OPEN, OWNED, TRACK, as_mermaid, case_moved, moved

EVENTS = sorted({event for _, event in TRACK} - {"reopened"})
CASE_EVENTS = sorted({event for _, event in CASE} - {"reopened"})


@pytest.mark.parametrize("state", [TrackState.DONE, TrackState.WITHDRAWN, TrackState.DECLINED])
@pytest.mark.parametrize("event", EVENTS)
def test_a_track_that_ended_moves_only_when_it_is_reopened(state: TrackState, event: str) -> None:
    assert moved(state, event) is None
    assert moved(state, "reopened") is TrackState.PENDING


@pytest.mark.parametrize("event", CASE_EVENTS)
def test_a_closed_case_moves_only_when_it_is_reopened(event: str) -> None:
    assert case_moved(CaseState.CLOSED, event) is None
    assert case_moved(CaseState.CLOSED, "reopened") is CaseState.REOPENED


@pytest.mark.parametrize("event", [*CASE_EVENTS, "reopened"])
def test_a_merged_case_never_moves_again(event: str) -> None:
    assert case_moved(CaseState.MERGED, event) is None


@pytest.mark.parametrize("state", [TrackState.PENDING, TrackState.OFFERED])
@pytest.mark.parametrize("event", ["contacted", "waiting_victim", "resumed", "done"])
def test_nobody_works_on_a_track_that_nobody_has(state: TrackState, event: str) -> None:
    assert moved(state, event) is None


def test_an_accepted_track_cannot_be_accepted_again() -> None:
    assert moved(TrackState.ACCEPTED, "accepted") is None


@pytest.mark.parametrize("state", OPEN)
def test_whatever_is_open_can_be_withdrawn_rerouted_and_refused_by_the_victim(state: TrackState) -> None:
    assert moved(state, "withdrawn") is TrackState.WITHDRAWN
    assert moved(state, "rerouted") is TrackState.PENDING
    assert moved(state, "refused_by_victim") is TrackState.DECLINED


@pytest.mark.parametrize("state", OWNED)
def test_a_track_somebody_works_on_is_never_handed_to_somebody_else_outside(state: TrackState) -> None:
    assert moved(state, "not_covered") is None


@pytest.mark.parametrize("state", [state for state in CaseState if state not in (*ENDED, CaseState.RECEIVED)])
def test_a_human_can_close_or_merge_whatever_has_not_ended(state: CaseState) -> None:
    assert case_moved(state, "closed") is CaseState.CLOSED
    assert case_moved(state, "merged") is CaseState.MERGED


def test_a_case_is_stabilised_before_or_at_resolution_only() -> None:
    assert case_moved(CaseState.DISPATCHED, "stabilised") is CaseState.STABILISED
    assert case_moved(CaseState.RESOLVED, "stabilised") is None
    assert case_moved(CaseState.STABILISED, "unsettled") is CaseState.DISPATCHED


def test_a_case_is_resolved_then_followed_up_and_never_the_other_way() -> None:
    assert case_moved(CaseState.STABILISED, "all_done") is CaseState.RESOLVED
    assert case_moved(CaseState.RESOLVED, "follow_up_due") is CaseState.FOLLOW_UP
    assert {case_moved(state, "follow_up_due") for state in (*AT_WORK, *ENDED, CaseState.FOLLOW_UP)} == {None}


def test_every_state_can_be_reached() -> None:
    assert {*CASE.values()} == {*CaseState} - {CaseState.RECEIVED}
    assert {*TRACK.values()} == {*TrackState}


def test_the_diagrams_draw_every_arrow() -> None:
    assert as_mermaid(TRACK).count("-->") == len(TRACK)
    assert as_mermaid(CASE).count("-->") == len(CASE)
