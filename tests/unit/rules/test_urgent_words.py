"""What could be about a life is found in bytes nobody can read; what could not is left alone."""

import pytest

from schemas import catalogue
from schemas.words import Pillar
from services.rules.urgent_words import urgent_words

CATALOGUE = catalogue.load()


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
    ],
)  # fmt: skip
def test_other_bytes_page_nobody(raw: bytes | None) -> None:
    assert urgent_words(raw, CATALOGUE) is None


def test_the_pillar_is_that_of_the_code_beside_it() -> None:
    found = urgent_words(b'{"code":"bank_fraud","signals":["money_leaving"],}', CATALOGUE)
    assert found is not None
    assert found.pillar is Pillar.FINANCIAL
