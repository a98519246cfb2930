"""What did somebody decide, in words, where the fact itself says it all and nothing was weighed?"""

from collections.abc import Callable
from datetime import datetime, timedelta

from schemas.words import Band, CaseState, Role
from services.rules.again import Fact
from services.rules.in_words import instant, span

MOVED = {CaseState.CLOSED: "closed the case", CaseState.REOPENED: "reopened the case"}
TRACK = {"rerouted": "sent the {} track to another desk", "refused_by_victim": "noted that the victim wants no {} help"}
BY_THE_CLOCK = {"clock_breached": "broken", "clock_corrected": "kept after all", "clock_late": "made up for late"}


def recorded(fact: str, told: Fact, *, before: Band | None = None) -> str | None:
    """What a human decided, by whom and why, or what became of a broken promise; `None` for any other fact.

    `before` is the band the case had.
    """
    if fact in BY_THE_CLOCK:
        return _promise(fact, told)
    role = told["actor"]["role"]
    words = _WORDS.get(fact)
    said = words(told, before) if words is not None and role != Role.SERVICE else None
    if said is None:
        return None
    reason = told.get("reason") or told.get("result")
    return f"A human ({role}) {said}" + (f", because of {reason}." if reason else ".")


def inputs_of(told: Fact) -> dict[str, str]:
    """Who decided and why, and what about, as codes."""
    found = {"by": str(told["actor"]["role"])}
    return found | {name: str(told[name]) for name in _INPUTS if told.get(name) is not None}


def _state(told: Fact, before: Band | None) -> str | None:
    if told["state"] in MOVED:
        checked = told.get("safety_checked")
        return MOVED[told["state"]] + (" after asking about safety" if checked else "")
    if before is None or told["band"] == before:
        return None
    verb = "raised" if Band(told["band"]).rank < before.rank else "lowered"
    return f"{verb} the case from {before} to {told['band']}"


def _track(told: Fact, _: Band | None) -> str | None:
    words = TRACK.get(told["cause"])
    return None if words is None else words.format(told["pillar"])


def _linked(told: Fact, _: Band | None) -> str | None:
    return None if told.get("explanation") else f"linked it to case {told['other_case_id']} ({told['kind']})"


def _promise(fact: str, told: Fact) -> str:
    what = told.get("milestone") or told["kind"]
    due = datetime.fromisoformat(told["due"])
    words = f"The promise {what} of the {told['pillar']} track, due {instant(due)}, was {BY_THE_CLOCK[fact]}."
    used = told.get("used") or {}
    shares = [f"{who} {span(timedelta(seconds=used[name]))}" for name, who in _USERS.items() if used.get(name)]
    return f"{words} Who used its time: {', '.join(shares)}." if shares else words


_INPUTS = (
    "reason",
    "result",
    "state",
    "band",
    "signal",
    "code",
    "cause",
    "pillar",
    "kind",
    "milestone",
    "due",
    "safety_checked",
)
_USERS = {"us_seconds": "we", "victim_seconds": "the victim", "third_party_seconds": "third parties"}
_WORDS: dict[str, Callable[[Fact, Band | None], str | None]] = {
    "state_changed": _state,
    "signal_closed": lambda told, _: f"closed the signal {told['signal']}",
    "merged": lambda told, _: f"decided that it goes on in case {told['into_case_id']}",
    "split": lambda told, _: f"made a case of its own of {told['code']}: {told['into_case_id']}",
    "linked": _linked,
    "placed": lambda *_: "said which household the caller belongs to",
    "track_moved": _track,
}
FACTS = frozenset({*_WORDS, *BY_THE_CLOCK})
