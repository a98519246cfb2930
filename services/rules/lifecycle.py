"""Which move is allowed next? One table per thing; a move that is not listed is refused and leaves the state untouched."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from schemas.words import CaseState, ClockState, TrackState

State = TypeVar("State", bound=StrEnum)

PENDING, OFFERED, ACCEPTED, ACTIVE = TrackState.PENDING, TrackState.OFFERED, TrackState.ACCEPTED, TrackState.ACTIVE
VICTIM, THIRD_PARTY = TrackState.WAITING_VICTIM, TrackState.WAITING_THIRD_PARTY
DONE, DECLINED, WITHDRAWN = TrackState.DONE, TrackState.DECLINED, TrackState.WITHDRAWN
REFERRED = TrackState.NOT_COVERED_REFERRED
OWNED = (ACCEPTED, ACTIVE, VICTIM, THIRD_PARTY)
UNOWNED = (PENDING, OFFERED)
OPEN = (*UNOWNED, *OWNED)
NOT_WANTED = (
    DECLINED,
    WITHDRAWN,
    REFERRED,
)  # such a track is not mandatory: its case neither waits for it nor counts it

TRACK: Mapping[tuple[TrackState, str], TrackState] = {
    (PENDING, "offered"): OFFERED,
    (PENDING, "exhausted"): PENDING,
    (PENDING, "accepted"): ACCEPTED,  # assigned by hand
    (PENDING, "released"): PENDING,  # the desk it is moved away from let it go
    (OFFERED, "offered"): OFFERED,  # somebody else is asked as well
    (OFFERED, "passed"): OFFERED,  # declined or unanswered by one of those who are asked
    (OFFERED, "declined"): PENDING,
    (OFFERED, "timed_out"): PENDING,
    (OFFERED, "accepted"): ACCEPTED,
    **{(state, "contacted"): ACTIVE for state in OWNED},
    **{(state, "waiting_victim"): VICTIM for state in (ACCEPTED, ACTIVE)},
    **{(state, "waiting_third_party"): THIRD_PARTY for state in (ACCEPTED, ACTIVE)},
    **{(state, "resumed"): ACTIVE for state in (VICTIM, THIRD_PARTY)},
    **{(state, event): state for state in OWNED for event in ("set_aside", "taken_up", "covered")},
    **{(state, "done"): DONE for state in OWNED},
    **{(state, "released"): PENDING for state in (OFFERED, *OWNED)},
    **{(state, "changed"): PENDING for state in UNOWNED},  # the router dispatches it again: a desk offers it anew
    **{(state, "rerouted"): PENDING for state in OPEN},
    **{(state, "refused_by_victim"): DECLINED for state in OPEN},
    **{(state, "withdrawn"): WITHDRAWN for state in OPEN},
    **{(state, "not_covered"): REFERRED for state in UNOWNED},
    (REFERRED, "covered"): PENDING,
    **{(state, "reopened"): PENDING for state in (DONE, DECLINED, WITHDRAWN)},
}

STARTED, STABILISED, RESOLVED = CaseState.DISPATCHED, CaseState.STABILISED, CaseState.RESOLVED
FOLLOW_UP, CLOSED, REOPENED, MERGED = CaseState.FOLLOW_UP, CaseState.CLOSED, CaseState.REOPENED, CaseState.MERGED
AT_WORK = (CaseState.TRIAGED, STARTED, STABILISED, REOPENED)
ENDED = (CLOSED, MERGED)

CASE: Mapping[tuple[CaseState, str], CaseState] = {
    (CaseState.RECEIVED, "triaged"): CaseState.TRIAGED,
    (CaseState.TRIAGED, "dispatched"): STARTED,
    (REOPENED, "dispatched"): STARTED,
    (STARTED, "stabilised"): STABILISED,
    (STABILISED, "unsettled"): STARTED,
    **{(state, "all_done"): RESOLVED for state in (STARTED, STABILISED)},
    (RESOLVED, "follow_up_due"): FOLLOW_UP,
    **{(state, "reopened"): REOPENED for state in (RESOLVED, FOLLOW_UP, CLOSED)},
    **{(state, "closed"): CLOSED for state in (*AT_WORK, RESOLVED, FOLLOW_UP)},
    **{(state, "merged"): MERGED for state in (*AT_WORK, RESOLVED, FOLLOW_UP)},
}

IDLE, RUNNING, PAUSED, BREACHED = ClockState.NOT_STARTED, ClockState.RUNNING, ClockState.PAUSED, ClockState.BREACHED
STOPPED = (ClockState.MET, ClockState.LATE, ClockState.WITHDRAWN)

CLOCK: Mapping[tuple[ClockState, str], ClockState] = {
    (IDLE, "start"): RUNNING,
    (RUNNING, "pause"): PAUSED,
    (PAUSED, "resume"): RUNNING,
    (BREACHED, "pause"): PAUSED,  # corrected: it stood still before its deadline, and we read of it after
    **{(state, "breach"): BREACHED for state in (RUNNING, PAUSED)},  # no pause outlasts an attacker's deadline
    **{(state, "stop"): ClockState.MET for state in (RUNNING, PAUSED)},
    (BREACHED, "correct"): ClockState.MET,  # stopped before its deadline, and we read of it after
    (BREACHED, "stop"): ClockState.LATE,
    **{(state, "cancel"): ClockState.WITHDRAWN for state in (RUNNING, PAUSED, BREACHED)},
    **{(state, "reset"): RUNNING for state in (RUNNING, PAUSED, BREACHED, *STOPPED)},
}


def moved(state: TrackState, event: str) -> TrackState | None:
    """The state of a track after `event`; `None` when the table does not list the move."""
    return TRACK.get((state, event))


def case_moved(state: CaseState, event: str) -> CaseState | None:
    """The state of a case after `event`; `None` when the table does not list the move."""
    return CASE.get((state, event))


def clock_moved(state: ClockState, event: str) -> ClockState | None:
    """The state of a clock after `event`; `None` when the table does not list the move."""
    return CLOCK.get((state, event))


def as_mermaid(table: Mapping[tuple[State, str], State]) -> str:
    """The table as a Mermaid state diagram, for the docs."""
    arrows = [f"    {state.value} --> {after.value}: {event}" for (state, event), after in table.items()]
    return "\n".join(["stateDiagram-v2", *arrows, ""])
