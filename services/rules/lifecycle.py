"""Which move is allowed next? One table per thing; a move that is not listed is refused and leaves the state untouched."""

from collections.abc import Mapping

from schemas.words import CaseState, TrackState

PENDING, OFFERED, ACCEPTED, ACTIVE = TrackState.PENDING, TrackState.OFFERED, TrackState.ACCEPTED, TrackState.ACTIVE
VICTIM, THIRD_PARTY, DONE, WITHDRAWN = (
    TrackState.WAITING_VICTIM,
    TrackState.WAITING_THIRD_PARTY,
    TrackState.DONE,
    TrackState.WITHDRAWN,
)
OWNED = (ACCEPTED, ACTIVE, VICTIM, THIRD_PARTY)
OPEN = (PENDING, OFFERED, *OWNED)

TRACK: Mapping[tuple[TrackState, str], TrackState] = {
    (PENDING, "offered"): OFFERED,
    (PENDING, "exhausted"): PENDING,
    (PENDING, "accepted"): ACCEPTED,  # assigned by hand
    (OFFERED, "declined"): PENDING,
    (OFFERED, "accepted"): ACCEPTED,
    **{(state, "contacted"): ACTIVE for state in OWNED},
    **{(state, "waiting_victim"): VICTIM for state in (ACCEPTED, ACTIVE)},
    **{(state, "waiting_third_party"): THIRD_PARTY for state in (ACCEPTED, ACTIVE)},
    **{(state, "resumed"): ACTIVE for state in (VICTIM, THIRD_PARTY)},
    **{(state, "done"): DONE for state in OWNED},
    **{(state, "released"): PENDING for state in (OFFERED, *OWNED)},
    **{(state, "withdrawn"): WITHDRAWN for state in OPEN},
}

CASE: Mapping[tuple[CaseState, str], CaseState] = {
    (CaseState.RECEIVED, "triaged"): CaseState.TRIAGED,
    (CaseState.TRIAGED, "dispatched"): CaseState.DISPATCHED,
    (CaseState.DISPATCHED, "all_accepted"): CaseState.STABILISED,
    (CaseState.STABILISED, "released"): CaseState.DISPATCHED,
    (CaseState.DISPATCHED, "all_done"): CaseState.RESOLVED,
    (CaseState.STABILISED, "all_done"): CaseState.RESOLVED,
}


def moved(state: TrackState, event: str) -> TrackState | None:
    """The state of a track after `event`; `None` when the table does not list the move."""
    return TRACK.get((state, event))


def case_moved(state: CaseState, event: str) -> CaseState | None:
    """The state of a case after `event`; `None` when the table does not list the move."""
    return CASE.get((state, event))


def as_mermaid(table: Mapping[tuple[TrackState, str], TrackState] | Mapping[tuple[CaseState, str], CaseState]) -> str:
    """The table as a Mermaid state diagram, for the docs."""
    arrows = [f"    {state.value} --> {after.value}: {event}" for (state, event), after in table.items()]
    return "\n".join(["stateDiagram-v2", *arrows, ""])
