"""What could be about a life is found in bytes nobody can read; what could not is left alone."""

import pytest

from schemas.words import Pillar
from services.rules.urgent_words import urgent_words
from tests.shipped import CATALOGUE


@pytest.mark.parametrize(
    ("raw", "word"),
    [
        (b'{"code":"grooming_of_minor",,', "grooming_of_minor"),
        (b'{"signals":["self_harm"', "self_harm"),
        (b"SELF_HARM", "self_harm"),
        ('{"signals":["money_leaving"]}'.encode("utf-16"), "money_leaving"),
        (b'"attacker_deadline"', "attacker_deadline"),
        (b'{"wellbeing_0_10": 1,', "self_harm"),
        (b'{"code":"sextortion","victim_age_band":"15_17",', "minor"),
        (b'{"code":"threat","signals":["address_exposed"],}', "address_exposed"),
        (b'{"code":"threat","facts":{"weapon":true},}', "weapon"),
        (b"{'code': 'threat', 'facts': {'weapon': true}}", "weapon"),
        (b'{"code":"threat","facts":{"weapon":"perh', "weapon"),
        (b'{"code":"bank_fraud","paid_at":"2026-03-01T10:00:00Z",,', "paid_at"),
        (b'{"code":"phishing","money_lost":true,"happened_at":"2026-03-01T10:00:00Z",,', "happened_at"),
        (b'{"deadline_at":"2026-03-01T10:00:00Z",,', "attacker_deadline"),
        (b'{"self_harm_answer":"maybe",,', "self_harm"),
        (b'{"code":"doxxing","offender_relation":"spouse",,', "same_roof_offender"),
        (b'{"code":"doxxing","secondary_codes":["threat"],,', "address_exposed"),
        (b'{"code":"ransomware","facts":{"subject":"company"},,', "subject"),
        (b'{"code":"phishing","signals":["swatted","minor"],,', "minor"),
        (b'{"personal":{"free_text":"I want to die."},,', "self_harm"),
        (b'{"personal":{"free_text":"Je veux mou\\u0072ir, il m\\u0027a tout', "self_harm"),
        (b"{'free_text': 'He says he will kill me',", "physical_danger"),
        ('{"free_text":"Er schlägt mich."},,'.encode(), "physical_danger"),
        ('{"free_text":"Ik wil dood."},,'.encode("utf-16"), "self_harm"),
    ],
)
def test_a_p0_word_is_found_in_any_wrapping(raw: bytes, word: str) -> None:
    found = urgent_words(raw, CATALOGUE)
    assert found is not None
    assert found.word == word


@pytest.mark.parametrize(
    "raw",
    [
        None, b"", b'{"code":"phishing",,', b"myself_harmony", b'{"wellbeing_0_10": 10,', b'{"wellbeing_0_10": 3}',
        b'{"code":"threat"', b'{"signals":["minor"],"code":"phishing"', b"\xff" * 1000,
        b'{"code":"threat","facts":{"weapon":false},,', b'{"code":"threat","facts":{"weapon":null},,',
        b'{"code":"phishing","facts":{"weapon":true},,', b'{"code":"bank_fraud","paid_at":null,"happened_at":"2026-03-01",,',
        b'{"code":"doxxing","offender_relation":"stranger",,', b'{"code":"phishing","money_lost":true,,',
        b'{"code":"sextortion","victim_age_band":"adult",,',
        b'{"code":"phishing","personal":{"free_text":"I typed my password on a false page."},,',
        b'{"code":"phishing","free_text":"\xff\xfe',
        b'{"code":"phishing","free_text":""},,', b'{"code":"phishing","free_text":"' + b"\\\\" * 100_000,
    ],
)  # fmt: skip
def test_other_bytes_page_nobody(raw: bytes | None) -> None:
    assert urgent_words(raw, CATALOGUE) is None


def test_the_pillar_is_that_of_the_code_beside_it() -> None:
    found = urgent_words(b'{"code":"bank_fraud","signals":["money_leaving"],}', CATALOGUE)
    assert found is not None
    assert found.pillar is Pillar.FINANCIAL
