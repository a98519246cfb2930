"""When is a report about something its household already reported? The same typed key within the window; empty answers never match."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.cases import CaseRecord
from schemas.reports import ReportBody
from schemas.words import Band, CaseState, LinkKind
from services.rules.duplicates import Judgement, Told, judge, keys_of
from services.rules.sides import Side
from tests.shipped import CATALOGUE
from tests.unit.rules.told import NOW

BY_PLACE_AND_AUTHOR = (
    "fake_profile", "deepfake", "defamation", "unwanted_publication", "insult_harassment", "threat", "doxxing", "sextortion",
    "intimate_image_abuse", "grooming_of_minor",
)  # fmt: skip
TELLING: dict[str, dict[str, Any]] = {
    **{code: {"platform": "chat_app", "offender_relation": "classmate"} for code in BY_PLACE_AND_AUTHOR},
    "bank_fraud": {"personal": {"facts": {"beneficiary_ref": "BE00 0000"}}},
    "online_scam": {"platform": "chat_app", "facts": {"scam_kind": "romance"}},
    "payment_diversion": {"personal": {"facts": {"invoice_ref": "2026-17"}}},
    "online_shopping_dispute": {"personal": {"facts": {"order_ref": "4711"}}},
    "personal_data_misuse": {"personal": {"facts": {"holder": "a shop"}}},
    "account_takeover": {"platform": "mail", "facts": {"account_kind": "mailbox"}},
    "phone_number_usurpation": {"facts": {"operator": "an_operator"}},
    "fake_news": {"personal": {"facts": {"source_post": "https://news.example/1"}}},
    "malicious_calls": {"personal": {"facts": {"numbers": "+32 2 000 00 00"}}},
}
NEVER = sorted(CATALOGUE.incidents.codes.keys() - TELLING.keys())


def body(**said: Any) -> ReportBody:
    return ReportBody.model_validate(said)


def keys(code: str, **said: Any) -> tuple[str, ...]:
    return keys_of(code, body(code=code, **said), CATALOGUE)


@pytest.mark.parametrize("code", sorted(TELLING))
def test_what_makes_two_reports_of_a_code_one_thing(code: str) -> None:
    assert len(keys(code, **TELLING[code])) == 1


@pytest.mark.parametrize("code", NEVER)
def test_a_code_that_asks_nothing_telling_is_never_a_duplicate(code: str) -> None:
    everything: dict[str, Any] = {"facts": {}, "personal": {"facts": {}}}
    for said in TELLING.values():
        everything |= {name: one for name, one in said.items() if name not in {"facts", "personal"}}
        everything["facts"] |= said.get("facts", {})
        everything["personal"]["facts"] |= said.get("personal", {}).get("facts", {})
    assert keys(code, **everything) == ()


@pytest.mark.parametrize("code", sorted(TELLING))
@pytest.mark.parametrize("empty", [None, "", "  ", "unknown", "none", "other", "Unknown "])
def test_one_empty_part_makes_no_key(code: str, empty: str | None) -> None:
    for name, answer in TELLING[code].items():
        hollow = _hollow(answer, empty)
        said = {**TELLING[code], name: hollow}
        assert keys_of(code, ReportBody.model_construct(**_built(said)), CATALOGUE) == ()


def _hollow(answer: Any, empty: str | None) -> Any:
    return {name: _hollow(one, empty) for name, one in answer.items()} if isinstance(answer, dict) else empty


def _built(said: dict[str, Any]) -> dict[str, Any]:
    personal = said.get("personal", {})
    built = body().personal.model_copy(update={"facts": personal.get("facts", {})})
    return {**body().model_dump(exclude={"personal"}), **said, "personal": built}


@pytest.mark.parametrize("code", sorted(TELLING))
def test_another_answer_another_code_or_another_version_is_another_key(code: str) -> None:
    same = keys(code, **TELLING[code])
    other = {name: _hollow(answer, "somebody_else") for name, answer in TELLING[code].items()}
    assert set(keys_of(code, ReportBody.model_construct(**_built(other)), CATALOGUE)).isdisjoint(same)
    rules = CATALOGUE.cases.duplicates.model_copy(update={"version": CATALOGUE.cases.duplicates.version + 1})
    newer = CATALOGUE.model_copy(update={"cases": CATALOGUE.cases.model_copy(update={"duplicates": rules})})
    assert set(keys_of(code, body(code=code, **TELLING[code]), newer)).isdisjoint(same)


def test_no_two_codes_ever_share_a_key() -> None:
    said = TELLING["threat"]
    found = [key for code in BY_PLACE_AND_AUTHOR for key in keys(code, **said)]
    assert len(found) == len(set(found)) == len(BY_PLACE_AND_AUTHOR)


@given(st.text(min_size=1, max_size=20))
def test_case_and_spacing_of_an_answer_say_nothing(word: str) -> None:
    plain = keys("threat", platform=word, offender_relation="classmate")
    dressed = keys("threat", platform=f" {word} "[:64], offender_relation="Classmate")
    assert plain == dressed


# ------------------------------------------------------------------------------------------------------------ the verdict
def case(**changed: Any) -> CaseRecord:
    return CaseRecord.model_validate(
        {
            "case_id": "c", "household_id": "h", "version": 1, "state": CaseState.DISPATCHED, "band": Band.P1,
            "code": "threat", "channel": "agent", "received_at": NOW, "opened_at": NOW, "changed_at": NOW,
            "catalogue": CATALOGUE.version, "facts": body(), "last_report_at": NOW,
        }
        | changed
    )  # fmt: skip


def judged(*known: CaseRecord, later: timedelta = timedelta(0), **said: Any) -> Judgement:
    side, covert = Side(said.get("victim_member_id"), None, same_roof=False), bool(said.get("covert"))
    told = Told("threat", body(**said), side, covert, NOW + later)
    return judge(told, ("k",), known, CATALOGUE)


def test_a_report_within_the_window_joins_the_open_case() -> None:
    made = judged(case(), later=timedelta(days=14))
    assert made.attach_to is not None
    assert made.explanation is not None
    assert made.explanation.rule == "duplicate:attached"


def test_a_report_after_the_window_is_about_something_else() -> None:
    made = judged(case(), later=timedelta(days=14, seconds=1))
    assert (made.attach_to, made.related) == (None, ())
    assert made.explanation is not None
    assert made.explanation.rejected == {"outside_window": 1}


@pytest.mark.parametrize(
    ("changed", "said", "why"),
    [
        ({"drill": True}, {}, {"drill": 1}),
        ({"covert": True}, {}, {}),  # nobody learns from one case that there is a covert one
        ({}, {"covert": True}, {"covert": 1}),
        ({"signals": ["same_roof_offender"]}, {}, {"opposite_sides": 1}),
        ({"state": CaseState.MERGED, "merged_into": "d"}, {}, {"merged": 1}),
    ],
)
def test_what_must_never_be_joined_is_not_even_linked(
    changed: dict[str, Any], said: dict[str, Any], why: dict[str, int]
) -> None:
    made = judged(case(**changed), **said)
    assert (made.attach_to, made.related) == (None, ())
    assert made.explanation is not None
    assert made.explanation.rejected == why


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"facts": {"victim_member_id": "m1"}}, LinkKind.RELATED),
        ({"state": CaseState.RESOLVED}, LinkKind.REPEATED),
        ({"state": CaseState.FOLLOW_UP}, LinkKind.REPEATED),
        ({"state": CaseState.CLOSED}, LinkKind.REPEATED),
    ],
)
def test_what_cannot_be_joined_but_has_to_do_with_it_is_linked(changed: dict[str, Any], kind: LinkKind) -> None:
    made = judged(case(**changed), victim_member_id="m2")
    assert made.attach_to is None
    assert [link for _, link in made.related] == [kind]


def test_of_several_open_cases_the_newest_takes_the_report() -> None:
    made = judged(case(case_id="old"), case(case_id="new"))
    assert made.attach_to is not None
    assert made.attach_to.case_id == "new"


# ---------------------------------------------------------------------------------------------------------- other figures
@pytest.mark.parametrize(("band", "days"), [(Band.P0, 1), (Band.P1, 2), (Band.P2, 2), (Band.P3, 2)])
def test_a_resolved_case_is_followed_up_after(band: Band, days: int) -> None:
    assert CATALOGUE.cases.follow_up_after[band] == timedelta(days=days)


def test_a_desk_has_five_seconds_to_let_go_and_a_sponsor_is_told_of_ten_or_more() -> None:
    assert CATALOGUE.cases.release_within == timedelta(seconds=5)
    assert CATALOGUE.cases.smallest_group == 10
