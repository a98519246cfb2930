"""Triage raises, never lowers, gives the same answer to the same report, and sends to the P0 lane whatever an empty case calls P0."""

import json
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import topics
from schemas.base import Actor
from schemas.reports import ReportBody
from schemas.words import Band, Channel, Role, Signal
from services.rules.admission import Admitted, event_of, report_of
from services.rules.triage import LONGEST_RULE, Triage, triage
from tests.shipped import CATALOGUE
from tests.unit.rules.told import CODES, INCIDENTS, NOW, STRANGE, bodies


def decide(body: dict[str, Any]) -> Triage:
    return triage(ReportBody.model_validate(body), received_at=NOW, catalogue=CATALOGUE)


@given(bodies())
def test_the_lane_is_p0_whenever_an_empty_case_would_be_p0(body: dict[str, Any]) -> None:
    actor = Actor(role=Role.AGENT, id="a")
    admitted = Admitted(ReportBody.model_validate(body), (), (), "0" * 32, 0)
    report = report_of(
        admitted, source="urn:x", report_id="r", channel=Channel.AGENT, actor=actor, received_at=NOW, answer=True
    )
    urgent = decide(body).band is Band.P0
    assert urgent == (event_of(report, CATALOGUE)[0] is topics.INCIDENTS_P0)


@given(bodies(), st.sampled_from([*Signal, STRANGE]))
def test_a_signal_more_never_lowers_the_band_nor_takes_a_pillar_away(body: dict[str, Any], signal: str) -> None:
    before, after = decide(body), decide(body | {"signals": [*body["signals"], signal]})
    assert after.band.rank <= before.band.rank
    assert set(after.pillars) >= set(before.pillars)
    assert set(after.signals) >= set(before.signals)


@given(bodies(), CODES)
def test_a_code_more_never_lowers_the_band(body: dict[str, Any], code: str) -> None:
    after = decide(body | {"secondary_codes": [*body["secondary_codes"], code]})
    if body["code"] is not None:  # the first code there is takes the place of none
        assert after.band.rank <= decide(body).band.rank


@given(bodies())
def test_in_whatever_order_codes_are_told_the_band_is_the_same(body: dict[str, Any]) -> None:
    told = [code for code in (body["code"], *body["secondary_codes"]) if code is not None]
    orders = [{"code": main, "secondary_codes": rest} for main, *rest in permutations(told)] if told else [{}]
    assert len({decide(body | order).band for order in orders}) == 1


@given(bodies())
def test_the_same_report_gets_the_same_triage(body: dict[str, Any]) -> None:
    assert decide(body) == decide(body)


@given(bodies())
def test_a_band_is_never_below_the_base_of_any_code_given(body: dict[str, Any]) -> None:
    known = [
        INCIDENTS.codes[code].base.rank for code in (body["code"], *body["secondary_codes"]) if code in INCIDENTS.codes
    ]
    assert decide(body).band.rank <= min(known, default=Band.P2.rank)


@given(bodies())
def test_every_pillar_is_named_once_and_the_lead_first(body: dict[str, Any]) -> None:
    decision = decide(body)
    assert len(set(decision.pillars)) == len(decision.pillars)
    assert decision.pillars[0] is INCIDENTS.codes[decision.code].lead


@given(bodies())
def test_no_answer_at_all_is_worse_than_one_nobody_can_read(body: dict[str, Any]) -> None:
    unread = {name: STRANGE for name in body["facts"] if name in INCIDENTS.facts_read}
    after = decide(body | {"facts": body["facts"] | unread})
    assert after.band.rank <= decide(body).band.rank
    assert not unread or {"unread_fact", "needs_human"} <= set(after.flags)


@given(bodies())
def test_a_word_nobody_knows_is_flagged_for_a_human(body: dict[str, Any]) -> None:
    strange = {
        "unknown_code": STRANGE in (body["code"], *body["secondary_codes"]),
        "unknown_signal": STRANGE in body["signals"],
    }
    flags = set(decide(body).flags)
    assert {flag for flag in strange if flag in flags} == {flag for flag, told in strange.items() if told}
    assert not any(strange.values()) or "needs_human" in flags


@given(bodies())
def test_an_explanation_holds_no_word_that_the_catalogue_does_not_know(body: dict[str, Any]) -> None:
    text = decide(body | {"reporter_role": "Jo Doe"}).explanation.model_dump_json()
    assert not any(word in text for word in (STRANGE, "Jo Doe", "shown at school", "tonight", "a.example"))


def test_an_explanation_names_the_rules_the_answers_they_read_and_what_was_set_aside() -> None:
    decision = decide({"code": "threat", "victim_age_band": "15_17", "facts": {"weapon": False, "place_time": True}})
    why = decision.explanation
    assert why.rule == "triage:threat.base+threat.place_or_time+R3.physical_danger+R2"
    assert {name: one for name, one in why.inputs.items() if name != "asked"} == {
        "code": "threat", "base": "P1", "band": "P0", "signals": "minor,physical_danger",
    }  # fmt: skip
    answers = json.loads(why.inputs["asked"])["answers"]
    assert answers == {"victim_age_band": "15_17", "weapon": "false", "place_time": "true"}
    assert why.rejected["not_met"] > 0
    assert why.rejected["outranked"] == 1


def test_an_explanation_of_everything_at_once_keeps_within_its_bounds() -> None:
    facts = dict.fromkeys(list(INCIDENTS.facts_read)[:32], STRANGE)
    decision = decide({"code": "threat", "secondary_codes": list(INCIDENTS.codes)[:16], "facts": facts})
    assert len(decision.explanation.rule) <= LONGEST_RULE
    assert decision.explanation.rule.endswith("+more")


@pytest.mark.parametrize("code", ["witchcraft", None])
def test_an_unknown_code_waits_for_a_human_without_making_anybody_wait(code: str | None) -> None:
    decision = decide({"code": code, "personal": {"free_text": "help"}})
    assert (decision.code, decision.band) == ("unclassified_suspicion", Band.P2)
    assert "needs_human" in decision.flags
