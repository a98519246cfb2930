"""One verdict for every door; a refusal names a place and never a value."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.envelope import EnvelopeError
from schemas.words import DeadReason, Flag
from services.rules.admission import LARGEST_REPORT, admit
from tests.shipped import CATALOGUE

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SECRET = "Zanzibar-4711"


def verdict(raw: bytes, sender: str | None = "telco") -> str:
    try:
        return ",".join(sorted(admit(raw, sender=sender, at=NOW, catalogue=CATALOGUE).flags)) or "accepted"
    except EnvelopeError as error:
        return error.reason


def test_a_refusal_never_repeats_what_it_refused() -> None:
    with pytest.raises(EnvelopeError) as refused:
        admit(
            b'{"code":"phishing","amount_minor":"' + SECRET.encode() + b'"}', sender=None, at=NOW, catalogue=CATALOGUE
        )
    assert SECRET not in str(refused.value)
    assert refused.value.detail == "/amount_minor: int_type"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b'{"code":"phishing"}', "accepted"),
        (b'{"signals":["self_harm"]}', "accepted"),
        (b'{"personal":{"free_text":"odd"}}', "accepted"),
        (b"{}", DeadReason.EMPTY_REPORT),
        (b'{"personal":{"free_text":"  "}}', DeadReason.EMPTY_REPORT),
        (b'{"code":"phishing"', DeadReason.BROKEN_JSON),
        (b"\xff\xfe", DeadReason.BROKEN_JSON),
        (b"[]", DeadReason.WRONG_TYPE),
        (b'{"code":"phishing","code":"threat"}', DeadReason.DUPLICATE_KEY),
        (b'{"code":"phishing","personal":{"free_text":"a","free_text":"b"}}', DeadReason.DUPLICATE_KEY),
        (b'{"code":"phishing","amount_minor":NaN}', DeadReason.NOT_A_NUMBER),
        (b'{"code":"phishing","amount_minor":-Infinity}', DeadReason.NOT_A_NUMBER),
        (b'{"code":"phishing","amount_minor":"12"}', DeadReason.WRONG_TYPE),
        (b'{"code":"phishing","amount_minor":true}', DeadReason.WRONG_TYPE),
        (b'{"code":12}', DeadReason.WRONG_TYPE),
        (b'{"code":"phishing","wellbeing_0_10":11}', DeadReason.WRONG_TYPE),
        (b'{"code":"' + SECRET.encode() * 20 + b'"}', DeadReason.WRONG_TYPE),
        (b'{"code":"phishing","happened_at":17}', DeadReason.WRONG_TYPE),
        (b'{"code":"phishing","happened_at":"2026-02-28T10:00:00"}', Flag.NAIVE_TIME),
        (b'{"code":"phishing","happened_at":"1970-01-01T00:00:00Z"}', Flag.IMPOSSIBLE_TIME),
        (b'{"code":"phishing","happened_at":"9999-12-31T23:59:59Z"}', Flag.IMPOSSIBLE_TIME),
        (b'{"code":"phishing","happened_at":"2026-02-28T10:00:00+23:59"}', Flag.IMPOSSIBLE_TIME),
        (b'{"code":"phishing","happened_at":"yesterday"}', Flag.IMPOSSIBLE_TIME),
        (b'{"code":"phishing","moon":"full"}', Flag.UNKNOWN_FIELD),
        (b'{"code":"phishing","personal":{"shoe_size":44}}', Flag.UNKNOWN_FIELD),
        (b'{"code":"phishing","partner_id":"other"}', DeadReason.FALSE_SENDER),
        (b'{"code":"phishing","partner_id":"telco"}', "accepted"),
        (b'{"code":"phishing","x":' + b"[" * 100_000 + b"]" * 100_000 + b"}", DeadReason.TOO_LARGE),
        (b'{"code":"phishing","x":' + b"[" * 20_000 + b"]" * 20_000 + b"}", DeadReason.TOO_DEEP),
        (b'{"code":"phishing","x":' + b"[" * 300 + b"]" * 300 + b"}", DeadReason.TOO_DEEP),
        (b'{"code":"phishing","x":' + b"[" * 120 + b"]" * 120 + b"}", Flag.UNKNOWN_FIELD),
        (b'{"code":"' + b"x" * LARGEST_REPORT + b'"}', DeadReason.TOO_LARGE),
    ],
)
def test_the_verdict_on_a_report(raw: bytes, expected: str) -> None:
    assert verdict(raw) == expected


@pytest.mark.parametrize("name", ["+33612345678", "h-1", "EFCC081E-FC58-5486-8131-63B789D044A1"])
@pytest.mark.parametrize("sender", [None, "telco"])
def test_a_household_is_named_by_nothing_that_may_be_personal(name: str, sender: str | None) -> None:
    with pytest.raises(EnvelopeError) as refused:
        admit(f'{{"code":"phishing","household_id":"{name}"}}'.encode(), sender=sender, at=NOW, catalogue=CATALOGUE)
    assert (refused.value.reason, refused.value.detail) == (DeadReason.WRONG_TYPE, "/household_id: not_a_uuid")


def test_a_household_is_named_by_a_uuid() -> None:
    name = "efcc081e-fc58-5486-8131-63b789d044a1"
    assert (
        admit(
            f'{{"code":"phishing","household_id":"{name}"}}'.encode(), sender=None, at=NOW, catalogue=CATALOGUE
        ).body.household_id
        == name
    )


def test_an_agent_cannot_speak_for_a_partner() -> None:
    assert verdict(b'{"code":"phishing","partner_id":"telco"}', sender=None) == DeadReason.FALSE_SENDER


@pytest.mark.parametrize("where", ['"facts":{', '"personal":{"facts":{'])
def test_a_refusal_never_repeats_the_name_of_a_fact(where: str) -> None:
    raw = '{"code":"phishing",' + where + f'"{SECRET}":{{}}' + "}" * where.count("{") + "}"
    with pytest.raises(EnvelopeError) as refused:
        admit(raw.encode(), sender=None, at=NOW, catalogue=CATALOGUE)
    assert SECRET not in str(refused.value)
    assert refused.value.detail.endswith("facts: facts_type")


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_get_a_verdict(raw: bytes) -> None:
    verdict(raw)


def test_a_retry_with_the_keys_in_another_order_is_the_same_report() -> None:
    one = admit(b'{"code":"phishing","country":"FR"}', sender=None, at=NOW, catalogue=CATALOGUE)
    other = admit(b'{ "country": "FR", "code": "phishing" }', sender=None, at=NOW, catalogue=CATALOGUE)
    assert one.digest == other.digest
