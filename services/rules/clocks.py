"""Until when does a promise run, when is it warned of, and who used its time? Arithmetic on instants alone (DOMAIN section 8).

Durations are real time, whatever the wall clock shows; a clock moves through the table of `lifecycle` only.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from schemas.cases import Clock
from schemas.words import Band, ClockKind, ClockState, Holder, TrackState
from services.rules.lifecycle import clock_moved
from services.rules.promises import Promise

HOLDERS = {TrackState.WAITING_VICTIM: Holder.VICTIM, TrackState.WAITING_THIRD_PARTY: Holder.THIRD_PARTY}
NONE = timedelta(0)
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
BLANK = Clock(kind=ClockKind.RESOLVE, started_at=_NEVER, due=_NEVER)  # copied for every clock: there are many
DUE = 100
SPOKE = (None, "spoke", "kept")  # how a contact that reached the victim ended; anything else was an attempt
LIVE = (ClockState.RUNNING, ClockState.PAUSED, ClockState.BREACHED)
TICKING = (ClockState.RUNNING, ClockState.PAUSED)


@dataclass(frozen=True, slots=True)
class Used:
    """Who used the time of a promise, from its start to an instant."""

    us: timedelta
    victim: timedelta
    third_party: timedelta


def cut_at(deadline_at: datetime, *, told_at: datetime, percent: int, at_least: timedelta) -> datetime | None:
    """The instant our promises are cut to by an attacker's deadline we heard of at `told_at`; `None` when it has passed already.

    It lies before the deadline by `percent` of what remains, `at_least` so much, and never in the past (DOMAIN section 8).
    """
    if deadline_at <= told_at:
        return None
    margin = max((deadline_at - told_at) * percent / 100, at_least)
    return max(told_at, deadline_at - margin)


def effective(policy: datetime, *, since: datetime, cut: datetime | None) -> datetime:
    """The earlier of policy and cut; a cut that was reached before the promise was made has no say any more."""
    return policy if cut is None or cut < since else min(policy, cut)


def start(promise: Promise, *, at: datetime, cut: datetime | None, epoch: int = 1) -> Clock:
    """A running clock of this promise, counted from `at`."""
    policy = promise.due(at)
    due = effective(policy, since=at, cut=cut)
    fresh = {"kind": promise.kind, "milestone": promise.milestone, "started_at": at, "due": due, "epoch": epoch}
    if due != policy:
        fresh["policy_due"] = policy
    return BLANK.model_copy(update=fresh)


def reset(clock: Clock, promise: Promise, *, at: datetime, cut: datetime | None) -> Clock:
    """The clock run anew from `at`, under the next epoch."""
    assert clock_moved(clock.state, "reset"), "any clock can be run anew"
    return start(promise, at=at, cut=cut, epoch=clock.epoch + 1)


def rebase(clock: Clock, promise: Promise, *, cut: datetime | None, now: datetime) -> Clock:
    """The clock under another promise (its band changed, or an attacker's deadline was told) on its original start.

    What elapsed and what was paused stays; what would already be over falls due at `now`. Unchanged when it runs as before.
    """
    policy = promise.due(clock.started_at) + clock.paused
    if clock.paused_at is not None and policy > clock.paused_at:
        moved = _held(clock, policy, cut)
    else:
        moved = _due(clock.model_copy(update={"state": ClockState.RUNNING, "paused_at": None}), policy, cut)
    if (moved.due, moved.policy_due) == (clock.due, clock.policy_due):
        return clock
    due = moved.due if moved.paused_at is not None and moved.policy_due is None else max(moved.due, now)
    return moved.model_copy(update={"due": due, "epoch": clock.epoch + 1, "warned": 0})


def _held(clock: Clock, policy: datetime, cut: datetime | None) -> Clock:
    """Of a clock that stands still, an attacker's deadline is all that still counts."""
    counts = cut is not None and cut >= clock.started_at
    return clock.model_copy(
        update={"due": cut, "policy_due": policy} if counts else {"due": policy, "policy_due": None}
    )


def _due(clock: Clock, policy: datetime, cut: datetime | None) -> Clock:
    due = effective(policy, since=clock.started_at, cut=cut)
    return clock.model_copy(update={"due": due, "policy_due": None if due == policy else policy})


def may_pause(kind: ClockKind, band: Band) -> bool:
    """Only in P2 and P3, and never the next contact: silence towards a victim is ours to break (DOMAIN section 8)."""
    return band in (Band.P2, Band.P3) and kind is not ClockKind.NEXT_CONTACT


def pause(clock: Clock, at: datetime, *, cut: datetime | None) -> Clock:
    """The clock standing still since `at`; only an attacker's deadline still counts meanwhile."""
    state = clock_moved(clock.state, "pause")
    assert state is not None, "asked of a running clock only"
    again = {"state": state, "paused_at": at, "epoch": clock.epoch + 1, "settled_at": None}
    return _held(clock.model_copy(update=again), clock.policy_due or clock.due, cut)


def resume(clock: Clock, at: datetime, *, cut: datetime | None) -> Clock:
    """The clock running again from `at`, due later by as long as it stood still."""
    state = clock_moved(clock.state, "resume")
    assert state is not None, "asked of a paused clock only"
    assert clock.paused_at is not None
    still = max(NONE, at - clock.paused_at)
    again = {"state": state, "paused_at": None, "paused": clock.paused + still, "epoch": clock.epoch + 1}
    return _due(clock.model_copy(update=again), (clock.policy_due or clock.due) + still, cut)


def settle(clock: Clock, event: str, at: datetime) -> Clock:
    """The clock stopped, corrected, breached or cancelled at `at`. Raises `ValueError` when the table does not list it."""
    state = clock_moved(clock.state, event)
    if state is None:
        raise ValueError(f"a clock that is {clock.state} cannot {event}")
    return clock.model_copy(update={"state": state, "settled_at": at, "paused_at": None})


def how_stopped(clock: Clock, at: datetime) -> str:
    """Kept or not, by when it was stopped and never by when we read of it: `stop`, `correct`, or `breach` when nobody noted that yet."""
    if clock.state is ClockState.BREACHED:
        return "correct" if at <= clock.due else "stop"
    return "breach" if is_over(clock, at) else "stop"


def is_over(clock: Clock, at: datetime) -> bool:
    """Whether the time of a promise that nobody has told as broken was over before `at`."""
    counts = clock.state is ClockState.RUNNING or (clock.state is ClockState.PAUSED and clock.policy_due is not None)
    return counts and clock.due < at


def next_mark(clock: Clock, warn_at: tuple[int, ...]) -> tuple[datetime, int] | None:
    """When to look at the clock next, and the share (percent) of its time gone by then; `None` when it stands still or is settled."""
    if clock.state is ClockState.RUNNING:
        for percent in warn_at:
            if percent > clock.warned:
                return mark_at(clock, percent), percent
        return clock.due, DUE
    still_cut = clock.state is ClockState.PAUSED and clock.policy_due is not None
    return (clock.due, DUE) if still_cut else None


def mark_reached(clock: Clock, warn_at: tuple[int, ...], now: datetime) -> int | None:
    """The last share whose instant has come at `now` and that was not told yet: after an outage one warning stands for both."""
    if clock.state is ClockState.PAUSED:
        return DUE if clock.policy_due is not None and clock.due <= now else None
    if clock.state is not ClockState.RUNNING:
        return None
    return max((one for one in (*warn_at, DUE) if one > clock.warned and mark_at(clock, one) <= now), default=None)


def mark_at(clock: Clock, share: int) -> datetime:
    """When so much of its time is gone: counted back from the deadline, so that what was paused counts as no time at all."""
    runs_for = max(NONE, clock.due - clock.started_at - clock.paused)
    return clock.due - runs_for * (DUE - share) / DUE


def holder_of(state: TrackState) -> Holder:
    """Whom a track waits for in this state."""
    return HOLDERS.get(state, Holder.US)


def waited(clock: Clock, holder: Holder, *, since: datetime, until: datetime) -> Clock:
    """The clock with a segment that ended: from `since` (or its own start) to `until` it waited for `holder`."""
    length = max(NONE, until - max(since, clock.started_at))
    if holder is Holder.US or not length or clock.state not in LIVE:
        return clock
    return clock.model_copy(update={holder.value: getattr(clock, holder.value) + length})


def used(clock: Clock, at: datetime) -> Used:
    """Who used its time until `at`, by the segments that ended: what nobody else used is ours."""
    ours = max(NONE, at - clock.started_at - clock.victim - clock.third_party)
    return Used(ours, clock.victim, clock.third_party)
