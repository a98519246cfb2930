"""Moves that the tables do not list are refused; what ended stays ended."""

import pytest

from schemas.words import CaseState, TrackState
from services.rules.lifecycle import CASE, TRACK, as_mermaid, case_moved, moved

EVENTS = sorted({event for _, event in TRACK})


@pytest.mark.parametrize("state", [TrackState.DONE, TrackState.WITHDRAWN])
@pytest.mark.parametrize("event", EVENTS)
def test_a_track_that_ended_never_moves_again(state: TrackState, event: str) -> None:
    assert moved(state, event) is None


@pytest.mark.parametrize("state", [TrackState.PENDING, TrackState.OFFERED])
@pytest.mark.parametrize("event", ["contacted", "waiting_victim", "resumed", "done"])
def test_nobody_works_on_a_track_that_nobody_has(state: TrackState, event: str) -> None:
    assert moved(state, event) is None


def test_an_accepted_track_cannot_be_accepted_again() -> None:
    assert moved(TrackState.ACCEPTED, "accepted") is None


def test_a_case_is_stabilised_before_or_at_resolution_only() -> None:
    assert case_moved(CaseState.DISPATCHED, "all_accepted") is CaseState.STABILISED
    assert case_moved(CaseState.RESOLVED, "all_accepted") is None


def test_the_diagrams_draw_every_arrow() -> None:
    assert as_mermaid(TRACK).count("-->") == len(TRACK)
    assert as_mermaid(CASE).count("-->") == len(CASE)
