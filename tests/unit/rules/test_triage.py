"""Triage raises, never lowers, and sends to the P0 lane whatever an empty case would call P0."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import topics
from schemas.base import Actor
from schemas.catalogue import load
from schemas.reports import ReportBody
from schemas.words import Band, Channel, Role, Signal
from services.rules.admission import Admitted, event_of, report_of
from services.rules.triage import triage

CATALOGUE = load()
NOW = datetime(2026, 3, 1, tzinfo=UTC)
CODES = st.sampled_from([*CATALOGUE.incidents.codes, "no_such_code"])
BODIES = st.builds(
    ReportBody,
    code=st.none() | CODES,
    secondary_codes=st.lists(CODES, max_size=3).map(tuple),
    signals=st.lists(st.sampled_from([*Signal, "no_such_signal"]), max_size=4).map(tuple),
    victim_age_band=st.sampled_from([None, "under_15", "15_17", "adult"]),
    wellbeing_0_10=st.none() | st.integers(0, 10),
    deadline_at=st.none() | st.integers(-100, 200).map(lambda hours: (NOW + timedelta(hours=hours)).isoformat()),
)


def band_of(**said: object) -> Band:
    return triage(ReportBody.model_validate(said), received_at=NOW, catalogue=CATALOGUE).band


@given(BODIES)
def test_the_lane_is_p0_whenever_an_empty_case_would_be_p0(body: ReportBody) -> None:
    actor = Actor(role=Role.AGENT, id="a")
    admitted = Admitted(body, (), "0" * 32, 0)
    report = report_of(
        admitted, source="urn:x", report_id="r", channel=Channel.AGENT, actor=actor, received_at=NOW, answer=True
    )
    urgent = triage(body, received_at=NOW, catalogue=CATALOGUE).band is Band.P0
    assert urgent == (event_of(report, CATALOGUE)[0] is topics.INCIDENTS_P0)


@given(BODIES, st.sampled_from(list(Signal)))
def test_a_signal_more_never_lowers_the_band(body: ReportBody, signal: Signal) -> None:
    more = body.model_copy(update={"signals": (*body.signals, signal)})
    before = triage(body, received_at=NOW, catalogue=CATALOGUE)
    after = triage(more, received_at=NOW, catalogue=CATALOGUE)
    assert after.band.rank <= before.band.rank


@given(BODIES)
def test_a_band_is_never_below_the_base_of_any_code_given(body: ReportBody) -> None:
    codes = CATALOGUE.incidents.codes
    known = [codes[code].base.rank for code in (body.code, *body.secondary_codes) if code in codes]
    assert triage(body, received_at=NOW, catalogue=CATALOGUE).band.rank <= min(known, default=3)


@given(BODIES)
def test_every_pillar_is_named_once_and_the_lead_first(body: ReportBody) -> None:
    decision = triage(body, received_at=NOW, catalogue=CATALOGUE)
    assert len(set(decision.pillars)) == len(decision.pillars)
    assert decision.pillars[0] is CATALOGUE.incidents.codes[decision.code].lead


@pytest.mark.parametrize("signal", ["self_harm", "physical_danger", "money_leaving", "child_sexual_content"])
def test_these_signals_are_p0_whatever_the_code(signal: str) -> None:
    assert band_of(code="online_shopping_dispute", signals=[signal]) is Band.P0


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"code": "phishing"}, Band.P3),
        ({"code": "phishing", "victim_age_band": "under_15"}, Band.P2),
        ({"code": "sextortion"}, Band.P1),
        ({"code": "sextortion", "victim_age_band": "15_17"}, Band.P0),
        ({"code": "defamation", "signals": ["address_exposed"]}, Band.P1),
        ({"code": "threat", "signals": ["address_exposed"]}, Band.P0),
        ({"code": "phishing", "deadline_at": "2026-03-01T23:59:00+00:00"}, Band.P0),
        ({"code": "phishing", "deadline_at": "2026-03-03T23:59:00+00:00"}, Band.P1),
        ({"code": "phishing", "deadline_at": "2026-03-09T00:00:00+00:00"}, Band.P3),
        ({"code": "phishing", "signals": ["attacker_deadline"], "deadline_at": "tonight"}, Band.P0),
        ({"code": "malware", "signals": ["same_roof_offender"]}, Band.P1),
        ({"code": "phishing", "wellbeing_0_10": 2}, Band.P0),
        ({"code": "phishing", "secondary_codes": ["grooming_of_minor"]}, Band.P0),
    ],
)
def test_the_first_raising_rules(said: dict[str, object], expected: Band) -> None:
    assert band_of(**said) is expected


def test_an_offender_under_the_same_roof_makes_the_case_covert() -> None:
    body = ReportBody(code="malware", signals=("same_roof_offender",))
    assert triage(body, received_at=NOW, catalogue=CATALOGUE).covert is True


def test_an_unknown_code_waits_for_a_human_without_making_anybody_wait() -> None:
    decision = triage(ReportBody(code="witchcraft"), received_at=NOW, catalogue=CATALOGUE)
    assert (decision.code, decision.band) == ("unclassified_suspicion", Band.P2)
    assert {"unknown_code", "needs_human"} <= set(decision.flags)
