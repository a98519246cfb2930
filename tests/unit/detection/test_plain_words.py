"""Free text as plain words, and where its sentences and clauses end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rules.plain_words import plain, plain_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("J'ai PEUR", "j ai peur"),
        ("j’ai peur", "j ai peur"),
        ("Größe, façon, cœur", "grose facon coeur"),
        ("mooooord aaaah", "mord ah"),
        ("su1c1de m0rt t3l", "suicide mort tel"),
        ("16ans 2h 17.000 € 20:30", "16 ans 2 h 17.000 euro 20:30"),
        ("d*e @lone", "de alone"),
        ("pha ckr dt sy", "fa kr t si"),
        ("beau-père", "beau pere"),
        ("💀 死ぬ", ""),
    ],
)
def test_spellings_of_one_word_become_one(text: str, words: str) -> None:
    assert " ".join(plain_words(text).words) == words


def test_sentences_and_clauses_are_numbered() -> None:
    found = plain_words("un deux, trois. quatre\ncinq (six)")
    assert found.sentences == (0, 0, 0, 1, 2, 2)
    assert found.clauses == (0, 0, 1, 2, 3, 4)


@given(st.text())
def test_plain_text_is_plain_already(text: str) -> None:
    assert plain(text).isascii()
    assert len(plain_words(text).words) == len(plain_words(text).clauses) == len(plain_words(text).sentences)
