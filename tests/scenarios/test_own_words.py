"""What people say in their own words: a safety signal in it counts as if somebody had named it; words never take one away."""

from typing import Any

import pytest

from schemas.base import Explanation
from schemas.words import Band, Signal
from tests.scenarios.town import SUPERVISOR, Town

WORDS = [
    ("Je veux mourir, je ne vois plus d'issue.", Signal.SELF_HARM),
    ("Ik wil niet meer leven.", Signal.SELF_HARM),
    ("Ich will nicht mehr leben.", Signal.SELF_HARM),
    ("I can't go on, I want to kill myself.", Signal.SELF_HARM),
    ("He says he will come and kill me tonight.", Signal.PHYSICAL_DANGER),
]


def seen(town: Town) -> list[Explanation]:
    told = [event.data for topic, event in town.bus.events if topic == "case.events"]
    return [one for fact in told for one in getattr(fact, "explanations", ()) if one.rule.startswith("detection:")]


@pytest.mark.parametrize(("words", "signal"), WORDS)
def test_what_somebody_says_about_a_life_makes_the_case_p0_on_the_fast_lane(
    town: Town, words: str, signal: Signal
) -> None:
    town.everyone_on_duty().reports("h1", "phishing", personal={"free_text": words})
    assert (town.case().band, signal in town.case().signals) == (Band.P0, True)
    assert [topic for topic, event in town.bus.events if event.type.endswith("report.v1.submitted")] == ["incidents.p0"]
    town._new_notices()


def test_why_says_which_rule_saw_it_and_not_a_word_of_what_was_said(town: Town) -> None:
    town.everyone_on_duty().reports("h1", "phishing", personal={"free_text": "I want to die, says Marguerite."})
    (why,) = seen(town)
    assert why.rule == "detection:self_harm"
    assert why.inputs["self_harm"].startswith("en/")
    assert "Marguerite" not in why.model_dump_json()
    town._new_notices()


def test_the_words_alone_are_a_report(town: Town) -> None:
    town.everyone_on_duty().reports("h1", None, personal={"free_text": "Je veux mourir."})
    assert (town.case().code, town.case().band) == ("unclassified_suspicion", Band.P0)
    town._new_notices()


def test_calm_words_take_no_signal_away(town: Town) -> None:
    town.everyone_on_duty().reports(
        "h1", "phishing", signals=["self_harm"], personal={"free_text": "I do not want to die, everything is fine."}
    )
    assert (town.case().band, town.case().signals) == (Band.P0, (Signal.SELF_HARM,))
    town._new_notices()


def test_words_told_later_raise_the_open_case(town: Town) -> None:
    town.everyone_on_duty().reports("h1", "phishing")._new_notices()
    assert town.case().band is Band.P3
    town.asks("update", facts={"personal": {"free_text": "Since then I want to die."}})
    town.expects_outcome("done")
    assert (town.case().band, len(seen(town))) == (Band.P0, 1)
    town._new_notices()


def test_a_false_alarm_that_a_human_closed_stays_closed_until_it_is_said_again(town: Town) -> None:
    said: dict[str, Any] = {"personal": {"free_text": "I could kill myself for having clicked."}}
    town.everyone_on_duty().reports("h1", "phishing", **said)._new_notices()
    town.asks("update", by=SUPERVISOR, closed_signals=["self_harm"], reason="asked_and_safe").expects_outcome("done")
    town.asks("lower", by=SUPERVISOR, band="P3", reason="asked_and_safe").expects_outcome("done")
    assert town.case().band is Band.P3
    town.asks("update", facts={"platform": "bank"}).expects_outcome("done")
    assert town.case().band is Band.P3
    town.asks("update", facts=said).expects_outcome("done")
    assert town.case().band is Band.P0
    town._new_notices()
