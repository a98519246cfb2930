"""Are two people of one household on opposite sides? When nobody says who is harmed, the worst is assumed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rules.sides import Side, opposite

PEOPLE = st.sampled_from([None, "m1", "m2", "m3"])
SIDES = st.builds(Side, PEOPLE, PEOPLE, st.booleans())


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        (Side("m1", "m2", same_roof=False), Side("m2", None, same_roof=False), True),
        (Side("m1", "m2", same_roof=True), Side("m2", "m1", same_roof=True), True),
        (Side("m1", None, same_roof=True), Side("m2", None, same_roof=False), True),
        (Side("m1", None, same_roof=True), Side(None, None, same_roof=False), True),
        (Side(None, None, same_roof=True), Side(None, None, same_roof=True), True),
        (Side("m1", "m2", same_roof=True), Side(None, None, same_roof=False), True),
        (Side("m1", "m2", same_roof=True), Side("m3", None, same_roof=False), False),
        (Side("m1", None, same_roof=True), Side("m1", None, same_roof=False), False),
        (Side("m1", None, same_roof=False), Side("m2", None, same_roof=False), False),
        (Side(None, None, same_roof=False), Side(None, None, same_roof=False), False),
    ],
)
def test_who_is_on_whose_side(one: Side, other: Side, apart: bool) -> None:
    assert opposite(one, other) is apart


@given(SIDES, SIDES, st.booleans())
def test_a_wall_has_two_sides(one: Side, other: Side, parts: bool) -> None:
    assert opposite(one, other, of_one_case=parts) is opposite(other, one, of_one_case=parts)


@given(SIDES)
def test_the_same_known_victim_is_on_one_side_only(side: Side) -> None:
    assert side.victim is None or not opposite(side, side)


@given(SIDES, SIDES)
def test_parts_of_one_case_are_apart_only_when_somebody_says_so(one: Side, other: Side) -> None:
    if one.same_roof != other.same_roof:
        assert opposite(one, other, of_one_case=True) is opposite(one, other)  # they are not about the same any more
        return
    apart = opposite(one, other, of_one_case=True)
    named = one.victim != other.victim and (
        (one.victim is not None and one.victim == other.offender)
        or (other.victim is not None and other.victim == one.offender)
    )
    assert apart is named
