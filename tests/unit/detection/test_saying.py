"""What a rule means, shown on a language of twelve words."""

import pytest

from schemas.detection import Language
from schemas.words import Signal
from services.rules.plain_words import plain_words
from services.rules.saying import Said, Sequence
from services.rules.wording import vocabulary

GROUPS = {
    "want": "want, wish for",
    "gone": "gone, vanish*, threshold",
    "home": "home",
    "young": "9, ten",
    "age": "<young> years",
}


def says(text: str, say: str, **rule: object) -> bool:
    """Whether `text` says `say` under a rule of the small language."""
    other = {"say": "home | age | gone | want"}
    language = Language.model_validate(
        {
            "language": "xx",
            "negation": {"words": "not, never", "before": 2, "after": 1, "stop": "he, but"},
            "everyday": "the",
            "set_aside": "gone fishing",
            "real_words": "wart",
            "groups": GROUPS,
            "rules": {Signal.MINOR: {"asked": {"say": say, **rule}}}
            | {s: {"other": other} for s in Signal if s != "minor"},
        }
    )
    words = plain_words(text)
    said = Said.of(words, vocabulary([language]).find(words))
    asked = language.rules[Signal.MINOR]["asked"]
    return any(said.holds(Sequence.of(groups, asked, language)) for groups in asked.say)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("i want to be gone", True),
        ("I WAAANT to be góne", True),
        ("i want a b c gone", True),
        ("i want a b c d gone", False),
        ("gone i want", False),
        ("want. gone", False),
        ("want, gone", True),
        ("i wish for it all gone", True),
        ("i wish it all gone", False),
        ("i want it vanished", True),
        ("i want to be gone fishing", False),
        ("i want the treshold", True),
        ("i want the hteshold", False),
        ("wart gone", False),
    ],
)
def test_groups_follow_each_other_within_a_sentence_and_a_distance(text: str, seen: bool) -> None:
    assert says(text, "want gone", within=3) is seen


@pytest.mark.parametrize(
    ("text", "around", "inside", "never"),
    [
        ("want gone", True, True, True),
        ("not want gone", False, True, True),
        ("not now want gone", False, True, True),
        ("not a b want gone", True, True, True),
        ("not he want gone", True, True, True),
        ("not, want gone", True, True, True),
        ("want not gone", False, False, True),
        ("want gone never", False, True, True),
        ("want gone but never", True, True, True),
        ("want gone. never", True, True, True),
        ("not want gone, want gone", True, True, True),
    ],
)
def test_a_negation_reaches_as_far_as_the_rule_says(text: str, around: bool, inside: bool, never: bool) -> None:
    seen = [says(text, "want gone", denied=denied) for denied in ("around", "inside", "never")]
    assert seen == [around, inside, never]


@pytest.mark.parametrize(
    ("reach", "text", "seen"),
    [
        ("order", "gone want", False),
        ("sentence", "gone. want", False),
        ("text", "gone. want", True),
        ("text", "gone. not want", False),
        ("text", "gone. not want. want", True),
        ("text", "gone", False),
    ],
)
def test_a_rule_says_how_far_apart_its_groups_may_stand(reach: str, text: str, seen: bool) -> None:
    assert says(text, "want gone", reach=reach) is seen


@pytest.mark.parametrize(("text", "seen"), [("want gone", True), ("home want gone", False), ("home. want gone", True)])
def test_an_excuse_counts_in_its_own_sentence(text: str, seen: bool) -> None:
    assert says(text, "want gone", unless="home") is seen


@pytest.mark.parametrize(
    ("text", "seen"), [("9 years", True), ("ten years", True), ("11 years", False), ("9yrs", False)]
)
def test_a_phrase_may_hold_any_word_of_a_group(text: str, seen: bool) -> None:
    assert says(text, "age") is seen
