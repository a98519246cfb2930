"""Codes are made of a notice's id and a secret: whoever has both makes the same one, nobody else makes any."""

from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rules.codes import SPOKEN, is_spoken, link_code, notice_of, spoken_code

SECRET, OTHER = b"what codes are made of", b"what others are made of"
NOTICE = str(uuid5(UUID(int=0), "a notice"))
IDS = st.uuids().map(str)


@given(IDS)
def test_a_link_leads_to_its_notice_and_with_another_secret_to_none(notice_id: str) -> None:
    code = link_code(SECRET, notice_id)
    assert code is not None
    assert (notice_of(SECRET, code), notice_of(OTHER, code)) == (notice_id, None)
    assert len(code) == 43
    assert code.replace("-", "").replace("_", "").isalnum()


@given(st.text(max_size=60))
def test_whatever_else_is_no_link(text: str) -> None:
    assert notice_of(SECRET, text) is None


@given(IDS, st.integers(0, 255))
def test_a_link_with_a_bit_changed_is_none(notice_id: str, bit: int) -> None:
    code = link_code(SECRET, notice_id) or ""
    place, sign = divmod(bit, 6)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    changed = alphabet[alphabet.index(code[place]) ^ 1 << 5 - sign]
    assert notice_of(SECRET, code[:place] + changed + code[place + 1 :]) is None


def test_an_id_that_is_no_uuid_has_no_link() -> None:
    assert link_code(SECRET, "page-1") is None


@pytest.mark.parametrize(
    "written", [str.lower, str.upper, lambda code: code.replace("-", " "), lambda code: code.replace("-", "")]
)
def test_a_code_is_said_back_however_it_is_written(written: type[str]) -> None:
    code = spoken_code(SECRET, NOTICE)
    assert is_spoken(SECRET, NOTICE, written(code))
    assert set(code) <= {*SPOKEN, "-"}


@given(IDS)
def test_signs_that_look_alike_are_taken_for_each_other(notice_id: str) -> None:
    heard = spoken_code(SECRET, notice_id).replace("0", "o").replace("1", "l")
    assert is_spoken(SECRET, notice_id, heard)


@pytest.mark.parametrize("said", ["", "0000-0000", spoken_code(OTHER, NOTICE), spoken_code(SECRET, str(UUID(int=1)))])
def test_another_code_is_not_that_code(said: str) -> None:
    assert not is_spoken(SECRET, NOTICE, said)
