"""May this human lower a band, or close a safety signal? Machines never may (DOMAIN sections 3 and 4)."""

from collections.abc import Collection

from schemas.catalogue.incidents import Incidents
from schemas.words import Refusal, Role, Signal

HUMANS = frozenset({Role.AGENT, Role.RESPONDER, Role.SUPERVISOR})


def may_lower(role: Role, reason: str | None, open_signals: Collection[Signal]) -> Refusal | None:
    """Why a band may not be lowered: nobody of ours asks, no reason is given, a safety signal is open; `None` when it may."""
    if role not in HUMANS:
        return Refusal.NOT_ELIGIBLE
    if not _given(reason):
        return Refusal.WRONG_STATE
    return Refusal.SAFETY_SIGNAL_OPEN if open_signals else None


def may_close(signal: Signal, role: Role, reason: str | None, *, incidents: Incidents) -> Refusal | None:
    """Why a safety signal may not be closed: the catalogue names who may, and a reason is needed; `None` when it may."""
    if role not in incidents.signals[signal].closed_by:
        return Refusal.NOT_ELIGIBLE
    return None if _given(reason) else Refusal.WRONG_STATE


def _given(reason: str | None) -> bool:
    return reason is not None and bool(reason.strip())
