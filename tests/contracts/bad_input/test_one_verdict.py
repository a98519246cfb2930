"""The rule every door shares, held against the whole corpus; the doors themselves are held in `test_api_calls` and `test_gateway_doors`."""

from datetime import UTC, datetime

import pytest

from schemas.envelope import EnvelopeError
from schemas.words import DeadReason
from services.rules.admission import admit
from tests.contracts.bad_input.corpus import ACCEPTED, Case, cases
from tests.shipped import CATALOGUE

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("sender", [None, "partner-a"], ids=["http", "bus"])
@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_the_rule_gives_the_verdict_of_the_corpus(case: Case, sender: str | None) -> None:
    assert verdict_on(case.body, sender) == (case.expect, case.flags, case.unknown_fields)


def verdict_on(body: bytes, sender: str | None) -> tuple[str, frozenset[str], int]:
    try:
        admitted = admit(body, sender=sender, at=AT, catalogue=CATALOGUE)
    except EnvelopeError as refused:
        return refused.reason.value, frozenset(), 0
    return ACCEPTED, frozenset(flag.value for flag in admitted.flags), admitted.unknown_fields


def test_the_corpus_has_every_reason_a_body_can_be_refused_for() -> None:
    bodies = {
        DeadReason.BROKEN_JSON, DeadReason.DUPLICATE_KEY, DeadReason.NOT_A_NUMBER, DeadReason.WRONG_TYPE, DeadReason.TOO_LARGE,
        DeadReason.TOO_DEEP, DeadReason.FALSE_SENDER, DeadReason.EMPTY_REPORT,
    }  # fmt: skip
    assert {case.expect for case in cases()} == {ACCEPTED, *bodies}


def test_no_two_cases_have_one_name() -> None:
    names = [case.name for case in cases()]
    assert len(names) == len(set(names))
