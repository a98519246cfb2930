"""Only a human lowers a band or closes a safety signal, with a reason."""

import pytest

from schemas.words import Refusal, Role, Signal
from services.rules.lowering import may_close, may_lower
from tests.shipped import CATALOGUE

INCIDENTS = CATALOGUE.incidents
MACHINES = (Role.SERVICE, Role.PARTNER, Role.OPERATOR)


@pytest.mark.parametrize("role", [Role.AGENT, Role.RESPONDER, Role.SUPERVISOR])
def test_a_human_with_a_reason_lowers_a_case_without_open_signals(role: Role) -> None:
    assert may_lower(role, "takedown_done", ()) is None


@pytest.mark.parametrize("role", MACHINES)
def test_nobody_else_lowers_anything(role: Role) -> None:
    assert may_lower(role, "takedown_done", ()) is Refusal.NOT_ELIGIBLE


@pytest.mark.parametrize("reason", [None, "", "  "])
def test_no_reason_no_lowering(reason: str | None) -> None:
    assert may_lower(Role.SUPERVISOR, reason, ()) is Refusal.WRONG_STATE


@pytest.mark.parametrize("signal", Signal)
def test_no_case_with_an_open_safety_signal_is_lowered(signal: Signal) -> None:
    assert may_lower(Role.SUPERVISOR, "takedown_done", (signal,)) is Refusal.SAFETY_SIGNAL_OPEN


@pytest.mark.parametrize("signal", Signal)
@pytest.mark.parametrize("role", [Role.RESPONDER, Role.SUPERVISOR])
def test_a_responder_or_supervisor_closes_a_signal_with_a_reason(signal: Signal, role: Role) -> None:
    assert may_close(signal, role, "spoke_with_victim", incidents=INCIDENTS) is None
    assert may_close(signal, role, " ", incidents=INCIDENTS) is Refusal.WRONG_STATE


@pytest.mark.parametrize("signal", Signal)
@pytest.mark.parametrize("role", [Role.AGENT, *MACHINES])
def test_nobody_else_closes_a_signal(signal: Signal, role: Role) -> None:
    assert may_close(signal, role, "spoke_with_victim", incidents=INCIDENTS) is Refusal.NOT_ELIGIBLE
