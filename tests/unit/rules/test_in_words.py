"""What an explanation says in words is so: nothing is called said that was not, nothing that counts is left out."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schemas.base import Explanation
from schemas.coverage import NotCovered
from schemas.reports import ReportBody
from schemas.words import Band
from services.responders.matching import CRITERIA
from services.rules import set_aside
from services.rules.in_words import in_words, span
from services.rules.retriage import OpenCase, retriage
from services.rules.triage import Triage, triage
from tests.shipped import CATALOGUE

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def decided(**said: Any) -> Triage:
    return triage(ReportBody.model_validate(said), received_at=NOW, catalogue=CATALOGUE)


def again(case: OpenCase) -> Triage:
    return retriage(case, ReportBody(), received_at=NOW, catalogue=CATALOGUE)


def open_case(code: str, band: Band) -> OpenCase:
    return OpenCase(code, (), band, (), covert=False, facts=ReportBody(code=code))


def words(decision: Triage) -> str:
    return in_words(decision.explanation, {}, CATALOGUE)


def why(rule: str, inputs: dict[str, str] | None = None, **rejected: int) -> Explanation:
    return Explanation(rule=rule, catalogue=CATALOGUE.version, inputs=inputs or {}, rejected=rejected)


def test_every_code_is_named_with_what_it_is_alone() -> None:
    told = words(decided(code="deepfake", secondary_codes=["threat"]))
    assert told.startswith("P1: deepfake alone is P2, threat alone is P1.")


def test_without_its_release_a_further_code_is_named_all_the_same() -> None:
    told = in_words(decided(code="deepfake", secondary_codes=["threat"]).explanation)
    assert told.startswith("P1: deepfake alone is P2, threat counts too.")


def test_nothing_is_said_to_raise_it_when_nothing_does() -> None:
    case = open_case("threat", Band.P3)
    decision = again(replace(case, overruled=again(case).reasons))
    assert decision.explanation.rule == "retriage:"
    assert words(decision).startswith("P3: threat alone is P1.")
    assert "what raises it" not in words(decision)


def test_a_band_nothing_asks_for_any_more_stays_because_machines_only_raise() -> None:
    told = words(again(open_case("phishing", Band.P2)))
    assert "What is known now asks for P3; it stays P2, because machines only raise." in told
    assert "machines only raise" not in words(decided(code="phishing"))


def test_an_answer_nobody_can_read_does_not_read_as_if_somebody_had_given_it() -> None:
    told = words(decided(code="threat", self_harm_answer="zz", victim_age_band="12"))
    assert "Nobody can read what was answered to self_harm_answer, victim_age_band: that counts as the worst" in told
    assert "Nobody can read" not in words(decided(code="threat", self_harm_answer="yes"))


@pytest.mark.parametrize("said", [{"deadline_at": "soon"}, {}])
def test_a_deadline_nobody_can_read_is_not_said_to_be_close(said: dict[str, str]) -> None:
    told = words(decided(code="threat", signals=["attacker_deadline"], **said))
    assert "nobody can read or tell when, which counts as close (R5.unread)" in told
    assert "the attacker's deadline is close" not in told


def test_a_pillar_that_others_serve_does_not_support_too() -> None:
    routed = {"code": "threat", "lead": "psychological", "support": "technical,legal", "referred": "legal"}
    assert in_words(why("pillars:taxonomy", routed)) == (
        "Psychological leads, supported by technical, because of threat. Others help with: legal."
    )


def test_nobody_can_be_asked_is_said_with_why() -> None:
    assert in_words(why("matching:nobody", no_room=1, not_on_duty=3)) == (
        "Nobody can be asked now: no room left (1), not on duty (3)."
    )
    assert in_words(why("matching:nobody")) == "Nobody can be asked now: the desk has nobody on its roster."


def test_promises_are_named_with_until_when_they_run() -> None:
    about = {"band": "P0", "pillar": "legal", "lead": "True", "desk": "legal-fr", "since": NOW.isoformat()}
    dues = {"acknowledge": "2026-06-01T12:02:00Z", "resolve": "2026-06-15T12:00:00Z", "over": "2026-06-01T11:00:00Z"}
    told = {"promised": dues}
    cut = {"cut_at": "2026-06-01T18:30:00Z", "runs": "acknowledge,resolve"}
    assert in_words(why("clocks:attackers_deadline", about | cut), told) == (
        "The promises of a lead legal track in P0 at legal-fr: acknowledge by 12:02:00 UTC (2 min), "
        "resolve by 2026-06-15 12:00:00 UTC (14 d); cut to 18:30:00 UTC because the attacker set a deadline."
    )


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(0), "0 s"),
        (timedelta(seconds=45), "45 s"),
        (timedelta(minutes=90), "1 h 30 min"),
        (timedelta(days=2, seconds=3), "2 d 3 s"),
        (timedelta(days=1, hours=1, minutes=1), "1 d 1 h"),
    ],
)
def test_a_length_is_told_in_its_two_largest_units(length: timedelta, said: str) -> None:
    assert span(length) == said


def test_what_was_set_aside_is_told_in_words_and_every_kind_has_some() -> None:
    told = words(decided(code="threat"))
    assert "rules about what nobody has answered (" in told
    assert "not_answered" not in told
    assert set_aside.OF_COVERAGE.keys() == set(NotCovered)


@pytest.mark.parametrize("broken", [{"asked": "{"}, {"asked": '{"codes":["x"]}'}])
def test_what_nobody_can_read_is_told_by_the_name_of_its_rule(broken: dict[str, str]) -> None:
    assert in_words(why("triage:threat.base", {"code": "threat"} | broken), {}, CATALOGUE) == "triage:threat.base"


@pytest.mark.parametrize("criterion", [*CRITERIA, "only"])
def test_whatever_decided_who_was_asked_first_has_words_of_its_own(criterion: str) -> None:
    def said(one: str) -> str:
        return in_words(why(f"matching:{one}", {"band": "P2"}))

    assert said(criterion) not in {said(one) for one in CRITERIA if one != criterion}
